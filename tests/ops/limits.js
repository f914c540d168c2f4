// How far results may be from their references, in tests of WebAssembly and of the native build.
import { SCHEMA } from '../../dist/schema.js';

/** design.md, Numerics: |error| ≤ 1e-5 · (|result| + Σ|terms|). Each test prints what it measured. */
export const LIMIT = 1e-5;

/** Rounded once, or not at all: they give the float nearest to the exact result, and the right sign of zero. */
export const EXACT = new Set(
  'add sub mul div maximum minimum floor_div cast arg_max gather_nd slice squeeze expand_dims relu relu6 clamp leaky_relu prelu abs neg square sqrt max_pool2d pad reshape identity concat resize_nearest max_pool3d max_pool_argmax max_unpool dilation2d'.split(
    ' ',
  ),
);
for (const op of [
  'sign ceil floor round reciprocal mod trunc_mod div_no_nan',
  'equal not_equal greater greater_equal less less_equal logical_and logical_or logical_xor logical_not',
  'reduce_max reduce_min reduce_all reduce_any arg_min multinomial',
  'bitwise_and bitwise_or bitwise_xor bitwise_not is_nan is_inf is_finite select',
])
  for (const name of op.split(' ')) EXACT.add(name);
/** Those that move data. */
for (const op of 'shape broadcast_args fill range linspace one_hot transpose reverse split tile broadcast_to strided_slice mirror_pad gather sparse_to_dense matrix_band_part top_k space_to_batch batch_to_space depth_to_space space_to_depth'.split(
  ' ',
))
  EXACT.add(op);
for (const op of 'search_sorted non_max_suppression rotate_with_offset unique where_true diag from_pixels step'.split(' ')) EXACT.add(op);
/** May flush results below 2^-126 to zero. */
export const FLUSHES = new Set(['sigmoid', 'softmax', 'silu', 'mish', 'gelu', 'attention']);

/** Integers, or products of one: as TFLite's kernels round them. */
for (const op of SCHEMA.map((line) => line.split(' ')[0]).filter((name) => /^q_|quantize|^lookup$/.test(name))) EXACT.add(op);
