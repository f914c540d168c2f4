// What eager ops keep and what they give back: prepared kernels, packed weights, scratch memory; every allocation failing once.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { XnnError } from '../../js/errors.js';
import { instantiate } from '../../js/instantiate.js';
import { callEager, place } from '../ops/run-eager.js';

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** @param {number[]} shape @param {number} [seed] @returns {import('../ops/run-eager.js').Made} */
const floats = (shape, seed = 1) => ({
  shape,
  dtype: 'float32',
  from: 'input',
  data: Float32Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => Math.sin(i * 0.37 + seed)),
});

const CONV = { op: 'conv2d', inputs: [floats([1, 9, 9, 5]), floats([3, 3, 5, 7]), floats([7])], attributes: { padding: 1 } };
/** @type {{ op: string, inputs: import('../ops/run-eager.js').Made[], attributes: Record<string, number> }[]} */
const CALLS = [
  CONV,
  { op: 'depthwise_conv2d', inputs: [floats([1, 9, 9, 5]), floats([3, 3, 5, 2]), floats([10])], attributes: { padding: 1 } },
  { op: 'dense', inputs: [floats([3, 33]), floats([33, 9]), floats([9])], attributes: {} },
  { op: 'batch_matmul', inputs: [floats([2, 5, 33]), floats([2, 33, 9])], attributes: {} },
  { op: 'add', inputs: [floats([4, 5]), floats([5])], attributes: {} },
  { op: 'concat', inputs: [floats([4, 5]), floats([4, 1]), floats([4, 3])], attributes: { axis: 1 } },
];

for (const { op, inputs, attributes } of CALLS)
  test(`eager: ${op}: whichever allocation fails, nothing is lost, and a prepared call allocates its output only`, () => {
    core.eager.reset();
    const { tensors, release } = place(core, inputs);
    const contents = inputs.map((_, i) => i + 1);
    const call = () => callEager(core, op, inputs, tensors, attributes, { contents });
    const before = core.memory().heapBytes;
    let failures = 0;
    for (let n = 1; ; n++) {
      core.failAllocation(n);
      try {
        core.eager.release(call().tensor);
        break;
      } catch (error) {
        assert.ok(error instanceof XnnError && error.code === 'out-of-memory', String(error));
        failures++;
      } finally {
        core.failAllocation(0);
      }
    }
    assert.ok(failures >= 3, `${failures} allocations`);
    const kept = core.memory().heapBytes;
    core.failAllocation(2); // its output is the first
    const { tensor } = call();
    core.failAllocation(0);
    core.eager.release(tensor);
    assert.equal(core.memory().heapBytes, kept);
    release();
    core.eager.reset();
    assert.ok(before > 0);
    assert.equal(core.memory().heapBytes, 0);
  });

test('eager: packed weights are kept by content, forgotten with it, and limited by bytes', () => {
  core.eager.reset();
  const { op, inputs, attributes } = CONV;
  const { tensors, release } = place(core, inputs);
  const call = (/** @type {number[]} */ contents) =>
    core.eager.release(callEager(core, op, inputs, tensors, attributes, { contents }).tensor);
  const weightBytes = () => core.memory().weightBytes;
  call([]);
  assert.equal(weightBytes(), 0, 'nothing without a name is kept');
  call([1, 2, 3]);
  const one = weightBytes();
  assert.ok(one >= 4 * 3 * 3 * 5 * 7);
  call([1, 2, 3]);
  assert.equal(weightBytes(), one);
  call([1, 4, 3]);
  assert.equal(weightBytes(), 2 * one);
  core.eager.forget(2);
  assert.equal(weightBytes(), one);
  core.eager.forget(3); // the bias
  assert.equal(weightBytes(), 0);
  core.eager.limitPacked(3 * one);
  for (let i = 10; i < 20; i++) call([1, i, 3]);
  assert.ok(weightBytes() <= 3 * one, `${weightBytes()} bytes of ${3 * one}`);
  core.eager.limitPacked(2 ** 28);
  release();
  core.eager.reset();
  assert.equal(core.memory().heapBytes, 0);
});

test('eager: what was prepared for ten thousand shapes does not pile up', () => {
  core.eager.reset();
  const x = floats([1, 10_001]);
  const { tensors, release } = place(core, [x]);
  for (let n = 1; n <= 10_000; n++) core.eager.release(callEager(core, 'exp', [{ ...x, shape: [1, n] }], tensors, {}).tensor);
  assert.ok(core.memory().heapBytes < 2e6, `${core.memory().heapBytes} bytes`);
  release();
  core.eager.reset();
});

test('eager: an op that can writes over an operand of its type, and over no other', () => {
  const a = floats([4, 5], 2);
  const b = floats([5], 3);
  const { tensors, release } = place(core, [a, b]);
  const over = callEager(core, 'add', [a, b], tensors, {}, { into: 0 });
  assert.equal(over.tensor, tensors[0]);
  assert.deepEqual(
    over.data,
    Float32Array.from(a.data, (value, i) => Math.fround(value + b.data[i % 5])),
  );
  const apart = callEager(core, 'add', [a, b], tensors, {}, { into: 1 });
  assert.ok(apart.tensor !== tensors[1]);
  core.eager.release(apart.tensor);
  release();
  core.eager.reset();
});

test('eager: operands that do not go together get an error with the numbers, and the next call works', () => {
  const a = floats([2, 3]);
  const b = floats([4, 5]);
  const { tensors, release } = place(core, [a, b]);
  assert.throws(
    () => callEager(core, 'add', [a, b], tensors, {}),
    (error) => error instanceof XnnError && error.code === 'bad-shape' && /^add: .*\[2,3\].*\[4,5\]/.test(error.message),
  );
  assert.throws(() => callEager(core, 'add', [a], tensors, {}), /^XnnError: add: 1 inputs instead of 2 to 3/);
  const nine = { ...a, shape: [2, 3, 1, 1, 1, 1, 1, 1, 1] };
  assert.throws(() => callEager(core, 'exp', [nine], tensors, {}), /rank 9, at most 8/);
  const { tensor, data } = callEager(core, 'neg', [a], tensors, {});
  assert.deepEqual(
    data,
    a.data.map((value) => -value),
  );
  core.eager.release(tensor);
  release();
  core.eager.reset();
});
