// What rows of tflite-ops.js have in common.

/**
 * @typedef {import('./builder.js').NodeView} NodeView
 * @typedef {import('./builder.js').OpRow} OpRow
 * @typedef {import('./builder.js').Attributes} Attributes
 */

/** Inputs that an operator has at most. */
export const MANY = 4096;

/** @param {string} name @param {number} count @param {(n: NodeView) => void} emit @returns {[string, OpRow]} */
export function row(name, count, emit) {
  return [name, { inputs: [count, count], emit }];
}

/** All inputs as they are stored. @param {NodeView} n */
export function operands(n) {
  return Array.from({ length: n.count }, (_, i) => n.stored(i));
}

/** The integers of an input that has to be a constant. @param {NodeView} n @param {number} i @param {string} what */
export function fixed(n, i, what) {
  const values = n.numbers(i);
  if (values !== undefined) return values;
  const { ref } = n.input(i);
  return n.unsupported(`${what} (input ${i}, "${ref}") ${n.isConstant(i) ? 'are too many' : 'are computed at run time'}`);
}

/** One integer. @param {NodeView} n @param {number} i @param {string} [what] */
export function axisOf(n, i, what = 'axis') {
  const values = fixed(n, i, `the ${what}`);
  return values.length === 1 ? values[0] : n.bad(`needs one ${what}, has ${values.length}`);
}

/**
 * An op whose attribute is also an input: the attribute where it is a constant, else what is computed.
 * @param {NodeView} n @param {string} op @param {string[]} given @param {number} i @param {string} name @param {Attributes} [attrs]
 */
export function known(n, op, given, i, name, attrs = {}) {
  const values = n.numbers(i);
  return values === undefined ? n.emit(op, [...given, n.stored(i)], attrs) : n.emit(op, given, { ...attrs, [name]: values });
}
