// The builds of the engine, and which of them this machine runs.
import { BUILDS } from '../dist/builds.js';
import { XnnError } from './errors.js';
import { hasRelaxed, needSimd } from './simd.js';

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

/** Node's versions before 22 have relaxed SIMD behind a flag, and a baseline compiler that gets some of it wrong. */
function trustsRelaxed() {
  const node = globalThis.process?.versions?.node;
  return node === undefined || Number.parseInt(node, 10) >= 22;
}

/** @returns {boolean} Whether shared memory is there: in browsers only in cross-origin isolated pages. */
function hasThreads() {
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
 * @param {'auto' | Variant} variant @param {{ deterministic?: boolean }} [options]
 * @returns {Variant}  'auto': relaxed where it is there, right and in dist/, unless results have to be the same everywhere.
 * @throws {XnnError} 'unsupported' where the machine does not run it.
 */
export function chooseVariant(variant, { deterministic = false } = {}) {
  if (!['auto', 'simd', 'relaxed'].includes(variant))
    throw new XnnError('misuse', `variant is ${String(variant)}: 'auto', 'simd' or 'relaxed' is possible`);
  if (deterministic && variant === 'relaxed') throw new XnnError('misuse', "deterministic: true never is variant: 'relaxed'");
  needSimd();
  if (variant === 'simd' || deterministic) return 'simd';
  const relaxed = hasRelaxed();
  if (variant === 'relaxed' && !relaxed) throw new XnnError('unsupported', 'this machine has no relaxed WebAssembly SIMD, or a wrong one');
  if (variant === 'relaxed') return variant;
  return relaxed && trustsRelaxed() && Object.hasOwn(BUILDS, 'relaxed') ? 'relaxed' : 'simd';
}
