// Convolutions, what is fused behind them, and their gradients.
import { backend_util, util } from '@tensorflow/tfjs-core';
import { activationOf, applyActivation } from './activations.js';
import { asFloats, refuseComplex } from './rows.js';
import { channelsBack, channelsLast, window2d, window3d } from './window.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/** A bias or slope of [C] meets the channels of [N,C,H,W] as [C,1,1] does; here channels are last: the other way round. @param {TensorInfo | undefined | null} t @param {boolean} isFirst @param {XnnjsBackend} backend */
function besideChannels(t, isFirst, backend) {
  if (t === undefined || t === null) return undefined;
  if (!isFirst || t.shape.length < 3) return backend.alias(t);
  if (t.shape.length === 3) return backend.op('transpose', [t], { perm: [1, 2, 0] });
  return backend.op('transpose', [t], { perm: [0, 2, 3, 1] });
}

/**
 * @param {XnnjsBackend} backend @param {{ x: TensorInfo, filter: TensorInfo, bias?: TensorInfo, slope?: TensorInfo }} given  x [N,H,W,C]
 * @param {Record<string, number>} window @param {any} attrs @param {number} channels  of the output @param {boolean} isDepthwise
 * @returns {TensorInfo}
 */
function convolve(backend, { x, filter, bias, slope }, window, attrs, channels, isDepthwise) {
  const isSeen = backend.isSeenWeight(filter);
  const fusesBias = bias === undefined || (util.sizeFromShape(bias.shape) === channels && bias.shape.at(-1) === channels);
  const fused = fusesBias ? activationOf(attrs, slope, channels) : undefined;
  const flatBias = bias !== undefined && fusesBias ? { ...bias, shape: [channels] } : undefined;
  let y;
  if (isSeen || isDepthwise) {
    const operands = [x, filter, flatBias, fused?.slope];
    if (fused !== undefined) Object.assign(window, fused.attrs);
    y = backend.op(isDepthwise ? 'depthwise_conv2d' : 'conv2d', operands, window, { keep: isSeen });
    if (fused !== undefined) return y;
  } else {
    y = backend.op('conv2d_dynamic', [x, filter, flatBias], window);
  }
  if (bias !== undefined && !fusesBias) y = backend.opOver('add', [y, bias]);
  return applyActivation(backend, y, attrs, slope);
}

/** @param {boolean} isDepthwise @returns {Kernel} */
function convolution(isDepthwise) {
  return ({ inputs: { x, filter, bias, preluActivationWeights }, attrs, backend }) => {
    refuseComplex('conv2d', x, filter);
    const { strides, pad, dilations, dimRoundingMode, dataFormat = 'NHWC' } = attrs;
    const isFirst = dataFormat === 'NCHW';
    const format = isFirst ? 'channelsFirst' : 'channelsLast';
    const $dilations = dilations ?? [1, 1];
    const info = backend_util.computeConv2DInfo(x.shape, filter.shape, strides, $dilations, pad, dimRoundingMode, isDepthwise, format);
    if (info.outShape.includes(0)) return backend.make(info.outShape, x.dtype, null);
    const given = {
      x: backend.castOver(channelsLast(backend, x, isFirst), 'float32'),
      filter: backend.cast(filter, 'float32'),
      bias: besideChannels(bias, isFirst, backend),
      slope: besideChannels(preluActivationWeights, isFirst, backend),
    };
    const y = convolve(backend, given, window2d(info), attrs, info.outChannels, isDepthwise);
    backend.drop(...Object.values(given));
    return backend.castOver(channelsBack(backend, y, isFirst), x.dtype);
  };
}

/** @type {Kernel} */
function conv2dBackpropFilter({ inputs: { x, dy }, attrs: { strides, pad, dataFormat, dimRoundingMode, filterShape }, backend }) {
  const isFirst = dataFormat === 'NCHW';
  const format = isFirst ? 'channelsFirst' : 'channelsLast';
  const info = backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode, false, format);
  const operands = [channelsLast(backend, x, isFirst), channelsLast(backend, dy, isFirst)];
  const y = asFloats(backend, 'conv2d_backprop_filter', operands, window2d(info));
  backend.drop(...operands);
  return y;
}

/** What a gradient has beyond the convolution's output takes no part. @param {XnnjsBackend} backend @param {TensorInfo} dy  [N,H,W,C], taken over @param {number} h @param {number} w */
function cropped(backend, dy, h, w) {
  if (dy.shape[1] <= h && dy.shape[2] <= w) return dy;
  const y = backend.op('slice', [dy], { axes: [1, 2], begin: [0, 0], size: [Math.min(h, dy.shape[1]), Math.min(w, dy.shape[2])] });
  backend.drop(dy);
  return y;
}

/** @type {Kernel} */
function conv2dBackpropInput({ inputs: { dy, filter }, attrs: { inputShape, strides, pad, dataFormat, dimRoundingMode }, backend }) {
  const isFirst = dataFormat === 'NCHW';
  const format = isFirst ? 'channelsFirst' : 'channelsLast';
  const info = backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode, false, format);
  const x = cropped(backend, backend.castOver(channelsLast(backend, dy, isFirst), 'float32'), info.outHeight, info.outWidth);
  const weight = backend.cast(filter, 'float32');
  const attrs = { ...window2d(info), out_h: info.inHeight, out_w: info.inWidth };
  const y = backend.op('conv2d_transpose', [x, weight], attrs, { keep: backend.isSeenWeight(weight) });
  backend.drop(x, weight);
  return channelsBack(backend, y, isFirst);
}

/** @param {any} attrs @param {number[]} xShape @param {number[]} filterShape */
function depthwiseInfo({ strides, dilations, pad, dimRoundingMode }, xShape, filterShape) {
  return backend_util.computeConv2DInfo(
    /** @type {any} */ (xShape),
    /** @type {any} */ (filterShape),
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
}

/** @type {Kernel} */
function depthwiseBackpropFilter({ inputs: { x, dy }, attrs, backend }) {
  const info = depthwiseInfo(attrs, x.shape, attrs.filterShape);
  return asFloats(backend, 'depthwise_backprop_filter', [x, dy], window2d(info));
}

/** @type {Kernel} */
function depthwiseBackpropInput({ inputs: { dy, filter }, attrs, backend }) {
  const info = depthwiseInfo(attrs, attrs.inputShape, filter.shape);
  return asFloats(backend, 'depthwise_backprop_input', [dy, filter], window2d(info));
}

/** @param {any} attrs @param {any} xShape @param {any} filterShape */
const info3d = ({ strides, dilations, pad }, xShape, filterShape) =>
  backend_util.computeConv3DInfo(xShape, filterShape, strides, dilations ?? 1, pad);

/** @type {Kernel} */
function conv3d({ inputs: { x, filter }, attrs, backend }) {
  refuseComplex('conv3d', x, filter);
  return asFloats(backend, 'conv3d', [x, filter], window3d(info3d(attrs, x.shape, filter.shape)));
}

/** @type {Kernel} */
function conv3dBackpropFilter({ inputs: { x, dy }, attrs, backend }) {
  const info = info3d(attrs, x.shape, attrs.filterShape);
  return asFloats(backend, 'conv3d_backprop_filter', [x, dy], window3d(info));
}

/** @type {Kernel} */
function conv3dBackpropInput({ inputs: { dy, filter }, attrs, backend }) {
  const info = info3d(attrs, attrs.inputShape, filter.shape);
  return asFloats(backend, 'conv3d_backprop_input', [dy, filter], window3d(info));
}

/** @param {any} attrs @param {TensorInfo} x @param {TensorInfo} filter */
const dilationWindow = ({ strides, pad, dilations }, x, filter) =>
  window2d(
    backend_util.computeDilation2DInfo(/** @type {any} */ (x.shape), /** @type {any} */ (filter.shape), strides, pad, 'NHWC', dilations),
  );

/** @type {Kernels} */
export const convolutions = {
  Conv2D: convolution(false),
  FusedConv2D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  FusedDepthwiseConv2D: convolution(true),
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  DepthwiseConv2dNativeBackpropFilter: depthwiseBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseBackpropInput,
  Conv3D: conv3d,
  Conv3DBackpropFilterV2: conv3dBackpropFilter,
  Conv3DBackpropInputV2: conv3dBackpropInput,
  Dilation2D: ({ inputs: { x, filter }, attrs, backend }) => asFloats(backend, 'dilation2d', [x, filter], dilationWindow(attrs, x, filter)),
  Dilation2DBackpropInput: ({ inputs: { x, filter, dy }, attrs, backend }) =>
    asFloats(backend, 'dilation2d_grad_input', [x, filter, dy], dilationWindow(attrs, x, filter)),
  Dilation2DBackpropFilter: ({ inputs: { x, filter, dy }, attrs, backend }) =>
    asFloats(backend, 'dilation2d_grad_filter', [x, filter, dy], dilationWindow(attrs, x, filter)),
};
