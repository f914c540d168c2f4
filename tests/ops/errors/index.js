// All graphs that are wrong.
import { core } from './core.js';
import { mathematics } from './mathematics.js';

/** @type {import('./make.js').Wrong[]} */
export const WRONGS = [...core, ...mathematics];
