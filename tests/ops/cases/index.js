// The cases of every op, by its name in ops.def.
import * as convolution from './convolution.js';
import * as dynamic from './dynamic.js';
import * as elementwise from './elementwise.js';
import { foldedConv2d, foldedDense, foldedDepthwise, mul_add } from './folded.js';
import * as gradients from './gradients.js';
import * as images from './images.js';
import * as logic from './logic.js';
import * as mathematics from './mathematics.js';
import * as matrix from './matrix.js';
import * as mediapipe from './mediapipe.js';
import * as move from './move.js';
import * as pool from './pool.js';
import * as quantised from './quantised.js';
import * as quantisedLayers from './quantised-layers.js';
import * as reductions from './reductions.js';
import * as shape from './shape.js';
import * as signals from './signals.js';
import * as windows from './windows.js';

/** @type {Record<string, import('../run.js').Case[]>} */
export const CASES = {
  ...elementwise,
  ...mathematics,
  ...shape,
  ...windows,
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
  ...quantisedLayers,
  ...reductions,
  ...signals,
  mul_add,
  conv2d: [...windows.conv2d, ...foldedConv2d],
  depthwise_conv2d: [...windows.depthwise_conv2d, ...foldedDepthwise],
  dense: [...shape.dense, ...foldedDense(shape.dense)],
};
