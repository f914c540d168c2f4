// Cases of matrix multiplication.
import { seeded } from '../../support/random.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

/** @param {number[]} a @param {number[]} b @param {Attributes} [attributes] @param {Partial<Operand>} [more] @param {Operand['from']} [bFrom] @returns {Case} */
const matmul = (a, b, attributes = {}, more = {}, bFrom = 'input') => ({
  name: `[${a}] by [${b}] ${bFrom}, ${JSON.stringify(attributes)}, ${more.fill ?? more.dtype}`,
  inputs: [
    { shape: a, ...more },
    { shape: b, ...more, from: bFrom },
  ],
  attributes,
});

/** @param {number[]} shape @param {number[]} perm  The shape that perm makes `shape` of. */
const before = (shape, perm) => {
  const made = new Array(shape.length);
  perm.forEach((axis, i) => {
    made[axis] = shape[i];
  });
  return made;
};

/** Seeded products of up to four axes, transposed in every way that strides can take. @param {number} n */
function randomProducts(n) {
  const random = seeded(21);
  const from = (/** @type {number} */ least, /** @type {number} */ most) => least + Math.floor(random() * (most - least + 1));
  const shuffled = (/** @type {number} */ rank) => {
    const axes = Array.from({ length: rank }, (_, i) => i);
    for (let i = rank - 1; i > 0; i--) {
      const k = from(0, i);
      [axes[i], axes[k]] = [axes[k], axes[i]];
    }
    return axes;
  };
  return Array.from({ length: n }, () => {
    const [m, k, columns] = [from(1, 11), random() < 0.1 ? 0 : from(1, 12), from(1, 35)];
    const batch = Array.from({ length: from(0, 2) }, () => from(1, 3));
    const some = () => batch.slice(from(0, batch.length)).map((dim) => (random() < 0.2 ? 1 : dim));
    const [leadingA, leadingB] = random() < 0.5 ? [batch, some()] : [some(), batch];
    /** @type {Record<string, number | number[]>} */
    const attributes = { transpose_a: from(0, 1), transpose_b: from(0, 1) };
    let a = [...leadingA, ...(attributes.transpose_a ? [k, m] : [m, k])];
    let b = [...leadingB, ...(attributes.transpose_b ? [columns, k] : [k, columns])];
    if (random() < 0.5) {
      attributes.perm_a = shuffled(a.length);
      a = before(a, attributes.perm_a);
    }
    if (random() < 0.5) {
      attributes.perm_b = shuffled(b.length);
      b = before(b, attributes.perm_b);
    }
    if (random() < 0.5) attributes.perm_y = shuffled(Math.max(a.length, b.length));
    return matmul(a, b, attributes, random() < 0.15 ? { dtype: 'int32' } : {}, random() < 0.3 ? 'constant' : 'input');
  });
}

const HEADS = [0, 2, 1, 3];

/** @type {Case[]} */
export const batch_matmul = [
  ...[1, 2, 3, 4, 5, 7, 8, 9].flatMap((m) => [1, 3, 4, 8, 15, 16, 17].map((n) => matmul([m, 6], [6, n]))),
  ...[1, 3, 4, 5, 9].flatMap((m) => [1, 2, 3, 4, 5, 8, 11].map((n) => matmul([m, 9], [n, 9], { transpose_b: 1 }))),
  ...[1, 3, 4, 6].flatMap((m) => [1, 2, 9].map((n) => matmul([7, m], [7, n], { transpose_a: 1 }))),
  ...[1, 2, 4, 7].map((m) => matmul([7, m], [10, 7], { transpose_a: 1, transpose_b: 1 })),
  matmul([1, 1], [1, 1]),
  matmul([2, 3, 4], [2, 4, 5]),
  matmul([2, 3, 4], [4, 5]),
  matmul([3, 4], [2, 4, 5]),
  matmul([2, 1, 3, 4], [5, 4, 6]),
  matmul([1, 2, 1, 3, 4], [7, 1, 2, 4, 6]),
  matmul([2, 1, 2, 1, 2, 1, 3, 4], [1, 2, 1, 2, 1, 2, 4, 3]),
  // attention as MobileBERT has it, small and whole; the operands as they leave the dense layers
  matmul([1, 2, 96, 32], [1, 2, 96, 32], { transpose_b: 1 }),
  matmul([1, 2, 96, 96], [1, 2, 96, 32]),
  matmul([1, 96, 2, 32], [1, 96, 2, 32], { perm_a: HEADS, perm_b: HEADS, transpose_b: 1 }),
  matmul([1, 96, 2, 32], [1, 96, 2, 32], { perm_a: HEADS, perm_b: [0, 2, 3, 1] }),
  matmul([1, 2, 96, 96], [1, 96, 2, 32], { perm_b: HEADS, perm_y: HEADS }),
  matmul([1, 4, 384, 32], [1, 4, 32, 384]),
  matmul([2, 1, 4, 64], [2, 50, 4, 64], { perm_a: HEADS, perm_b: HEADS, transpose_b: 1 }), // one query
  // beyond what is packed at once, in columns and in depth
  matmul([5, 300], [300, 250]),
  matmul([9, 4097], [4097, 9]),
  matmul([6, 9001], [9001, 3], {}, { fill: 'positive' }),
  matmul([6, 9001], [9001, 3], { perm_y: [1, 0] }),
  matmul([1, 9001], [9001, 3]),
  matmul([1, 9001], [3, 9001], { transpose_b: 1 }),
  matmul([9001, 1], [3, 9001], { transpose_a: 1, transpose_b: 1 }),
  matmul([200, 5], [5, 3]),
  matmul([3, 5], [5, 500]),
  // nothing to sum, and nothing to compute
  matmul([3, 0], [0, 4]),
  matmul([1, 0], [0, 4]),
  matmul([3, 0], [4, 0], { transpose_b: 1 }),
  matmul([0, 3], [3, 4]),
  matmul([2, 0, 3, 4], [1, 4, 5]),
  matmul([5, 9], [9, 11], {}, { fill: 'specials' }),
  matmul([5, 9], [11, 9], { transpose_b: 1 }, { fill: 'specials' }),
  matmul([1, 9], [9, 19], {}, { fill: 'specials' }),
  matmul([1, 9], [11, 9], { transpose_b: 1 }, { fill: 'specials' }),
  matmul([5, 9], [9, 11], {}, { fill: 'large' }),
  matmul([5, 9], [9, 11], {}, {}, 'constant'),
  matmul([2, 5, 9], [9, 7], {}, { dtype: 'int32' }),
  matmul([2, 5, 9], [2, 9, 7], { perm_y: [2, 0, 1] }, { dtype: 'int32' }),
  ...randomProducts(150),
];

/**
 * @param {number[]} q @param {number[]} k @param {number[]} v @param {Partial<Operand> | null} mask @param {Attributes} [attributes]
 * @param {Partial<Operand>} [more] @param {Partial<Operand>} [factor] @returns {Case}
 */
const attends = (q, k, v, mask, attributes = {}, more = {}, factor = undefined) => ({
  name: `[${q}] to [${k}] of [${v}], mask ${JSON.stringify(mask)}, ${JSON.stringify([attributes, more, factor])}`,
  inputs: [
    ...[q, k, v].map((shape) => ({ shape, ...more })),
    ...(mask === null && factor === undefined ? [] : [mask && { shape: [], ...mask }]),
    ...(factor === undefined ? [] : [{ shape: [], ...factor }]),
  ],
  attributes,
});

/** @param {number[]} shape @param {(row: number, column: number) => boolean} sees @param {number} [hidden] */
const sight = (shape, sees, hidden = -Infinity) => {
  const n = shape[shape.length - 1];
  const values = Array.from({ length: shape.reduce((total, dim) => total * dim, 1) }, (_, i) =>
    sees(Math.floor(i / n), i % n) ? 0 : hidden,
  );
  return { shape, values };
};

/** Seeded stacks of heads, their axes in any order. @param {number} n */
function randomAttention(n) {
  const random = seeded(22);
  const from = (/** @type {number} */ least, /** @type {number} */ most) => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: n }, () => {
    const [m, keys, d, e] = [from(1, 10), from(1, 19), from(1, 11), from(1, 19)];
    const batch = Array.from({ length: from(0, 2) }, () => from(1, 3));
    const some = () => batch.slice(from(0, batch.length)).map((dim) => (random() < 0.2 ? 1 : dim));
    /** @type {Record<string, number | number[]>} */
    const attributes = random() < 0.5 ? { scale: from(-8, 8) / 4 } : {};
    const [q, k, v] = [
      [...batch, m, d],
      [...some(), keys, d],
      [...some(), keys, e],
    ].map((shape, i) => {
      if (random() < 0.5) return shape;
      const perm = shape.map((_, axis) => axis);
      for (let a = perm.length - 1; a > 0; a--) {
        const b = from(0, a);
        [perm[a], perm[b]] = [perm[b], perm[a]];
      }
      attributes[['perm_q', 'perm_k', 'perm_v'][i]] = perm;
      return before(shape, perm);
    });
    if (random() < 0.3) attributes.perm_y = [...batch.map((_, i) => i + 2), 1, 0].map((axis) => axis % (batch.length + 2));
    const whole = [...batch, m, keys].slice(from(0, batch.length));
    const like = () => ({ shape: whole.map((dim) => (random() < 0.3 ? 1 : dim)) });
    const mask = random() < 0.3 ? null : like();
    return attends(q, k, v, mask, attributes, {}, random() < 0.3 ? like() : undefined);
  });
}

const MOBILE = { scale: Math.fround(1 / Math.sqrt(32)), perm_q: HEADS, perm_k: HEADS, perm_v: HEADS, perm_y: HEADS };

/** @type {Case[]} */
export const attention = [
  ...[1, 2, 3, 4, 5, 7, 8, 9].flatMap((m) => [1, 3, 4, 5, 7, 8, 9, 16, 17].map((n) => attends([m, 6], [n, 6], [n, 5], { shape: [m, n] }))),
  ...[1, 3, 4, 6].flatMap((m) => [1, 4, 8, 9, 12].map((e) => attends([m, 3], [10, 3], [10, e], null, { scale: -0.75 }))),
  // MobileBERT's heads as they leave the dense layers, with its mask
  attends(
    [1, 96, 4, 32],
    [1, 96, 4, 32],
    [1, 96, 4, 32],
    sight([1, 1, 96, 96], (_, j) => j < 70, -10000),
    MOBILE,
  ),
  attends(
    [2, 50, 3, 8],
    [2, 50, 3, 8],
    [2, 50, 3, 8],
    sight([2, 1, 1, 50], (i, j) => j < 20 + 10 * i),
    MOBILE,
  ),
  attends([1, 130, 2, 32], [1, 130, 2, 32], [1, 130, 2, 32], null, MOBILE),
  // causal; one mask for each head, each row, each key, or for all
  attends(
    [2, 3, 13, 4],
    [2, 3, 13, 4],
    [2, 3, 13, 4],
    sight([13, 13], (i, j) => j <= i),
  ),
  attends([2, 3, 5, 4], [2, 3, 7, 4], [2, 3, 7, 4], { shape: [3, 1, 1], fill: 'wide' }),
  attends([2, 3, 5, 4], [2, 3, 7, 4], [2, 3, 7, 4], { shape: [2, 1, 5, 1], fill: 'wide' }),
  attends([2, 3, 5, 4], [2, 3, 17, 4], [2, 3, 17, 4], { shape: [17], fill: 'wide' }),
  attends([5, 4], [17, 4], [17, 4], { shape: [], values: [3] }),
  attends([6, 4], [16, 4], [16, 4], { shape: [6, 16], from: 'constant' }),
  // as MobileBERT's code for training has it: scores * mask + (mask - 1) * 6
  attends(
    [1, 40, 4, 32],
    [1, 40, 4, 32],
    [1, 40, 4, 32],
    sight([1, 1, 40, 40], (_, j) => j < 30, -6),
    MOBILE,
    {},
    { shape: [1, 1, 40, 40] },
  ),
  attends([5, 4], [19, 4], [19, 4], null, {}, {}, { shape: [5, 19] }),
  attends([5, 4], [19, 4], [19, 4], { shape: [5, 1] }, { scale: 2 }, {}, { shape: [19] }),
  attends([2, 4], [19, 4], [19, 4], { shape: [19] }, { scale: 2 }, {}, { shape: [2, 1] }),
  attends([2, 4], [3, 4], [3, 4], { shape: [2, 3] }, {}, {}, { shape: [], values: [-1] }),
  // heads that share keys and values; more heads in the values; a stack in the keys alone
  attends([2, 4, 6, 5], [2, 1, 9, 5], [2, 1, 9, 3], { shape: [2, 1, 6, 9] }),
  attends([6, 5], [9, 5], [3, 9, 4], { shape: [6, 9] }),
  attends([6, 5], [9, 5], [9, 4], { shape: [3, 6, 9] }, {}, {}, { shape: [2, 1, 1, 1] }),
  attends([6, 5], [2, 9, 5], [9, 4], { shape: [2, 1, 9] }),
  attends([1, 2, 1, 2, 1, 2, 5, 4], [2, 1, 2, 1, 2, 1, 9, 4], [9, 3], { shape: [2, 5, 9] }),
  // rows that see nothing; scores that make exp flush; NaN and infinities
  attends(
    [6, 4],
    [11, 4],
    [11, 4],
    sight([6, 11], (i) => i % 2 === 0),
  ),
  attends(
    [6, 4],
    [11, 4],
    [11, 4],
    sight([6, 11], (i) => i % 2 === 0, -10000),
  ),
  attends(
    [3, 4],
    [11, 4],
    [11, 4],
    sight([3, 11], (i) => i % 2 === 0),
  ),
  attends([9, 8], [21, 8], [21, 8], { shape: [9, 21], fill: 'wide' }, {}, { fill: 'wide' }),
  attends([9, 8], [21, 8], [21, 8], { shape: [9, 21], fill: 'specials' }),
  attends([9, 3], [5, 3], [5, 8], { shape: [9, 5] }, {}, { fill: 'specials' }),
  attends([2, 3], [5, 3], [5, 8], { shape: [2, 5] }, {}, { fill: 'specials' }),
  // one query, as in decoding
  attends([2, 4, 1, 16], [2, 4, 300, 16], [2, 4, 300, 16], null, { scale: 0.25 }),
  attends([1, 1, 4, 16], [1, 70, 4, 16], [1, 70, 4, 16], { shape: [1, 1, 1, 70] }, MOBILE),
  // rows that are summed in stretches
  attends([5, 3], [1500, 3], [1500, 9], { shape: [1500] }),
  attends([5, 2], [9001, 2], [9001, 3], { shape: [5, 1], fill: 'wide' }),
  attends([5, 2], [8192, 2], [8192, 9], null),
  attends([2, 2], [9001, 2], [9001, 3], null),
  // nothing to multiply, to weigh, to compute
  attends([5, 0], [6, 0], [6, 3], { shape: [5, 6] }),
  attends([5, 3], [0, 3], [0, 4], null),
  attends([2, 3], [0, 3], [0, 4], null),
  attends([5, 3], [0, 3], [0, 4], { shape: [5, 0] }),
  attends([5, 3], [6, 3], [6, 0], null),
  attends([0, 3], [6, 3], [6, 2], null),
  ...randomAttention(120),
];
