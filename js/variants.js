// The builds of the engine, and which of them this machine runs.
import { XnnError } from './errors.js';

/**
 * @typedef {'simd' | 'relaxed'} Variant
 * @typedef {{ threads?: number }} ModuleOptions
 * @typedef {{ load: () => Promise<{ default: (options: object) => Promise<any> }>, wasm: URL, file: string }} Build
 */

/**
 * The builds. The import()s and URLs are literal so that bundlers find the files.
 * @type {Record<Variant, { single: Build, threaded: Build }>}
 */
export const BUILDS = {
  simd: {
    single: {
      load: () => import('../dist/xnnjs-simd.js'),
      wasm: new URL('../dist/xnnjs-simd.wasm', import.meta.url),
      file: 'xnnjs-simd.wasm',
    },
    threaded: {
      load: () => import('../dist/xnnjs-simd-threads.js'),
      wasm: new URL('../dist/xnnjs-simd-threads.wasm', import.meta.url),
      file: 'xnnjs-simd-threads.wasm',
    },
  },
  relaxed: {
    single: {
      load: () => import('../dist/xnnjs-relaxed.js'),
      wasm: new URL('../dist/xnnjs-relaxed.wasm', import.meta.url),
      file: 'xnnjs-relaxed.wasm',
    },
    threaded: {
      load: () => import('../dist/xnnjs-relaxed-threads.js'),
      wasm: new URL('../dist/xnnjs-relaxed-threads.wasm', import.meta.url),
      file: 'xnnjs-relaxed-threads.wasm',
    },
  },
};

/** A module with one function () → v128 whose body is `code`. @param {number[]} code */
function probe(code) {
  const body = [0, ...code, 0x0b];
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, // magic, version
    1, 5, 1, 0x60, 0, 1, 0x7b, // type: () → v128
    3, 2, 1, 0, // one function of it
    10, body.length + 2, 1, body.length, ...body,
  ]);
}

/** v128.const 0 */
const ZERO = [0xfd, 0x0c, ...new Array(16).fill(0)];
/** i8x16.popcnt, which came with the final opcodes of SIMD */
const SIMD = probe([...ZERO, 0xfd, 0x62]);
/** f32x4.relaxed_madd */
const RELAXED = probe([...ZERO, ...ZERO, ...ZERO, 0xfd, 0x85, 0x02]);

/** @returns {boolean} Whether shared memory is there: in browsers only in cross-origin isolated pages. */
export function hasThreads() {
  if (typeof SharedArrayBuffer === 'undefined') return false;
  if (/** @type {any} */ (globalThis).crossOriginIsolated === false) return false;
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer;
  } catch {
    return false;
  }
}

/** @returns {number} */
function coreCount() {
  const os = globalThis.process?.getBuiltinModule?.('node:os');
  return os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/**
 * @param {'auto' | number} threads
 * @returns {number}  1 where there is no shared memory, whatever was asked for.
 */
export function chooseThreads(threads) {
  if (threads !== 'auto' && !(Number.isInteger(threads) && threads >= 1 && threads <= 64))
    throw new XnnError('misuse', `threads is ${String(threads)}: 'auto' or a whole number from 1 to 64 is possible`);
  if (!hasThreads()) return 1;
  return threads === 'auto' ? Math.min(4, coreCount()) : threads;
}

/**
 * @param {'auto' | Variant} variant
 * @returns {Variant}
 * @throws {XnnError} 'unsupported' where the machine does not run it.
 */
export function chooseVariant(variant) {
  if (!['auto', 'simd', 'relaxed'].includes(variant))
    throw new XnnError('misuse', `variant is ${String(variant)}: 'auto', 'simd' or 'relaxed' is possible`);
  if (!WebAssembly.validate(SIMD))
    throw new XnnError('unsupported', 'this machine has no WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or Node 16 are the first');
  if (variant === 'relaxed' && !WebAssembly.validate(RELAXED))
    throw new XnnError('unsupported', 'this machine has no relaxed WebAssembly SIMD');
  return variant === 'relaxed' ? 'relaxed' : 'simd';
}
