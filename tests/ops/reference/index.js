// The reference of every op, by its name in ops.def.
import * as elementwise from './elementwise.js';
import * as quantised from './quantised.js';
import * as shape from './shape.js';
import * as window from './window.js';

/** @type {Record<string, import('./elementwise.js').Op>} */
export const REFERENCES = { ...elementwise, ...quantised, ...shape, ...window };
