// Ops whose indices are data: sparse and ragged tensors, scattering.
import { backend_util, buffer, util } from '@tensorflow/tfjs-core';
import {
  raggedGatherImpl,
  raggedRangeImpl,
  raggedTensorToTensorImpl,
  scatterImpl,
  sparseFillEmptyRowsImpl,
  sparseReshapeImpl,
  sparseSegmentReductionImpl,
} from '../../../dist/tfjs-shared.js';
import { demand } from './rows.js';
import { stringBuffer } from './strings.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/** @type {Kernel} */
function sparseFillEmptyRows({ inputs: { indices, values, denseShape, defaultValue }, backend }) {
  demand(denseShape.shape.length === 1, `Dense shape must be a vector, saw: ${denseShape.shape}`);
  demand(indices.shape.length === 2, `Indices must be a matrix, saw: ${indices.shape}`);
  demand(values.shape.length === 1, `Values must be a vector, saw: ${values.shape}`);
  demand(defaultValue.shape.length === 0, `Default value must be a scalar, saw: ${defaultValue.shape}`);
  const [rows, shape, filled, isEmpty, reverse] = sparseFillEmptyRowsImpl(
    backend.values(indices),
    indices.shape,
    indices.dtype,
    backend.values(values),
    values.dtype,
    backend.values(denseShape),
    backend.values(defaultValue)[0],
  );
  return [
    backend.make(shape, indices.dtype, rows),
    backend.make([shape[0]], values.dtype, filled),
    backend.make([isEmpty.length], 'bool', Uint8Array.from(isEmpty, Number)),
    backend.make([reverse.length], indices.dtype, Int32Array.from(reverse)),
  ];
}

/** @type {Kernel} */
function sparseReshape({ inputs: { inputIndices, inputShape, newShape }, backend }) {
  demand(inputIndices.shape.length === 2, `Input indices should be a matrix but received shape ${inputIndices.shape}`);
  demand(inputShape.shape.length === 1, `Input shape should be a vector but received shape ${inputShape.shape}`);
  demand(newShape.shape.length === 1, `Target shape should be a vector but received shape ${newShape.shape}`);
  const [rows, rowsShape, shape] = sparseReshapeImpl(
    backend.values(inputIndices),
    inputIndices.shape,
    inputIndices.dtype,
    [...backend.values(inputShape)],
    [...backend.values(newShape)],
  );
  return [backend.make(rowsShape, inputIndices.dtype, rows), backend.make([shape.length], newShape.dtype, Int32Array.from(shape))];
}

/**
 * Segments of rows that are picked by index, where nothing is wrong with either list: else tfjs's function says what.
 * @param {XnnjsBackend} backend @param {TensorInfo} data @param {Int32Array} indices @param {Int32Array} segments @param {boolean} isMean
 * @returns {TensorInfo | undefined}
 */
function sumSegments(backend, data, indices, segments, isMean) {
  const n = indices.length;
  const isNumber = data.dtype === 'float32' || (data.dtype === 'int32' && !isMean);
  if (!isNumber || n === 0 || segments[0] < 0) return undefined;
  for (let i = 1; i < n; i++) if (segments[i] < segments[i - 1]) return undefined;
  for (let i = 0; i < n; i++) if (indices[i] < 0 || indices[i] >= data.shape[0]) return undefined;
  const count = segments[n - 1] + 1;
  const operands = [backend.make([n], 'int32', indices), backend.make([n], 'int32', segments)];
  const rows = backend.op('gather', [data, operands[0]], { axis: 0 });
  let y = backend.op('unsorted_segment_sum', [rows, operands[1]], { num_segments: count });
  if (isMean) {
    const counts = new Float32Array(count);
    for (let i = 0; i < n; i++) counts[segments[i]]++;
    for (let i = 0; i < count; i++) if (counts[i] === 0) counts[i] = 1; // of a segment without rows: zeros
    const divisor = backend.make([count, ...new Array(data.shape.length - 1).fill(1)], 'float32', counts);
    y = backend.opOver('div', [y, divisor]);
    backend.drop(divisor);
  }
  backend.drop(rows, ...operands);
  return y;
}

/** @param {boolean} isMean @returns {Kernel} */
function sparseSegment(isMean) {
  return ({ inputs: { data, indices, segmentIds }, backend }) => {
    demand(data.shape.length >= 1, 'Data should be at least 1 dimensional but received scalar');
    demand(indices.shape.length === 1, `Indices should be a vector but received shape ${indices.shape}`);
    demand(segmentIds.shape.length === 1, `Segment ids should be a vector but received shape ${segmentIds.shape}`);
    demand(
      indices.shape[0] === segmentIds.shape[0],
      `segmentIds and indices should have same size: ${segmentIds.shape[0]}, ${indices.shape[0]}`,
    );
    const lists = [backend.values(indices), backend.values(segmentIds)];
    const sums = sumSegments(backend, data, lists[0], lists[1], isMean);
    if (sums !== undefined) return sums;
    const [values, shape] = sparseSegmentReductionImpl(backend.values(data), data.shape, data.dtype, lists[0], lists[1], isMean);
    return backend.make(shape, data.dtype, values);
  };
}

/** @type {Kernel} */
function raggedGather({ inputs: { paramsNestedSplits, paramsDenseValues, indices }, attrs: { outputRaggedRank }, backend }) {
  const nested = /** @type {TensorInfo[]} */ (paramsNestedSplits);
  const [splits, values, shape] = raggedGatherImpl(
    nested.map((t) => backend.values(t)),
    nested.map((t) => t.shape),
    backend.values(paramsDenseValues),
    paramsDenseValues.shape,
    paramsDenseValues.dtype,
    backend.values(indices),
    indices.shape,
    outputRaggedRank,
  );
  return [
    ...splits.map((/** @type {any} */ split) => backend.make([split.length], 'int32', split)),
    backend.make(shape, paramsDenseValues.dtype, values),
  ];
}

/** @type {Kernel} */
function raggedRange({ inputs: { starts, limits, deltas }, backend }) {
  const [splits, values] = raggedRangeImpl(
    backend.values(starts),
    starts.shape,
    starts.dtype,
    backend.values(limits),
    limits.shape,
    backend.values(deltas),
    deltas.shape,
  );
  return [backend.make([splits.length], 'int32', splits), backend.make([values.length], starts.dtype, values)];
}

/** @type {Kernel} */
function raggedTensorToTensor({ inputs: { shape, values, defaultValue, rowPartitionTensors }, attrs: { rowPartitionTypes }, backend }) {
  const rows = /** @type {TensorInfo[]} */ (rowPartitionTensors);
  const [outputShape, output] = raggedTensorToTensorImpl(
    backend.values(shape),
    shape.shape,
    backend.values(values),
    values.shape,
    values.dtype,
    backend.values(defaultValue),
    defaultValue.shape,
    rows.map((t) => backend.values(t)),
    rows.map((t) => t.shape),
    rowPartitionTypes,
  );
  return backend.make(outputShape, values.dtype, output);
}

/** Indices of one axis, in rows of one, which tfjs takes as a list too. @param {TensorInfo} indices @returns {TensorInfo} */
const inRows = (indices) => (indices.shape.length > 1 ? indices : { ...indices, shape: [util.sizeFromShape(indices.shape), 1] });

/** @type {Kernel} */
function scatterNd({ inputs: { indices, updates }, attrs: { shape }, backend }) {
  backend_util.calculateShapes(updates, indices, shape);
  if (shape.includes(0)) return backend.make(shape, updates.dtype, null);
  const dtype = updates.dtype === 'bool' ? 'int32' : updates.dtype;
  const operands = [backend.cast(inRows(indices), 'int32'), backend.cast(updates, dtype)];
  const y = backend.op('scatter_nd', operands, { shape });
  backend.drop(...operands);
  return backend.castOver(y, updates.dtype);
}

/** @type {Kernel} */
function tensorScatterUpdate({ inputs: { tensor, indices, updates }, backend }) {
  backend_util.calculateShapes(updates, indices, tensor.shape);
  if (tensor.dtype === 'string') {
    const { sliceRank, numUpdates, sliceSize, strides, outputSize } = backend_util.calculateShapes(updates, indices, tensor.shape);
    const { values } = scatterImpl(
      /** @type {any} */ (buffer(indices.shape, 'int32', backend.values(indices))),
      stringBuffer(backend, updates),
      tensor.shape,
      outputSize,
      sliceSize,
      numUpdates,
      sliceRank,
      strides,
      stringBuffer(backend, tensor),
      false,
    );
    return backend.makeStrings(tensor.shape, /** @type {any} */ (values));
  }
  const operands = [backend.alias(tensor), backend.cast(inRows(indices), 'int32'), backend.cast(updates, tensor.dtype)];
  const y = backend.op('tensor_scatter', operands, { mode: 0 });
  backend.drop(...operands);
  return y;
}

/** @type {Kernel} */
function sparseToDense({ inputs: { sparseIndices, sparseValues, defaultValue }, attrs: { outputShape }, backend }) {
  const info = backend_util.calculateShapes(sparseValues, sparseIndices, outputShape);
  if (sparseValues.dtype === 'string') {
    const { values } = scatterImpl(
      /** @type {any} */ (buffer(sparseIndices.shape, 'int32', backend.values(sparseIndices))),
      stringBuffer(backend, sparseValues),
      outputShape,
      info.outputSize,
      info.sliceSize,
      info.numUpdates,
      info.sliceRank,
      info.strides,
      util.decodeString(backend.values(defaultValue)[0]),
      false,
    );
    return backend.makeStrings(outputShape, /** @type {any} */ (values));
  }
  const operands = [backend.cast(sparseIndices, 'int32'), backend.alias(sparseValues), backend.cast(defaultValue, sparseValues.dtype)];
  const y = backend.op('sparse_to_dense', operands, { shape: outputShape });
  backend.drop(...operands);
  return y;
}

/** @type {Kernel} */
function unsortedSegmentSum({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) {
  const operands = [backend.cast(x, 'float32'), backend.cast(segmentIds, 'int32')];
  const y = backend.op('unsorted_segment_sum', operands, { num_segments: numSegments });
  backend.drop(...operands);
  return y;
}

/** @type {Kernels} */
export const sparse = {
  SparseFillEmptyRows: sparseFillEmptyRows,
  SparseReshape: sparseReshape,
  SparseSegmentMean: sparseSegment(true),
  SparseSegmentSum: sparseSegment(false),
  SparseToDense: sparseToDense,
  RaggedGather: raggedGather,
  RaggedRange: raggedRange,
  RaggedTensorToTensor: raggedTensorToTensor,
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatterUpdate,
  UnsortedSegmentSum: unsortedSegmentSum,
};
