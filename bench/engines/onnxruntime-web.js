// onnxruntime-web with its WebAssembly execution provider, in the bundle that has nothing else.

const FOLDER = 'node_modules/onnxruntime-web/dist/';

/** @type {import('./index.js').Engine} */
export const onnxruntimeWeb = {
  name: 'onnxruntime-web',
  package: 'onnxruntime-web',
  formats: ['onnx'],
  threads: { browser: 64, node: 64 },
  async start({ environment, root, threads }) {
    const inNode = environment === 'node';
    const ort = await import(new URL(`${FOLDER}${inNode ? 'ort.node.min.mjs' : 'ort.wasm.min.mjs'}`, root).href);
    ort.env.wasm.numThreads = threads;
    ort.env.logLevel = 'error';
    if (!inNode) ort.env.wasm.wasmPaths = root + FOLDER;
    return {
      async load(url) {
        const source = inNode ? await (await import('node:fs/promises')).readFile(new URL(url)) : url;
        const session = await ort.InferenceSession.create(source, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
        /** @type {string[]} */
        const names = session.inputNames;
        return {
          async run(inputs) {
            const given = names.map((name) => [name, new ort.Tensor(inputs[name].dtype, inputs[name].data, inputs[name].shape)]);
            const results = await session.run(Object.fromEntries(given));
            return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
          },
        };
      },
    };
  },
};
