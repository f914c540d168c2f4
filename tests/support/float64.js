// A model computed in float64 by the references of its ops: who is right where the engine and TensorFlow.js' cpu backend differ,
// both of which round every sum to float32. Slow: once per machine, then from the user's cache.

import { parserOf } from '../../js/load/parse.js';
import { openSource } from '../../js/load/source.js';
import { decodeWeight } from '../../js/load/tfjs-manifest.js';
import { REFERENCES } from '../ops/reference/index.js';

/**
 * @typedef {import('../ops/reference/tensor.js').Tensor} Tensor
 * @typedef {{ shape: number[], data: ArrayLike<number> }} Input
 */

/**
 * @param {unknown} source  What runtime.load() takes.
 * @param {Record<string, Input>} inputs
 * @returns {Promise<Record<string, Tensor>>}
 */
export async function computeFloat64(source, inputs) {
  const model = await openSource(source);
  const stored = model.weights.map(({ byteLength }) => new Uint8Array(byteLength));
  for await (const { weight, offset, bytes } of model.bytes()) stored[weight].set(bytes, offset);
  const decoded = model.weights.map((spec, i) => decodeWeight(spec, stored[i]));
  const constants = new Map(model.weights.map(({ name }, i) => [name, decoded[i]]));
  const graph = parserOf(model.format)(model.topology, model.weights, constants, {});

  /** @type {Map<string, Tensor>} */
  const values = new Map();
  /** @type {Map<string, number>} How often a value is still read: big ones go when nobody does. */
  const uses = new Map();
  const reads = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ value }) => value)];
  for (const value of reads) if (value !== null) uses.set(value, (uses.get(value) ?? 0) + 1);

  for (const { name, dtype } of graph.inputs) values.set(name, { ...inputs[name], dtype });
  for (const { value, weight } of graph.weights) {
    const { shape, dtype } = model.weights[weight];
    values.set(value, { shape, dtype: /** @type {Tensor['dtype']} */ (dtype), data: decoded[weight] });
  }
  for (const { value, dtype, shape, data } of graph.constants ?? []) values.set(value, { shape, dtype, data });

  for (const { op, inputs: given, attrs, output } of graph.nodes) {
    const operands = given.map((value) => (value === null ? undefined : values.get(value)));
    values.set(output, REFERENCES[op](operands, attrs));
    for (const value of given) {
      if (value === null) continue;
      const left = (uses.get(value) ?? 0) - 1;
      uses.set(value, left);
      if (left === 0) values.delete(value);
    }
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, /** @type {Tensor} */ (values.get(value))]));
}
