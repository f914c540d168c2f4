// The project itself, through its public API.

/** @type {import('./index.js').Engine} */
export const xnnjs = {
  name: 'xnnjs',
  formats: ['graph', 'layers', 'tflite'],
  threads: { browser: 64, node: 64 },
  async start({ root, threads, variant = 'auto' }) {
    const { createRuntime } = /** @type {typeof import('../../js/index.js')} */ (await import(`${root}js/index.js`));
    const runtime = await createRuntime({ threads, variant: /** @type {'auto' | 'simd' | 'relaxed'} */ (variant) });
    if (runtime.threads !== threads) throw new Error(`${runtime.threads} threads, not ${threads}`);
    return {
      note: runtime.variant,
      async load(url, _format, options) {
        const model = await runtime.load(url, options);
        const names = model.inputs.map((port) => port.name);
        return {
          async run(inputs) {
            const values = Object.values(inputs);
            const given = Object.fromEntries(names.map((name, i) => [name, inputs[name] ?? values[i]])); // a layers model names its own
            const outputs = await model.run(given);
            return Object.fromEntries(
              Object.entries(outputs).map(([name, { data }]) => [name, /** @type {Float32Array | Int32Array} */ (data)]),
            );
          },
        };
      },
    };
  },
};
