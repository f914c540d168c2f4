// The engine under test: xnnjs, or with XNNJS_TEST_ENGINE=tfjs-wasm TensorFlow.js's wasm backend, which checks the
// tests themselves without a build.

/** @typedef {{ variant?: 'auto' | 'simd' | 'relaxed', threads?: number | 'auto' }} EngineOptions */

/**
 * What tests use of a runtime.
 * @typedef {object} TestRuntime
 * @property {string} variant
 * @property {number} threads
 * @property {(source: string | URL | Uint8Array | import('./tfjs-engine.js').ModelArtifacts, options?: object) => Promise<TestModel>} load
 * @property {() => void} dispose
 */

/**
 * @typedef {object} TestModel
 * @property {readonly { name: string, shape: readonly number[], dtype: string }[]} inputs
 * @property {readonly { name: string, shape: readonly number[], dtype: string }[]} outputs
 * @property {(inputs: Record<string, TestInput>) => Promise<Record<string, TestTensor>>} run
 * @property {() => void} dispose
 */

/** @typedef {Float32Array | Int32Array | { dtype: 'float32' | 'int32', shape: number[], data: Float32Array | Int32Array }} TestInput */

/** @typedef {{ dtype: string, shape: number[], data: ArrayLike<number> | string[] }} TestTensor */

/**
 * @param {EngineOptions} [options]
 * @returns {Promise<TestRuntime>}
 */
export async function createTestRuntime(options) {
  const engine = process.env.XNNJS_TEST_ENGINE ?? 'xnnjs';
  if (engine === 'xnnjs') return (await import('../../js/main.js')).createRuntime(options);
  if (engine !== 'tfjs-wasm') throw new Error(`XNNJS_TEST_ENGINE is xnnjs or tfjs-wasm, got ${engine}`);
  const { createRuntime } = await import('./tfjs-engine.js');
  return createRuntime({ backend: 'wasm' });
}
