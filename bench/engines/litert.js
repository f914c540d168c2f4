// LiteRT.js (@litertjs/core): TensorFlow Lite with XNNPACK. It runs in browsers only; its build with relaxed SIMD is the one that
// pages get, with one thread or with more.

const FOLDER = 'node_modules/@litertjs/core/';

/** @type {import('./index.js').Engine} */
export const liteRt = {
  name: 'LiteRT.js',
  package: '@litertjs/core',
  formats: ['tflite'],
  threads: { browser: 64 },
  async start({ root, threads }) {
    const litert = await import(`${root}${FOLDER}dist/index.js`);
    await litert.loadLiteRt(`${root}${FOLDER}wasm/`, { threads: threads > 1 });
    return {
      async load(url) {
        const model = await litert.loadAndCompile(url, { accelerator: 'wasm', cpuOptions: { numThreads: threads } });
        /** @type {string[]} */
        const names = model.getInputDetails().map((/** @type {any} */ port) => port.name);
        /** @type {string[]} */
        const outputs = model.getOutputDetails().map((/** @type {any} */ port) => port.name);
        return {
          async run(inputs) {
            const values = Object.values(inputs);
            const tensors = names.map((name, i) => {
              const { data, shape } = inputs[name] ?? values[i];
              return new litert.Tensor(data, shape);
            });
            const results = await model.run(Object.fromEntries(names.map((name, i) => [name, tensors[i]])));
            const read = outputs.map((name) => [name, results[name].toTypedArray()]);
            for (const tensor of [...tensors, ...Object.values(results)]) tensor.delete();
            return Object.fromEntries(read);
          },
        };
      },
    };
  },
};
