// The cases of every op, by its name in ops.def.
import * as elementwise from './elementwise.js';
import * as quantised from './quantised.js';
import * as quantisedLayers from './quantised-layers.js';
import * as shape from './shape.js';
import * as windows from './windows.js';

/** @type {Record<string, import('../run.js').Case[]>} */
export const CASES = { ...elementwise, ...quantised, ...quantisedLayers, ...shape, ...windows };
