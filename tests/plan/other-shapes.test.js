// Programs for other input shapes than the graph was declared with: what the graph has written down for the declared shape
// follows where a dimension meets it. Expected: the same network built for the other shape, which has nothing to adapt.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { seeded } from '../support/random.js';

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** @typedef {ReturnType<import('../../js/wasm.js').Core['createGraph']>} Graph */
/** @typedef {(g: Graph, x: number, n: number) => number} Build  n: the size that the graph is written for. */

const sizeOf = (/** @type {number[]} */ shape) => shape.reduce((product, dim) => product * dim, 1);

/** Values that do not depend on the size asked for: a table's first rows are those of a shorter one. @param {number[]} shape @param {number} seed */
function values(shape, seed) {
  const random = seeded(seed);
  return Float32Array.from({ length: sizeOf(shape) }, () => random() * 2 - 1);
}

/**
 * Runs `build`, written for a declared shape, on another one.
 * @param {Build} build @param {number} declared @param {number} size @param {(n: number) => number[]} shapeOf @param {boolean} optimize
 */
function compute(build, declared, size, shapeOf, optimize) {
  const graph = core.createGraph();
  const x = graph.input('x', 'float32', shapeOf(declared));
  if (declared !== size) graph.inputShape(x, shapeOf(-1));
  graph.output('y', build(graph, x, declared));
  const model = graph.compile({ optimize });
  try {
    const program = model.createProgram([shapeOf(size)]);
    program.write(0, values(shapeOf(size), 3));
    program.run();
    return { ...program.outputs[0], data: program.read(0) };
  } finally {
    model.release();
  }
}

/**
 * @param {string} claim @param {Build} build @param {{ declared?: number, sizes?: number[], shapeOf?: (n: number) => number[] }} [options]
 */
function follows(claim, build, { declared = 12, sizes = [1, 5, 11], shapeOf = (n) => [1, n, 6] } = {}) {
  test(`other shapes: ${claim}`, () => {
    for (const optimize of [false, true])
      for (const size of sizes) {
        const expected = compute(build, size, size, shapeOf, optimize);
        const actual = compute(build, declared, size, shapeOf, optimize);
        assert.deepEqual(actual.shape, expected.shape, `size ${size}`);
        assert.deepEqual(actual.data, expected.data, `size ${size}`);
      }
  });
}

follows('a reshape that splits, merges and drops other axes keeps the length', (g, x, n) => {
  const heads = g.node('reshape', 'split', [x], { shape: [1, n, 2, 3] });
  const rows = g.node('reshape', 'rows', [g.node('neg', 'neg', [heads], {})], { shape: [n, 6] });
  return g.node('reshape', 'back', [g.node('abs', 'abs', [rows], {})], { shape: [1, n, 6] });
});
follows('a target that is an input follows too', (g, x, n) =>
  g.node('reshape', 'rows', [x, g.constant('int32', [2], Int32Array.of(n, 6))], {}),
);
follows('a target that has the length times the width follows', (g, x, n) => g.node('reshape', 'flat', [x], { shape: [1, n * 6] }));
follows(
  'a table of positions is cut to the length, and no other axis of its size is',
  (g, x, n) => {
    const table = g.constant('float32', [1, n, 12], values([1, n, 12], 9));
    return g.node('add', 'sum', [x, table], {});
  },
  { shapeOf: (n) => [1, n, 12] },
);
follows('a table on the inner axis is cut, on the left of a difference', (g, x, n) => {
  const table = g.constant('float32', [n], values([n], 9));
  const turned = g.node('transpose', 'turned', [x], { perm: [0, 2, 1] });
  return g.node('sub', 'difference', [table, turned], {});
});
follows('a factor and a term are cut together', (g, x, n) => {
  const [scale, shift] = [9, 10].map((seed) => g.constant('float32', [n, 1], values([n, 1], seed)));
  return g.node('add', 'sum', [g.node('mul', 'product', [x, scale], {}), shift], {});
});
follows('a choice by a mask of constants is cut', (g, x, n) => {
  const mask = g.node(
    'greater',
    'mask',
    [g.constant('float32', [n, 1], values([n, 1], 5)), g.constant('float32', [], Float32Array.of(0))],
    {},
  );
  return g.node('select', 'choice', [mask, x, g.constant('float32', [], Float32Array.of(-7))], {});
});
follows('a mask that constants and the input make meets the scores', (g, x, n) => {
  const ones = g.constant('float32', [1, n, 1], new Float32Array(n).fill(1));
  const row = g.node('reduce_sum', 'row', [g.node('transpose', 'turned', [x], { perm: [0, 2, 1] })], { axes: [1], keep_dims: 1 });
  const mask = g.node('mul', 'mask', [ones, row], {});
  const scores = g.node('batch_matmul', 'scores', [x, x], { transpose_b: 1 });
  return g.node('add', 'masked', [scores, mask], {});
});
follows('a mask keeps what was written down through other axes, factors and shapes', (g, x, n) => {
  const ones = g.constant('float32', [1, n, 1], new Float32Array(n).fill(1));
  const row = g.node('reduce_sum', 'row', [g.node('transpose', 'turned', [x], { perm: [0, 2, 1] })], { axes: [1], keep_dims: 1 });
  const mask = g.node('expand_dims', 'heads', [g.node('mul', 'mask', [ones, row], {})], { axis: 1 });
  const penalty = g.node(
    'mul',
    'penalty',
    [g.node('sub', 'missing', [g.constant('float32', [], Float32Array.of(1)), mask], {}), g.constant('float32', [], Float32Array.of(-9))],
    {},
  );
  const heads = g.node('transpose', 'shuffle', [g.node('reshape', 'split', [x], { shape: [1, n, 2, 3] })], { perm: [0, 2, 1, 3] });
  return g.node(
    'softmax',
    'attention',
    [g.node('add', 'masked', [g.node('batch_matmul', 'scores', [heads, heads], { transpose_b: 1 }), penalty], {})],
    {},
  );
});
follows('a slice to the end stays one, and one of the start keeps its size', (g, x, n) => {
  const tail = g.node('slice', 'tail', [x], { axes: [1], begin: [1], size: [n - 1] });
  const whole = g.node('slice', 'whole', [x], { axes: [1], begin: [0], size: [n] });
  const next = g.node('pad', 'next', [tail], { paddings: [0, 0, 0, 1, 0, 0] });
  return g.node('concat', 'beside', [next, whole], { axis: 2 });
});
follows(
  'a strided slice without the last follows',
  (g, x) => g.node('strided_slice', 'head', [x], { begin: [0, 0, 0], end: [0, -1, 0], strides: [1, 1, 1], begin_mask: 7, end_mask: 5 }),
  {
    sizes: [2, 5, 11],
  },
);
follows(
  'an image of another size: convolution, pooling, resize by a factor, and the sum with what was skipped',
  (g, x, n) => {
    const filter = g.constant('float32', [3, 3, 3, 3], values([3, 3, 3, 3], 4));
    const small = g.node('max_pool2d', 'pool', [g.node('conv2d', 'conv', [x, filter], { padding: 1 })], {
      kernel_h: 2,
      kernel_w: 2,
      stride_h: 2,
      stride_w: 2,
    });
    const large = g.node('resize_bilinear', 'up', [small], { out_h: n, out_w: n });
    return g.node('add', 'sum', [large, x], {});
  },
  { declared: 16, sizes: [8, 12, 24], shapeOf: (n) => [1, n, n, 3] },
);
follows('a batch that was one', (g, x, n) => g.node('reshape', 'flat', [x], { shape: [n, 18] }), {
  declared: 1,
  sizes: [2, 7],
  shapeOf: (n) => [n, 3, 6],
});

/** @param {Build} build @param {number} size @param {RegExp} says */
function refuses(build, size, says) {
  const before = core.memory().heapBytes;
  assert.throws(
    () => compute(build, 12, size, (n) => [1, n, 6], true),
    (error) => {
      assert.match(String(error), says);
      assert.equal(/** @type {any} */ (error).code, 'bad-shape');
      return true;
    },
  );
  assert.equal(core.memory().heapBytes, before);
}

test('other shapes: a table that is too short is refused with the numbers', () => {
  refuses(
    (g, x, n) => g.node('add', 'sum', [x, g.constant('float32', [1, n, 6], values([1, n, 6], 9))], {}),
    13,
    /\[1,13,6\] and \[1,12,6\].*13 against 12/,
  );
});

test('other shapes: two inputs of different sizes are refused: neither was written down', () => {
  const graph = core.createGraph();
  const inputs = ['a', 'b'].map((name) => graph.input(name, 'float32', [12]));
  for (const id of inputs) graph.inputShape(id, [-1]);
  graph.output('y', graph.node('add', 'sum', [graph.node('neg', 'minus', [inputs[0]], {}), inputs[1]], {}));
  const model = graph.compile({ optimize: true });
  assert.throws(() => model.createProgram([[5], [12]]), /5 against 12/);
  assert.deepEqual(model.createProgram([[5], [5]]).outputs[0].shape, [5]);
  model.release();
});

test('other shapes: what leaves a choice stays as it was written, and is refused where it does not fit', () => {
  refuses((g, x) => g.node('reshape', 'ambiguous', [x], { shape: [3, 4, 6] }), 8, /48 elements of x with shape \[1,8,6\] become \[3,4,6\]/);
});

test('other shapes: a dense layer over the axis is refused', () => {
  const w = values([12, 2], 4);
  refuses(
    (g, x) => g.node('dense', 'mix', [g.node('transpose', 'turned', [x], { perm: [0, 2, 1] }), g.constant('float32', [12, 2], w)], {}),
    8,
    /x has shape \[1,6,8\], w has 12 rows/,
  );
});
