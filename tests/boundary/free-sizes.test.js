// Models whose images may have any size, and inputs of fixed sizes that are run with others: a convolution, a reshape with its
// size written down. Expected: float64 loops written out here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../js/main.js';
import { convolutionModel, noise, tableModel, xnnError } from './models.js';

/** @type {import('../../js/index.js').Runtime} */
let runtime;
before(async () => {
  runtime = await createRuntime({ threads: 1 });
});
after(() => runtime.dispose());

/** A 3 × 3 mean over [height, width], no padding. @param {Float32Array} x @param {number} height @param {number} width */
function means(x, height, width) {
  const at = (/** @type {number} */ row, /** @type {number} */ column) => x[row * width + column] / 9;
  return Float64Array.from({ length: (height - 2) * (width - 2) }, (_, i) => {
    const [row, column] = [Math.floor(i / (width - 2)), i % (width - 2)];
    return [0, 1, 2].flatMap((r) => [0, 1, 2].map((c) => at(row + r, column + c))).reduce((sum, value) => sum + value, 0);
  });
}

/** @param {ArrayLike<number>} actual @param {ArrayLike<number>} expected */
function assertClose(actual, expected) {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) assert.ok(Math.abs(actual[i] - expected[i]) <= 1e-6, `[${i}] ${actual[i]} ${expected[i]}`);
}

test('free sizes: images of any size go through a window larger than one pixel', async () => {
  const model = await runtime.load(convolutionModel([-1, -1, -1, 1]));
  assert.deepEqual(model.inputs[0].shape, [-1, -1, -1, 1]);
  assert.deepEqual(model.outputs[0].shape, [-1, -1, -1, 1]);
  for (const [height, width] of [
    [5, 7],
    [3, 3],
    [40, 21],
  ]) {
    const data = noise(height * width, height);
    const { y } = await model.run({ x: { dtype: 'float32', shape: [1, height, width, 1], data } });
    assert.deepEqual(y.shape, [1, height - 2, width - 2, 1]);
    assertClose(y.data, means(data, height, width));
  }
  const small = { dtype: /** @type {const} */ ('float32'), shape: [1, 2, 2, 1], data: noise(4) };
  await assert.rejects(model.run({ x: small }), xnnError('bad-shape', /2/));
  assert.match(model.summary(), /arena/);
  model.dispose();
});

test('free sizes: inputShapes says the first one, and the others still work', async () => {
  const model = await runtime.load(convolutionModel([-1, -1, -1, 1]), { inputShapes: { x: [1, 6, 8, 1] } });
  assert.match(model.summary(), /\[1,4,6,1\]/);
  const data = noise(25);
  assertClose((await model.run({ x: { dtype: 'float32', shape: [1, 5, 5, 1], data } })).y.data, means(data, 5, 5));
  model.dispose();
});

test('fixed sizes: inputShapes opens one, and what is written down for it follows; programs share the weights', async () => {
  const declared = await runtime.load(tableModel(12));
  await assert.rejects(
    declared.run({ x: { dtype: 'float32', shape: [1, 5, 64], data: noise(320) } }),
    xnnError('bad-shape', /\[1,12,64\]/),
  );
  const model = await runtime.load(tableModel(12), { inputShapes: { x: [1, -1, 64] } });
  assert.deepEqual(model.inputs[0].shape, [1, -1, 64]);
  assert.deepEqual(model.outputs[0].shape, [-1, 64]);
  const weights = runtime.memory().weightBytes;
  for (const length of [12, 5, 1]) {
    const data = noise(length * 64, 2);
    const shorter = await runtime.load(tableModel(length, 12));
    const expected = await shorter.run({ x: { dtype: 'float32', shape: [1, length, 64], data } });
    shorter.dispose();
    const { y } = await model.run({ x: { dtype: 'float32', shape: [1, length, 64], data } });
    assert.deepEqual(y.shape, [length, 64]);
    assert.deepEqual(y.data, expected.y.data);
    assert.equal(runtime.memory().weightBytes, weights, 'packed again');
  }
  await assert.rejects(
    model.run({ x: { dtype: 'float32', shape: [1, 13, 64], data: noise(13 * 64) } }),
    xnnError('bad-shape', /13 against 12/),
  );
  const fixed = await runtime.load(tableModel(12), { inputShapes: { x: [1, 5, 64] } });
  assert.deepEqual(fixed.inputs[0].shape, [1, 5, 64]);
  for (const loaded of [declared, model, fixed]) loaded.dispose();
});

test("fixed sizes: '*' in inputShapes stands for every input of as many dimensions, and inputs say what they were declared", async () => {
  const model = await runtime.load(tableModel(12), { inputShapes: { '*': [1, -1, 64] } });
  assert.deepEqual(model.inputs[0].shape, [1, -1, 64]);
  assert.deepEqual(model.inputs[0].declared, [1, 12, 64]);
  const { y } = await model.run({ x: { dtype: 'float32', shape: [1, 7, 64], data: noise(7 * 64) } });
  assert.deepEqual(y.shape, [7, 64]);
  const other = await runtime.load(tableModel(12), { inputShapes: { '*': [1, -1] } }); // none has two
  assert.deepEqual(other.inputs[0], { name: 'x', dtype: 'float32', shape: [1, 12, 64] });
  const named = await runtime.load(tableModel(12), { inputShapes: { '*': [1, -1, 64], x: [1, 5, 64] } });
  assert.deepEqual(named.inputs[0].shape, [1, 5, 64]);
  await assert.rejects(runtime.load(tableModel(12), { inputShapes: { '*': [1, 5.5, 64] } }), xnnError('bad-shape', /5\.5/));
  for (const loaded of [model, other, named]) loaded.dispose();
});
