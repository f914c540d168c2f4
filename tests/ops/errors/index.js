// All graphs that are wrong.
import { convolution } from './convolution.js';
import { core } from './core.js';
import { matrix } from './matrix.js';
import { mediapipe } from './mediapipe.js';
import { pool } from './pool.js';

/** @type {import('./make.js').Wrong[]} */
export const WRONGS = [...convolution, ...core, ...matrix, ...mediapipe, ...pool];
