// Gradients, as sums over all that the forward op reads: each product of an output, a tap and a channel goes to where it
// belongs. What the forward ops are: tensorflow.org's tf.nn.convolution, tf.nn.depthwise_conv2d, tf.nn.max_pool, tf.nn.avg_pool,
// tf.nn.dilation2d, tf.image.resize, tf.nn.lrn, tf.nn.elu, tf.nn.batch_normalization.
import { windows } from './taps.js';
import { build, flatOf, number, sizeOf } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */
/** @typedef {{ n: number, o: number[], tap: number[], at: number[] }} Visit  image, output, tap, input: by axis */

/** Zeros that are added to. @param {number[]} shape */
function sums(shape) {
  const result = build(shape, () => 0);
  const terms = new Float64Array(sizeOf(shape));
  const add = (/** @type {number[]} */ index, /** @type {number} */ term) => {
    const flat = flatOf(index, shape);
    result.data[flat] += term;
    terms[flat] += Math.abs(term);
  };
  const finish = () => ({ ...result, scale: terms.map((sum, i) => sum + Math.abs(result.data[i])) });
  return { add, finish };
}

/** @param {Attributes} a @param {string} name @param {number} n  axes */
const sidesOf = (a, name, n) => ['d', 'h', 'w'].slice(3 - n).map((side) => number(a, `${name}_${side}`));

/**
 * All taps inside x [N,…,C] of all outputs.
 * @param {number[]} x  shape @param {number[]} kernel @param {Attributes} a @param {(visit: Visit) => void} visit
 */
function visitTaps(x, kernel, a, visit) {
  const axes = windows(x.slice(1, -1), kernel, a).map(({ outputs, taps }) => range(outputs).map(taps));
  const walk = (/** @type {number} */ n, /** @type {number[]} */ o, /** @type {number[]} */ tap, /** @type {number[]} */ at) => {
    const i = o.length;
    if (i === axes.length) return visit({ n, o, tap, at });
    axes[i].forEach((taps, output) => {
      for (const place of taps) walk(n, [...o, output], [...tap, place.tap], [...at, place.at]);
    });
  };
  for (let n = 0; n < x[0]; n++) walk(n, [], [], []);
}

/** @param {Tensor} tensor @param {number[]} index */
const elementOf = ({ data, shape }, index) => data[flatOf(index, shape)];
const range = (/** @type {number} */ n) => Array.from({ length: n }, (_, i) => i);

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
function backpropFilter(inputs, a) {
  const [x, dy] = /** @type {Tensor[]} */ (inputs);
  const [channels, outs] = [x, dy].map(({ shape }) => /** @type {number} */ (shape.at(-1)));
  const kernel = sidesOf(a, 'kernel', x.shape.length - 2);
  const { add, finish } = sums([...kernel, channels, outs]);
  visitTaps(x.shape, kernel, a, ({ n, o, tap, at }) => {
    for (let c = 0; c < channels; c++)
      for (let k = 0; k < outs; k++) add([...tap, c, k], elementOf(x, [n, ...at, c]) * elementOf(dy, [n, ...o, k]));
  });
  return finish();
}

export { backpropFilter as conv2d_backprop_filter, backpropFilter as conv3d_backprop_filter };

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function depthwise_backprop_filter(inputs, a) {
  const [x, dy] = /** @type {Tensor[]} */ (inputs);
  const [channels, outs] = [x.shape[3], dy.shape[3]];
  const multiplier = outs / channels;
  const kernel = sidesOf(a, 'kernel', 2);
  const { add, finish } = sums([...kernel, channels, multiplier]);
  visitTaps(x.shape, kernel, a, ({ n, o, tap, at }) => {
    for (let k = 0; k < outs; k++) {
      const c = Math.floor(k / multiplier);
      add([...tap, c, k % multiplier], elementOf(x, [n, ...at, c]) * elementOf(dy, [n, ...o, k]));
    }
  });
  return finish();
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function depthwise_backprop_input(inputs, a) {
  const [dy, filter] = /** @type {Tensor[]} */ (inputs);
  const [, , channels, multiplier] = filter.shape;
  const shape = [dy.shape[0], ...sidesOf(a, 'in', 2), channels];
  const { add, finish } = sums(shape);
  visitTaps(shape, filter.shape.slice(0, 2), a, ({ n, o, tap, at }) => {
    for (let c = 0; c < channels; c++)
      for (let m = 0; m < multiplier; m++)
        add([n, ...at, c], elementOf(dy, [n, ...o, c * multiplier + m]) * elementOf(filter, [...tap, c, m]));
  });
  return finish();
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function conv3d_backprop_input(inputs, a) {
  const [dy, filter] = /** @type {Tensor[]} */ (inputs);
  const [channels, outs] = filter.shape.slice(3);
  const shape = [dy.shape[0], ...sidesOf(a, 'in', 3), channels];
  const { add, finish } = sums(shape);
  visitTaps(shape, filter.shape.slice(0, 3), a, ({ n, o, tap, at }) => {
    for (let c = 0; c < channels; c++)
      for (let k = 0; k < outs; k++) add([n, ...at, c], elementOf(dy, [n, ...o, k]) * elementOf(filter, [...tap, c, k]));
  });
  return finish();
}

/**
 * A window is all rows of it times all columns, so that what outputs hand to their taps goes axis by axis.
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference}
 */
function averageGradient(inputs, a) {
  const [dy] = /** @type {Tensor[]} */ (inputs);
  const n = dy.shape.length - 2;
  const sides = sidesOf(a, 'in', n);
  const kernel = sidesOf(a, 'kernel', n);
  const axes = windows(sides, kernel, a);
  /** @param {(value: number) => number} share  of an element of dy that each tap gets */
  const handOut = (share) =>
    axes.reduce(
      (given, { outputs, taps }, i) => {
        const shape = given.shape.map((size, axis) => (axis === 1 + i ? sides[i] : size));
        const after = sizeOf(shape.slice(2 + i));
        const data = new Float64Array(sizeOf(shape));
        for (let before = 0; before < sizeOf(shape.slice(0, 1 + i)); before++)
          for (let o = 0; o < outputs; o++)
            for (const { at } of taps(o))
              for (let rest = 0; rest < after; rest++)
                data[(before * sides[i] + at) * after + rest] += given.data[(before * outputs + o) * after + rest];
        return { shape, data };
      },
      { shape: dy.shape, data: Float64Array.from(dy.data, (value) => share(value) / sizeOf(kernel)) },
    );
  const { shape, data } = handOut((value) => value);
  const terms = handOut(Math.abs).data;
  return { shape, data, scale: terms.map((sum, i) => sum + Math.abs(data[i])) };
}

export { averageGradient as avg_pool2d_grad, averageGradient as avg_pool3d_grad };

/**
 * Gives each output's dy to the best of its taps.
 * @param {number[]} x  shape @param {number[]} kernel @param {Attributes} a @param {Tensor} dy
 * @param {{ readAt: (visit: Visit, c: number) => number, isBetter: (value: number, best: number) => boolean, least: number,
 *   otherwise: 'nobody' | 'first' | 'origin' }} choice  least: what the best must beat; otherwise: who gets it where none does,
 *   the first tap inside x or tap 0
 * @param {(visit: Visit, c: number, dy: number) => void} give
 */
function giveToBest(x, kernel, a, dy, { readAt, isBetter, least, otherwise }, give) {
  /** @type {Map<string, { best: number, visit: Visit | undefined }>} */
  const outputs = new Map();
  const channels = range(/** @type {number} */ (x.at(-1)));
  visitTaps(x, kernel, a, (visit) => {
    for (const c of channels) {
      const key = String([visit.n, ...visit.o, c]);
      const output = outputs.get(key) ?? { best: least, visit: otherwise === 'first' ? visit : undefined };
      const value = readAt(visit, c);
      outputs.set(key, isBetter(value, output.best) ? { best: value, visit } : output);
    }
  });
  build(dy.shape, (index, flat) => {
    const [n, o] = [index[0], index.slice(1, -1)];
    const origin = otherwise === 'origin' ? { n, o, tap: kernel.map(() => 0), at: o } : undefined;
    const visit = outputs.get(String(index))?.visit ?? origin;
    if (visit !== undefined) give(visit, /** @type {number} */ (index.at(-1)), dy.data[flat]);
    return 0;
  });
}

/** @param {(value: number, best: number) => boolean} isBetter @returns {import('./elementwise.js').Op} */
const maximumGradient = (isBetter) => (inputs, a) => {
  const [x, dy] = /** @type {Tensor[]} */ (inputs);
  const { add, finish } = sums(x.shape);
  giveToBest(
    x.shape,
    sidesOf(a, 'kernel', x.shape.length - 2),
    a,
    dy,
    { readAt: ({ n, at }, c) => elementOf(x, [n, ...at, c]), isBetter, least: -Infinity, otherwise: 'nobody' },
    ({ n, at }, c, value) => add([n, ...at, c], value),
  );
  return finish();
};
/** The first of equals, as tfjs-backend-cpu's maxPoolPositions; the last, as its maxPool3dPositions. */
export const max_pool2d_grad = maximumGradient((value, best) => value > best);
export const max_pool3d_grad = maximumGradient((value, best) => value >= best);

/** @param {boolean} toFilter @returns {import('./elementwise.js').Op} */
const dilationGradient = (toFilter) => (inputs, a) => {
  const [x, filter, dy] = /** @type {Tensor[]} */ (inputs);
  const { add, finish } = sums(toFilter ? filter.shape : x.shape);
  giveToBest(
    x.shape,
    filter.shape.slice(0, 2),
    a,
    dy,
    {
      readAt: ({ n, tap, at }, c) => elementOf(x, [n, ...at, c]) + elementOf(filter, [...tap, c]),
      isBetter: (value, best) => value > best,
      least: Number.MIN_SAFE_INTEGER, // as in TensorFlow.js
      otherwise: toFilter ? 'origin' : 'first',
    },
    ({ n, tap, at }, c, value) => add(toFilter ? [...tap, c] : [n, ...at, c], value),
  );
  return finish();
};
export const dilation2d_grad_input = dilationGradient(false);
export const dilation2d_grad_filter = dilationGradient(true);

/**
 * @param {(at: number, size: number) => { index: number, share: number }[]} sharesOf  the inputs that a place of x is made of
 * @returns {import('./elementwise.js').Op}
 */
const resizeGradient = (sharesOf) => (inputs, a) => {
  const [dy] = /** @type {Tensor[]} */ (inputs);
  const [batch, outH, outW, channels] = dy.shape;
  const [inH, inW] = sidesOf(a, 'in', 2);
  const { add, finish } = sums([batch, inH, inW, channels]);
  const shares = (/** @type {number} */ o, /** @type {number} */ size, /** @type {number} */ made) =>
    sharesOf(o * (number(a, 'align_corners') === 1 && made > 1 ? (size - 1) / (made - 1) : size / made), size);
  build(dy.shape, ([n, oy, ox, c], flat) => {
    for (const row of shares(oy, inH, outH))
      for (const column of shares(ox, inW, outW)) add([n, row.index, column.index, c], dy.data[flat] * row.share * column.share);
    return 0;
  });
  return finish();
};
export const resize_bilinear_grad = resizeGradient((at, size) => {
  const [low, high] = [Math.floor(at), Math.min(Math.ceil(at), size - 1)];
  return [
    { index: low, share: 1 - (at - low) },
    { index: high, share: at - low },
  ].filter(({ share }) => share !== 0);
});
/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export const resize_nearest_grad = (inputs, a) => {
  const round = number(a, 'align_corners') === 1 ? Math.round : Math.floor;
  return resizeGradient((at, size) => [{ index: Math.min(size - 1, round(at)), share: 1 }])(inputs, a);
};

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function lrn_grad(inputs, a) {
  const [x, y, dy] = /** @type {Tensor[]} */ (inputs);
  const channels = /** @type {number} */ (x.shape.at(-1));
  const [bias, alpha, beta] = ['bias', 'alpha', 'beta'].map((name) => Math.fround(number(a, name)));
  const near = (/** @type {number} */ flat) =>
    range(channels)
      .map((k) => flat - (flat % channels) + k)
      .filter((k) => Math.abs(k - flat) <= number(a, 'radius'));
  const norms = Array.from(x.data, (_, i) => near(i).reduce((sum, k) => sum + alpha * x.data[k] ** 2, bias));
  return build(x.shape, (_, k) => {
    const own = dy.data[k] * norms[k] ** -beta;
    const others = near(k).map((i) => (-2 * alpha * beta * x.data[k] * y.data[i] * dy.data[i]) / norms[i]);
    return [others.reduce((sum, term) => sum + term, own), others.reduce((sum, term) => sum + Math.abs(term), Math.abs(own))];
  });
}

/** @param {(Tensor | undefined)[]} inputs @returns {Reference} */
export function elu_grad(inputs) {
  const [dy, y] = /** @type {Tensor[]} */ (inputs);
  return build(y.shape, (_, i) => {
    const [value, slope] = [y.data[i], dy.data[i]];
    return value >= 0 ? slope : [slope * (value + 1), Math.abs(slope * value) + Math.abs(slope)];
  });
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function batch_norm([x, mean, variance, offset, scale], a) {
  const at = (/** @type {Tensor | undefined} */ tensor, /** @type {number} */ i, /** @type {number} */ absent) =>
    tensor === undefined ? absent : tensor.data[i % tensor.data.length];
  const { data, shape } = /** @type {Tensor} */ (x);
  const epsilon = Math.fround(number(a, 'epsilon'));
  return build(shape, (_, i) => {
    const factor = at(scale, i, 1) / Math.sqrt(at(variance, i, 0) + epsilon);
    const [shift, centre] = [at(offset, i, 0), at(mean, i, 0)];
    return [(data[i] - centre) * factor + shift, (Math.abs(data[i]) + Math.abs(centre)) * Math.abs(factor) + Math.abs(shift)];
  });
}
