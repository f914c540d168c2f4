// conv2d and depthwise_conv2d of ../ops/reference with loops for large models: the same sums in the same order.

import { finished, number } from '../ops/reference/tensor.js';

/** @import { Attributes, Reference, Tensor } from '../ops/reference/tensor.js' */

/** Where an axis' windows begin, and how many there are. @param {number} input @param {number} kernel @param {Attributes} a @param {'h' | 'w'} name */
function axisOf(input, kernel, a, name) {
  const [stride, dilation] = [number(a, `stride_${name}`, 1), number(a, `dilation_${name}`, 1)];
  const extent = (kernel - 1) * dilation + 1;
  const [before, after] = (name === 'h' ? ['pad_top', 'pad_bottom'] : ['pad_left', 'pad_right']).map((pad) => number(a, pad));
  if (number(a, 'padding') !== 1) return { stride, dilation, before, output: Math.floor((input + before + after - extent) / stride) + 1 };
  const output = Math.ceil(input / stride);
  return { stride, dilation, before: Math.floor(Math.max((output - 1) * stride + extent - input, 0) / 2), output };
}

/**
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} a
 * @param {{ kernelH: number, kernelW: number, channels: number, perGroup: number, weights: Float64Array }} layer
 *   weights: [channels,KH,KW,perGroup].
 * @returns {Reference}
 */
function convolve([x, , bias, slope, , residual], a, { kernelH, kernelW, channels, perGroup, weights }) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const [batch, height, width, depth] = shape;
  const [h, w] = [axisOf(height, kernelH, a, 'h'), axisOf(width, kernelW, a, 'w')];
  const image = Float64Array.from(data);
  const outPerGroup = channels / (depth / perGroup);
  const taps = kernelH * kernelW;
  const size = taps * perGroup;
  const patch = new Float64Array(taps * depth); // a group after the other
  const sums = new Float64Array(batch * h.output * w.output * channels);
  let to = 0;
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < h.output; oy++)
      for (let ox = 0; ox < w.output; ox++) {
        for (let ky = 0, tap = 0; ky < kernelH; ky++)
          for (let kx = 0; kx < kernelW; kx++, tap++) {
            const iy = oy * h.stride - h.before + ky * h.dilation;
            const ix = ox * w.stride - w.before + kx * w.dilation;
            const inside = iy >= 0 && iy < height && ix >= 0 && ix < width;
            const from = ((n * height + iy) * width + ix) * depth;
            for (let c = 0, at = tap * perGroup; c < depth; at += size)
              for (let i = 0; i < perGroup; i++, c++) patch[at + i] = inside ? image[from + c] : 0;
          }
        for (let channel = 0; channel < channels; channel++) {
          const start = Math.floor(channel / outPerGroup) * size;
          const row = channel * size;
          let sum = bias === undefined ? 0 : bias.data[channel];
          for (let i = 0; i < size; i++) sum += patch[start + i] * weights[row + i];
          sums[to++] = sum;
        }
      }
  const result = { shape: [batch, h.output, w.output, channels], data: sums, scale: new Float64Array(sums.length) };
  return finished(result, a, slope, residual);
}

/** @param {number} channels @param {number} each @param {ArrayLike<number> | undefined} factors @param {(channel: number, i: number) => number} at */
function arranged(channels, each, factors, at) {
  const weights = new Float64Array(channels * each);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < each; i++) weights[channel * each + i] = at(channel, i) * (factors?.[channel] ?? 1);
  return weights;
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a */
export function conv2d(inputs, a) {
  const { shape, data } = /** @type {Tensor} */ (inputs[1]);
  const outFirst = number(a, 'filter_layout') === 1;
  const [kernelH, kernelW, perGroup, channels] = outFirst ? [...shape.slice(1), shape[0]] : shape;
  const each = kernelH * kernelW * perGroup;
  const at = (/** @type {number} */ channel, /** @type {number} */ i) => data[outFirst ? channel * each + i : i * channels + channel];
  return convolve(inputs, a, { kernelH, kernelW, channels, perGroup, weights: arranged(channels, each, inputs[4]?.data, at) });
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a */
export function depthwise_conv2d(inputs, a) {
  const { shape, data } = /** @type {Tensor} */ (inputs[1]);
  const [kernelH, kernelW, depth, multiplier] = shape;
  const channels = depth * multiplier;
  const at = (/** @type {number} */ channel, /** @type {number} */ i) => data[i * channels + channel];
  const weights = arranged(channels, kernelH * kernelW, inputs[4]?.data, at);
  return convolve(inputs, a, { kernelH, kernelW, channels, perGroup: 1, weights });
}
