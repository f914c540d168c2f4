// The reference of every op, by its name in ops.def.
import * as elementwise from './elementwise.js';
import * as logic from './logic.js';
import * as mathematics from './mathematics.js';
import { multinomial, random } from './random.js';
import * as reductions from './reductions.js';
import * as shape from './shape.js';
import * as window from './window.js';

/** @type {Record<string, import('./elementwise.js').Op>} */
export const REFERENCES = { ...elementwise, ...logic, ...mathematics, ...reductions, multinomial, random, ...shape, ...window };
