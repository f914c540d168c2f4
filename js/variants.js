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

/**
 * A module that exports a function "f" without arguments, whose body is `code`.
 * @param {number} type  of its result: 0x7b v128, 0x7f i32 @param {number[]} code
 */
function probe(type, code) {
  const body = [0, ...code, 0x0b];
  const size = [(body.length & 0x7f) | 0x80, body.length >> 7];
  const section = body.length + 3;
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic, version
    ...[1, 5, 1, 0x60, 0, 1, type], // type: () → type
    ...[3, 2, 1, 0], // one function of it
    ...[7, 5, 1, 1, 0x66, 0, 0], // exported as "f"
    ...[10, (section & 0x7f) | 0x80, section >> 7, 1, ...size, ...body],
  ]);
}

/** v128.const, four times a small whole number as float32 @param {number} value */
const splat = (value) => [0xfd, 0x0c, ...[0, 1, 2, 3].flatMap(() => [...new Uint8Array(Float32Array.of(value).buffer)])];
/** Whether what `code` leaves is `value` in all lanes: f32x4.eq, i32x4.all_true @param {number[]} code @param {number} value */
const equals = (code, value) => [...code, ...splat(value), 0xfd, 0x41, 0xfd, 0xa3, 0x01];

/** i8x16.popcnt, which came with the final opcodes of SIMD */
const SIMD = probe(0x7b, [...splat(0), 0xfd, 0x62]);
const I32_AND = 0x71;
const I32X4_EQ = [0xfd, 0x37];
/** Relaxed instructions on numbers for which every permitted result is the same. */
const RELAXED = probe(0x7f, [
  ...equals([...splat(2), ...splat(3), ...splat(4), 0xfd, 0x85, 0x02], 10), // f32x4.relaxed_madd
  ...equals([...splat(2), ...splat(3), ...splat(4), 0xfd, 0x86, 0x02], -2), // f32x4.relaxed_nmadd
  I32_AND,
  ...equals([...splat(2), ...splat(3), 0xfd, 0x8d, 0x02], 2), // f32x4.relaxed_min
  I32_AND,
  ...equals([...splat(2), ...splat(3), 0xfd, 0x8e, 0x02], 3), // f32x4.relaxed_max
  I32_AND,
  ...equals([...splat(2), ...splat(3), ...splat(1), ...splat(1), ...I32X4_EQ, 0xfd, 0x8b, 0x02], 2), // i32x4.relaxed_laneselect
  I32_AND,
]);

/**
 * Whether relaxed SIMD is there and right: versions of iOS accept the instructions and compute something else.
 * @returns {boolean}
 */
export function hasRelaxed() {
  try {
    if (!WebAssembly.validate(RELAXED)) return false;
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(RELAXED)).exports;
    return /** @type {() => number} */ (f)() === 1;
  } catch {
    return false;
  }
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
  if (!WebAssembly.validate(SIMD))
    throw new XnnError('unsupported', 'this machine has no WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or Node 16 are the first');
  if (variant === 'simd' || deterministic) return 'simd';
  const relaxed = hasRelaxed();
  if (variant === 'relaxed' && !relaxed) throw new XnnError('unsupported', 'this machine has no relaxed WebAssembly SIMD, or a wrong one');
  if (variant === 'relaxed') return variant;
  return relaxed && trustsRelaxed() && Object.hasOwn(BUILDS, 'relaxed') ? 'relaxed' : 'simd';
}
