// What the tables of wrong graphs are made with.

/** @typedef {ReturnType<import('../../../js/wasm.js').Core['createGraph']>} Graph */
/**
 * @typedef {object} Wrong
 * @property {string} what
 * @property {import('../../../js/errors.js').XnnErrorCode} code
 * @property {string} says  A part of the message, with its numbers.
 * @property {(graph: Graph) => void} build  Throws.
 */

/** @param {Graph} g @param {number[]} shape @param {import('../../../js/wasm.js').Dtype} [dtype] */
export const input = (g, shape, dtype = 'float32') => g.input('x', dtype, shape);
/** @param {Graph} g @param {number[]} shape */
export const weight = (g, shape) => g.weight(0, 'float32', shape, { dtype: 'float32' });

/**
 * An op with an input for each shape of `inputs`, then a weight for each of `weights`.
 * @param {string} what @param {import('../../../js/errors.js').XnnErrorCode} code @param {string} says
 * @param {string} op @param {(number[] | null)[]} inputs @param {Record<string, number | number[]>} [attributes]
 * @param {(number[] | null)[]} [weights]  null: absent
 * @returns {Wrong}
 */
export const node = (what, code, says, op, inputs, attributes = {}, weights = []) => ({
  what,
  code,
  says: `node "it": ${op}: ${says}`,
  build: (g) => {
    const ids = [
      ...inputs.map((shape) => (shape === null ? -1 : input(g, shape))),
      ...weights.map((shape) => (shape === null ? -1 : weight(g, shape))),
    ];
    g.node(op, 'it', ids, attributes);
  },
});

/** @param {string} op @returns {Wrong} */
export const integers = (op) => ({
  what: `${op} of integers`,
  code: 'unsupported',
  says: 'is int32, only float32 is supported',
  build: (g) => g.node(op, 'it', [input(g, [2, 3], 'int32'), ...(op === 'prelu' ? [input(g, [3])] : [])], {}),
});

export const NHWC = [1, 5, 5, 3];
