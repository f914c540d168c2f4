// Pooling and its gradients.
import { backend_util, util } from '@tensorflow/tfjs-core';
import { asFloats, inFloats, refuseComplex } from './rows.js';
import { poolInfo, window2d, window3d } from './window.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 */

/** @param {string} op @returns {Kernel} */
function pool2d(op) {
  return ({ inputs: { x }, attrs, backend }) => {
    refuseComplex(op, x);
    const info = poolInfo(x, attrs);
    if (info.outShape.includes(0)) return backend.make(info.outShape, x.dtype, null);
    // tfjs-core's specs want it so, whatever stride and padding are.
    if (info.filterHeight === 1 && info.filterWidth === 1 && util.arraysEqual(info.inShape, info.outShape)) return backend.alias(x);
    return inFloats(backend, op, [x], window2d(info));
  };
}

/** @param {TensorInfo} x @param {any} attrs */
const info3d = (x, { filterSize, strides, pad, dimRoundingMode, dataFormat }) =>
  backend_util.computePool3DInfo(/** @type {any} */ (x.shape), filterSize, strides, 1, pad, dimRoundingMode, dataFormat);

/** @param {string} op @returns {Kernel} */
function pool3d(op) {
  return ({ inputs: { x }, attrs, backend }) => {
    refuseComplex(op, x);
    const info = info3d(x, attrs);
    if (info.outShape.includes(0)) return backend.make(info.outShape, x.dtype, null);
    return inFloats(backend, op, [x], window3d(info));
  };
}

/** @type {Kernel} */
function maxPoolWithArgmax({ inputs: { x }, attrs, backend }) {
  refuseComplex('MaxPoolWithArgmax', x);
  const info = poolInfo(x, attrs);
  const window = window2d(info);
  const floats = backend.cast(x, 'float32');
  const y = backend.op('max_pool2d', [floats], window);
  const indices = backend.op('max_pool_argmax', [floats], { ...window, include_batch: attrs.includeBatchInIndex ? 1 : 0 });
  backend.drop(floats);
  return [backend.castOver(y, x.dtype), indices];
}

/** @type {Kernels} */
export const pooling = {
  MaxPool: pool2d('max_pool2d'),
  AvgPool: pool2d('avg_pool2d'),
  MaxPool3D: pool3d('max_pool3d'),
  AvgPool3D: pool3d('avg_pool3d'),
  MaxPoolWithArgmax: maxPoolWithArgmax,
  MaxPoolGrad: ({ inputs: { dy, input }, attrs, backend }) => {
    const info = poolInfo(input, attrs);
    return asFloats(backend, 'max_pool2d_grad', [input, dy], window2d(info));
  },
  AvgPoolGrad: ({ inputs: { dy, input }, attrs, backend }) => {
    const info = poolInfo(input, attrs);
    return asFloats(backend, 'avg_pool2d_grad', [dy], window2d(info));
  },
  MaxPool3DGrad: ({ inputs: { dy, input }, attrs, backend }) => {
    const info = info3d(input, attrs);
    return asFloats(backend, 'max_pool3d_grad', [input, dy], window3d(info));
  },
  AvgPool3DGrad: ({ inputs: { dy, input }, attrs, backend }) => {
    const info = info3d(input, attrs);
    return asFloats(backend, 'avg_pool3d_grad', [dy], window3d(info));
  },
};
