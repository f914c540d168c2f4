// tfjs-core's description of a convolution or pooling as the attributes that ops share (WINDOW in src/ops.def).
import { backend_util } from '@tensorflow/tfjs-core';

/**
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 * @typedef {import('@tensorflow/tfjs-core').backend_util.Conv2DInfo} Conv2DInfo
 * @typedef {import('@tensorflow/tfjs-core').backend_util.Conv3DInfo} Conv3DInfo
 */

/**
 * The padding at the end that gives as many places as tfjs counted: fractional numbers of them are rounded by its dimRoundingMode,
 * and less may be read than the padding allows.
 * @param {number} places @param {number} stride @param {number} kernel  dilated @param {number} size @param {number} before
 */
const after = (places, stride, kernel, size, before) => Math.max(0, (places - 1) * stride + kernel - size - before);

/**
 * With kernel, input and no activation: ops pass over what they have no attribute for. One literal, since `{ ...a, ...b }` takes V8 up to
 * ten microseconds.
 * @param {Conv2DInfo} info @returns {Record<string, number>}
 */
export function window2d(info) {
  const { padInfo } = info;
  return {
    kernel_h: info.filterHeight,
    kernel_w: info.filterWidth,
    in_h: info.inHeight,
    in_w: info.inWidth,
    activation: 0,
    act_op: 0,
    act_min: 0,
    act_max: 0,
    stride_h: info.strideHeight,
    stride_w: info.strideWidth,
    dilation_h: info.dilationHeight,
    dilation_w: info.dilationWidth,
    pad_top: padInfo.top,
    pad_left: padInfo.left,
    pad_bottom: after(info.outHeight, info.strideHeight, info.effectiveFilterHeight, info.inHeight, padInfo.top),
    pad_right: after(info.outWidth, info.strideWidth, info.effectiveFilterWidth, info.inWidth, padInfo.left),
  };
}

/** With kernel and input. @param {Conv3DInfo} info @returns {Record<string, number>} */
export function window3d(info) {
  const { padInfo } = info;
  return {
    kernel_d: info.filterDepth,
    kernel_h: info.filterHeight,
    kernel_w: info.filterWidth,
    in_d: info.inDepth,
    in_h: info.inHeight,
    in_w: info.inWidth,
    stride_d: info.strideDepth,
    stride_h: info.strideHeight,
    stride_w: info.strideWidth,
    dilation_d: info.dilationDepth,
    dilation_h: info.dilationHeight,
    dilation_w: info.dilationWidth,
    pad_front: padInfo.front,
    pad_top: padInfo.top,
    pad_left: padInfo.left,
    pad_back: after(info.outDepth, info.strideDepth, info.effectiveFilterDepth, info.inDepth, padInfo.front),
    pad_bottom: after(info.outHeight, info.strideHeight, info.effectiveFilterHeight, info.inHeight, padInfo.top),
    pad_right: after(info.outWidth, info.strideWidth, info.effectiveFilterWidth, info.inWidth, padInfo.left),
  };
}

/** @param {TensorInfo} x @param {any} attrs @returns {Conv2DInfo} */
export function poolInfo(x, { filterSize, strides, pad, dimRoundingMode, dilations = 1 }) {
  return backend_util.computePool2DInfo(/** @type {any} */ (x.shape), filterSize, strides, dilations, pad, dimRoundingMode);
}

const TO_LAST = { perm: [0, 2, 3, 1] };
const TO_FIRST = { perm: [0, 3, 1, 2] };

/** @param {XnnjsBackend} backend @param {TensorInfo} x @param {boolean} isFirst  [N,C,H,W] @returns {TensorInfo} [N,H,W,C], to be dropped */
export const channelsLast = (backend, x, isFirst) => (isFirst ? backend.op('transpose', [x], TO_LAST) : backend.alias(x));

/** @param {XnnjsBackend} backend @param {TensorInfo} y  Taken over. @param {boolean} isFirst @returns {TensorInfo} */
export function channelsBack(backend, y, isFirst) {
  if (!isFirst) return y;
  const moved = backend.op('transpose', [y], TO_FIRST);
  backend.drop(y);
  return moved;
}
