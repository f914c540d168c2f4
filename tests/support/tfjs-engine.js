// TensorFlow.js behind xnnjs's own interface: the reference engine of the tests. The adapter knows only what the
// pipelines and the tests use of the interface: load, inputs, outputs, run, dispose.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';

tf.env().set('IS_TEST', true); // no banner about tfjs-node on stderr

/**
 * @typedef {{ dtype: string, shape: number[], data: Float32Array | Int32Array | Uint8Array }} Tensor
 * @typedef {{ name: string, shape: number[], dtype: string }} Port
 */

// TensorFlow.js has one current backend per process and resolves it at each call. Everything that touches it
// therefore waits here, so that a 'cpu' and a 'wasm' runtime can live side by side.
/** @type {Promise<unknown>} */
let turn = Promise.resolve();

/**
 * @template T
 * @param {string} backend
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function withBackend(backend, work) {
  const mine = turn.then(async () => {
    if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js backend '${backend}' does not start`);
    return work();
  });
  turn = mine.catch(() => {});
  return mine;
}

/**
 * A model in memory: a graph model or a layers model.
 * @typedef {{ modelTopology: object, weightSpecs: object[], weightData: ArrayBuffer, signature?: object }} ModelArtifacts
 */

/**
 * The bytes of a model on disk.
 * @param {string | URL | Uint8Array | ModelArtifacts} source  path or file: URL of model.json, or what would stand in it.
 */
export async function readModelFiles(source) {
  if (source instanceof Uint8Array) throw new Error('TensorFlow.js reads no TensorFlow Lite');
  if (typeof source === 'object' && 'modelTopology' in source) {
    const { weightData, ...json } = source;
    const hash = createHash('sha256').update(JSON.stringify(json)).update(new Uint8Array(weightData));
    return { hash: hash.digest('hex'), artifacts: source };
  }
  const file = source instanceof URL || source.startsWith('file:') ? fileURLToPath(source) : source;
  const json = await readFile(file);
  const { modelTopology, weightsManifest, signature, userDefinedMetadata } = JSON.parse(json.toString());
  const paths = weightsManifest.flatMap((/** @type {{ paths: string[] }} */ group) => group.paths);
  const shards = await Promise.all(paths.map((/** @type {string} */ shard) => readFile(path.join(path.dirname(file), shard))));
  const weights = Buffer.concat(shards);
  return {
    hash: createHash('sha256').update(json).update(weights).digest('hex'),
    artifacts: {
      modelTopology,
      signature: signature ?? userDefinedMetadata?.signature,
      weightSpecs: weightsManifest.flatMap((/** @type {{ weights: object[] }} */ group) => group.weights),
      weightData: new Uint8Array(weights).buffer,
    },
  };
}

/** @param {string} name */
const nodeName = (name) => name.replace(/:\d+$/, '');

/** What is not in a layers model: a Keras config instead of a GraphDef. @param {object} topology */
const isLayers = (topology) => 'model_config' in topology || 'class_name' in topology;

/**
 * A model whose results are found by the names of its outputs, in their order.
 * @typedef {Pick<import('@tensorflow/tfjs-core').InferenceModel, 'inputs' | 'outputs'> & { execute: (feeds: Record<string, tf.Tensor>, outputs: string[]) => tf.Tensor | tf.Tensor[], dispose: () => unknown }} TfjsModel
 */

/** @param {any} artifacts @returns {Promise<TfjsModel>} */
async function loadTfjs(artifacts) {
  const handler = { load: async () => artifacts };
  if (!isLayers(artifacts.modelTopology)) return loadGraphModel(handler);
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
  const model = await loadLayersModel(handler);
  /** @param {any[]} tensors */
  const ports = (tensors) =>
    tensors.map(({ shape, dtype, sourceLayer }) => ({
      name: sourceLayer.name,
      shape: shape.map((/** @type {number | null} */ size) => size ?? -1),
      dtype,
    }));
  const inputs = ports(model.inputs);
  return {
    inputs,
    outputs: ports(model.outputs),
    execute: (feeds) => /** @type {tf.Tensor} */ (model.predict(inputs.map(({ name }) => feeds[name]))),
    dispose: () => model.dispose(),
  };
}

/**
 * @param {{ backend?: 'cpu' | 'wasm' }} [options]
 */
export async function createRuntime({ backend = 'cpu' } = {}) {
  await withBackend(backend, async () => tf.ready());

  /** @param {string | URL | Uint8Array | ModelArtifacts} source */
  async function load(source) {
    const { artifacts } = await readModelFiles(source);
    const model = await withBackend(backend, () => loadTfjs(artifacts));
    /** @param {import('@tensorflow/tfjs-core').InferenceModel['inputs']} ports @returns {Port[]} */
    const ports = (ports) => ports.map(({ name, shape, dtype }) => ({ name: nodeName(name), shape: [...(shape ?? [])], dtype }));
    const inputs = ports(model.inputs);
    const outputs = ports(model.outputs);

    /**
     * @param {Record<string, Float32Array | Int32Array | Tensor>} given  bare arrays take the model's shape with n = 1.
     * @returns {Promise<Record<string, Tensor>>}
     */
    const run = (given) =>
      withBackend(backend, async () => {
        /** @type {Record<string, tf.Tensor>} */
        const feeds = {};
        for (const [i, { name, shape, dtype }] of inputs.entries()) {
          const value = given[name];
          if (value === undefined) throw new Error(`input '${name}' is missing`);
          const data = ArrayBuffer.isView(value) ? value : value.data;
          const dims = ArrayBuffer.isView(value) ? shape.map((d) => (d === -1 ? 1 : d)) : value.shape;
          feeds[model.inputs[i].name] = tf.tensor(data, dims, /** @type {tf.DataType} */ (dtype));
        }
        const results = /** @type {tf.Tensor[]} */ (
          [
            model.execute(
              feeds,
              outputs.map(({ name }) => name),
            ),
          ].flat()
        );
        /** @type {Record<string, Tensor>} */
        const tensors = {};
        for (const [i, result] of results.entries()) {
          // data() of the wasm backend may be a view of its heap: copy
          tensors[outputs[i].name] = { dtype: result.dtype, shape: result.shape, data: (await result.data()).slice() };
        }
        tf.dispose([...Object.values(feeds), ...results]);
        return tensors;
      });

    return { inputs, outputs, run, dispose: () => model.dispose() };
  }

  return { variant: `tfjs-${backend}`, threads: 1, version: tf.version_core, load, dispose() {} };
}
