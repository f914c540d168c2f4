// An npm package that uses TensorFlow.js, run unmodified on two backends: TensorFlow.js's cpu, and ours (XNNJS_TEST_ENGINE=tfjs-wasm:
// TensorFlow.js's wasm backend, which checks the tests themselves).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { cached } from '../../support/cached.js';
import { readPhotos } from '../../support/photos.js';
import { cropToTensor } from '../../support/plain-crop.js';
import { serveRanges } from '../../support/range-server.js';
import { readModelFiles } from '../../support/tfjs-engine.js';

tf.env().set('IS_TEST', true); // no banner about tfjs-node

/** @typedef {import('../../support/tfjs-engine.js').ModelArtifacts} ModelArtifacts */

/** What a run of a client was: its results, which kernels it ran, how many tensors it left. @typedef {{ results: unknown, kernels: string[], left: number }} Run */

/**
 * @template C
 * @typedef {object} ClientTest
 * @property {string} from  The npm package.
 * @property {() => C | Promise<C>} load  Everything anew: weights are tensors of the backend that is set.
 * @property {(client: C) => Promise<unknown>} run  What the client says, as plain values.
 * @property {(client: C) => unknown} [dispose]
 * @property {number | Record<string, number>} limit  Of max|a − b| / max|b| over the numbers of one kind, as `faces.*.keypoints.*.x`; one
 *   for each part of the results where they differ. What was measured is beside it.
 * @property {(results: any) => void} check  That the results are worth comparing: faces were found, answers given.
 * @property {string[]} [slow]  The cpu backend's answer is kept in the user's cache, by this: all that it depends on besides the
 *   source of load and run and the packages' versions.
 */

const ENGINE = process.env.XNNJS_TEST_ENGINE === 'tfjs-wasm' ? 'wasm' : 'xnnjs';

/** Registers the backend under test. */
async function registerEngine() {
  if (ENGINE === 'wasm') return import('@tensorflow/tfjs-backend-wasm');
  const { setOptions } = await import('../../../js/tfjs/index.js');
  setOptions({ threads: 1, variant: 'simd' });
}

/**
 * The names of the kernels that a backend runs, from now on.
 * @param {string} backend
 */
function watchKernels(backend) {
  /** @type {Set<string>} */
  const names = new Set();
  const restore = tf.getKernelsForBackend(backend).map((config) => {
    const { kernelName, kernelFunc } = config;
    config.kernelFunc = (params) => {
      names.add(kernelName);
      return kernelFunc(params);
    };
    return () => {
      config.kernelFunc = kernelFunc;
    };
  });
  return () => {
    for (const undo of restore) undo();
    return [...names].sort();
  };
}

/**
 * @template C
 * @param {string} backend @param {ClientTest<C>} client
 * @returns {Promise<Run>}
 */
async function runOn(backend, { load, run, dispose }) {
  assert.ok(await tf.setBackend(backend), `the backend ${backend} does not start`);
  const before = tf.memory().numTensors;
  const kernels = watchKernels(backend);
  try {
    const client = await load();
    const results = await run(client);
    await dispose?.(client);
    assert.equal(tf.getBackend(), backend, 'the client has set another backend');
    return { results, kernels: kernels(), left: tf.memory().numTensors - before };
  } finally {
    kernels();
  }
}

/**
 * The client's own results on our backend are those of the cpu backend, and so are the kernels that ran and the tensors that are left.
 * @template C
 * @param {string} subject @param {ClientTest<C>} client
 */
export function testClient(subject, client) {
  test(`${subject}: its results are the cpu backend's`, async (t) => {
    assertOneCore(client.from);
    await registerEngine();
    const by = ['client', tf.version_core, client.from, versionOf(client.from), ...(client.slow ?? [])];
    const onCpu = () => runOn('cpu', client);
    const expected = client.slow === undefined ? await onCpu() : await cached(hashOf(...by, `${client.load}${client.run}`), {}, onCpu);
    client.check(expected.results);
    const actual = await runOn(ENGINE, client);
    const deviations = compareResults(actual.results, expected.results);
    const said = Object.entries(deviations).map(([part, { error, where }]) => `${part} ${error.toExponential(1)} (${where})`);
    t.diagnostic(`${subject}: ${said.join('; ')}; ${expected.kernels.length} kernels: ${expected.kernels.join(' ')}`);
    for (const [part, { error, where }] of Object.entries(deviations)) {
      const limit = typeof client.limit === 'number' ? client.limit : client.limit[part];
      assert.ok(error <= limit, `${error.toExponential(2)} > ${limit} at ${where}`);
    }
    // Everything that cpu had to compute was computed by the backend under test.
    assert.deepEqual(
      expected.kernels.filter((name) => !actual.kernels.includes(name)),
      [],
    );
    assert.equal(actual.left, expected.left, 'tensors that are left');
  });
}

/** The package computes with the TensorFlow.js that the backend is registered in: its tensors are ours. @param {string} name */
function assertOneCore(name) {
  const core = createRequire(createRequire(import.meta.url).resolve(name))('@tensorflow/tfjs-core');
  assert.equal(core.Tensor, tf.Tensor, `${name} has another copy of @tensorflow/tfjs-core`);
  assert.equal(core.engine(), tf.engine());
}

/** @param {string} name */
function versionOf(name) {
  const entry = createRequire(import.meta.url).resolve(name);
  const root = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}/`.length);
  return createRequire(import.meta.url)(`${root}package.json`).version;
}

/** @param {...string} parts */
const hashOf = (...parts) => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** @param {...ModelArtifacts} models */
export const hashesOf = async (...models) => Promise.all(models.map(async (model) => (await readModelFiles(model)).hash));

/**
 * Two plain objects of one form: numbers are compared with all others of their kind (a path without its indices), the rest is equal.
 * @param {any} actual @param {any} expected
 * @returns {Record<string, { error: number, where: string }>}  The worst of each part of the results.
 */
function compareResults(actual, expected) {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  return Object.fromEntries(Object.keys(expected).map((part) => [part, compareParts(actual[part], expected[part], part)]));
}

/** @param {unknown} actual @param {unknown} expected @param {string} part */
function compareParts(actual, expected, part) {
  /** @type {Map<string, { apart: number, largest: number, where: string }>} */
  const kinds = new Map();
  visit(actual, expected, part, part);
  /** @param {any} a @param {any} b @param {string} path @param {string} kind */
  function visit(a, b, path, kind) {
    if (typeof b === 'number') {
      assert.equal(typeof a, 'number', path);
      const same = Object.is(a, b) || a === b;
      const entry = kinds.get(kind) ?? { apart: 0, largest: 0, where: path };
      const apart = same ? 0 : Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) : Infinity;
      if (apart > entry.apart) Object.assign(entry, { apart, where: `${path}: ${a}, not ${b}` });
      if (Number.isFinite(b)) entry.largest = Math.max(entry.largest, Math.abs(b));
      kinds.set(kind, entry);
    } else if (typeof b === 'object' && b !== null) {
      assert.deepEqual(Object.keys(a), Object.keys(b), path);
      const list = Array.isArray(b) || ArrayBuffer.isView(b);
      for (const key of Object.keys(b)) visit(a[key], b[key], `${path}.${key}`, `${kind}.${list ? '*' : key}`);
    } else assert.equal(a, b, path);
  }
  let worst = { error: 0, where: part };
  for (const { apart, largest, where } of kinds.values()) {
    const error = apart === 0 ? 0 : largest === 0 ? Infinity : apart / largest;
    if (error > worst.error) worst = { error, where };
  }
  return worst;
}

/** Of the tensors that clients get; a webcam's. */
const WIDTH = 640;

/** A photograph, scaled down, → what makes a tensor of its pixels, [height, WIDTH, 3]. @param {number} index */
export async function photo(index) {
  const { image } = (await readPhotos())[index];
  const height = Math.round((image.height * WIDTH) / image.width);
  const region = { xCenter: image.width / 2, yCenter: image.height / 2, width: image.width, height: image.height };
  const pixels = Int32Array.from(cropToTensor(image, { region, width: WIDTH, height, scale: 1 }), Math.round);
  return () => tf.tensor3d(pixels, [height, WIDTH, 3], 'int32');
}

/** A model from memory, as clients that have their own storage give one. @param {ModelArtifacts} artifacts @returns {any} */
export const handlerOf = (artifacts) => ({ load: async () => artifacts });

/**
 * Models on a server of this machine, for clients that take a URL.
 * @param {Record<string, ModelArtifacts>} models
 * @returns {Promise<{ url: (name: string) => string, close: () => void }>}
 */
export async function serveModels(models) {
  const server = await serveRanges((path) => {
    const [, name, file] = path.split('/');
    const { weightData, weightSpecs, ...json } = models[name];
    if (file !== 'model.json') return new Uint8Array(weightData);
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    return new TextEncoder().encode(JSON.stringify({ format: 'graph-model', ...json, weightsManifest }));
  });
  return { url: (name) => `${server.url}/${name}/model.json`, close: server.close };
}
