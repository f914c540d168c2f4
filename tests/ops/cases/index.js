// The cases of every op, by its name in ops.def.
import * as elementwise from './elementwise.js';
import * as images from './images.js';
import * as move from './move.js';
import * as shape from './shape.js';
import * as windows from './windows.js';

/** @type {Record<string, import('../run.js').Case[]>} */
export const CASES = { ...elementwise, ...images, ...move, ...shape, ...windows };
