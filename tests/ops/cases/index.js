// The cases of every op, by its name in ops.def.
import * as convolution from './convolution.js';
import * as elementwise from './elementwise.js';
import * as matrix from './matrix.js';
import * as mediapipe from './mediapipe.js';
import * as pool from './pool.js';
import * as shape from './shape.js';
import * as windows from './windows.js';

/** @type {Record<string, import('../run.js').Case[]>} */
export const CASES = { ...convolution, ...elementwise, ...matrix, ...mediapipe, ...pool, ...shape, ...windows };
