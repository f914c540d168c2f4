// Convolutions and pooling, from tensorflow.org's tf.nn.convolution, tf.nn.depthwise_conv2d, tf.nn.max_pool and the page
// "Notes on padding" of tf.nn.
import { windowOf } from './positions.js';
import { build, finished, number } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */

/**
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes
 * @param {number} channels  of the output
 * @param {number} inPerGroup  input channels that one output channel reads
 * @param {(channel: number) => number} firstIn
 * @param {(tapY: number, tapX: number, c: number, channel: number) => number} weightAt  index in the filter
 * @param {[number, number]} [kernel]  sides of the window
 */
function convolution([x, filter, bias, slope, factors, residual, times], attributes, channels, inPerGroup, firstIn, weightAt, kernel) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const { shape: filterShape, data: weights } = /** @type {Tensor} */ (filter);
  const [kernelH, kernelW] = kernel ?? filterShape;
  const { h, w } = windowOf(shape, kernelH, kernelW, attributes);
  const [batch, , width, inChannels] = shape;
  const result = build([batch, h.output, w.output, channels], ([n, oy, ox, channel]) => {
    let sum = bias === undefined ? 0 : bias.data[channel];
    let terms = Math.abs(sum);
    const columns = w.positions(ox);
    const factor = factors?.data[channel] ?? 1;
    for (const { tap: tapY, at: iy } of h.positions(oy))
      for (const { tap: tapX, at: ix } of columns) {
        const pixel = ((n * shape[1] + iy) * width + ix) * inChannels + firstIn(channel);
        for (let c = 0; c < inPerGroup; c++) {
          const term = data[pixel + c] * weights[weightAt(tapY, tapX, c, channel)] * factor;
          sum += term;
          terms += Math.abs(term);
        }
      }
    return [sum, terms];
  });
  return finished(result, attributes, slope, residual, times);
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference} */
export function conv2d(inputs, attributes) {
  const [x, filter] = /** @type {Tensor[]} */ (inputs);
  const outFirst = number(attributes, 'filter_layout') === 1;
  const [kernelH, kernelW, perGroup, channels] = outFirst ? [...filter.shape.slice(1), filter.shape[0]] : filter.shape;
  const outPerGroup = channels / (x.shape[3] / perGroup);
  return convolution(
    inputs,
    attributes,
    channels,
    perGroup,
    (channel) => Math.floor(channel / outPerGroup) * perGroup,
    (tapY, tapX, c, channel) =>
      outFirst
        ? ((channel * kernelH + tapY) * kernelW + tapX) * perGroup + c
        : ((tapY * kernelW + tapX) * perGroup + c) * channels + channel,
    [kernelH, kernelW],
  );
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference} */
export function depthwise_conv2d(inputs, attributes) {
  const [, filter] = /** @type {Tensor[]} */ (inputs);
  const [, kernelW, inChannels, multiplier] = filter.shape;
  const channels = inChannels * multiplier;
  return convolution(
    inputs,
    attributes,
    channels,
    1,
    (channel) => Math.floor(channel / multiplier),
    (tapY, tapX, _, channel) => (tapY * kernelW + tapX) * channels + channel,
  );
}

/**
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes
 * @param {(values: number[]) => number | [number, number]} reduce
 */
function pool([x], attributes, reduce) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const { h, w } = windowOf(shape, number(attributes, 'kernel_h', 1), number(attributes, 'kernel_w', 1), attributes);
  const [batch, height, width, channels] = shape;
  return build([batch, h.output, w.output, channels], ([n, oy, ox, c]) =>
    reduce(
      h.positions(oy).flatMap(({ at: iy }) => w.positions(ox).map(({ at: ix }) => data[((n * height + iy) * width + ix) * channels + c])),
    ),
  );
}

/**
 * NaN is passed over, as tfjs-backend-cpu's pool_utils.ts does: it starts at -Infinity and asks `pixel > max`.
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference}
 */
export const max_pool2d = (inputs, attributes) => {
  const { dtype } = /** @type {Tensor} */ (inputs[0]);
  const least = dtype === 'int8' ? -128 : dtype === 'uint8' ? 0 : -Infinity;
  return { ...pool(inputs, attributes, (values) => values.reduce((max, value) => (value > max ? value : max), least)), dtype };
};

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference} */
export const avg_pool2d = (inputs, attributes) => pool(inputs, attributes, average);

/** @param {ArrayLike<number>} values @returns {[number, number]} */
function average(values) {
  let sum = 0;
  let terms = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    terms += Math.abs(values[i]);
  }
  return [sum / values.length, terms / values.length];
}
