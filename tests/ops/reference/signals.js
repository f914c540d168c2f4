// The ops under "signals, segments, selections" of ops.def, after tensorflow.org's definitions (tf.signal.fft,
// tf.math.unsorted_segment_sum, tf.searchsorted, tf.image.non_max_suppression_with_scores, tf.unique, tf.where, …).
import { binary, float, unary } from './elements.js';
import { build, indexOf, number, sizeOf } from './tensor.js';

/** @import { Reference, Tensor } from './tensor.js' */
/** @import { Op } from './elements.js' */

const tensor = (/** @type {unknown} */ x) => /** @type {Tensor} */ (x);
/** @param {number[]} values @returns {Reference} */
const integers = (values) => ({ ...build([values.length], (_, i) => values[i]), dtype: 'int32' });

/** The sum over all points, of each. @type {Op} */
export function fft([re, im], a) {
  const { shape, data } = tensor(re);
  const imaginary = tensor(im).data;
  const n = shape[shape.length - 1];
  const inverse = number(a, 'inverse') !== 0;
  const angles = Array.from({ length: n }, (_, k) => ((inverse ? 2 : -2) * Math.PI * k) / n);
  const [cosines, sines] = [angles.map(Math.cos), angles.map(Math.sin)];
  const elements = sizeOf(shape);
  return build([2, ...shape], (index, flat) => {
    const at = flat % elements;
    const row = at - (at % n);
    let sum = 0;
    let terms = 0;
    for (let k = 0, turn = 0; k < n; k++, turn = (turn + at - row) % n) {
      const [x, y] = index[0] === 0 ? [data[row + k], -imaginary[row + k]] : [imaginary[row + k], data[row + k]];
      sum += x * cosines[turn] + y * sines[turn];
      terms += Math.abs(x) + Math.abs(y); // a root has the magnitude 1
    }
    return inverse ? [sum / n, terms / n] : [sum, terms];
  });
}

/** @type {Op} */
export function unsorted_segment_sum([x, segmentIds], a) {
  const [{ shape, data, dtype }, ids] = [tensor(x), tensor(segmentIds)];
  const segments = number(a, 'num_segments');
  const rest = shape.slice(ids.shape.length);
  const slice = sizeOf(rest);
  const wrap = (/** @type {number} */ sum) => (dtype === 'int32' ? sum | 0 : sum);
  const made = build([segments, ...rest], (_, flat) => {
    let sum = 0;
    let terms = 0;
    for (let i = 0; i < sizeOf(ids.shape); i++) {
      if (ids.data[i] !== Math.floor(flat / slice)) continue;
      const term = data[i * slice + (flat % slice)];
      sum = wrap(sum + term);
      terms += Math.abs(term);
    }
    return [sum, terms];
  });
  return { ...made, dtype };
}

/** The first place, or the last one, by halves: which matters where NaN disturbs the order. @type {Op} */
export function search_sorted([sorted, values], a) {
  const [x, v] = [tensor(sorted), tensor(values)];
  const [n, m] = [x.shape[1], v.shape[1]];
  const found = build(v.shape, ([row], flat) => {
    let [from, to] = [0, n];
    while (from < to) {
      const middle = (from + to) >> 1;
      const at = x.data[row * n + middle];
      const isBelow = number(a, 'right') !== 0 ? at <= v.data[flat] : at < v.data[flat];
      [from, to] = isBelow ? [middle + 1, to] : [from, middle];
    }
    return to;
  });
  return m === 0 ? { ...build(v.shape, () => 0), dtype: 'int32' } : { ...found, dtype: 'int32' };
}

/** Intersection over union; Math.min and max give NaN where one is NaN. @param {number[]} a @param {number[]} b */
function overlapOf(a, b) {
  const sides = [0, 1].map((k) => {
    const low = (/** @type {number[]} */ box) => Math.min(box[k], box[k + 2]);
    const high = (/** @type {number[]} */ box) => Math.max(box[k], box[k + 2]);
    return { a: high(a) - low(a), b: high(b) - low(b), both: Math.max(Math.min(high(a), high(b)) - Math.max(low(a), low(b)), 0) };
  });
  const [ofA, ofB, both] = /** @type {const} */ (['a', 'b', 'both']).map((which) => sides[0][which] * sides[1][which]);
  return ofA <= 0 || ofB <= 0 ? 0 : both / (ofA + ofB - both);
}

/**
 * Bodla et al., arXiv 1704.04503, in TensorFlow's order: the best candidate is compared with the boxes chosen since it was last
 * compared, the latest first; if that lowers its score, it goes back among the others.
 * @type {Op}
 */
export function non_max_suppression([boxes, scores], a) {
  const [most, iouLimit, scoreLimit, sigma] = ['max_output', 'iou_threshold', 'score_threshold', 'soft_sigma'].map((name) =>
    number(a, name),
  );
  const corners = Array.from({ length: tensor(scores).data.length }, (_, i) => [0, 1, 2, 3].map((k) => tensor(boxes).data[4 * i + k]));
  let left = Array.from(tensor(scores).data, (score, box) => ({ score, box, seen: 0 })).filter(({ score }) => score > scoreLimit);
  /** @type {typeof left} */
  const chosen = [];
  while (chosen.length < most && left.length > 0) {
    const best = left.reduce((a, b) => (b.score > a.score || (b.score === a.score && b.box < a.box) ? b : a));
    left = left.filter((candidate) => candidate !== best);
    let score = best.score;
    const overlaps = chosen.slice(best.seen).map(({ box }) => overlapOf(corners[best.box], corners[box]));
    const isCovered = overlaps.reverse().some((iou) => {
      if (score <= scoreLimit) return false; // it is out anyway
      if (iou >= iouLimit) return true;
      score *= !(iou <= iouLimit) ? 0 : sigma > 0 ? Math.exp((-0.5 / sigma) * iou * iou) : 1;
      return false;
    });
    if (isCovered) continue;
    if (score === best.score) chosen.push(best);
    else if (score > scoreLimit) left.push({ ...best, score, seen: chosen.length });
  }
  const padded = (/** @type {number[]} */ values) => [...values, ...new Array(most - values.length).fill(0)];
  const bits = new Int32Array(Float32Array.from(chosen, ({ score }) => score).buffer);
  return integers([chosen.length, ...padded(chosen.map(({ box }) => box)), ...padded([...bits])]);
}

/** tf.image.rotateWithOffset of TensorFlow.js: read at the pixel nearest to the place turned back. @type {Op} */
export function rotate_with_offset([image], a) {
  const { shape, data } = tensor(image);
  const [, height, width, channels] = shape;
  const [angle, x0, y0] = [number(a, 'radians'), number(a, 'center_x'), number(a, 'center_y')];
  const made = build(shape, ([n, row, column, channel]) => {
    const [x, y] = [column - x0, row - y0];
    const fromX = Math.round(x * Math.cos(angle) - y * Math.sin(angle) + x0);
    const fromY = Math.round(x * Math.sin(angle) + y * Math.cos(angle) + y0);
    if (!(fromX >= 0 && fromX < width && fromY >= 0 && fromY < height)) return float(a, `fill_${Math.min(channel, 3)}`);
    return data[((n * height + fromY) * width + fromX) * channels + channel];
  });
  return made;
}

/** Slices are the same where their elements have one text: 0 and -0, NaN and NaN. @type {Op} */
export function unique([x], a) {
  const { shape, data } = tensor(x);
  const axis = (number(a, 'axis') + shape.length) % shape.length;
  /** @type {number[][]} */
  const slices = Array.from({ length: shape[axis] }, () => []);
  for (let i = 0; i < sizeOf(shape); i++) slices[indexOf(i, shape)[axis]].push(data[i]);
  /** @type {Map<string, number>} */
  const firsts = new Map();
  const keys = slices.map(String);
  keys.forEach((key, i) => {
    if (!firsts.has(key)) firsts.set(key, i);
  });
  const numbers = new Map([...firsts.keys()].map((key, i) => [key, i]));
  const rest = new Array(shape[axis] - firsts.size).fill(0);
  return integers([firsts.size, ...keys.map((key) => /** @type {number} */ (numbers.get(key))), ...firsts.values(), ...rest]);
}

/** @type {Op} */
export function where_true([x]) {
  const { shape, data } = tensor(x);
  const places = Array.from(data, (value, i) => (value ? [indexOf(i, shape)] : [])).flat();
  return integers([places.length, ...places.flat(), ...new Array((data.length - places.length) * shape.length).fill(0)]);
}

/** @type {Op} */
export function diag([x]) {
  const { shape, data, dtype } = tensor(x);
  const n = sizeOf(shape);
  return { ...build([...shape, ...shape], (_, flat) => (Math.floor(flat / n) === flat % n ? data[flat % n] : 0)), dtype };
}

/** @type {Op} */
export function from_pixels([x], a) {
  const { shape, data } = tensor(x);
  const channels = number(a, 'channels');
  const made = build([shape[0], shape[1], channels], (_, flat) => data[Math.floor(flat / channels) * shape[2] + (flat % channels)]);
  return { ...made, dtype: 'int32' };
}

export const step = unary((x, a) => (Number.isNaN(x) ? NaN : x > 0 ? 1 : float(a, 'alpha')));
/** Klambauer et al., arXiv 1706.02515: lambda, and lambda times alpha */
export const selu = unary((x) => (x < 0 ? 1.7580993408473768 * Math.expm1(x) : 1.0507009873554805 * x));
export const hypot = binary(Math.hypot);
