// The reference of every op, by its name in ops.def.
import * as convolution from './convolution.js';
import * as dynamic from './dynamic.js';
import * as elementwise from './elementwise.js';
import * as gradients from './gradients.js';
import * as images from './images.js';
import * as logic from './logic.js';
import * as mathematics from './mathematics.js';
import * as matrix from './matrix.js';
import * as mediapipe from './mediapipe.js';
import * as move from './move.js';
import * as pool from './pool.js';
import * as quantised from './quantised.js';
import { multinomial, random } from './random.js';
import * as reductions from './reductions.js';
import * as shape from './shape.js';
import * as signals from './signals.js';
import * as window from './window.js';

/** @type {Record<string, import('./elementwise.js').Op>} */
export const REFERENCES = {
  ...elementwise,
  ...mathematics,
  ...shape,
  ...window,
  ...matrix,
  ...mediapipe,
  ...logic,
  ...images,
  ...move,
  ...convolution,
  ...dynamic,
  ...gradients,
  ...pool,
  ...quantised,
  ...reductions,
  ...signals,
  multinomial,
  random,
};
