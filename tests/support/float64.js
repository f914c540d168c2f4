// A model computed in float64 by the references of its ops: who is right where the engine and TensorFlow.js' cpu backend differ,
// both of which round every sum to float32. Slow: once per machine, then from the user's cache.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadParser } from '../../js/load/parse.js';
import { openSource } from '../../js/load/source.js';
import { decodeWeight } from '../../js/load/tfjs-manifest.js';
import { REFERENCES } from '../ops/reference/index.js';
import { cached } from './cached.js';
import { conv2d, depthwise_conv2d } from './float64-layers.js';

const OPS = { ...REFERENCES, conv2d, depthwise_conv2d };
/** Of the files whose work is kept. */
const SOURCES = hashOf([
  fileURLToPath(import.meta.url),
  fileURLToPath(new URL('float64-layers.js', import.meta.url)),
  ...readdirSync(new URL('../ops/reference/', import.meta.url))
    .sort()
    .map((file) => fileURLToPath(new URL(`../ops/reference/${file}`, import.meta.url))),
]);

/** @param {string[]} files */
function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/**
 * @typedef {import('../ops/reference/tensor.js').Tensor} Tensor
 * @typedef {{ shape: number[], data: ArrayLike<number> }} Input
 */

/**
 * @param {unknown} source  What runtime.load() takes.
 * @param {Record<string, Input>} inputs
 * @param {{ outputs?: string[] }} [options]  Names of other tensors than the model's outputs.
 * @returns {Promise<Record<string, Tensor>>}
 */
export async function computeFloat64(source, inputs, options = {}) {
  const model = await openSource(source);
  const stored = model.weights.map(({ byteLength }) => new Uint8Array(byteLength));
  for await (const { weight, offset, bytes } of model.bytes()) stored[weight].set(bytes, offset);
  const decoded = model.weights.map((spec, i) => decodeWeight(spec, stored[i]));
  const constants = new Map(model.weights.map(({ name }, i) => [name, decoded[i]]));
  const graph = (await loadParser(model.format))(model.topology, model.weights, constants, options);
  const key = createHash('sha256').update(JSON.stringify([graph, model.weights]));
  for (const bytes of stored) key.update(bytes);
  return cached(`float64\n${SOURCES}\n${key.digest('hex')}\n`, /** @type {any} */ (inputs), () =>
    evaluate(graph, inputs, model.weights, decoded),
  );
}

/**
 * @param {import('../../js/load/parse.js').GraphDescription} graph
 * @param {Record<string, Input>} inputs
 * @param {readonly import('../../js/load/tfjs-manifest.js').WeightSpec[]} weights
 * @param {readonly import('../../js/load/tfjs-manifest.js').WeightValues[]} decoded
 * @returns {Record<string, Tensor>}
 */
function evaluate(graph, inputs, weights, decoded) {
  /** @type {Map<string, Tensor>} */
  const values = new Map();
  /** @type {Map<string, number>} How often a value is still read: big ones go when nobody does. */
  const uses = new Map();
  const reads = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ value }) => value)];
  for (const value of reads) if (value !== null) uses.set(value, (uses.get(value) ?? 0) + 1);

  for (const { name, dtype } of graph.inputs) values.set(name, { ...inputs[name], dtype });
  for (const { value, weight } of graph.weights) {
    const { shape, dtype } = weights[weight];
    values.set(value, { shape, dtype: /** @type {Tensor['dtype']} */ (dtype), data: decoded[weight] });
  }
  for (const { value, dtype, shape, data } of graph.constants ?? []) values.set(value, { shape, dtype, data });

  for (const { op, inputs: given, attrs, output } of graph.nodes) {
    const operands = given.map((value) => (value === null ? undefined : values.get(value)));
    values.set(output, OPS[/** @type {keyof typeof OPS} */ (op)](operands, attrs));
    for (const value of given) {
      if (value === null) continue;
      const left = (uses.get(value) ?? 0) - 1;
      uses.set(value, left);
      if (left === 0) values.delete(value);
    }
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, /** @type {Tensor} */ (values.get(value))]));
}
