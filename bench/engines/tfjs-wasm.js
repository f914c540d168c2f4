// TensorFlow.js with its WebAssembly backend: SIMD, and in Node one thread, for it has no threads there.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** @param {string} path  of a model.json @returns {{ load: () => Promise<any> }} a tfjs IOHandler */
function fromDisk(path) {
  return {
    async load() {
      const { modelTopology, weightsManifest, ...rest } = JSON.parse(await readFile(path, 'utf8'));
      const paths = weightsManifest.flatMap((/** @type {any} */ group) => group.paths);
      const shards = await Promise.all(paths.map((/** @type {string} */ shard) => readFile(join(dirname(path), shard))));
      const weightSpecs = weightsManifest.flatMap((/** @type {any} */ group) => group.weights);
      const bytes = Buffer.concat(shards);
      return { ...rest, modelTopology, weightSpecs, weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
    },
  };
}

/** @param {any} artifacts */
const isLayers = ({ modelTopology }) => 'class_name' in modelTopology || 'model_config' in modelTopology;

/** A layers model of one input. @param {any} tf @param {any} model */
function layersModel(tf, model) {
  return {
    /** @param {Record<string, Float32Array | Int32Array>} inputs */
    async run(inputs) {
      const x = tf.tensor(
        Object.values(inputs)[0],
        model.inputs[0].shape.map((/** @type {number | null} */ dim) => dim ?? 1),
      );
      const y = model.predict(x);
      const data = [y.dataSync()];
      for (const tensor of [x, y]) tensor.dispose();
      return data;
    },
    dispose: () => model.dispose(),
  };
}

export async function createTfjsWasm() {
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core');
  const { loadGraphModel } = require('@tensorflow/tfjs-converter');
  const { loadLayersModel } = require('@tensorflow/tfjs-layers');
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
  tf.env().set('PROD', true);
  setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  await tf.setBackend('wasm');
  return {
    name: 'tfjs-backend-wasm 4.22, 1 thread',
    /** @param {string | object} source  path of a model.json, or tfjs's ModelArtifacts. */
    async load(source) {
      await tf.setBackend('wasm'); // whoever made the model may have used another
      if (typeof source !== 'string' && isLayers(source)) return layersModel(tf, await loadLayersModel({ load: async () => source }));
      const model = await loadGraphModel(typeof source === 'string' ? fromDisk(source) : { load: async () => source });
      return {
        /** @param {Record<string, Float32Array | Int32Array>} inputs */
        async run(inputs) {
          const tensors = Object.fromEntries(
            model.inputs.map((/** @type {any} */ { name, shape, dtype }) => {
              const key = name.replace(/:0$/, '');
              return [
                name,
                tf.tensor(
                  inputs[key],
                  shape.map((/** @type {number} */ dim) => (dim < 0 ? 1 : dim)),
                  dtype,
                ),
              ];
            }),
          );
          const outputs = model.predict(tensors);
          const list = Array.isArray(outputs) ? outputs : Object.values(outputs.dataSync === undefined ? outputs : { outputs });
          const data = list.map((/** @type {any} */ tensor) => tensor.dataSync());
          for (const tensor of [...list, ...Object.values(tensors)]) tensor.dispose();
          return data;
        },
        dispose: () => model.dispose(),
      };
    },
    dispose: () => {},
  };
}
