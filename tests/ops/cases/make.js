// What tables of cases are made with.

/** @import { Operand } from '../run.js' */

/** A shape-like operand that is known: an int32 constant. @param {number[]} values @param {number[]} [shape] @returns {Operand} */
export const known = (values, shape = [values.length]) => ({ shape, dtype: 'int32', values, from: 'constant' });
