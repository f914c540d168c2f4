// Programs and their memory: the plan as describe() prints it, the arena of a model with several programs, packed weights
// that they share, and that run allocates nothing. tests/kernels/check_plan.c has the plan's properties over random graphs.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { REFERENCES } from '../ops/reference/index.js';
import { assertClose, compile, inputsOf, run } from '../passes/graphs.js';
import { seeded } from '../support/random.js';

/** @import { Builder } from '../passes/graphs.js' */
/** @import { CoreProgram } from '../../js/wasm.js' */

const engines = await Promise.all([1, 2].map((threads) => instantiate({ variant: 'simd', threads })));
const [{ core }] = engines;
after(() => {
  for (const engine of engines) {
    engine.core.stop();
    engine.terminate();
  }
});

/** A tile of 64 bytes holds what kernels may read beyond a tensor too: src/plan.c. @param {number} floats */
const bytesFor = (floats) => Math.ceil((floats * 4 + 16) / 64) * 64;

/** @param {CoreProgram} program */
function planOf(program) {
  const text = program.describe();
  const buffers = [...text.matchAll(/@(\d+) \+(\d+), steps (\d+)-(\d+)/g)].map(([, ...numbers]) => {
    const [offset, bytes, first, last] = numbers.map(Number);
    return { offset, bytes, first, last };
  });
  const total = /arena (\d+) bytes: lower bound (\d+), without reuse (\d+), (\d+) buffers/.exec(text);
  assert.ok(total, text);
  const [arena, lower, sum, count] = total.slice(1).map(Number);
  return { text, buffers, arena, lower, sum, count };
}

/** A convolutional network of any size and batch. @param {Builder} b */
function network(b) {
  const x = b.input([-1, -1, -1, 3]);
  const a = b.node('relu', [b.node('add', [b.node('conv2d', [x, b.weight([3, 3, 3, 8])], { padding: 1 }), b.constant([8])])]);
  const d = b.node('depthwise_conv2d', [a, b.weight([3, 3, 8, 1]), b.constant([8])], { padding: 1 });
  const sum = b.node('add', [a, d]);
  const m = b.node('mean', [sum], { axes: [1, 2] });
  const best = b.node('top_k', [m], { k: 2 });
  return [b.node('softmax', [b.node('dense', [m, b.weight([8, 5]), b.constant([5])])]), sum, best];
}

test('plan: a chain of elementwise ops takes one buffer', () => {
  const model = compile(core, true, (b) => {
    let x = b.input([100]);
    for (const op of ['neg', 'abs', 'tanh', 'exp', 'sqrt']) x = b.node(op, [x]);
    return [x];
  });
  const { arena, lower, sum, count } = planOf(model.createProgram(model.shapes));
  assert.deepEqual({ arena, lower, sum, count }, { arena: bytesFor(100), lower: bytesFor(100), sum: bytesFor(100), count: 1 });
  model.release();
});

test('plan: a chain of ops that are not in place takes two buffers', () => {
  const model = compile(core, true, (b) => {
    let x = b.input([1, 8, 8, 4]);
    for (let i = 0; i < 6; i++) x = b.node('max_pool2d', [x], { kernel_h: 3, kernel_w: 3, padding: 1 });
    return [x];
  });
  const { arena, lower, count } = planOf(model.createProgram(model.shapes));
  assert.deepEqual({ arena, lower, count }, { arena: 2 * bytesFor(256), lower: 2 * bytesFor(256), count: 7 });
  model.release();
});

test('plan: in the text of a network no two live buffers overlap, and the arena is within its bounds', () => {
  const model = compile(core, true, network);
  for (const shape of [
    [1, 5, 5, 3],
    [2, 33, 17, 3],
    [7, 1, 1, 3],
  ]) {
    const { buffers, arena, lower, sum, text } = planOf(model.createProgram([shape]));
    assert.ok(buffers.length >= 6, text);
    assert.ok(lower <= arena && arena <= sum, text);
    assert.match(text, /top_k .*scratch @\d+ \+\d+/);
    const distinct = buffers.filter(
      (a, i) => buffers.findIndex((b) => b.offset === a.offset && b.first === a.first && b.last === a.last) === i,
    );
    for (const [i, a] of distinct.entries())
      for (const b of distinct.slice(0, i))
        if (a.first <= b.last && b.first <= a.last) assert.ok(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset, text);
  }
  model.release();
});

test('plan: the same graph gives the same plan', () => {
  const [a, b] = [1, 2].map(() => {
    const model = compile(core, true, network);
    const text = model.createProgram([[1, 20, 20, 3]]).describe();
    model.release();
    return text;
  });
  assert.equal(a, b);
});

test('plan: an output of an input, of a constant, of a reshape, and one twice have their values after a run', () => {
  const model = compile(core, true, (b) => {
    const x = b.input([2, 3]);
    const y = b.node('neg', [x]);
    return [
      x,
      b.constant([2], [7, 8]),
      b.node('reshape', [x], { shape: [6] }),
      y,
      y,
      b.node('reshape', [y], { shape: [3, 2] }),
      b.node('exp', [y]),
    ];
  });
  const values = Float32Array.of(1, -2, 3, -4, 5, -6);
  const results = run(model.createProgram(model.shapes), [values]);
  const negative = values.map((value) => -value);
  assert.deepEqual(results.slice(0, 6), [values, Float32Array.of(7, 8), values, negative, negative, negative]);
  assertClose(results[6], negative.map(Math.exp), 1e-6); // measured 0: nearest floats of both
  model.release();
});

test('plan: an input that nobody reads and a graph without nodes run', () => {
  const model = compile(core, true, (b) => {
    b.input([5]);
    return [b.input([3])];
  });
  const results = run(model.createProgram(model.shapes), [new Float32Array(5), Float32Array.of(1, 2, 3)]);
  assert.deepEqual(results, [Float32Array.of(1, 2, 3)]);
  model.release();
});

test('plan: a tensor with two readers is not written over before the second has read it', () => {
  const model = compile(core, true, (b) => {
    const x = b.node('neg', [b.input([50])]);
    const a = b.node('exp', [x]);
    return [b.node('add', [a, x]), b.node('mul', [x, a])];
  });
  const program = model.createProgram(model.shapes);
  const [x] = inputsOf(program);
  const [sum, product] = run(program);
  assertClose(
    sum,
    x.map((value) => Math.exp(-value) - value),
    1e-6,
  ); // measured 6.4e-8
  assertClose(
    product,
    x.map((value) => -value * Math.exp(-value)),
    1e-6,
  ); // measured 4.4e-8
  model.release();
});

test('program: after a larger one has moved the arena, the older ones give the same bits', () => {
  for (const engine of engines) {
    const model = compile(engine.core, true, network);
    const shapes = [
      [1, 6, 6, 3],
      [2, 40, 40, 3],
      [1, 90, 70, 3],
      [1, 1, 1, 3],
      [3, 7, 90, 3],
    ];
    const programs = shapes.map((shape) => model.createProgram([shape]));
    const alone = shapes.map((shape) => {
      const other = compile(engine.core, true, network);
      const results = run(other.createProgram([shape]));
      other.release();
      return results;
    });
    for (const order of [
      [0, 1, 2, 3, 4],
      [4, 0, 3, 1, 2],
      [2, 2, 0, 0, 4],
    ])
      for (const i of order) assert.deepEqual(run(programs[i]), alone[i]);
    const before = programs.slice(0, 2).map((program) => run(program));
    model.createProgram([[4, 150, 150, 3]]); // moves the arena under programs that have run in it
    assert.deepEqual(
      programs.slice(0, 2).map((program) => run(program)),
      before,
    );
    model.release();
  }
});

test('program: the arena is as large as the largest needs, once', () => {
  const heap = core.memory();
  const model = compile(core, true, network);
  const arenas = [
    [1, 10, 10, 3],
    [1, 50, 50, 3],
    [1, 20, 20, 3],
    [2, 50, 50, 3],
  ].map((shape) => {
    const { arena } = planOf(model.createProgram([shape]));
    return { arena, held: core.memory().arenaBytes - heap.arenaBytes };
  });
  for (const [i, { held }] of arenas.entries()) {
    const largest = Math.max(...arenas.slice(0, i + 1).map(({ arena }) => arena));
    assert.ok(held >= largest && held <= largest + 64, `${held} bytes are held for ${largest}`);
  }
  model.release();
  assert.equal(core.memory().arenaBytes, heap.arenaBytes);
  assert.equal(core.memory().heapBytes, heap.heapBytes);
});

test('program: all shapes of a model share its packed weights', () => {
  const heap = core.memory();
  const model = compile(core, true, (b) => [b.node('dense', [b.input([-1, 500]), b.weight([500, 400])])]);
  const one = core.memory().weightBytes - heap.weightBytes;
  assert.ok(one >= 500 * 400 * 4 && one < 500 * 400 * 4 * 1.02, `${one} bytes of weights`);
  const programs = [1, 2, 3, 5, 8].map((rows) => model.createProgram([[rows, 500]]));
  assert.equal(core.memory().weightBytes - heap.weightBytes, one);
  assert.ok(core.memory().heapBytes - heap.heapBytes < one + 200_000, `${core.memory().heapBytes - heap.heapBytes} bytes in all`);
  // rows do not know of each other: the first row of each program is the row that the program of one row gives
  const row = Float32Array.from({ length: 500 }, seeded(2));
  const [alone] = run(programs[0], [row]);
  for (const [i, rows] of [1, 2, 3, 5, 8].entries()) {
    const input = new Float32Array(rows * 500);
    for (let k = 0; k < rows; k++) input.set(row, k * 500);
    const [values] = run(programs[i], [input]);
    for (let k = 0; k < rows; k++) assert.deepEqual(values.slice(k * 400, (k + 1) * 400), alone);
  }
  model.release();
});

test('program: released ones give their memory back and leave the others running', () => {
  const model = compile(core, true, network);
  const first = model.createProgram([[1, 9, 9, 3]]);
  const expected = run(first);
  model.createProgram([[1, 60, 60, 3]]).release();
  const heap = core.memory().heapBytes;
  for (const size of [5, 60, 31]) {
    const program = model.createProgram([[1, size, size, 3]]);
    run(program);
    program.release();
  }
  assert.equal(core.memory().heapBytes, heap);
  assert.deepEqual(run(first), expected);
  model.release();
});

test('program: run allocates nothing, with 1 and 2 threads', () => {
  for (const engine of engines) {
    const model = compile(engine.core, true, network);
    const program = model.createProgram([[2, 64, 64, 3]]);
    const before = engine.core.memory();
    engine.core.failAllocation(1); // the next one, whichever
    run(program);
    run(program);
    engine.core.failAllocation(0);
    assert.deepEqual(engine.core.memory(), before);
    model.release();
  }
});

test('program: one that fails to be made leaves the model and its other programs as they were', () => {
  const model = compile(core, true, network);
  const program = model.createProgram([[1, 9, 9, 3]]);
  const expected = run(program);
  const heap = core.memory();
  core.limitMemory(heap.heapBytes + 1_000_000);
  assert.throws(() => model.createProgram([[1, 500, 500, 3]]), { code: 'out-of-memory' });
  core.limitMemory(0);
  assert.throws(() => model.createProgram([[1, 9, 9, 4]]), { code: 'bad-shape' });
  assert.equal(core.memory().heapBytes, heap.heapBytes);
  assert.deepEqual(run(program), expected);
  model.release();
});

test('program: every allocation that fails on the way to a program is out of memory, and all is rolled back', () => {
  const model = compile(core, true, network);
  const program = model.createProgram([[1, 9, 9, 3]]);
  const expected = run(program);
  const heap = core.memory().heapBytes;
  let n = 0;
  for (let failed = true; failed; ) {
    core.failAllocation(++n);
    try {
      model.createProgram([[1, 30, 20, 3]]).release();
      failed = false;
    } catch (error) {
      assert.equal(/** @type {import('../../js/errors.js').XnnError} */ (error).code, 'out-of-memory', `allocation ${n}: ${error}`);
      assert.equal(core.memory().heapBytes, heap, `allocation ${n}`);
    }
  }
  core.failAllocation(0);
  assert.ok(n > 10, `${n} allocations`);
  assert.deepEqual(run(program), expected);
  model.release();
});

test('program: a network of free sizes gives what the references of its ops give', () => {
  const model = compile(core, true, network);
  const random = seeded(17); // as compile() draws: constants and weights in the order in which they are made
  const draw = (/** @type {number[]} */ shape) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, () => random() * 2 - 1),
  });
  const [filter, bias, taps, tapBias, w, wBias] = [[3, 3, 3, 8], [8], [3, 3, 8, 1], [8], [8, 5], [5]].map(draw);
  for (const shape of [
    [1, 5, 5, 3],
    [2, 8, 3, 3],
  ]) {
    const program = model.createProgram([shape]);
    const [x] = inputsOf(program);
    const a = REFERENCES.relu([REFERENCES.conv2d([{ shape, data: x }, filter, bias], { padding: 1 })], {});
    const sum = REFERENCES.add([a, REFERENCES.depthwise_conv2d([a, taps, tapBias], { padding: 1 })], {});
    const means = REFERENCES.mean([sum], { axes: [1, 2] });
    const logits = REFERENCES.dense([means, w, wBias], {});
    const [probabilities, actualSum, best] = run(program);
    assertClose(best, REFERENCES.top_k([means], { k: 2 }).data, 1e-5);
    assertClose(actualSum, sum.data, 1e-5); // measured 2.2e-7
    assertClose(probabilities, REFERENCES.softmax([logits], {}).data, 1e-5); // measured 7.3e-8
  }
  model.release();
});
