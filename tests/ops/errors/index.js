// All graphs that are wrong.
import { core } from './core.js';

/** @type {import('./make.js').Wrong[]} */
export const WRONGS = [...core];
