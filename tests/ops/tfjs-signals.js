// What TensorFlow.js calls the ops under "signals, segments, selections". Those of which rows of ops.def give counts beside
// results are put together as these say.
import * as tf from '@tensorflow/tfjs-core';
import { number } from './reference/tensor.js';

/** @typedef {import('./tfjs-mathematics.js').Equivalent} Equivalent */

/** Longer ones it multiplies by a matrix, unless their number is a power of two. */
const MOST_POINTS = 130;

/** The values, then zeros. @param {ArrayLike<number>} values @param {number} n */
const padded = (values, n) => [...Array.from(values), ...new Array(n - values.length).fill(0)];

/** @type {Record<string, Equivalent>} */
export const SIGNALS = {
  fft([re, im], a) {
    const n = re.shape[re.rank - 1];
    if (re.size === 0 || (n > MOST_POINTS && n & (n - 1))) return undefined;
    const made = (number(a, 'inverse') === 1 ? tf.ifft : tf.fft)(tf.complex(re, im));
    return tf.stack([tf.real(made), tf.imag(made)]);
  },
  unsorted_segment_sum([x, ids], a) {
    if (x.size === 0 || ids.rank !== 1 || number(a, 'num_segments') < 1 || x.dtype === 'int32') return undefined; // float32 there
    return tf.unsortedSegmentSum(x, /** @type {tf.Tensor1D} */ (ids), number(a, 'num_segments'));
  },
  search_sorted: ([sorted, values], a) =>
    sorted.size === 0 || values.size === 0 ? undefined : tf.searchSorted(sorted, values, number(a, 'right') === 1 ? 'right' : 'left'),
  non_max_suppression([boxes, scores], a) {
    const most = number(a, 'max_output');
    const { selectedIndices, selectedScores } = tf.image.nonMaxSuppressionWithScore(
      /** @type {tf.Tensor2D} */ (boxes),
      /** @type {tf.Tensor1D} */ (scores),
      most,
      number(a, 'iou_threshold'),
      number(a, 'score_threshold'),
      number(a, 'soft_sigma'),
    );
    const bits = new Int32Array(Float32Array.from(selectedScores.dataSync()).buffer);
    const rows = [[selectedIndices.size], padded(selectedIndices.dataSync(), most), padded(bits, most)];
    return tf.tensor1d(rows.flat(), 'int32');
  },
  rotate_with_offset([image], a) {
    const fills = [0, 1, 2, 3].map((k) => number(a, `fill_${k}`));
    const isOne = fills.every((fill) => fill === fills[0]);
    if (image.size === 0 || !(isOne || fills[3] === 255)) return undefined;
    const [, height, width] = /** @type {tf.Tensor4D} */ (image).shape;
    /** @type {[number, number]} */
    const center = [number(a, 'center_x') / width, number(a, 'center_y') / height];
    const fill = /** @type {number | [number, number, number]} */ (isOne ? fills[0] : fills.slice(0, 3));
    return tf.image.rotateWithOffset(/** @type {tf.Tensor4D} */ (image), number(a, 'radians'), fill, center);
  },
  unique([x], a) {
    if (x.dtype === 'bool' || x.size === 0) return undefined; // which it refuses, or cannot lay out
    const kinds = tf.unique(x, number(a, 'axis')).indices.dataSync();
    const count = Math.max(...kinds) + 1;
    const firsts = Array.from({ length: count }, (_, kind) => kinds.indexOf(kind));
    return tf.tensor1d([count, ...kinds, ...padded(firsts, kinds.length)], 'int32');
  },
  where_true([x]) {
    // tf.whereAsync calls this, and waits first
    const places = /** @type {{ where(x: tf.Tensor): tf.Tensor2D }} */ (/** @type {unknown} */ (tf.backend())).where(x);
    return tf.tensor1d([places.shape[0], ...padded(places.dataSync(), x.size * x.rank)], 'int32');
  },
  diag: ([x]) => (x.rank > 3 ? undefined : tf.diag(x)), // beyond what a buffer of it can have
  from_pixels([x], a) {
    const [height, width, bytes] = x.shape;
    if (bytes !== 4 || x.size === 0) return undefined;
    return tf.browser.fromPixels({ data: Uint8Array.from(x.dataSync()), width, height }, number(a, 'channels'));
  },
  step: ([x], a) => tf.step(x, Math.fround(number(a, 'alpha'))),
  selu: ([x]) => tf.selu(x),
  // it does not broadcast
  hypot: ([a, b]) => tf.abs(tf.complex(tf.add(a, tf.zerosLike(b)), tf.add(b, tf.zerosLike(a)))),
};

/**
 * Per op, the cases in which the cpu backend departs from TensorFlow, or from itself.
 * @type {Record<string, RegExp>}
 */
export const SIGNAL_DEPARTURES = {
  unsorted_segment_sum: /NaN/, // it multiplies what is elsewhere by zero
  selu: /powers|extremes|in steps/, // exp(x) - 1 loses the digits of a small x there, expm1 here
};
