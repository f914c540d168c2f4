// Windows over two or three axes, from tensorflow.org's "Notes on padding" of tf.nn.
import { number } from './tensor.js';

/** @import { Attributes } from './tensor.js' */

export const SIDES = /** @type {const} */ ([
  ['d', 'pad_front', 'pad_back'],
  ['h', 'pad_top', 'pad_bottom'],
  ['w', 'pad_left', 'pad_right'],
]);

/**
 * Along each axis: how many outputs, and for one of them its taps inside the input.
 * @param {number[]} sizes @param {number[]} kernel @param {Attributes} a
 */
export function windows(sizes, kernel, a) {
  return sizes.map((size, i) => {
    const [name, before, after] = SIDES[3 - sizes.length + i];
    const [stride, dilation] = [number(a, `stride_${name}`, 1), number(a, `dilation_${name}`, 1)];
    const extent = (kernel[i] - 1) * dilation + 1;
    const same = number(a, 'padding') === 1;
    const outputs = same ? Math.ceil(size / stride) : Math.floor((size + number(a, before) + number(a, after) - extent) / stride) + 1;
    const start = same ? Math.floor(Math.max(0, (outputs - 1) * stride + extent - size) / 2) : number(a, before);
    const taps = (/** @type {number} */ o) =>
      Array.from({ length: kernel[i] }, (_, tap) => ({ tap, at: o * stride - start + tap * dilation })).filter(
        ({ at }) => at >= 0 && at < size,
      );
    return { outputs, taps };
  });
}
