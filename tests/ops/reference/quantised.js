// Ops on int8 and uint8, from the reference kernels of TFLite (tensorflow/lite/kernels/internal/reference: conv.h,
// depthwiseconv_uint8.h, fully_connected.h, transpose_conv.h, add.h, mul.h, pooling.h, reduce.h, resize_bilinear.h,
// quantize.h, requantize.h), softmax from the table of optimized_ops.h. Scales are float32, factors float64 but where
// TFLite multiplies the scales as floats.
import { elementAt } from './elements.js';
import { boundsOf, factorOf, limit, roundAway, scale } from './fixed-point.js';
import { build, flatOf, indexOf, list, number, sizeOf } from './tensor.js';

/** @import { Attributes, Dtype, Reference, Tensor } from './tensor.js' */
/** @typedef {import('./elementwise.js').Op} Op */

const single = Math.fround;
/** A float32 attribute. @param {Attributes} a @param {string} name */
const float = (a, name) => single(number(a, name));

/**
 * @param {Dtype | undefined} dtype @param {number[]} shape @param {(index: number[], flat: number) => number} value
 * @returns {Reference}
 */
const integers = (dtype, shape, value) => ({ ...build(shape, (index, flat) => value(index, flat) + 0), dtype }); // -0 is 0

/**
 * A sliding window (ComputePaddingHeightWidth): the size of the output, and of one output the taps inside the input.
 * @param {Attributes} a @param {'h' | 'w'} name @param {number} input @param {number} kernel
 */
function slide(a, name, input, kernel) {
  const [step, spread] = [number(a, `stride_${name}`, 1), number(a, `dilation_${name}`, 1)];
  const extent = (kernel - 1) * spread + 1;
  let before = number(a, name === 'h' ? 'pad_top' : 'pad_left');
  let output = Math.floor((input + before + number(a, name === 'h' ? 'pad_bottom' : 'pad_right') - extent) / step) + 1;
  if (number(a, 'padding') === 1) {
    output = Math.floor((input + step - 1) / step);
    before = Math.floor(Math.max((output - 1) * step + extent - input, 0) / 2);
  }
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  const positions = (/** @type {number} */ o) =>
    taps.map((tap) => ({ tap, at: o * step - before + tap * spread })).filter(({ at }) => at >= 0 && at < input);
  return { output, positions };
}

/** @param {number[]} shape  of x @param {number} kernelH @param {number} kernelW @param {Attributes} a */
const windowOf = ([, height, width], kernelH, kernelW, a) => ({ h: slide(a, 'h', height, kernelH), w: slide(a, 'w', width, kernelW) });

/** What y is limited to: both bounds 0 are none. @param {Attributes} a @param {string | undefined} dtype @returns {[number, number]} */
function rangeOf(a, dtype) {
  const [least, most] = boundsOf(dtype);
  const [low, high] = [number(a, 'act_min'), number(a, 'act_max')];
  return low === 0 && high === 0 ? [least, most] : [limit(low, least, most), limit(high, least, most)];
}

/**
 * Sums to outputs: y(sum without bias, channel).
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} a @param {boolean} isSingle  The product of scales is float32.
 */
function finish([x, , bias, , scales], a, isSingle) {
  const { data } = /** @type {Tensor} */ (scales);
  const factors = Array.from(data, (filterScale) => {
    const product = float(a, 'x_scale') * filterScale;
    return factorOf((isSingle ? single(product) : product) / float(a, 'y_scale'));
  });
  const [low, high] = rangeOf(a, x?.dtype);
  return (/** @type {number} */ sum, /** @type {number} */ channel) => {
    const total = (sum + (bias?.data[channel] ?? 0)) | 0;
    return limit(scale(total, factors[factors.length === 1 ? 0 : channel]) + number(a, 'y_zero'), low, high);
  };
}

/** @param {Tensor} x @param {Attributes} a @returns {number[]}  less its zero point */
const centred = ({ data }, a, name = 'x_zero') => Array.from(data, (value) => value - number(a, name));

/** @type {Op} */
export function q_conv2d(inputs, a) {
  const [x, filter] = /** @type {Tensor[]} */ (inputs);
  const [outChannels, kernelH, kernelW, depth] = filter.shape;
  const [batch, height, width, channels] = x.shape;
  const { h, w } = windowOf(x.shape, kernelH, kernelW, a);
  const [values, weights] = [centred(x, a), centred(filter, a, 'filter_zero')];
  const perGroup = outChannels / (channels / depth);
  const y = finish(inputs, a, x.dtype === 'uint8');
  return integers(x.dtype, [batch, h.output, w.output, outChannels], ([n, oy, ox, o]) => {
    let sum = 0;
    const columns = w.positions(ox);
    const first = Math.floor(o / perGroup) * depth;
    for (const { tap: ky, at: iy } of h.positions(oy))
      for (const { tap: kx, at: ix } of columns) {
        const pixel = ((n * height + iy) * width + ix) * channels + first;
        const row = ((o * kernelH + ky) * kernelW + kx) * depth;
        for (let c = 0; c < depth; c++) sum += values[pixel + c] * weights[row + c];
      }
    return y(sum, o);
  });
}

/** @type {Op} */
export function q_depthwise_conv2d(inputs, a) {
  const [x, filter] = /** @type {Tensor[]} */ (inputs);
  const [kernelH, kernelW, channels, multiplier] = filter.shape;
  const [batch, height, width] = x.shape;
  const { h, w } = windowOf(x.shape, kernelH, kernelW, a);
  const [values, weights] = [centred(x, a), centred(filter, a, 'filter_zero')];
  const outChannels = channels * multiplier;
  const y = finish(inputs, a, x.dtype === 'uint8');
  return integers(x.dtype, [batch, h.output, w.output, outChannels], ([n, oy, ox, o]) => {
    let sum = 0;
    const columns = w.positions(ox);
    const c = Math.floor(o / multiplier);
    for (const { tap: ky, at: iy } of h.positions(oy))
      for (const { tap: kx, at: ix } of columns)
        sum += values[((n * height + iy) * width + ix) * channels + c] * weights[(ky * kernelW + kx) * outChannels + o];
    return y(sum, o);
  });
}

/** @type {Op} */
export function q_dense(inputs, a) {
  const [x, w] = /** @type {Tensor[]} */ (inputs);
  const [outChannels, depth] = w.shape;
  const [values, weights] = [centred(x, a), centred(w, a, 'filter_zero')];
  const y = finish(inputs, a, inputs[4]?.data.length === 1);
  return integers(x.dtype, [...x.shape.slice(0, -1), outChannels], (_, flat) => {
    const [row, o] = [Math.floor(flat / outChannels), flat % outChannels];
    let sum = 0;
    for (let k = 0; k < depth; k++) sum += values[row * depth + k] * weights[o * depth + k];
    return y(sum, o);
  });
}

/** As transpose_conv.h does it: every input is added to all outputs that its window covers. @type {Op} */
export function q_transpose_conv2d(inputs, a) {
  const [x, filter] = /** @type {Tensor[]} */ (inputs);
  const [outChannels, kernelH, kernelW, channels] = filter.shape;
  const [batch, height, width] = x.shape;
  const same = number(a, 'padding') === 1;
  /** @param {'h' | 'w'} name @param {number} input @param {number} kernel @param {number} before @param {number} after */
  const axis = (name, input, kernel, before, after) => {
    const stride = number(a, `stride_${name}`, 1);
    const output = number(a, `out_${name}`, same ? input * stride : (input - 1) * stride + kernel - before - after);
    const missing = (Math.ceil(output / stride) - 1) * stride + kernel - output;
    return { stride, output, pad: same ? Math.floor(Math.max(missing, 0) / 2) : before };
  };
  const h = axis('h', height, kernelH, number(a, 'pad_top'), number(a, 'pad_bottom'));
  const w = axis('w', width, kernelW, number(a, 'pad_left'), number(a, 'pad_right'));
  const [values, weights] = [centred(x, a), centred(filter, a, 'filter_zero')];
  const shape = [batch, h.output, w.output, outChannels];
  const sums = new Float64Array(sizeOf(shape));
  for (let pixel = 0; pixel < batch * height * width; pixel++) {
    const [n, iy, ix] = indexOf(pixel, [batch, height, width]);
    for (let tap = 0; tap < kernelH * kernelW; tap++) {
      const [oy, ox] = [iy * h.stride - h.pad + Math.floor(tap / kernelW), ix * w.stride - w.pad + (tap % kernelW)];
      if (oy < 0 || oy >= h.output || ox < 0 || ox >= w.output) continue;
      for (let o = 0; o < outChannels; o++)
        for (let c = 0; c < channels; c++)
          sums[flatOf([n, oy, ox, o], shape)] += values[pixel * channels + c] * weights[(o * kernelH * kernelW + tap) * channels + c];
    }
  }
  const y = finish(inputs, a, x.dtype === 'uint8');
  return integers(x.dtype, shape, (index, flat) => y(sums[flat], index[3]));
}

/**
 * @param {(a: Attributes) => (p: number, q: number) => number} prepare  Of values less their zero points, to y's without.
 * @returns {Op}
 */
const binary =
  (prepare) =>
  ([p, q], a) => {
    const [left, right] = /** @type {Tensor[]} */ ([p, q]);
    const rank = Math.max(left.shape.length, right.shape.length);
    const [dims, rightDims] = [left, right].map(({ shape }) => [...new Array(rank - shape.length).fill(1), ...shape]);
    const shape = dims.map((dim, i) => (dim === 1 ? rightDims[i] : dim));
    const compute = prepare(a);
    const [low, high] = rangeOf(a, left.dtype);
    const [aZero, bZero, yZero] = ['a_zero', 'b_zero', 'y_zero'].map((name) => number(a, name));
    return integers(left.dtype, shape, (index) =>
      limit(compute(elementAt(left, index) - aZero, elementAt(right, index) - bZero) + yZero, low, high),
    );
  };

/** @param {1 | -1} sign  sub.cc negates the multiplier of the second operand. */
const sum = (sign) =>
  binary((a) => {
    const twiceLarger = 2 * Math.max(float(a, 'a_scale'), float(a, 'b_scale'));
    const factorA = factorOf(float(a, 'a_scale') / twiceLarger);
    const factorB = factorOf(float(a, 'b_scale') / twiceLarger);
    const factor = factorOf(twiceLarger / (2 ** 20 * float(a, 'y_scale')));
    factorB.multiplier *= sign;
    return (p, q) => scale(scale(p * 2 ** 20, factorA) + scale(q * 2 ** 20, factorB), factor);
  });

export const q_add = sum(1);
export const q_sub = sum(-1);

export const q_mul = binary((a) => {
  const factor = factorOf(single(single(float(a, 'a_scale') * float(a, 'b_scale')) / float(a, 'y_scale')));
  return (p, q) => scale(p * q, factor);
});

/** @type {Op} */
export function lookup(inputs) {
  const [x, table] = /** @type {Tensor[]} */ (inputs);
  const [least] = boundsOf(x.dtype);
  return integers(table.dtype, x.shape, (_, flat) => table.data[x.data[flat] - least]);
}

/** Of nothing: 0, which TFLite does not meet. @type {Op} */
export function q_avg_pool2d([input], a) {
  const { shape, data, dtype } = /** @type {Tensor} */ (input);
  const [batch, height, width, channels] = shape;
  const { h, w } = windowOf(shape, number(a, 'kernel_h', 1), number(a, 'kernel_w', 1), a);
  const [low, high] = rangeOf(a, dtype);
  return integers(dtype, [batch, h.output, w.output, channels], ([n, oy, ox, c]) => {
    const values = h
      .positions(oy)
      .flatMap(({ at: iy }) => w.positions(ox).map(({ at: ix }) => data[((n * height + iy) * width + ix) * channels + c]));
    const total = values.reduce((all, value) => all + value, 0);
    return limit(values.length === 0 ? 0 : roundAway(total / values.length), low, high);
  });
}

/** reduce.h, QuantizedMeanOrSum: the division is a part of the factor. @type {Op} */
export function q_mean([input], a) {
  const { shape, data, dtype } = /** @type {Tensor} */ (input);
  const named = list(a, 'axes').map((axis) => (axis < 0 ? axis + shape.length : axis));
  const isReduced = shape.map((_, i) => named.length === 0 || named.includes(i));
  const kept = shape.map((dim, i) => (isReduced[i] ? 1 : dim));
  const n = shape.reduce((product, dim, i) => (isReduced[i] ? product * dim : product), 1);
  const sums = new Float64Array(sizeOf(kept));
  for (let i = 0; i < data.length; i++) {
    const index = indexOf(i, shape).map((at, axis) => (isReduced[axis] ? 0 : at));
    sums[flatOf(index, kept)] += data[i];
  }
  const factor = factorOf(float(a, 'x_scale') / float(a, 'y_scale'));
  const shift = Math.min(Math.floor(Math.log2(n)), 32, 31 + factor.shift);
  const divided =
    n === 0
      ? { multiplier: 0, shift: 0 }
      : { multiplier: Number((BigInt(factor.multiplier) << BigInt(shift)) / BigInt(n)), shift: factor.shift - shift };
  const [low, high] = boundsOf(dtype);
  const result = number(a, 'keep_dims') === 1 ? kept : shape.filter((_, i) => !isReduced[i]);
  return integers(dtype, result, (_, flat) =>
    limit(scale((sums[flat] - number(a, 'x_zero') * n) | 0, divided) + number(a, 'y_zero'), low, high),
  );
}

/** optimized_ops.h, Softmax with PopulateSoftmaxLookupTable: every step in float32. @type {Op} */
export function q_softmax([input], a) {
  const { shape, data, dtype } = /** @type {Tensor} */ (input);
  const n = /** @type {number} */ (shape.at(-1));
  const step = single(-float(a, 'x_scale') * float(a, 'beta'));
  const table = Array.from({ length: 256 }, (_, below) => single(Math.exp(single(step * below))));
  const [low, high] = boundsOf(dtype);
  const rows = Array.from({ length: sizeOf(shape) / n }, (_, at) => {
    const row = Array.from({ length: n }, (_unused, i) => data[at * n + i]);
    const largest = Math.max(...row);
    const total = row.reduce((all, value) => single(all + table[largest - value]), 0);
    return { largest, inverse: single(1 / single(total * float(a, 'y_scale'))) };
  });
  return integers(dtype, shape, (_, flat) => {
    const { largest, inverse } = rows[Math.floor(flat / n)];
    return limit(roundAway(single(table[largest - data[flat]] * inverse)) + number(a, 'y_zero'), low, high);
  });
}

/** resize_bilinear.h, ResizeBilinearInteger. @type {Op} */
export function q_resize_bilinear([input, size], a) {
  const { shape, data, dtype } = /** @type {Tensor} */ (input);
  const [batch, height, width, channels] = shape;
  const [outH, outW] = size === undefined ? [number(a, 'out_h'), number(a, 'out_w')] : [size.data[0], size.data[1]];
  const [corners, half] = [number(a, 'align_corners') === 1, number(a, 'half_pixel') === 1];
  /** @param {number} o @param {number} input @param {number} output */
  const between = (o, input, output) => {
    const [whole, parts] = corners && output > 1 ? [input - 1, output - 1] : [input, output];
    const scale10 = Math.trunc((1024 * whole + Math.trunc(parts / 2)) / parts);
    const at = half ? o * scale10 + Math.trunc(scale10 / 2) - 512 : o * scale10;
    const low = Math.min(Math.max(Math.trunc(at / 1024), 0), input - 1);
    return { low, high: Math.min(Math.trunc((at + 1023) / 1024), input - 1), far: at - 1024 * low };
  };
  return integers(dtype, [batch, outH, outW, channels], ([n, oy, ox, c]) => {
    const [v, h] = [between(oy, height, outH), between(ox, width, outW)];
    const at = (/** @type {number} */ y, /** @type {number} */ x) => data[((n * height + y) * width + x) * channels + c];
    const mixed =
      at(v.low, h.low) * (1024 - v.far) * (1024 - h.far) +
      at(v.high, h.low) * v.far * (1024 - h.far) +
      at(v.low, h.high) * (1024 - v.far) * h.far +
      at(v.high, h.high) * v.far * h.far;
    return roundAway(mixed / 2 ** 20);
  });
}

/** @type {Op} */
export function quantize([input], a) {
  const { shape, data } = /** @type {Tensor} */ (input);
  const dtype = number(a, 'dtype') === 3 ? 'uint8' : 'int8';
  const [low, high] = boundsOf(dtype);
  return integers(dtype, shape, (_, flat) => {
    const steps = single(data[flat] / float(a, 'scale'));
    return limit((Number.isNaN(steps) ? 0 : roundAway(steps)) + number(a, 'zero_point'), low, high);
  });
}

/** @type {Op} */
export function dequantize([input], a) {
  const { shape, data } = /** @type {Tensor} */ (input);
  return build(shape, (_, flat) => float(a, 'scale') * (data[flat] - number(a, 'zero_point')));
}

/** @type {Op} */
export function requantize([input], a) {
  const { shape, data } = /** @type {Tensor} */ (input);
  const dtype = number(a, 'dtype') === 3 ? 'uint8' : 'int8';
  const factor = factorOf(float(a, 'x_scale') / float(a, 'y_scale'));
  const [low, high] = boundsOf(dtype);
  return integers(dtype, shape, (_, flat) => limit(scale(data[flat] - number(a, 'x_zero'), factor) + number(a, 'y_zero'), low, high));
}

/** @type {Op} */
export function dequantize_axis([input, scales, zeros], a) {
  const { shape, data } = /** @type {Tensor} */ (input);
  const axis = (number(a, 'axis') + shape.length) % shape.length;
  return build(shape, (index, flat) => /** @type {Tensor} */ (scales).data[index[axis]] * (data[flat] - (zeros?.data[index[axis]] ?? 0)));
}
