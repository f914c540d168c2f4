// The cases of every op, by its name in ops.def.
import * as elementwise from './elementwise.js';
import * as logic from './logic.js';
import * as mathematics from './mathematics.js';
import * as reductions from './reductions.js';
import * as shape from './shape.js';
import * as windows from './windows.js';

/** @type {Record<string, import('../run.js').Case[]>} */
export const CASES = { ...elementwise, ...logic, ...mathematics, ...reductions, ...shape, ...windows };
