// All graphs that are wrong.
import { core } from './core.js';
import { move } from './move.js';

/** @type {import('./make.js').Wrong[]} */
export const WRONGS = [...core, ...move];
