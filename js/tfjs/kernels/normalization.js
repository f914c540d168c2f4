// Softmax, and what brings elements to a common scale.
import { asFloats } from './rows.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 */

/** Over any axis; the op's is the last one. @type {Kernel} */
function softmax({ inputs: { logits }, attrs: { dim }, backend }) {
  const rank = logits.shape.length;
  const axis = dim < 0 ? dim + rank : dim;
  if (axis === rank - 1) return asFloats(backend, 'softmax', [logits]);
  const perm = logits.shape.map((/** @type {number} */ _, /** @type {number} */ i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const moved = backend.op('transpose', [logits], { perm });
  const y = backend.opOver('softmax', [backend.castOver(moved, 'float32')]);
  const back = backend.op('transpose', [y], { perm });
  backend.drop(y);
  return back;
}

/** @type {Kernels} */
export const normalization = {
  Softmax: softmax,
  LRN: ({ inputs: { x }, attrs: { depthRadius, bias, alpha, beta }, backend }) =>
    backend.op('lrn', [x], { radius: depthRadius, bias, alpha, beta }),
  LRNGrad: ({ inputs: { x, y, dy }, attrs: { depthRadius, bias, alpha, beta }, backend }) =>
    backend.op('lrn_grad', [x, y, dy], { radius: depthRadius, bias, alpha, beta }),
  FusedBatchNorm: ({ inputs: { x, mean, variance, offset, scale }, attrs: { varianceEpsilon }, backend }) =>
    asFloats(backend, 'batch_norm', [x, mean, variance, offset, scale], { epsilon: varianceEpsilon ?? 0.001 }),
};
