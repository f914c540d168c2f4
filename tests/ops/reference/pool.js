// Pooling beyond two dimensions and float32, from tensorflow.org's tf.nn.max_pool3d, tf.nn.avg_pool3d,
// tf.nn.max_pool_with_argmax and tf.nn.dilation2d, and MediaPipe's max_unpooling.
import { SIDES, windows } from './taps.js';
import { build, number } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */

/** @param {Tensor} x @param {Attributes} a @param {(values: number[]) => number | [number, number]} reduce @returns {Reference} */
function pool3d({ shape, data }, a, reduce) {
  const [, depth, height, width, channels] = shape;
  const axes = windows(
    [depth, height, width],
    ['d', 'h', 'w'].map((side) => number(a, `kernel_${side}`, 1)),
    a,
  );
  return build([shape[0], ...axes.map(({ outputs }) => outputs), channels], ([n, ...rest]) => {
    const c = rest[3];
    const [planes, rows, columns] = axes.map(({ taps }, i) => taps(rest[i]));
    const values = planes.flatMap((d) =>
      rows.flatMap((h) => columns.map((w) => data[(((n * depth + d.at) * height + h.at) * width + w.at) * channels + c])),
    );
    return reduce(values);
  });
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a */
export const max_pool3d = ([x], a) =>
  pool3d(/** @type {Tensor} */ (x), a, (values) => values.reduce((most, value) => (value > most ? value : most), -Infinity));

/** Of no values 0, as TensorFlow.js's cpu backend has it. @param {(Tensor | undefined)[]} inputs @param {Attributes} a */
export const avg_pool3d = ([x], a) =>
  pool3d(/** @type {Tensor} */ (x), a, (values) => [
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length),
    values.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, values.length),
  ]);

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function max_pool_argmax([x], a) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const [batch, height, width, channels] = shape;
  const kernel = [number(a, 'kernel_h', 1), number(a, 'kernel_w', 1)];
  const [h, w] = windows([height, width], kernel, a);
  const result = build([batch, h.outputs, w.outputs, channels], ([n, oy, ox, c]) => {
    const taps = h.taps(oy).flatMap((row) => w.taps(ox).map((column) => ({ row, column })));
    const elementOf = (/** @type {typeof taps[0]} */ { row, column }) => data[((n * height + row.at) * width + column.at) * channels + c];
    if (taps.length === 0) return a.in_window ? 0 : (a.include_batch ? n * height * width * channels : 0) + c;
    const most = taps.map(elementOf).reduce((best, value) => (value > best ? value : best), -Infinity);
    const { row, column } = most === -Infinity ? taps[0] : /** @type {typeof taps[0]} */ (taps.find((tap) => elementOf(tap) === most));
    if (a.in_window) return row.tap * kernel[1] + column.tap;
    return (((a.include_batch ? n * height : 0) + row.at) * width + column.at) * channels + c;
  });
  return { ...result, dtype: 'int32' };
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function max_unpool(inputs, a) {
  const [x, indices] = /** @type {Tensor[]} */ (inputs);
  const [batch, height, width, channels] = x.shape;
  const kernel = [number(a, 'kernel_h', 1), number(a, 'kernel_w', 1)];
  const made = [batch, height * kernel[0], width * kernel[1], channels];
  const placeOf = (/** @type {number} */ i, /** @type {number} */ o, /** @type {number} */ tap) => {
    const [name, before] = SIDES[1 + i];
    const [stride, dilation] = [number(a, `stride_${name}`, 1), number(a, `dilation_${name}`, 1)];
    const covered = (x.shape[1 + i] - 1) * stride + (kernel[i] - 1) * dilation + 1;
    const start = number(a, 'padding') === 1 ? Math.floor(Math.max(0, covered - made[1 + i]) / 2) : number(a, before);
    return o * stride - start + tap * dilation;
  };
  const result = build(made, () => 0);
  build(x.shape, ([n, oy, ox, c], flat) => {
    const index = indices.data[flat];
    if (index < 0 || index >= kernel[0] * kernel[1]) return 0;
    const row = placeOf(0, oy, Math.floor(index / kernel[1]));
    const column = placeOf(1, ox, index % kernel[1]);
    if (row >= 0 && row < made[1] && column >= 0 && column < made[2])
      result.data[((n * made[1] + row) * made[2] + column) * channels + c] = x.data[flat];
    return 0;
  });
  return result;
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function dilation2d(inputs, a) {
  const [x, filter] = /** @type {Tensor[]} */ (inputs);
  const [batch, height, width, channels] = x.shape;
  const [h, w] = windows([height, width], filter.shape.slice(0, 2), a);
  return build([batch, h.outputs, w.outputs, channels], ([n, oy, ox, c]) =>
    h
      .taps(oy)
      .flatMap((row) =>
        w
          .taps(ox)
          .map(
            (column) =>
              x.data[((n * height + row.at) * width + column.at) * channels + c] +
              filter.data[(row.tap * filter.shape[1] + column.tap) * channels + c],
          ),
      )
      .reduce((most, value) => (value > most ? value : most), -Infinity),
  );
}
