// What the references of all ops share: tensors, indices, activations. Everything is computed in float64.

/**
 * @typedef {'float32' | 'int32' | 'bool' | 'uint8' | 'int8'} Dtype
 * @typedef {{ shape: number[], data: ArrayLike<number>, dtype?: Dtype }} Tensor  float32 where no dtype is given
 * @typedef {object} Reference
 * @property {number[]} shape
 * @property {Float64Array} data
 * @property {Float64Array} scale  |result| + Σ|terms|: what design.md's bound on the error is a multiple of.
 * @property {Dtype} [dtype]
 *
 * @typedef {Record<string, number | number[]>} Attributes
 */

/** @param {readonly number[]} shape */
export function sizeOf(shape) {
  let n = 1;
  for (const dim of shape) n *= dim;
  return n;
}

/**
 * A number attribute. Absent ones are 0, as ops.def says.
 * @param {Attributes} attributes @param {string} name @param {number} [whenZero]
 */
export function number(attributes, name, whenZero = 0) {
  const value = /** @type {number} */ (attributes[name] ?? 0);
  return value === 0 ? whenZero : value;
}

/** @param {Attributes} attributes @param {string} name */
export const list = (attributes, name) => /** @type {number[]} */ (attributes[name] ?? []);

/** @param {number} flat @param {readonly number[]} shape @returns {number[]} */
export function indexOf(flat, shape) {
  const index = new Array(shape.length);
  for (let i = shape.length - 1; i >= 0; i--) {
    index[i] = flat % shape[i];
    flat = Math.floor(flat / shape[i]);
  }
  return index;
}

/** @param {readonly number[]} index @param {readonly number[]} shape */
export function flatOf(index, shape) {
  let flat = 0;
  for (let i = 0; i < index.length; i++) flat = flat * shape[i] + index[i];
  return flat;
}

/**
 * A result whose element `i` is value(index, i); a value may be [value, Σ|terms|].
 * @param {number[]} shape
 * @param {(index: number[], flat: number) => number | [number, number]} value  The index is one array that counts on after the call.
 * @returns {Reference}
 */
export function build(shape, value) {
  const n = sizeOf(shape);
  const data = new Float64Array(n);
  const scale = new Float64Array(n);
  const index = new Array(shape.length).fill(0);
  for (let i = 0; i < n; i++) {
    const made = value(index, i);
    if (typeof made === 'number') {
      data[i] = made;
      scale[i] = Math.abs(made);
    } else {
      data[i] = made[0];
      scale[i] = Math.abs(made[0]) + made[1];
    }
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return { shape, data, scale };
}

/**
 * An operand that is an input, or an attribute where that is absent.
 * @param {(Tensor | undefined)[]} inputs @param {number} at @param {Attributes} attributes @param {string} name
 * @returns {number[]}
 */
export const operand = (inputs, at, attributes, name) =>
  inputs[at] === undefined ? list(attributes, name) : Array.from(/** @type {Tensor} */ (inputs[at]).data);

/** @param {Reference} result @param {Tensor} like @returns {Reference} */
export const as = (result, { dtype }) => ({ ...result, dtype });

/** Elements of x by their index. @param {Tensor} x @param {number[]} shape @param {(index: number[]) => number[]} from */
export const moved = (x, shape, from) =>
  as(
    build(shape, (index) => x.data[flatOf(from(index), x.shape)]),
    x,
  );

/**
 * ACTIVATION of ops.def after a sum.
 * @param {Attributes} attributes
 * @param {Tensor | undefined} slope
 * @returns {(value: number, channel: number) => number}
 */
export function activation(attributes, slope) {
  const kind = number(attributes, 'activation');
  if (kind === 1) {
    // The bounds are float32 attributes.
    const [low, high] = [Math.fround(number(attributes, 'act_min')), Math.fround(number(attributes, 'act_max'))];
    return (value) => (value < low ? low : value > high ? high : value);
  }
  if (kind !== 2 || slope === undefined) return (value) => value;
  const { data } = slope;
  return (value, channel) => (value < 0 ? value * data[data.length === 1 ? 0 : channel] : value);
}

/**
 * Passes a result through its activation: the error of a sum is scaled by at most the slope.
 * @param {Reference} result @param {Attributes} attributes @param {Tensor | undefined} slope
 */
export function activated(result, attributes, slope) {
  const apply = activation(attributes, slope);
  const channels = result.shape.at(-1) ?? 1;
  const { data, scale, shape } = result;
  return {
    shape,
    data: data.map((value, i) => apply(value, i % channels)),
    scale: scale.map(
      (value, i) => value * Math.max(1, slope === undefined ? 0 : Math.abs(slope.data[slope.data.length === 1 ? 0 : i % channels])),
    ),
  };
}

/**
 * What a layer does with its sums: the residual is added, times one factor or one for each channel, then comes the activation.
 * @param {Reference} result @param {Attributes} attributes @param {Tensor | undefined} slope @param {Tensor | undefined} residual
 * @param {Tensor} [factors]
 */
export function finished(result, attributes, slope, residual, factors) {
  if (residual === undefined) return activated(result, attributes, slope);
  const { data, scale, shape } = result;
  const term = (/** @type {number} */ i) => residual.data[i] * (factors === undefined ? 1 : factors.data[i % factors.data.length]);
  const sum = {
    shape,
    data: data.map((value, i) => value + term(i)),
    scale: scale.map((value, i) => value + Math.abs(term(i))),
  };
  return activated(sum, attributes, slope);
}
