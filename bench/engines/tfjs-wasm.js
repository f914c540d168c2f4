// TensorFlow.js with its WebAssembly backend: SIMD, and threads in browsers only.

import { addScript } from '../add-script.js';

const PACKAGES = 'node_modules/@tensorflow/';
const SCRIPTS = ['tfjs-core/dist/tf-core.min.js', 'tfjs-converter/dist/tf-converter.min.js', 'tfjs-layers/dist/tf-layers.min.js'];

/** @param {string} root @param {number} threads @returns {Promise<any>} */
async function startInPage(root, threads) {
  // Its pool has half of the processors' threads and no more, whatever it is asked for.
  if (threads > 1) Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 2 * threads });
  for (const script of [...SCRIPTS, 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js']) await addScript(root + PACKAGES + script);
  const { tf } = /** @type {any} */ (globalThis);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
  tf.wasm.setThreadsCount(threads);
  tf.wasm.setWasmPaths(`${root}${PACKAGES}tfjs-backend-wasm/dist/`);
  return tf;
}

/** @param {string} root @returns {Promise<any>} */
async function startInNode(root) {
  const { createRequire } = await import('node:module');
  const require = createRequire(root);
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(decodeURIComponent(new URL(`${PACKAGES}tfjs-backend-wasm/dist/`, root).pathname));
  const names = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-converter', '@tensorflow/tfjs-layers'];
  return Object.assign({}, ...names.map((name) => require(name)));
}

/** A tfjs IOHandler of a model on the disk. @param {string} url  Of its model.json. */
function fromDisk(url) {
  return {
    async load() {
      const { readFile } = await import('node:fs/promises');
      const { modelTopology, weightsManifest, ...rest } = JSON.parse(await readFile(new URL(url), 'utf8'));
      const paths = weightsManifest.flatMap((/** @type {any} */ group) => group.paths);
      const bytes = Buffer.concat(await Promise.all(paths.map((/** @type {string} */ path) => readFile(new URL(path, url)))));
      const weightSpecs = weightsManifest.flatMap((/** @type {any} */ group) => group.weights);
      return { ...rest, modelTopology, weightSpecs, weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
    },
  };
}

/** @type {import('./index.js').Engine} */
export const tfjsWasm = {
  name: 'tfjs-backend-wasm',
  package: '@tensorflow/tfjs-backend-wasm',
  formats: ['graph', 'layers'],
  threads: { browser: 4, node: 1 },
  async start({ environment, root, threads }) {
    const tf = environment === 'node' ? await startInNode(root) : await startInPage(root, threads);
    tf.env().set('PROD', true); // no checks between ops, as in a built page
    if (!(await tf.setBackend('wasm'))) throw new Error('the backend does not start');
    if (threads > 1 && tf.wasm.getThreadsCount() !== threads) throw new Error(`${tf.wasm.getThreadsCount()} threads, not ${threads}`);
    return {
      async load(url, format) {
        const source = environment === 'node' ? fromDisk(url) : url;
        const model = await (format === 'layers' ? tf.loadLayersModel(source) : tf.loadGraphModel(source));
        return { run: format === 'layers' ? layersRun(tf, model) : graphRun(tf, model) };
      },
    };
  },
};

/** @param {any} tf @param {any} model */
function graphRun(tf, model) {
  const names = model.outputs.map((/** @type {any} */ port) => port.name);
  return (/** @type {Record<string, import('./index.js').Input>} */ inputs) => {
    const tensors = Object.fromEntries(
      model.inputs.map((/** @type {any} */ { name, dtype }) => {
        const { data, shape } = inputs[name.replace(/:0$/, '')];
        return [name, tf.tensor(data, shape, dtype)];
      }),
    );
    const results = [model.execute(tensors, names)].flat();
    const outputs = results.map((tensor, i) => [names[i].replace(/:0$/, ''), tensor.dataSync()]);
    for (const tensor of [...results, ...Object.values(tensors)]) tensor.dispose();
    return Object.fromEntries(outputs);
  };
}

/** Of one input and one output. @param {any} tf @param {any} model */
function layersRun(tf, model) {
  return (/** @type {Record<string, import('./index.js').Input>} */ inputs) => {
    const [{ data, shape }] = Object.values(inputs);
    const x = tf.tensor(data, shape);
    const y = model.predict(x);
    const output = y.dataSync();
    for (const tensor of [x, y]) tensor.dispose();
    return { [model.outputNames[0]]: output };
  };
}
