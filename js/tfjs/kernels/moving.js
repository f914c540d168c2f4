// Ops that move elements or give them another shape; strings and complex numbers too.
import { backend_util, buffer, slice_util, util } from '@tensorflow/tfjs-core';
import { concatImpl, gatherV2Impl, sliceImpl, stridedSliceImpl, tileImpl, transposeImpl } from '../../../dist/tfjs-shared.js';
import { XnnError } from '../../errors.js';
import { byParts, refuseComplex } from './rows.js';
import { stringBuffer } from './strings.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').KernelCall} KernelCall
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/**
 * @param {Kernel} numbers  Of one input, `x`.
 * @param {(call: KernelCall) => TensorInfo} [strings]  Where it does not take strings itself.
 * @returns {Kernel}
 */
function ofAnyType(numbers, strings) {
  return (call) => {
    const { x } = call.inputs;
    if (x.dtype === 'complex64') return byParts(call, 'x', numbers);
    if (x.dtype === 'string' && strings !== undefined) return strings(call);
    return numbers(call);
  };
}

/** @type {Kernel} */
const identity = ({ inputs: { x }, backend }) => backend.alias(x);

/** @type {Kernel} */
function reshape({ inputs: { x }, attrs: { shape }, backend }) {
  const size = util.sizeFromShape(x.shape);
  const full = util.inferFromImplicitShape(shape, size);
  util.assert(
    size === util.sizeFromShape(full),
    () =>
      `The new shape (${full}) has ${util.sizeFromShape(full)} elements and the old shape (${x.shape}) has ${size} elements. ` +
      'The new shape and old shape must have the same number of elements.',
  );
  return backend.alias(x, full);
}

/** @type {Kernel} */
function expandDims({ inputs: { input }, attrs: { dim }, backend }) {
  const rank = input.shape.length;
  if (dim < 0) util.assert(-(rank + 1) <= dim, () => `Axis must be in the interval [${-(rank + 1)}, ${rank}]`);
  const shape = input.shape.slice();
  shape.splice(dim < 0 ? rank + dim + 1 : dim, 0, 1);
  return backend.alias(input, shape);
}

const transpose = ofAnyType(
  ({ inputs: { x }, attrs: { perm }, backend }) => {
    const order = /** @type {number[]} */ (perm);
    // Nothing moves where only axes of length 1 do.
    const long = order.filter((axis) => x.shape[axis] !== 1);
    if (long.every((axis, i) => i === 0 || axis > long[i - 1]))
      return backend.alias(
        x,
        order.map((axis) => x.shape[axis]),
      );
    return backend.op('transpose', [x], { perm });
  },
  ({ inputs: { x }, attrs: { perm }, backend }) => {
    const shape = perm.map((/** @type {number} */ axis) => x.shape[axis]);
    return backend.make(shape, 'string', transposeImpl(backend.values(x), x.shape, x.dtype, perm, shape));
  },
);

const reverse = ofAnyType(({ inputs: { x }, attrs: { dims }, backend }) => {
  const axes = util.parseAxisParam(dims, x.shape);
  return axes.length === 0 || x.shape.length === 0 ? backend.alias(x) : backend.op('reverse', [x], { axes });
});

/** @param {XnnjsBackend} backend @param {TensorInfo} x @param {number[]} begin @param {number[]} size @returns {TensorInfo} */
function sliced(backend, x, begin, size) {
  slice_util.assertParamsValid(/** @type {any} */ (x), begin, size);
  if (x.dtype === 'string') return backend.make(size, 'string', sliceImpl(backend.values(x), begin, size, x.shape, x.dtype));
  if (x.shape.every((length, i) => size[i] === length)) return backend.alias(x);
  return backend.op('slice', [x], { axes: begin.map((_, i) => i), begin, size });
}

const slice = ofAnyType(({ inputs: { x }, attrs: { begin, size }, backend }) => {
  const [from, sizes] = slice_util.parseSliceParams(x, begin, size);
  return sliced(backend, x, from, sizes);
});

/** tfjs-core reads the masks; what is left is a begin, an end and a stride for each axis. @type {Kernel} */
function stridedSlice({ inputs: { x }, attrs, backend }) {
  refuseComplex('StridedSlice', x);
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const info = slice_util.sliceInfo(x.shape, begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask);
  if (info.isIdentity) return backend.alias(x, info.finalShape);
  if (info.sliceDim0 || info.isSimpleSlice) {
    util.assert(x.shape.length >= 1, () => `Input must have rank at least 1, got: ${x.shape.length}`);
    const y = sliced(backend, x, info.begin, slice_util.computeOutShape(info.begin, info.end, info.strides));
    return { ...y, shape: info.finalShape };
  }
  if (x.dtype === 'string') {
    const { values } = stridedSliceImpl(info.finalShapeSparse, stringBuffer(backend, x), info.strides, info.begin);
    return backend.makeStrings(info.finalShape, /** @type {any} */ (values));
  }
  if (util.sizeFromShape(info.finalShape) === 0) return backend.make(info.finalShape, x.dtype, null);
  // Whole axes are masked: an end of -1 would count from the end of the axis.
  const end_mask = info.end.reduce((mask, stop, i) => (stop < 0 ? mask | (1 << i) : mask), 0);
  const y = backend.op('strided_slice', [x], { begin: info.begin, end: info.end, strides: info.strides, end_mask });
  return { ...y, shape: info.finalShape };
}

/** @param {XnnjsBackend} backend @param {TensorInfo[]} tensors  Of one dtype, none empty. @param {number} axis @returns {TensorInfo} */
function joined(backend, tensors, axis) {
  const { most } = backend.eager;
  if (tensors.length <= most) return backend.op('concat', tensors, { axis });
  const groups = [];
  for (let i = 0; i < tensors.length; i += most) groups.push(joined(backend, tensors.slice(i, i + most), axis));
  const y = joined(backend, groups, axis);
  backend.drop(...groups);
  return y;
}

/** @type {Kernel} */
function concat({ inputs, attrs, backend }) {
  const tensors = /** @type {TensorInfo[]} */ (inputs);
  const axis = util.parseAxisParam(attrs.axis, tensors[0].shape)[0];
  const shapes = tensors.map((t) => t.shape);
  backend_util.assertParamsConsistent(shapes, axis);
  const shape = backend_util.computeOutShape(shapes, axis);
  const { dtype } = tensors[0];
  if (util.sizeFromShape(shape) === 0) return backend.make(shape, dtype, dtype === 'string' ? [] : null);
  const full = tensors.filter((t) => util.sizeFromShape(t.shape) > 0);
  if (full.length === 1) return backend.alias(full[0]);
  if (dtype === 'complex64') {
    const parts = full.map((t) => backend.parts(t));
    const [real, imag] = [parts.map((part) => part.real), parts.map((part) => part.imag)];
    return backend.complex(joined(backend, real, axis), joined(backend, imag, axis));
  }
  if (dtype === 'string') return concatStrings(backend, full, axis, shape);
  const operands = full.map((t) => backend.cast(t, dtype));
  const y = joined(backend, operands, axis);
  backend.drop(...operands);
  return y;
}

/** @param {XnnjsBackend} backend @param {TensorInfo[]} tensors @param {number} axis @param {number[]} shape */
function concatStrings(backend, tensors, axis, shape) {
  const matrices = tensors.map((t) => ({
    vals: backend.values(t),
    shape: [util.sizeFromShape(t.shape.slice(0, axis)), util.sizeFromShape(t.shape.slice(axis))],
  }));
  const whole = /** @type {[number, number]} */ (
    backend_util.computeOutShape(
      matrices.map((m) => m.shape),
      1,
    )
  );
  return backend.makeStrings(shape, /** @type {any} */ (concatImpl(matrices, whole, 'string', matrices[0].shape[0] === 1)));
}

/** @type {Kernel} */
function pack({ inputs, attrs: { axis }, backend }) {
  const tensors = /** @type {TensorInfo[]} */ (inputs);
  const { shape, dtype } = tensors[0];
  for (const t of tensors) {
    util.assertShapesMatch(shape, t.shape, 'All tensors passed to stack must have matching shapes');
    util.assert(dtype === t.dtype, () => 'All tensors passed to stack must have matching dtypes');
  }
  const at = axis < 0 ? axis + shape.length + 1 : axis;
  const tall = [...shape.slice(0, at), 1, ...shape.slice(at)];
  return concat({ inputs: tensors.map((t) => ({ ...t, shape: tall })), attrs: { axis: at }, backend });
}

/** @type {Kernel} */
function unpack({ inputs: { value }, attrs, backend }) {
  const rank = value.shape.length;
  const axis = attrs.axis < 0 ? attrs.axis + rank : attrs.axis;
  const shape = value.shape.filter((/** @type {number} */ _, /** @type {number} */ i) => i !== axis);
  return Array.from({ length: value.shape[axis] }, (_, i) => {
    const begin = new Array(rank).fill(0);
    begin[axis] = i;
    const size = value.shape.slice();
    size[axis] = 1;
    const part = /** @type {TensorInfo} */ (slice({ inputs: { x: value }, attrs: { begin, size }, backend }));
    return { ...part, shape };
  });
}

/** @type {Kernel} */
function splitV({ inputs: { x }, attrs: { numOrSizeSplits, axis }, backend }) {
  const at = util.parseAxisParam(axis, x.shape)[0];
  const begin = new Array(x.shape.length).fill(0);
  return backend_util.prepareSplitSize(x, numOrSizeSplits, at).map((length) => {
    const size = x.shape.slice();
    size[at] = length;
    const part = /** @type {TensorInfo} */ (slice({ inputs: { x }, attrs: { begin: begin.slice(), size }, backend }));
    begin[at] += length;
    return part;
  });
}

const tile = ofAnyType(
  ({ inputs: { x }, attrs: { reps }, backend }) => backend.op('tile', [x], { multiples: reps }),
  ({ inputs: { x }, attrs: { reps }, backend }) => {
    const { shape, values } = tileImpl(stringBuffer(backend, x), reps);
    return backend.makeStrings(shape, /** @type {any} */ (values));
  },
);

const pad = ofAnyType(({ inputs: { x }, attrs: { paddings, constantValue }, backend }) => {
  if (paddings.length === 0) return backend.alias(x);
  const shape = paddings.map((/** @type {number[]} */ [before, after], /** @type {number} */ i) => before + x.shape[i] + after);
  if (util.sizeFromShape(x.shape) > 0 || util.sizeFromShape(shape) === 0)
    return backend.op('pad', [x], { paddings: paddings.flat(), value: constantValue });
  const value = backend.scalar(constantValue, x.dtype);
  const y = backend.op('fill', [value], { shape });
  backend.drop(value);
  return y;
});

/** @type {Kernel} */
function mirrorPad({ inputs: { x }, attrs: { paddings, mode }, backend }) {
  refuseComplex('MirrorPad', x);
  return backend.op('mirror_pad', [x], { paddings: paddings.flat(), symmetric: mode === 'symmetric' ? 1 : 0 });
}

/** @type {Kernel} */
function gatherV2({ inputs: { x, indices }, attrs: { axis, batchDims }, backend }) {
  refuseComplex('GatherV2', x, indices);
  const at = util.parseAxisParam(axis, x.shape)[0];
  const batch = batchDims ?? 0;
  const info = backend_util.segment_util.collectGatherOpShapeInfo(/** @type {any} */ (x), /** @type {any} */ (indices), at, batch);
  if (x.dtype === 'string') return gatherStrings(backend, x, indices, info);
  if (info.outputShape.includes(0)) return backend.make(info.outputShape, x.dtype, null);
  const numbers = backend.cast(indices, 'int32');
  try {
    const y = backend.op('gather', [x, numbers], { axis: at, batch_dims: batch < 0 ? batch + indices.shape.length : batch });
    return { ...y, shape: info.outputShape };
  } catch (error) {
    checkIndices(backend.values(numbers), info.dimSize);
    throw error;
  } finally {
    backend.drop(numbers);
  }
}

/** @param {ArrayLike<number>} indices @param {number} length */
function checkIndices(indices, length) {
  const wrong = Array.prototype.find.call(indices, (index) => index < 0 || index >= length);
  if (wrong !== undefined) throw new XnnError('bad-shape', `GatherV2: the index value ${wrong} is not in [0, ${length - 1}]`);
}

/** @param {XnnjsBackend} backend @param {TensorInfo} x @param {TensorInfo} indices @param {any} info */
function gatherStrings(backend, x, indices, { batchSize, outerSize, dimSize, sliceSize, outputShape }) {
  const numbers = backend.values(indices);
  checkIndices(numbers, dimSize);
  const each = numbers.length / batchSize;
  const from = stringBuffer(backend, { ...x, shape: [batchSize, outerSize, dimSize, sliceSize] });
  const order = /** @type {any} */ (buffer([batchSize, each], 'int32', numbers));
  const { values } = gatherV2Impl(from, order, [batchSize, outerSize, each, sliceSize]);
  return backend.makeStrings(outputShape, /** @type {any} */ (values));
}

/** @type {Kernel} */
function gatherNd({ inputs: { params, indices }, backend }) {
  refuseComplex('GatherNd', params, indices);
  const [shape, slices] = backend_util.prepareAndValidate(params, indices);
  if (slices === 0) return backend.make(shape, params.dtype, params.dtype === 'string' ? [] : null);
  const numbers = backend.cast(indices, 'int32');
  const y = backend.op('gather_nd', [params, numbers]);
  backend.drop(numbers);
  return { ...y, shape };
}

/** @type {Kernel} */
function spaceToBatch({ inputs: { x }, attrs: { blockShape, paddings }, backend }) {
  refuseComplex('SpaceToBatchND', x);
  return backend.op('space_to_batch', [x], { block: blockShape, paddings: paddings.flat() });
}

/** @type {Kernel} */
function batchToSpace({ inputs: { x }, attrs: { blockShape, crops }, backend }) {
  refuseComplex('BatchToSpaceND', x);
  return backend.op('batch_to_space', [x], { block: blockShape, crops: crops.flat() });
}

/** @type {Kernel} */
function depthToSpace({ inputs: { x }, attrs: { blockSize, dataFormat }, backend }) {
  util.assert(dataFormat === 'NHWC', () => `Only NHWC dataFormat supported on xnnjs for depthToSpace. Got ${dataFormat}`);
  return backend.op('depth_to_space', [x], { block: blockSize });
}

/** @type {Kernel} */
function broadcastArgs({ inputs: { s0, s1 }, backend }) {
  const shape = backend_util.assertAndGetBroadcastShape([...backend.values(s0)], [...backend.values(s1)]);
  return backend.make([shape.length], 'int32', Int32Array.from(shape));
}

/** @type {Kernels} */
export const moving = {
  Identity: identity,
  Reshape: reshape,
  ExpandDims: expandDims,
  Transpose: transpose,
  Reverse: reverse,
  Slice: slice,
  StridedSlice: stridedSlice,
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  SplitV: splitV,
  Tile: tile,
  PadV2: pad,
  MirrorPad: mirrorPad,
  GatherV2: gatherV2,
  GatherNd: gatherNd,
  SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
  BroadcastArgs: broadcastArgs,
  Diag: ({ inputs: { x }, backend }) => backend.op('diag', [x]),
};
