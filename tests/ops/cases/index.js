// The cases of every op, by its name in ops.def.
import * as elementwise from './elementwise.js';
import { foldedConv2d, foldedDense, foldedDepthwise } from './folded.js';
import * as shape from './shape.js';
import * as windows from './windows.js';

/** @type {Record<string, import('../run.js').Case[]>} */
export const CASES = {
  ...elementwise,
  ...shape,
  ...windows,
  conv2d: [...windows.conv2d, ...foldedConv2d],
  depthwise_conv2d: [...windows.depthwise_conv2d, ...foldedDepthwise],
  dense: [...shape.dense, ...foldedDense(shape.dense)],
};
