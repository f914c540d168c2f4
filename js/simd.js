// Whether this machine has WebAssembly SIMD, plain and relaxed.
import { XnnError } from './errors.js';

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

/** @throws {XnnError} 'unsupported' without plain SIMD, which all modules need. */
export function needSimd() {
  if (!WebAssembly.validate(SIMD))
    throw new XnnError('unsupported', 'this machine has no WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or Node 16 are the first');
}
