// Defects of tfjs-backend-wasm 4.22 (SIMD, one thread; measured) that the project's backend must not have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { valuesOn, withBackend } from './backends.js';

/** @param {number} n @param {(i: number) => number} f */
const fill = (n, f) => Float32Array.from({ length: n }, (_, i) => f(i));

// Wasm: it adds the bias three times, once for each piece of K, with 'a' or 'b' transposed: [29.676, 60.519, 60.187, …] for transposeA,
// where [9.676, 20.519, 10.187, …] is right.
for (const { transposeA, transposeB } of [
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
]) {
  test(`fused.matMul: transposeA ${transposeA}, transposeB ${transposeB}, K = 100, adds its bias once`, async () => {
    const [m, k, n] = [3, 100, 2];
    const a = fill(m * k, Math.sin);
    const b = fill(k * n, Math.cos);
    const bias = [10, 20];
    const { shape, values } = await valuesOn('xnnjs', () =>
      tf.fused.matMul({
        a: tf.tensor2d(a, transposeA ? [k, m] : [m, k]),
        b: tf.tensor2d(b, transposeB ? [n, k] : [k, n]),
        bias: tf.tensor1d(bias),
        transposeA,
        transposeB,
      }),
    );
    assert.deepEqual(shape, [m, n]);
    for (let i = 0; i < m * n; i++) {
      const row = Math.floor(i / n);
      const column = i % n;
      let sum = bias[column];
      let terms = bias[column];
      for (let j = 0; j < k; j++) {
        const term = a[transposeA ? j * m + row : row * k + j] * b[transposeB ? column * k + j : j * n + column];
        sum += term;
        terms += Math.abs(term);
      }
      assert.ok(Math.abs(values[i] - sum) <= 1e-6 * terms, `[${i}]: ${values[i]} for ${sum}`);
    }
  });
}

// Wasm: [-1, -1, 0.5, 1, -1, 1]; relu6 of NaN is 0.
test('clipByValue, relu6: NaN stays NaN', async () => {
  const clipped = await valuesOn('xnnjs', () => tf.clipByValue(tf.tensor1d([NaN, -2, 0.5, 3, NaN, Infinity]), -1, 1));
  assert.deepEqual(clipped.values, [NaN, -1, 0.5, 1, NaN, 1]);
  const relu6 = await valuesOn('xnnjs', () => tf.relu6(tf.tensor1d([NaN, -1, 7, 2])));
  assert.deepEqual(relu6.values, [NaN, 0, 6, 2]);
});

// Wasm keeps the lowest byte of the number: [0, 0, 253, 0, 0, 0] and [0, 2, 0, 255, 0], whose sum is 257.
test('cast: all but zero is true, and true is 1', async () => {
  const floats = await valuesOn('xnnjs', () => tf.cast(tf.tensor1d([0, 0.5, -3, 256, NaN, 1e-30, -0]), 'bool'));
  assert.deepEqual(floats, { dtype: 'bool', shape: [7], values: [0, 1, 1, 1, 1, 1, 0] });
  const ints = () => tf.cast(tf.tensor1d([0, 2, 256, -1, 65536], 'int32'), 'bool');
  assert.deepEqual(await valuesOn('xnnjs', ints), { dtype: 'bool', shape: [5], values: [0, 1, 1, 1, 1] });
  assert.deepEqual((await valuesOn('xnnjs', () => tf.sum(tf.cast(ints(), 'int32')))).values, [4]);
});

/** 0, 1, 2 … as [1, size, size, 1]. @param {number} size */
const ramp = (size) => /** @type {tf.Tensor4D} */ (tf.reshape(tf.range(0, size * size), [1, size, size, 1]));
/** @type {Record<string, () => tf.Tensor>} */
const windows = {
  'maxPool 5 × 5, window 2, stride 2, ceil': () => tf.maxPool(ramp(5), 2, 2, 0, 'ceil'),
  'maxPool 6 × 6, window 3, stride 2, round': () => tf.maxPool(ramp(6), 3, 2, 0, 'round'),
  'maxPool 5 × 5, window 2, stride 2, floor': () => tf.maxPool(ramp(5), 2, 2, 0, 'floor'),
  'avgPool 5 × 5, window 2, stride 2, ceil': () => tf.avgPool(ramp(5), 2, 2, 0, 'ceil'),
  'avgPool 6 × 6, window 3, stride 2, round': () => tf.avgPool(ramp(6), 3, 2, 0, 'round'),
  'conv2d 5 × 5, filter 2, stride 2, ceil': () => tf.conv2d(ramp(5), tf.ones([2, 2, 1, 1]), 2, 0, 'NHWC', 1, 'ceil'),
};
// Wasm computes for the size rounded down and leaves the rest as it was: [6, 8, 16, 18, 0, 0, 0, 0, 0] for the first,
// where [6, 8, 9, 16, 18, 19, 21, 23, 24] is right, and later [8, 11, 29, 32, 14, 16, 24.5, 26, 28] of another result's numbers.
for (const [name, compute] of Object.entries(windows)) {
  test(`windows: ${name}, gives what the cpu backend gives`, async () => {
    assert.deepEqual(await valuesOn('xnnjs', compute), await valuesOn('cpu', compute));
  });
}
test('windows: maxPool with ceil has its last row and column', async () => {
  const { values } = await valuesOn('xnnjs', windows['maxPool 5 × 5, window 2, stride 2, ceil']);
  assert.deepEqual(values, [6, 8, 9, 16, 18, 19, 21, 23, 24]);
});

/** @type {Record<string, () => tf.Tensor>} */
const slices = {
  '4 from 2, size 5': () => tf.slice(tf.tensor1d([1, 2, 3, 4]), [2], [5]),
  '2 × 2 from [1, 1], size [2, 2]': () => tf.slice(tf.tensor2d([1, 2, 3, 4], [2, 2]), [1, 1], [2, 2]),
  '4 from 5, size 0': () => tf.slice(tf.tensor1d([1, 2, 3, 4]), [5], [0]),
  '4 from -1, size 2': () => tf.slice(tf.tensor1d([1, 2, 3, 4]), [-1], [2]),
};
// Wasm reads what lies behind the tensor: [3, 4, 0, 0, 0], [4, 0, 0, 0], [] (only the negative one throws).
for (const [name, compute] of Object.entries(slices)) {
  test(`slice: ${name}, throws as on the cpu backend`, async () => {
    for (const backend of /** @type {const} */ (['cpu', 'xnnjs'])) {
      await withBackend(backend, () => assert.throws(compute, /slice/, backend));
    }
  });
}
