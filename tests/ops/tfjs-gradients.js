// What TensorFlow.js's kernels call the ops under "gradients".
import * as tf from '@tensorflow/tfjs-core';
import { number } from './reference/tensor.js';

/** @import { Attributes } from './reference/tensor.js' */
/** @import { Equivalent } from './tfjs-mathematics.js' */

/** @param {string} name @param {Record<string, tf.Tensor>} inputs @param {Record<string, unknown>} attrs @returns {tf.Tensor} */
const kernel = (name, inputs, attrs) => /** @type {any} */ (tf.engine()).runKernel(name, inputs, attrs);

/** @param {Attributes} a @param {string} name @param {number} n  axes */
const sides = (a, name, n) => ['d', 'h', 'w'].slice(3 - n).map((side) => number(a, `${name}_${side}`, 1));

/** Of the window; undefined: its kernels take no dilations, in three dimensions no explicit padding. @param {Attributes} a @param {number} n */
function windowOf(a, n) {
  const given = ['front', 'back', 'top', 'bottom', 'left', 'right'].map((side) => number(a, `pad_${side}`)).slice(6 - 2 * n);
  const explicit = [[0, 0], ...Array.from({ length: n }, (_, i) => given.slice(2 * i, 2 * i + 2)), [0, 0]];
  if (sides(a, 'dilation', n).some((dilation) => dilation > 1) || (n === 3 && given.some((pad) => pad > 0))) return undefined;
  const pad = number(a, 'padding') === 1 ? 'same' : n === 3 ? 'valid' : explicit;
  return { strides: sides(a, 'stride', n), pad, dilations: 1, dataFormat: 'NHWC' };
}

/** @param {string} name @param {number} n @returns {Equivalent} */
const toFilter =
  (name, n) =>
  ([x, dy], a) => {
    const window = windowOf(a, n);
    const channels = /** @type {number} */ (x.shape.at(-1));
    const outs = /** @type {number} */ (dy.shape.at(-1));
    const isDepthwise = name.startsWith('Depthwise');
    const filterShape = [...sides(a, 'kernel', n), channels, isDepthwise ? outs / channels : outs];
    return window && x.size > 0 ? kernel(name, { x, dy }, { ...window, filterShape }) : undefined;
  };
/** @param {string} name @param {number} n @returns {Equivalent} */
const toInput =
  (name, n) =>
  ([dy, filter], a) => {
    const window = windowOf(a, n);
    const inputShape = [dy.shape[0], ...sides(a, 'in', n), filter.shape[n]];
    return window && dy.size > 0 ? kernel(name, { dy, filter }, { ...window, inputShape }) : undefined;
  };
/** @param {string} name @param {number} n @returns {Equivalent} */
const ofAverage =
  (name, n) =>
  ([dy], a) => {
    const window = windowOf(a, n);
    if (window === undefined || dy.size === 0) return undefined;
    const input = tf.zeros([dy.shape[0], ...sides(a, 'in', n), /** @type {number} */ (dy.shape.at(-1))]);
    return kernel(name, { dy, input }, { ...window, filterSize: sides(a, 'kernel', n) });
  };
/** @param {string} name @param {number} n @returns {Equivalent} */
const ofMaximum =
  (name, n) =>
  ([input, dy], a) => {
    const window = windowOf(a, n);
    const attrs = { ...window, filterSize: sides(a, 'kernel', n) };
    return window && input.size > 0 ? kernel(name, { dy, input, output: dy }, attrs) : undefined;
  };
/** @param {string} name @returns {Equivalent} */
const ofDilation =
  (name) =>
  ([x, filter, dy], a) => {
    const window = windowOf({ ...a, dilation_h: 1, dilation_w: 1 }, 2);
    return x.size > 0 ? kernel(name, { x, filter, dy }, { ...window, dilations: sides(a, 'dilation', 2) }) : undefined;
  };
/** @param {string} name @returns {Equivalent} */
const ofResize =
  (name) =>
  ([dy], a) => {
    const alignCorners = number(a, 'align_corners') === 1;
    const [h, w] = sides(a, 'in', 2);
    if (dy.size === 0 || (alignCorners && Math.min(h, w) === 1)) return undefined; // it divides by 0, and never ends
    const images = tf.zeros(/** @type {number[]} */ ([dy.shape[0], h, w, dy.shape[3]]));
    return tf.reshape(kernel(name, { images, dy }, { alignCorners }), images.shape); // height and width swapped
  };

/** @type {Record<string, Equivalent>} */
export const GRADIENTS = {
  conv2d_backprop_filter: toFilter('Conv2DBackpropFilter', 2),
  depthwise_backprop_filter: toFilter('DepthwiseConv2dNativeBackpropFilter', 2),
  depthwise_backprop_input: toInput('DepthwiseConv2dNativeBackpropInput', 2),
  conv3d_backprop_filter: toFilter('Conv3DBackpropFilterV2', 3),
  conv3d_backprop_input: toInput('Conv3DBackpropInputV2', 3),
  avg_pool2d_grad: ofAverage('AvgPoolGrad', 2),
  avg_pool3d_grad: ofAverage('AvgPool3DGrad', 3),
  max_pool2d_grad: ofMaximum('MaxPoolGrad', 2),
  max_pool3d_grad: ofMaximum('MaxPool3DGrad', 3),
  dilation2d_grad_input: ofDilation('Dilation2DBackpropInput'),
  dilation2d_grad_filter: ofDilation('Dilation2DBackpropFilter'),
  resize_bilinear_grad: ofResize('ResizeBilinearGrad'),
  resize_nearest_grad: ofResize('ResizeNearestNeighborGrad'),
  lrn_grad: ([x, y, dy], a) =>
    x.size === 0 || x.rank !== 4
      ? undefined
      : kernel(
          'LRNGrad',
          { x, y, dy },
          {
            depthRadius: number(a, 'radius'),
            bias: Math.fround(number(a, 'bias')),
            alpha: Math.fround(number(a, 'alpha')),
            beta: Math.fround(number(a, 'beta')),
          },
        ),
  elu_grad: ([dy, y]) => kernel('EluGrad', { dy, y }, {}),
  batch_norm([x, mean, variance, offset, scale], a) {
    const given = { x, mean, variance, ...(offset && { offset }), ...(scale && { scale }) };
    if (new Set(Object.values(given).map(({ rank }) => rank)).size > 2) return undefined; // it wants one rank of the four
    if ([variance, offset, scale].some((tensor) => tensor !== undefined && tensor.rank !== mean.rank)) return undefined;
    return kernel('FusedBatchNorm', given, { varianceEpsilon: Math.fround(number(a, 'epsilon')) });
  },
};

/** @type {Record<string, RegExp>} */
export const GRADIENT_DEPARTURES = {
  // where a window is not as wide as high, it looks for the maximum at a wrong place
  max_pool3d_grad: /window 3,2,1|window 1,1,2/,
  dilation2d_grad_input: /"pad_left":4/, // it fails where a window is all padding
  resize_nearest_grad: /dy \[2,/, // it takes the second image of dy to be as far as that of x
};
