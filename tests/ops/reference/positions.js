// Where a window is, and which of its taps lie inside x: from the page "Notes on padding" of tensorflow.org's tf.nn.
import { number } from './tensor.js';

/** @import { Attributes } from './tensor.js' */

/**
 * @param {number} input @param {number} kernel @param {number} stride @param {number} dilation
 * @param {boolean} same @param {number} before @param {number} after
 * @returns {{ output: number, positions: (o: number) => { tap: number, at: number }[] }}  Of an output: the taps that
 *   lie inside the input.
 */
function axis(input, kernel, stride, dilation, same, before, after) {
  const extent = (kernel - 1) * dilation + 1;
  let output = Math.floor((input + before + after - extent) / stride) + 1;
  if (same) {
    output = Math.ceil(input / stride);
    before = Math.floor(Math.max((output - 1) * stride + extent - input, 0) / 2);
  }
  return {
    output,
    positions: (o) =>
      Array.from({ length: kernel }, (_, tap) => ({ tap, at: o * stride - before + tap * dilation })).filter(
        ({ at }) => at >= 0 && at < input,
      ),
  };
}

/** @param {number[]} shape  of x @param {number} kernelH @param {number} kernelW @param {Attributes} a */
export function windowOf([, height, width], kernelH, kernelW, a) {
  const same = number(a, 'padding') === 1;
  return {
    h: axis(height, kernelH, number(a, 'stride_h', 1), number(a, 'dilation_h', 1), same, number(a, 'pad_top'), number(a, 'pad_bottom')),
    w: axis(width, kernelW, number(a, 'stride_w', 1), number(a, 'dilation_w', 1), same, number(a, 'pad_left'), number(a, 'pad_right')),
  };
}
