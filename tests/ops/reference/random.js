// The ops random and multinomial: what their counters give.
import { build, list, number, sizeOf } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */
/** @import { Op } from './elements.js' */

/** Both halves of a product of 32-bit numbers. @param {number} a @param {number} b @returns {[number, number]} */
function product(a, b) {
  const whole = BigInt(a >>> 0) * BigInt(b >>> 0);
  return [Number(whole >> 32n), Number(whole & 0xffffffffn)];
}

/**
 * Philox4x32-10: Salmon et al., SC 2011, section 3.3 and the constants of its table.
 * @param {number[]} counter  four words @param {number[]} key  two words @returns {number[]}
 */
export function philox(counter, key) {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = product(0xd2511f53, a);
    const [high1, low1] = product(0xcd9e8d57, c);
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1, (high0 ^ d ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
}

/** The first run's block `index` of a seed. @param {number} seed @param {number} index @param {number} attempt */
const block = (seed, index, attempt) => philox([index, attempt, 0, 0], [seed >>> 0, 0]);
/** The sixteen words of a group. @param {number} seed @param {number} group @param {number} attempt */
const wordsOf = (seed, group, attempt) => [0, 1, 2, 3].flatMap((i) => block(seed, 4 * group + i, attempt));

/** Box and Muller's pairs and their radii: eight words make u in 0 … 1, rounded to float32, eight the angles. @param {number[]} words */
function normals(words) {
  return Array.from({ length: 16 }, (_, i) => {
    const pair = Math.floor(i / 8) * 4 + (i % 4);
    const u = Math.fround(Math.fround(words[pair]) * 2 ** -32 + 2 ** -33);
    const angle = (Math.PI * (words[8 + pair] | 0)) / 2 ** 31;
    const radius = Math.sqrt(-2 * Math.log(u));
    return { value: radius * (i % 8 < 4 ? Math.cos(angle) : Math.sin(angle)), radius };
  });
}

/** @type {Op} */
export function random([given], attributes) {
  const shape = given === undefined ? list(attributes, 'shape') : Array.from(given.data);
  const [kind, seed] = [number(attributes, 'kind'), number(attributes, 'seed')];
  const [a, b] = [Math.fround(number(attributes, 'a')), Math.fround(number(attributes, 'b'))];
  /** @type {(number | [number, number])[]} */
  const drawn = [];
  for (let group = 0; group * 16 < sizeOf(shape); group++) {
    const words = wordsOf(seed, group, 0);
    if (kind === 0)
      drawn.push(...words.map((word) => /** @type {[number, number]} */ ([a + (word >>> 8) * 2 ** -24 * (b - a), Math.abs(a)])));
    else if (kind === 3) drawn.push(...words.map((word) => a + Math.floor((word * (b - a)) / 2 ** 32)));
    else {
      const wanted = [];
      for (let attempt = 0; wanted.length < 16; attempt++)
        wanted.push(...normals(wordsOf(seed, group, attempt)).filter(({ value }) => kind === 1 || Math.abs(value) < 2));
      drawn.push(
        ...wanted.slice(0, 16).map(({ value, radius }) => /** @type {[number, number]} */ ([a + b * value, Math.abs(a) + b * radius])),
      );
    }
  }
  return { ...build(shape, (_, i) => drawn[i]), dtype: kind === 3 ? 'int32' : 'float32' };
}

/** @type {Op} */
export function multinomial([x], attributes) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const [samples, seed] = [number(attributes, 'n_samples'), number(attributes, 'seed')];
  const rows = Array.from({ length: shape[0] }, (_, row) => Array.from(data).slice(row * shape[1], (row + 1) * shape[1]));
  const weights = rows.map((values) => {
    if (number(attributes, 'is_probabilities') !== 0) return values.map((value) => Math.max(0, value));
    const most = Math.max(...values.filter(Number.isFinite));
    return values.map((value) => (Number.isFinite(value) ? Math.exp(value - most) : 0));
  });
  const result = build([shape[0], samples], ([row], i) => {
    const total = weights[row].reduce((sum, weight) => sum + weight, 0);
    const at = (block(seed, Math.floor(i / 4), 0)[i % 4] / 2 ** 32) * total;
    let sum = 0;
    const found = weights[row].findIndex((weight) => {
      sum += weight;
      return sum > at;
    });
    return Math.max(0, found);
  });
  return { ...result, dtype: 'int32' };
}
