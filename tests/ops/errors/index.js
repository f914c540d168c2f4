// All graphs that are wrong.
import { core } from './core.js';
import { quantised } from './quantised.js';

/** @type {import('./make.js').Wrong[]} */
export const WRONGS = [...core, ...quantised];
