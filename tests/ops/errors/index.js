// All graphs that are wrong.
import { convolution } from './convolution.js';
import { core } from './core.js';
import { dynamic } from './dynamic.js';
import { folded } from './folded.js';
import { gradients } from './gradients.js';
import { mathematics } from './mathematics.js';
import { matrix } from './matrix.js';
import { mediapipe } from './mediapipe.js';
import { move } from './move.js';
import { pool } from './pool.js';
import { quantised } from './quantised.js';
import { signals } from './signals.js';

/** @type {import('./make.js').Wrong[]} */
export const WRONGS = [
  ...core,
  ...folded,
  ...mathematics,
  ...matrix,
  ...mediapipe,
  ...move,
  ...convolution,
  ...dynamic,
  ...gradients,
  ...pool,
  ...quantised,
  ...signals,
];
