// Products of matrices: batches, with what tfjs fuses to them, and Einstein sums.
import { backend_util, broadcast_util, util } from '@tensorflow/tfjs-core';
import { activationOf, applyActivation } from './activations.js';
import { refuseComplex } from './rows.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/** @param {{ a: TensorInfo, b: TensorInfo }} inputs @param {boolean} transposeA @param {boolean} transposeB */
function checkShapes({ a, b }, transposeA, transposeB) {
  const [innerA, innerB] = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
  util.assert(
    innerA === innerB,
    () =>
      `Error in matMul: inner shapes (${innerA}) and (${innerB}) of Tensors with shapes ${a.shape} and ${b.shape} ` +
      `and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  return broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
}

/**
 * With the weight packed, bias and activation in the same op; where b is one matrix that was a weight before.
 * @param {XnnjsBackend} backend @param {TensorInfo[]} ab @param {boolean} transposeB @param {any} inputs @param {any} attrs
 * @returns {TensorInfo | undefined}
 */
function dense(backend, [a, b], transposeB, { bias, preluActivationWeights }, attrs) {
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || util.sizeFromShape(b.shape.slice(0, -2)) !== 1 || b.shape.length > a.shape.length)
    return;
  if (!backend.isSeenWeight(b)) return;
  const channels = /** @type {number} */ (b.shape.at(transposeB ? -2 : -1));
  const fusesBias =
    bias !== undefined &&
    bias !== null &&
    bias.dtype === 'float32' &&
    util.sizeFromShape(bias.shape) === channels &&
    bias.shape.at(-1) === channels;
  const hasBias = bias !== undefined && bias !== null;
  const fused = hasBias && !fusesBias ? undefined : activationOf(attrs, preluActivationWeights, channels);
  const weight = { ...b, shape: b.shape.slice(-2) };
  const y = backend.op(
    'dense',
    [a, weight, fusesBias ? { ...bias, shape: [channels] } : undefined, fused?.slope],
    { transpose_b: transposeB ? 1 : 0, ...fused?.attrs },
    { keep: true },
  );
  if (fused !== undefined) return y;
  return applyActivation(backend, hasBias && !fusesBias ? backend.opOver('add', [y, bias]) : y, attrs, preluActivationWeights);
}

/** @type {Kernel} */
function fusedMatMul({ inputs, attrs, backend }) {
  const { a, b, bias, preluActivationWeights } = inputs;
  const { transposeA = false, transposeB = false } = attrs;
  refuseComplex('matMul', a, b);
  const batch = checkShapes(inputs, transposeA, transposeB);
  const fast = transposeA ? undefined : dense(backend, [a, b], transposeB, inputs, attrs);
  if (fast !== undefined) return fast;
  const dtype = a.dtype === 'float32' || b.dtype === 'float32' ? 'float32' : 'int32';
  const operands = [backend.cast(a, dtype), backend.cast(b, dtype)];
  let y = backend.op('batch_matmul', operands, { transpose_a: transposeA ? 1 : 0, transpose_b: transposeB ? 1 : 0 });
  backend.drop(...operands);
  y.shape = [...batch, ...y.shape.slice(-2)];
  if (bias !== undefined && bias !== null) y = backend.opOver('add', [y, bias]);
  return applyActivation(backend, y, attrs, preluActivationWeights);
}

// ---- Einstein sums ----

/**
 * A factor with a letter for each axis, none twice.
 * @typedef {{ t: TensorInfo, letters: string[] }} Factor
 */

/** @param {XnnjsBackend} backend @param {Factor} factor @param {string[]} order @returns {TensorInfo} to be dropped */
function arranged(backend, { t, letters }, order) {
  if (order.every((letter, i) => letter === letters[i])) return backend.alias(t);
  return backend.op('transpose', [t], { perm: order.map((letter) => letters.indexOf(letter)) });
}

/** Sums over the axes that nothing else has. @param {XnnjsBackend} backend @param {Factor} factor @param {Set<string>} kept @returns {Factor} */
function summed(backend, { t, letters }, kept) {
  const axes = letters.flatMap((letter, i) => (kept.has(letter) ? [] : [i]));
  if (axes.length === 0) return { t, letters };
  const y = backend.op('reduce_sum', [t], { axes, keep_dims: 0 });
  backend.drop(t);
  return { t: y, letters: letters.filter((letter) => kept.has(letter)) };
}

/** The product of two as one of batches of matrices. @param {XnnjsBackend} backend @param {Factor} a @param {Factor} b @param {Set<string>} kept @returns {Factor} */
function contracted(backend, a, b, kept) {
  const shared = a.letters.filter((letter) => b.letters.includes(letter));
  const batch = shared.filter((letter) => kept.has(letter));
  const inner = shared.filter((letter) => !kept.has(letter));
  const rows = a.letters.filter((letter) => !shared.includes(letter));
  const columns = b.letters.filter((letter) => !shared.includes(letter));
  const size = (/** @type {string} */ letter) =>
    a.letters.includes(letter) ? a.t.shape[a.letters.indexOf(letter)] : b.t.shape[b.letters.indexOf(letter)];
  const sizes = (/** @type {string[]} */ letters) => letters.map(size);
  const left = arranged(backend, a, [...batch, ...rows, ...inner]);
  const right = arranged(backend, b, [...batch, ...inner, ...columns]);
  left.shape = [util.sizeFromShape(sizes(batch)), util.sizeFromShape(sizes(rows)), util.sizeFromShape(sizes(inner))];
  right.shape = [util.sizeFromShape(sizes(batch)), util.sizeFromShape(sizes(inner)), util.sizeFromShape(sizes(columns))];
  const y = backend.op('batch_matmul', [left, right]);
  backend.drop(left, right, a.t, b.t);
  const letters = [...batch, ...rows, ...columns];
  return { t: { ...y, shape: sizes(letters) }, letters };
}

/** @type {Kernel} */
function einsum({ inputs, attrs: { equation }, backend }) {
  const tensors = /** @type {TensorInfo[]} */ (Array.isArray(inputs) ? inputs : Object.values(inputs));
  const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, tensors.length);
  backend_util.checkEinsumDimSizes(allDims.length, idDims, /** @type {any} */ (tensors));
  const wanted = allDims.filter((/** @type {string} */ _, /** @type {number} */ i) => !summedDims.includes(i));
  const terms = equation.replace(/\s/g, '').split('->')[0].split(',');
  const dtype = tensors.some((t) => t.dtype === 'float32') ? 'float32' : 'int32';
  const factors = tensors.map((t, i) => /** @type {Factor} */ ({ t: backend.cast(t, dtype), letters: [...terms[i]] }));
  const kept = new Set(wanted);
  let [result, other] = factors; // tfjs-core allows two
  if (other !== undefined) {
    result = summed(backend, result, new Set([...wanted, ...other.letters]));
    other = summed(backend, other, new Set([...wanted, ...result.letters]));
    result = contracted(backend, result, other, kept);
  }
  result = summed(backend, result, kept);
  const y = arranged(backend, result, wanted);
  backend.drop(result.t);
  return y;
}

/** @type {Kernels} */
export const matrices = {
  BatchMatMul: fusedMatMul,
  _FusedMatMul: fusedMatMul,
  Einsum: einsum,
};
