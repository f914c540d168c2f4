// Layers that slide a window, and those that resize, pad and crop: tfjs-layers src/layers/{convolutional,convolutional_depthwise,
// pooling,padding}.ts. Ours work with channels last on [batch, rows, columns, channels]; what is laid out otherwise is transposed
// before and after, and a sequence is an image of one row. Where tfjs-layers passes over a setting that Keras has (dilation of depthwise
// convolutions, causal padding, channels_first of sequences), it is as Keras computes it.
import { activate } from './layer-activations.js';
import { range } from './layer-shapes.js';

/**
 * @typedef {import('./layer-builder.js').LayerView} LayerView
 * @typedef {import('./layer-builder.js').Value} Value
 * @typedef {import('./layer-shapes.js').Attributes} Attributes
 *
 * In how many directions a window slides.
 * @typedef {1 | 2 | 3} Rank
 */

/** XJ_PADDING_… of src/op.h */
const PADDING_EXPLICIT = 0;
const PADDING_SAME = 1;

/** @param {LayerView} view */
export function channelsFirst({ config }) {
  return config.choice('data_format', ['channelslast', 'channelsfirst'], 'channelslast') === 'channelsfirst';
}

/**
 * The input with channels last, and the way back.
 * @param {LayerView} view @param {Rank} rank
 * @returns {{ x: Value, back: (y: Value) => Value }}
 */
function channelsLast(view, rank) {
  const { x, emit } = view;
  if (!channelsFirst(view)) return { x, back: (y) => y };
  return {
    x: emit('transpose', [x], { perm: [0, ...range(2, rank + 2), 1] }),
    back: (y) => emit('transpose', [y], { perm: [0, rank + 1, ...range(1, rank + 1)] }),
  };
}

/**
 * The input as ours want it, and the way back in two steps: of a sequence the rows go first, then the layout is restored.
 * @param {LayerView} view @param {Rank} rank
 * @returns {{ x: Value, flat: (y: Value) => Value, back: (y: Value) => Value }}
 */
function asImage(view, rank) {
  const { x, back } = channelsLast(view, rank);
  if (rank > 1) return { x, flat: (y) => y, back };
  return { x: view.emit('expand_dims', [x], { axis: 1 }), flat: (y) => view.emit('squeeze', [y], { axes: [1] }), back };
}

/** One row of a filter of a sequence. @param {LayerView} view @param {Value} kernel @param {Rank} rank */
const asFilter = ({ emit }, kernel, rank) => (rank === 1 ? emit('expand_dims', [kernel], { axis: 0 }) : kernel);

/** @param {string} name @param {number[]} sizes  Of the last of depth, height and width. @returns {Attributes} */
function each(name, sizes) {
  const letters = ['d', 'h', 'w'].slice(3 - Math.max(sizes.length, 2));
  const all = sizes.length === 1 ? [1, ...sizes] : sizes;
  return Object.fromEntries(letters.map((letter, i) => [`${name}_${letter}`, all[i]]));
}

/** No explicit padding but these. @param {Attributes} [pads] @returns {Attributes} */
const explicit = (pads = {}) => ({ padding: PADDING_EXPLICIT, pad_top: 0, pad_bottom: 0, pad_left: 0, pad_right: 0, ...pads });
const same = () => ({ ...explicit(), padding: PADDING_SAME });

/**
 * WINDOW of src/ops.def, of a convolution.
 * @param {LayerView} view @param {Rank} rank @param {number} [length]  Of a sequence's kernel, where causal padding is allowed.
 * @returns {Attributes}
 */
function convWindow({ config, unsupported }, rank, length) {
  const strides = config.ints('strides', rank, [1]);
  const dilations = config.ints('dilation_rate', rank, [1]);
  const kind = config.choice('padding', ['valid', 'same', 'causal'], 'valid');
  if (kind === 'causal' && length === undefined) unsupported('causal padding of more than one dimension');
  const pads = kind === 'causal' ? explicit({ pad_left: ((length ?? 1) - 1) * dilations[0] }) : kind === 'same' ? same() : explicit();
  return { ...each('stride', strides), ...each('dilation', dilations), ...pads };
}

/**
 * Bias, activation, and the layout that the layer's data has.
 * @param {LayerView} view @param {Value} y @param {(y: Value) => Value} [flat] @param {(y: Value) => Value} [back]
 */
function finish(view, y, flat = (value) => value, back = (value) => value) {
  const { config, emit, weight } = view;
  const biased = config.bool('use_bias', true) ? emit('add', [y, weight('bias', 1)]) : y;
  return activate(view, biased, (value) => back(flat(value)));
}

/** @param {Rank} rank */
export const convolution = (rank) => (/** @type {LayerView} */ view) => {
  const kernel = view.weight('kernel', rank + 2);
  const { x, flat, back } = asImage(view, rank);
  const window = convWindow(view, rank, rank === 1 ? kernel.shape[0] : undefined);
  const y = view.emit(rank === 3 ? 'conv3d' : 'conv2d', [x, asFilter(view, kernel, rank)], window);
  return finish(view, y, flat, back);
};

/** @param {1 | 2} rank */
export const depthwise = (rank) => (/** @type {LayerView} */ view) => {
  const kernel = view.weight(['depthwise_kernel', 'kernel'], rank + 2);
  const { x, flat, back } = asImage(view, rank);
  const y = view.emit('depthwise_conv2d', [x, asFilter(view, kernel, rank)], convWindow(view, rank));
  return finish(view, y, flat, back);
};

/** @param {1 | 2} rank */
export const separable = (rank) => (/** @type {LayerView} */ view) => {
  const { emit, weight } = view;
  const kernel = weight('depthwise_kernel', rank + 2);
  const point = weight('pointwise_kernel', rank + 2);
  const { x, flat, back } = asImage(view, rank);
  const window = convWindow(view, rank, rank === 1 ? kernel.shape[0] : undefined);
  const deep = emit('depthwise_conv2d', [x, asFilter(view, kernel, rank)], window);
  const y = emit('conv2d', [deep, asFilter(view, point, rank)], { ...each('stride', [1, 1]), ...each('dilation', [1, 1]), ...explicit() });
  return finish(view, y, flat, back);
};

/** What the two transposed convolutions share. @param {LayerView} view @param {2 | 3} rank */
function transposedSettings({ config, unsupported }, rank) {
  if (config.raw('output_padding') !== undefined) unsupported('output_padding');
  if (config.ints('dilation_rate', rank, [1]).some((dilation) => dilation !== 1)) unsupported('a dilated transposed convolution');
  return { strides: config.ints('strides', rank, [1]), padding: config.choice('padding', ['valid', 'same'], 'valid') };
}

/** @param {LayerView} view */
export function transposed2d(view) {
  const kernel = view.weight('kernel', 4);
  const { x, flat, back } = asImage(view, 2);
  const { strides, padding } = transposedSettings(view, 2);
  // Sides that the stride and the kernel do not tell: a kernel smaller than its stride leaves zeros at the end.
  const sides = strides.map((stride, i) => (padding === 'valid' && kernel.shape[i] < stride ? x.shape[1 + i] * stride : 0));
  if (sides.some((side) => side < 0)) view.unsupported('strides wider than the kernel on an input of unknown size');
  const window = { ...each('stride', strides), ...each('dilation', [1, 1]), ...(padding === 'same' ? same() : explicit()) };
  const y = view.emit('conv2d_transpose', [x, kernel], { ...window, out_h: sides[0], out_w: sides[1], filter_layout: 0 });
  return finish(view, y, flat, back);
}

/**
 * A convolution of the input with stride - 1 zeros after each element, by the kernel turned round.
 * @param {LayerView} view
 */
export function transposed3d(view) {
  const { emit, weight, reshape } = view;
  const kernel = weight('kernel', 5);
  const { x, back } = channelsLast(view, 3);
  const { strides, padding } = transposedSettings(view, 3);
  let spread = x;
  for (const [i, stride] of strides.entries()) {
    if (stride === 1) continue;
    const axis = 1 + i;
    const apart = emit('expand_dims', [spread], { axis: axis + 1 });
    const zeros = Array.from({ length: 12 }, (_, side) => (side === 2 * (axis + 1) + 1 ? stride - 1 : 0));
    const wide = emit('pad', [apart], { paddings: zeros, value: 0 });
    const size = spread.shape[axis] < 0 ? -1 : spread.shape[axis] * stride;
    const dims = spread.shape.map((_, other) => (other === axis ? size : { of: spread, axis: other }));
    spread = reshape(wide, dims);
  }
  const pads = strides.map((stride, i) => {
    const over = Math.max(kernel.shape[i] - stride, 0);
    const front = padding === 'same' ? Math.floor(over / 2) : 0;
    return [kernel.shape[i] - 1 - front, padding === 'same' ? front : over];
  });
  const [[pad_front, pad_back], [pad_top, pad_bottom], [pad_left, pad_right]] = pads;
  const turned = emit('reverse', [emit('transpose', [kernel], { perm: [0, 1, 2, 4, 3] })], { axes: [0, 1, 2] });
  const window = {
    ...each('stride', [1, 1, 1]),
    ...each('dilation', [1, 1, 1]),
    ...explicit({ pad_top, pad_bottom, pad_left, pad_right }),
  };
  return finish(view, emit('conv3d', [spread, turned], { ...window, pad_front, pad_back }), undefined, back);
}

/** @param {'max' | 'avg'} kind @param {Rank} rank */
export const pooling = (kind, rank) => (/** @type {LayerView} */ view) => {
  const { config, emit } = view;
  const { x, flat, back } = asImage(view, rank);
  const sizes = config.ints('pool_size', rank, [2]);
  const strides = config.raw('strides') === undefined ? sizes : config.ints('strides', rank);
  const pads = config.choice('padding', ['valid', 'same'], 'valid') === 'same' ? same() : explicit();
  const dilations = each('dilation', sizes.map(() => 1)); // biome-ignore format: one idea
  return back(
    flat(
      emit(`${kind}_pool${rank === 3 ? '3d' : '2d'}`, [x], { ...each('kernel', sizes), ...each('stride', strides), ...dilations, ...pads }),
    ),
  );
};

/** @param {'mean' | 'reduce_max'} op @param {Rank} rank */
export const globalPooling = (op, rank) => (/** @type {LayerView} */ view) => {
  const { config, x, emit } = view;
  const first = channelsFirst(view) ? 2 : 1;
  return emit(op, [x], { axes: range(first, first + rank), keep_dims: config.bool('keepdims', false) ? 1 : 0 });
};

/** @param {1 | 2} rank */
export const upSampling = (rank) => (/** @type {LayerView} */ view) => {
  const { config, emit, constant } = view;
  const { x, flat, back } = asImage(view, rank);
  const factors = [1, ...config.ints('size', rank, [2])].slice(-2);
  const op = config.choice('interpolation', ['nearest', 'bilinear'], 'nearest') === 'nearest' ? 'resize_nearest' : 'resize_bilinear';
  const sides = factors.map((factor, i) => (x.shape[1 + i] < 0 ? -1 : x.shape[1 + i] * factor));
  const attrs = { align_corners: 0, half_pixel: 0 };
  if (sides.every((side) => side >= 0)) return back(flat(emit(op, [x], { out_h: sides[0], out_w: sides[1], ...attrs })));
  const shape = emit('shape', [x], {}, { dtype: 'int32', shape: [4] });
  const now = emit('slice', [shape], { axes: [0], begin: [1], size: [2] }, { shape: [2] });
  const size = emit('mul', [now, constant(factors, { dtype: 'int32', shape: [2] })]);
  const made = { shape: [x.shape[0], ...sides, x.shape[3]] };
  return back(flat(emit(op, [x, size], { out_h: 0, out_w: 0, ...attrs }, made)));
};

/** Before and after of every axis in turn. @param {LayerView} view @param {number[][]} pairs @param {Rank} rank */
const allAxes = (view, pairs, rank) => (channelsFirst(view) ? [[0, 0], [0, 0], ...pairs] : [[0, 0], ...pairs, [0, 0]]).slice(0, rank + 2);

/** @param {Rank} rank */
export const zeroPadding = (rank) => (/** @type {LayerView} */ view) => {
  const pairs = view.config.pairs('padding', rank, 1);
  return view.emit('pad', [view.x], { paddings: allAxes(view, pairs, rank).flat(), value: 0 });
};

/** @param {Rank} rank */
export const cropping = (rank) => (/** @type {LayerView} */ view) => {
  const sides = allAxes(view, view.config.pairs('cropping', rank, 0), rank);
  return view.emit('strided_slice', [view.x], {
    begin: sides.map(([before]) => before),
    end: sides.map(([, after]) => -after),
    strides: sides.map(() => 1),
    begin_mask: 0,
    end_mask: sides.reduce((mask, [, after], axis) => (after === 0 ? mask | (1 << axis) : mask), 0),
    ellipsis_mask: 0,
    new_axis_mask: 0,
    shrink_axis_mask: 0,
  });
};
