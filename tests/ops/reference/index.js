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
const DEFINITIONS = {
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

/**
 * The numbers of any dtype as float64, which holds them all: loops that meet one kind of array run several times as fast.
 * @param {import('./tensor.js').Tensor | undefined} tensor
 */
const widened = (tensor) =>
  tensor && { ...tensor, data: tensor.data instanceof Float64Array ? tensor.data : Float64Array.from(tensor.data) };

export const REFERENCES = Object.fromEntries(
  Object.entries(DEFINITIONS).map(([op, define]) => [
    op,
    /** @type {import('./elementwise.js').Op} */ (inputs, attributes) => define(inputs.map(widened), attributes),
  ]),
);
