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
