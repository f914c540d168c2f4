// The project itself, through its public API.
import { createRuntime } from '../../js/index.js';

/** @param {{ threads: number, variant?: 'auto' | 'simd' | 'relaxed' }} options */
export async function createXnnjs({ threads, variant = 'auto' }) {
  const runtime = await createRuntime({ threads, variant });
  return {
    name: `xnnjs ${runtime.variant}, ${runtime.threads} thread${runtime.threads > 1 ? 's' : ''}`,
    /** @param {string | object} source  path of a model.json, or tfjs's ModelArtifacts. */
    async load(source) {
      const model = await runtime.load(source);
      return {
        run: (/** @type {Record<string, Float32Array | Int32Array>} */ inputs) =>
          model.run(model.inputs.length === 1 ? Object.values(inputs)[0] : inputs),
        dispose: () => model.dispose(),
      };
    },
    memory: () => runtime.memory(),
    dispose: () => runtime.dispose(),
  };
}
