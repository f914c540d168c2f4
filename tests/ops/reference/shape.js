// Ops that move, pad and resize, and the dense layer; definitions of tensorflow.org (tf.pad, tf.concat, tf.matmul) and of
// TensorFlow's image_resizer_state.h.
import { build, finished, flatOf, list, number, operand, sizeOf } from './tensor.js';

/** @import { Tensor } from './tensor.js' */
/** @import { Op } from './elementwise.js' */

/** @type {Op} */
export function dense([x, w, bias, slope, factors, residual, times], attributes) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const { shape: wShape, data: weights } = /** @type {Tensor} */ (w);
  const transposed = number(attributes, 'transpose_b') !== 0;
  const [depth, columns] = transposed ? [wShape[1], wShape[0]] : wShape;
  const rows = sizeOf(shape.slice(0, -1));
  const outShape = [...shape.slice(0, -1), columns];
  const result = { shape: outShape, data: new Float64Array(rows * columns), scale: new Float64Array(rows * columns) };
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = bias === undefined ? 0 : bias.data[column];
      let terms = Math.abs(sum);
      for (let k = 0; k < depth; k++) {
        const term = data[row * depth + k] * weights[transposed ? column * depth + k : k * columns + column] * (factors?.data[column] ?? 1);
        sum += term;
        terms += Math.abs(term);
      }
      result.data[row * columns + column] = sum;
      result.scale[row * columns + column] = Math.abs(sum) + terms;
    }
  return finished(result, attributes, slope, residual, times);
}

/** The value in x's dtype: the nearest that there is, 0 for NaN. @param {number} value @param {import('./tensor.js').Dtype} dtype */
function converted(value, dtype) {
  if (dtype === 'float32') return Math.fround(value);
  if (dtype === 'bool') return Number(value !== 0);
  const [low, high] = { int32: [-(2 ** 31), 2 ** 31 - 1], uint8: [0, 255], int8: [-128, 127] }[dtype];
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.round(value), low), high);
}

/** @type {Op} */
export function pad(inputs, attributes) {
  const { shape, data, dtype } = /** @type {Tensor} */ (inputs[0]);
  const paddings = operand(inputs, 1, attributes, 'paddings');
  const value = converted(number(attributes, 'value'), dtype ?? 'float32');
  const outShape = shape.map((dim, i) => dim + paddings[2 * i] + paddings[2 * i + 1]);
  const result = build(outShape, (index) => {
    const from = index.map((at, i) => at - paddings[2 * i]);
    return from.every((at, i) => at >= 0 && at < shape[i]) ? data[flatOf(from, shape)] : value;
  });
  return { ...result, dtype };
}

/** The numbers of xj_dtype. @type {import('./tensor.js').Dtype[]} */
const DTYPES = ['float32', 'int32', 'bool', 'uint8'];

/** As JavaScript converts: ToInt32, ToUint8, and to bool what is not 0, NaN too. @type {Op} */
export function cast([x], attributes) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const dtype = DTYPES[number(attributes, 'dtype')];
  const convert = {
    float32: Math.fround,
    int32: (/** @type {number} */ value) => value | 0,
    bool: (/** @type {number} */ value) => Number(value !== 0),
    uint8: (/** @type {number} */ value) => value & 255,
    int8: (/** @type {number} */ value) => (value << 24) >> 24,
  }[dtype];
  return { ...build(shape, (_, i) => convert(data[i])), dtype };
}

/** @type {Op} */
export function gather_nd([params, indices]) {
  const { shape, data, dtype } = /** @type {Tensor} */ (params);
  const { shape: indexShape, data: index } = /** @type {Tensor} */ (indices);
  const depth = indexShape[indexShape.length - 1];
  const outer = indexShape.slice(0, -1);
  const result = build([...outer, ...shape.slice(depth)], (at) => {
    const first = flatOf(at.slice(0, outer.length), outer) * depth;
    const named = Array.from({ length: depth }, (_, k) => index[first + k]);
    return data[flatOf([...named, ...at.slice(outer.length)], shape)];
  });
  return { ...result, dtype };
}

/** @type {Op} */
export function slice(inputs, attributes) {
  const { shape, data, dtype } = /** @type {Tensor} */ (inputs[0]);
  const [begin, size] = [shape.map(() => 0), [...shape]];
  const axes = inputs[1] === undefined ? list(attributes, 'axes') : shape.map((_, axis) => axis);
  const [begins, sizes] = [operand(inputs, 1, attributes, 'begin'), operand(inputs, 2, attributes, 'size')];
  for (const [i, given] of axes.entries()) {
    const axis = (given + shape.length) % shape.length;
    begin[axis] = begins[i];
    size[axis] = sizes[i] === -1 ? shape[axis] - begin[axis] : sizes[i];
  }
  return {
    ...build(
      size,
      (index) =>
        data[
          flatOf(
            index.map((at, i) => at + begin[i]),
            shape,
          )
        ],
    ),
    dtype,
  };
}

/** @type {Op} */
export function squeeze([x], attributes) {
  const { shape, data, dtype } = /** @type {Tensor} */ (x);
  const axes = list(attributes, 'axes').map((axis) => (axis + shape.length) % shape.length);
  const outShape = shape.filter((dim, i) => (axes.length === 0 ? dim !== 1 : !axes.includes(i)));
  return { ...build(outShape, (_, i) => data[i]), dtype };
}

/** @type {Op} */
export function expand_dims([x], attributes) {
  const { shape, data, dtype } = /** @type {Tensor} */ (x);
  const axis = number(attributes, 'axis');
  const at = axis < 0 ? axis + shape.length + 1 : axis;
  return { ...build([...shape.slice(0, at), 1, ...shape.slice(at)], (_, i) => data[i]), dtype };
}

/** @type {Op} */
export function reshape([x], attributes) {
  const { data, shape: from, dtype } = /** @type {Tensor} */ (x);
  const shape = list(attributes, 'shape');
  const known = shape.reduce((n, dim) => (dim === -1 ? n : n * dim), 1);
  const result = build(
    shape.map((dim) => (dim === -1 ? sizeOf(from) / known : dim)),
    (_, i) => data[i],
  );
  return { ...result, dtype };
}

/** @type {Op} */
export function identity([x]) {
  const { shape, data, dtype } = /** @type {Tensor} */ (x);
  return { ...build(shape, (_, i) => data[i]), dtype };
}

/** @type {Op} */
export function concat(inputs, attributes) {
  const tensors = /** @type {Tensor[]} */ (inputs);
  const { length: rank } = tensors[0].shape;
  const axis = (number(attributes, 'axis') + rank) % rank;
  const length = tensors.reduce((n, { shape }) => n + shape[axis], 0);
  const result = build(
    tensors[0].shape.map((dim, i) => (i === axis ? length : dim)),
    (index) => {
      let at = index[axis];
      for (const { shape, data } of tensors) {
        if (at < shape[axis])
          return data[
            flatOf(
              index.map((position, i) => (i === axis ? at : position)),
              shape,
            )
          ];
        at -= shape[axis];
      }
      return NaN;
    },
  );
  return { ...result, dtype: tensors[0].dtype };
}

/** @param {number} input @param {number} output @param {boolean} alignCorners */
const scaleOf = (input, output, alignCorners) => (alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output);

/** @type {Op} */
export function resize_bilinear([x, size], attributes) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const [batch, height, width, channels] = shape;
  const [outH, outW] = size === undefined ? [number(attributes, 'out_h'), number(attributes, 'out_w')] : Array.from(size.data);
  const align = number(attributes, 'align_corners') !== 0;
  const half = number(attributes, 'half_pixel') !== 0;
  const between = (/** @type {number} */ o, /** @type {number} */ input, /** @type {number} */ output) => {
    const at = half ? (o + 0.5) * scaleOf(input, output, align) - 0.5 : o * scaleOf(input, output, align);
    const low = Math.max(Math.floor(at), 0);
    return { low: Math.min(low, input - 1), high: Math.max(0, Math.min(Math.ceil(at), input - 1)), fraction: Math.max(at, 0) - low };
  };
  return build([batch, outH, outW, channels], ([n, oy, ox, c]) => {
    const [y, x] = [between(oy, height, outH), between(ox, width, outW)];
    const pixel = (/** @type {number} */ iy, /** @type {number} */ ix) => data[((n * height + iy) * width + ix) * channels + c];
    const corners = [pixel(y.low, x.low), pixel(y.low, x.high), pixel(y.high, x.low), pixel(y.high, x.high)];
    const top = corners[0] + (corners[1] - corners[0]) * x.fraction;
    const bottom = corners[2] + (corners[3] - corners[2]) * x.fraction;
    return [top + (bottom - top) * y.fraction, corners.reduce((sum, value) => sum + Math.abs(value), 0)];
  });
}

/** @type {Op} */
export function resize_nearest([x, size], attributes) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const [batch, height, width, channels] = shape;
  const [outH, outW] = size === undefined ? [number(attributes, 'out_h'), number(attributes, 'out_w')] : Array.from(size.data);
  const align = number(attributes, 'align_corners') !== 0;
  const half = number(attributes, 'half_pixel') !== 0;
  const nearest = (/** @type {number} */ o, /** @type {number} */ input, /** @type {number} */ output) => {
    const at = (half ? o + 0.5 : o) * scaleOf(input, output, align);
    return Math.min(align ? Math.round(at) : Math.floor(at), input - 1);
  };
  return build(
    [batch, outH, outW, channels],
    ([n, oy, ox, c]) => data[((n * height + nearest(oy, height, outH)) * width + nearest(ox, width, outW)) * channels + c],
  );
}
