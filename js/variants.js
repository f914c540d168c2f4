// The builds of the engine, and which of them this machine runs.
import { BUILDS } from '../dist/builds.js';
import { XnnError } from './errors.js';

/**
 * @typedef {'simd' | 'relaxed'} Variant
 *
 * @typedef {object} Glue  What Emscripten made.
 * @property {(options: object) => Promise<any>} default
 * @property {string} build  Which build it is; its .wasm says the same.
 *
 * @typedef {object} Build  A row of dist/builds.js.
 * @property {string} file  Name of the .wasm.
 * @property {URL} wasm
 * @property {() => Promise<Glue>} load
 * @property {(Worker: any) => any} [startThread]  Makes a worker, of the class given; only of builds with threads.
 */

/**
 * @param {Variant} variant @param {number} threads
 * @returns {Build}
 * @throws {XnnError} 'unsupported' if dist/ does not hold it.
 */
export function findBuild(variant, threads) {
  const name = threads > 1 ? `${variant}-threads` : variant;
  const build = Object.hasOwn(BUILDS, name) ? BUILDS[name] : undefined;
  if (build === undefined)
    throw new XnnError('unsupported', `the ${name} build is not part of this package, only ${Object.keys(BUILDS).join(', ')}`);
  return build;
}

/** A module with one function () → v128 whose body is `code`. @param {number[]} code */
function probe(code) {
  const body = [0, ...code, 0x0b];
  return new Uint8Array([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0, // magic, version
    1,
    5,
    1,
    0x60,
    0,
    1,
    0x7b, // type: () → v128
    3,
    2,
    1,
    0, // one function of it
    10,
    body.length + 2,
    1,
    body.length,
    ...body,
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
