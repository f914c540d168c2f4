// All graphs that are wrong.
import { core } from './core.js';
import { mathematics } from './mathematics.js';
import { matrix } from './matrix.js';
import { mediapipe } from './mediapipe.js';
import { move } from './move.js';

/** @type {import('./make.js').Wrong[]} */
export const WRONGS = [...core, ...mathematics, ...matrix, ...mediapipe, ...move];
