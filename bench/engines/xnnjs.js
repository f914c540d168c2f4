// The project itself, through its public API.
import { createRuntime } from '../../js/index.js';

/** @param {{ threads: number, variant?: 'auto' | 'simd' | 'relaxed' }} options */
export async function createXnnjs({ threads, variant = 'auto' }) {
  const runtime = await createRuntime({ threads, variant });
  return {
    name: `xnnjs ${runtime.variant}, ${runtime.threads} thread${runtime.threads > 1 ? 's' : ''}`,
    /** @param {string} path  of a model.json */
    async load(path) {
      const model = await runtime.load(path);
      return {
        run: (/** @type {Record<string, Float32Array>} */ inputs) => model.run(inputs),
        dispose: () => model.dispose(),
      };
    },
    memory: () => runtime.memory(),
    dispose: () => runtime.dispose(),
  };
}
