// Shapes of what the ops of src/ops.def make, as far as the loader of layers needs them: -1 where a dimension is free, NO_SIZE where
// it cannot be. The engine infers them again, and finds all other faults.

/**
 * @typedef {number[]} Shape
 * @typedef {Record<string, number | number[]>} Attributes
 * @typedef {(inputs: Shape[], attrs: Attributes) => Shape} ShapeRule
 */

/** A dimension that would be negative. */
export const NO_SIZE = -2;

/** from … to - 1 @param {number} from @param {number} to */
export const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

/** @param {Attributes} attrs @param {string} name @returns {number} */
const number = (attrs, name) => /** @type {number} */ (attrs[name] ?? 0);
/** @param {Attributes} attrs @param {string} name @returns {number[]} */
const list = (attrs, name) => /** @type {number[]} */ (attrs[name] ?? []);
/** @param {Shape} shape @param {number} axis */
const dim = (shape, axis) => shape.at(axis) ?? -1;
/** @param {Shape} shape @param {number} axis */
const positive = (shape, axis) => (axis < 0 ? axis + shape.length : axis);
/** A size that must not be negative. @param {number} size */
const sized = (size) => (size < 0 ? NO_SIZE : size);

/** With `sizes` where `count` axes were. @param {Shape} shape @param {number} axis @param {number} count @param {Shape} sizes */
const replaced = (shape, axis, count, sizes) => [...shape.slice(0, axis), ...sizes, ...shape.slice(axis + count)];

/** @type {ShapeRule} */
const same = ([x]) => x;

/** How many elements, -1 if that is not known. @param {Shape} shape */
export function countOf(shape) {
  return shape.some((size) => size < 0) ? -1 : shape.reduce((product, size) => product * size, 1);
}

/** As NumPy broadcasts. @type {ShapeRule} */
export function broadcast(inputs) {
  const rank = Math.max(...inputs.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) =>
    inputs.reduce((size, shape) => {
      const other = axis < rank - shape.length ? 1 : shape[axis - rank + shape.length];
      if (other === 1) return size;
      return size === 1 || (size === -1 && other > 1) ? other : size;
    }, 1),
  );
}

/**
 * One axis of a window that slides.
 * @param {number} size @param {number} kernel @param {Attributes} attrs @param {'d' | 'h' | 'w'} axis
 */
function slide(size, kernel, attrs, axis) {
  const [before, after] = { d: ['pad_front', 'pad_back'], h: ['pad_top', 'pad_bottom'], w: ['pad_left', 'pad_right'] }[axis];
  const stride = number(attrs, `stride_${axis}`) || 1;
  if (size < 0 || kernel < 0) return -1;
  if (number(attrs, 'padding') === 1) return Math.ceil(size / stride);
  const reach = (kernel - 1) * (number(attrs, `dilation_${axis}`) || 1) + 1;
  return sized(Math.floor((size + number(attrs, before) + number(attrs, after) - reach) / stride) + 1);
}

/** @type {ShapeRule} */
const pool2d = ([x], attrs) => [
  dim(x, 0),
  slide(dim(x, 1), number(attrs, 'kernel_h'), attrs, 'h'),
  slide(dim(x, 2), number(attrs, 'kernel_w'), attrs, 'w'),
  dim(x, 3),
];

/** @type {ShapeRule} */
const pool3d = ([x], attrs) => [
  dim(x, 0),
  slide(dim(x, 1), number(attrs, 'kernel_d'), attrs, 'd'),
  slide(dim(x, 2), number(attrs, 'kernel_h'), attrs, 'h'),
  slide(dim(x, 3), number(attrs, 'kernel_w'), attrs, 'w'),
  dim(x, 4),
];

/** @type {ShapeRule} */
function transposedConv([x, w], attrs) {
  const side = (/** @type {number} */ axis, /** @type {'h' | 'w'} */ name) => {
    const out = number(attrs, `out_${name}`);
    const stride = number(attrs, `stride_${name}`) || 1;
    if (out > 0 || dim(x, axis) < 0) return out > 0 ? out : -1;
    return dim(x, axis) * stride + (number(attrs, 'padding') === 1 ? 0 : Math.max(dim(w, axis - 1) - stride, 0));
  };
  return [dim(x, 0), side(1, 'h'), side(2, 'w'), dim(w, 2)];
}

/** @type {ShapeRule} */
function reduced([x], attrs) {
  const axes = list(attrs, 'axes').map((axis) => positive(x, axis));
  const goes = (/** @type {number} */ axis) => axes.length === 0 || axes.includes(axis);
  if (number(attrs, 'keep_dims') === 1) return x.map((size, axis) => (goes(axis) ? 1 : size));
  return x.filter((_, axis) => !goes(axis));
}

/** @type {ShapeRule} */
function concat(inputs, attrs) {
  const [first] = inputs;
  const along = positive(first, number(attrs, 'axis'));
  return first.map((_, axis) => {
    if (axis !== along) return Math.max(...inputs.map((shape) => shape[axis] ?? -1));
    return inputs.some((shape) => dim(shape, axis) < 0) ? -1 : inputs.reduce((sum, shape) => sum + shape[axis], 0);
  });
}

/** Of begin … end with strides of 1 and masks; negative ends count from the back. @type {ShapeRule} */
function stridedSlice([x], attrs) {
  return x.map((size, axis) => {
    if (size < 0) return -1;
    const end = list(attrs, 'end')[axis];
    const last = (number(attrs, 'end_mask') >> axis) & 1 ? size : end < 0 ? size + end : end;
    return sized(last - list(attrs, 'begin')[axis]);
  });
}

/** @type {ShapeRule} */
function matmul([a, b], attrs) {
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)], {});
  return [...batch, dim(a, number(attrs, 'transpose_a') === 1 ? -1 : -2), dim(b, number(attrs, 'transpose_b') === 1 ? -2 : -1)];
}

/** The one size that a reshape leaves open. @type {ShapeRule} */
function reshaped([x], attrs) {
  const shape = list(attrs, 'shape');
  const count = countOf(x);
  const rest = countOf(shape.filter((size) => size !== -1));
  return shape.map((size) => (size === -1 && count >= 0 && rest > 0 && count % rest === 0 ? count / rest : size));
}

/** Op → what shape it makes; ops that are not here keep their input's. @type {ReadonlyMap<string, ShapeRule>} */
const RULES = new Map(
  /** @type {[string, ShapeRule][]} */ ([
    ['conv2d', ([x, w], attrs) => [dim(x, 0), slide(dim(x, 1), dim(w, 0), attrs, 'h'), slide(dim(x, 2), dim(w, 1), attrs, 'w'), dim(w, 3)]],
    [
      'depthwise_conv2d',
      ([x, w], attrs) => [
        dim(x, 0),
        slide(dim(x, 1), dim(w, 0), attrs, 'h'),
        slide(dim(x, 2), dim(w, 1), attrs, 'w'),
        dim(w, 2) * dim(w, 3),
      ],
    ],
    [
      'conv3d',
      ([x, w], attrs) => [
        dim(x, 0),
        slide(dim(x, 1), dim(w, 0), attrs, 'd'),
        slide(dim(x, 2), dim(w, 1), attrs, 'h'),
        slide(dim(x, 3), dim(w, 2), attrs, 'w'),
        dim(w, 4),
      ],
    ],
    ['conv2d_transpose', transposedConv],
    ['dense', ([x, w]) => [...x.slice(0, -1), dim(w, 1)]],
    ['batch_matmul', matmul],
    ['max_pool2d', pool2d],
    ['avg_pool2d', pool2d],
    ['max_pool3d', pool3d],
    ['avg_pool3d', pool3d],
    ...['mean', 'reduce_sum', 'reduce_max', 'reduce_any'].map((op) => [op, reduced]),
    ...['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'select', 'greater', 'greater_equal', 'not_equal'].map((op) => [op, broadcast]),
    ['concat', concat],
    [
      'pad',
      ([x], attrs) =>
        x.map((size, axis) => (size < 0 ? -1 : size + list(attrs, 'paddings')[2 * axis] + list(attrs, 'paddings')[2 * axis + 1])),
    ],
    ['reshape', reshaped],
    ['expand_dims', ([x], attrs) => replaced(x, positive([...x, 1], number(attrs, 'axis')), 0, [1])],
    ['squeeze', ([x], attrs) => x.filter((_, axis) => !list(attrs, 'axes').includes(axis))],
    ['transpose', ([x], attrs) => list(attrs, 'perm').map((axis) => dim(x, axis))],
    ['tile', ([x], attrs) => x.map((size, axis) => (size < 0 ? -1 : size * list(attrs, 'multiples')[axis]))],
    ['gather', ([x, indices], attrs) => replaced(x, number(attrs, 'axis'), 1, indices)],
    ['strided_slice', stridedSlice],
    ['bincount', ([x], attrs) => [...x.slice(0, -1), number(attrs, 'size')]],
    ...['resize_bilinear', 'resize_nearest'].map((op) => [
      op,
      (/** @type {Shape[]} */ [x], /** @type {Attributes} */ attrs) => [
        dim(x, 0),
        number(attrs, 'out_h') || -1,
        number(attrs, 'out_w') || -1,
        dim(x, 3),
      ],
    ]),
  ]),
);

/** @param {string} op @param {Shape[]} inputs @param {Attributes} attrs @returns {Shape} */
export function shapeOf(op, inputs, attrs) {
  return (RULES.get(op) ?? same)(inputs, attrs);
}
