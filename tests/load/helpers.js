// What the tests of js/load share: models, seeded noise, hand-made graphs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { XnnError } from '../../js/errors.js';
import { parseGraph } from '../../js/load/tfjs-graph.js';
import { decodeWeight, parseSpecs } from '../../js/load/tfjs-manifest.js';

/**
 * @typedef {import('../../js/load/tfjs-manifest.js').WeightSpec} WeightSpec
 * @typedef {import('../../js/load/tfjs-manifest.js').WeightValues} WeightValues
 */

/** Path of a model of @vladmandic/human. @param {string} name */
export const humanModel = (name) => fileURLToPath(new URL(`../../node_modules/@vladmandic/human/models/${name}`, import.meta.url));
/** @param {string} name */
export const readJson = (name) => JSON.parse(readFileSync(humanModel(`${name}.json`), 'utf8'));
/** @param {string} name */
export const readBin = (name) => new Uint8Array(readFileSync(humanModel(`${name}.bin`)));

/** Numbers in [0, 1), the same for the same seed (mulberry32). @param {number} seed */
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Reads all weights of an OpenModel; checks on the way that pieces come in order and without gaps. @param {import('../../js/load/source.js').OpenModel} model */
export async function readWeightBytes(model) {
  const filled = model.weights.map(() => 0);
  const all = model.weights.map(({ byteLength }) => new Uint8Array(byteLength));
  let last = 0;
  let pieces = 0;
  for await (const { weight, offset, bytes } of model.bytes()) {
    assert.ok(weight >= last, 'weights come in order');
    assert.equal(offset, filled[weight], 'pieces have no gaps');
    assert.ok(bytes.length > 0 && offset + bytes.length <= all[weight].length, 'a piece lies inside its tensor');
    all[weight].set(bytes, offset);
    filled[weight] += bytes.length;
    last = weight;
    pieces++;
  }
  return { all, filled, pieces };
}

/**
 * Fails unless `promiseOrFunction` fails with an XnnError of this code whose message matches.
 * @param {Promise<unknown> | (() => unknown)} promiseOrFunction
 * @param {import('../../js/errors.js').XnnErrorCode} code @param {RegExp} [message] @param {string} [node]
 */
export function rejectsWith(promiseOrFunction, code, message = /./, node) {
  const check = (/** @type {any} */ error) => {
    assert.ok(error instanceof XnnError, `an XnnError, not ${error?.stack ?? error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    if (node !== undefined) assert.equal(error.node, node);
    return true;
  };
  return typeof promiseOrFunction === 'function' ? assert.throws(promiseOrFunction, check) : assert.rejects(promiseOrFunction, check);
}

const base64 = (/** @type {string} */ text) => btoa(text);
/** Attributes in the spelling that today's converter writes. */
export const attr = {
  s: (/** @type {string} */ text) => ({ s: base64(text) }),
  i: (/** @type {unknown} */ value) => ({ i: String(value) }),
  f: (/** @type {unknown} */ value) => ({ f: value }),
  b: (/** @type {unknown} */ value) => ({ b: value }),
  type: (/** @type {unknown} */ name) => ({ type: name }),
  ints: (/** @type {unknown[]} */ ...values) => ({ list: { i: values.map(String) } }),
  strings: (/** @type {string[]} */ ...values) => ({ list: { s: values.map(base64) } }),
  shape: (/** @type {unknown[]} */ ...sizes) => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } }),
};

/**
 * A placeholder x, the constants of `consts` ({ name: [dtype, shape, values] }) and the nodes given.
 * @param {any[]} nodes @param {Record<string, [dtype: string, shape: unknown, values?: ArrayLike<number>]>} [consts]
 * @param {{ inputs?: string[] }} [options]
 */
export function makeGraph(nodes, consts = {}, { inputs = ['x'] } = {}) {
  /** @type {object[]} */
  const specs = [];
  /** @type {Map<string, WeightValues>} */
  const constants = new Map();
  /** @type {object[]} */
  const list = inputs.map((name) => ({ name, op: 'Placeholder', attr: { dtype: attr.type('DT_FLOAT'), shape: attr.shape(1, 8, 8, 4) } }));
  for (const [name, [dtype, shape, values]] of Object.entries(consts)) {
    specs.push({ name, dtype, shape });
    const Type = /** @type {Record<string, any>} */ ({ float32: Float32Array, int32: Int32Array, bool: Uint8Array })[dtype];
    if (values !== undefined && Type !== undefined) constants.set(name, Type.from(values));
    list.push({ name, op: 'Const', attr: { dtype: attr.type(dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT') } });
  }
  return { topology: { node: [...list, ...nodes] }, weights: parseSpecs(specs), constants };
}

/**
 * parseGraph of makeGraph.
 * @param {any[]} nodes @param {Parameters<typeof makeGraph>[1]} [consts] @param {{ inputs?: string[], outputs?: string[] }} [options]
 */
export function build(nodes, consts, options = {}) {
  const { topology, weights, constants } = makeGraph(nodes, consts, options);
  return parseGraph(topology, weights, constants, options.outputs ? { outputs: options.outputs } : {});
}

/** The values of all small weights, as parseGraph wants them. @param {readonly WeightSpec[]} weights @param {Uint8Array[]} all */
export function smallConstants(weights, all) {
  return new Map(
    weights.flatMap((spec, i) =>
      spec.byteLength <= 4096 && spec.dtype !== 'string' ? [/** @type {const} */ ([spec.name, decodeWeight(spec, all[i])])] : [],
    ),
  );
}
