// Convolutions beyond conv2d, from tensorflow.org's tf.nn.conv2d_transpose (the gradient of conv2d: it scatters what
// conv2d gathers), tf.nn.conv3d and tf.nn.convolution (groups).
import { activated, flatOf, indexOf, number, sizeOf } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */

/** @typedef {{ output: number, stride: number, dilation: number, before: number }} Axis  Output o reads o * stride - before + tap * dilation. */

/** @param {number} input @param {number} kernel @param {number} stride @param {number} dilation @param {[number, number] | undefined} padding  undefined: SAME @returns {Axis} */
function axis(input, kernel, stride, dilation, padding) {
  const extent = (kernel - 1) * dilation + 1;
  if (padding !== undefined)
    return { output: Math.floor((input + padding[0] + padding[1] - extent) / stride) + 1, stride, dilation, before: padding[0] };
  const output = Math.ceil(input / stride);
  return { output, stride, dilation, before: Math.floor(Math.max((output - 1) * stride + extent - input, 0) / 2) };
}

const SIDES = /** @type {const} */ ([
  ['d', 'pad_front', 'pad_back'],
  ['h', 'pad_top', 'pad_bottom'],
  ['w', 'pad_left', 'pad_right'],
]);

/** @param {number[]} sizes  depth, height, width, or the last two @param {number[]} kernel @param {Attributes} a */
const axesOf = (sizes, kernel, a) =>
  sizes.map((size, i) => {
    const [name, before, after] = SIDES[3 - sizes.length + i];
    return axis(
      size,
      kernel[i],
      number(a, `stride_${name}`, 1),
      number(a, `dilation_${name}`, 1),
      number(a, 'padding') === 1 ? undefined : [number(a, before), number(a, after)],
    );
  });

/** Of conv2d_transpose: the output's rows and columns. @param {number[]} shape  of x @param {number[]} kernel @param {Attributes} a */
function transposedSize(shape, kernel, a) {
  return [0, 1].map((i) => {
    const given = number(a, ['out_h', 'out_w'][i]);
    const [name, before, after] = SIDES[1 + i];
    const stride = number(a, `stride_${name}`, 1);
    if (given > 0) return given;
    if (number(a, 'padding') === 1) return shape[1 + i] * stride;
    return (shape[1 + i] - 1) * stride + (kernel[i] - 1) * number(a, `dilation_${name}`, 1) + 1 - number(a, before) - number(a, after);
  });
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function conv2d_transpose([x, filter, bias, slope, scale], a) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const weights = /** @type {Tensor} */ (filter);
  const isTflite = number(a, 'filter_layout') === 1;
  const [outChannels, kernelH, kernelW, inChannels] = isTflite ? weights.shape : [2, 0, 1, 3].map((i) => weights.shape[i]);
  const kernel = [kernelH, kernelW];
  const [height, width] = transposedSize(shape, kernel, a);
  const [h, w] = axesOf([height, width], kernel, a);
  const made = [shape[0], height, width, outChannels];
  const sums = Float64Array.from({ length: sizeOf(made) }, (_, i) => bias?.data[i % outChannels] ?? 0);
  const terms = sums.map(Math.abs);
  for (let n = 0; n < shape[0]; n++)
    for (let iy = 0; iy < shape[1]; iy++)
      for (let ix = 0; ix < shape[2]; ix++)
        for (let ky = 0; ky < kernelH; ky++)
          for (let kx = 0; kx < kernelW; kx++) {
            const oy = iy * h.stride - h.before + ky * h.dilation;
            const ox = ix * w.stride - w.before + kx * w.dilation;
            if (oy < 0 || oy >= height || ox < 0 || ox >= width) continue;
            const [from, to] = [flatOf([n, iy, ix, 0], shape), flatOf([n, oy, ox, 0], made)];
            for (let c = 0; c < outChannels; c++)
              for (let i = 0; i < inChannels; i++) {
                const at = isTflite ? [c, ky, kx, i] : [ky, kx, c, i];
                const term = data[from + i] * weights.data[flatOf(at, weights.shape)] * (scale?.data[c] ?? 1);
                sums[to + c] += term;
                terms[to + c] += Math.abs(term);
              }
          }
  return activated({ shape: made, data: sums, scale: sums.map((value, i) => Math.abs(value) + terms[i]) }, a, slope);
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
function convolution([x, filter, bias], a) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const weights = /** @type {Tensor} */ (filter);
  const kernel = weights.shape.slice(0, -2);
  const [perGroup, channels] = weights.shape.slice(-2);
  const outPerGroup = channels / (shape[shape.length - 1] / perGroup);
  const axes = axesOf(shape.slice(1, -1), kernel, a);
  const made = [shape[0], ...axes.map(({ output }) => output), channels];
  const sums = new Float64Array(sizeOf(made));
  const terms = new Float64Array(sums.length);
  const taps = sizeOf(kernel);
  for (let flat = 0; flat < sums.length; flat++) {
    const index = indexOf(flat, made);
    const channel = index[index.length - 1];
    const first = Math.floor(channel / outPerGroup) * perGroup;
    let sum = bias?.data[channel] ?? 0;
    let magnitude = Math.abs(sum);
    for (let tap = 0; tap < taps; tap++) {
      const at = indexOf(tap, kernel).map((k, i) => index[i + 1] * axes[i].stride - axes[i].before + k * axes[i].dilation);
      if (at.some((value, i) => value < 0 || value >= shape[i + 1])) continue;
      const from = flatOf([index[0], ...at, first], shape);
      for (let c = 0; c < perGroup; c++) {
        const term = data[from + c] * weights.data[(tap * perGroup + c) * channels + channel];
        sum += term;
        magnitude += Math.abs(term);
      }
    }
    sums[flat] = sum;
    terms[flat] = Math.abs(sum) + magnitude;
  }
  return { shape: made, data: sums, scale: terms };
}

export const conv2d_dynamic = convolution;
export const conv3d = convolution;
