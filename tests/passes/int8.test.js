// What precision: 'int8' rewrites and what it leaves (src/passes/quantize_weights.c, docs/numerics.md), with the other passes and
// without; results near those of float32.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { assertClose, compile, opsOf, run } from './graphs.js';

/** @import { Builder } from './graphs.js' */

/** Of the largest value, of one or two layers with uniform weights and rows. Measured 7.6e-3. */
const LIMIT = 2e-2;

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** @param {Builder} b @param {number} x @param {number[]} w @param {Record<string, number>} [attributes] */
const layer = (b, x, w, attributes) => b.node(w.length === 2 ? 'dense' : 'conv2d', [x, b.weight(w)], attributes);
/** Of 5 rows of the table. @param {Builder} b @param {number[]} table @param {Record<string, number>} [attributes] */
const rows = (b, table, attributes) => b.node('gather', [b.weight(table), b.node('cast', [b.input([5])], { dtype: 1 })], attributes);

/** @type {{ claim: string, after: string, build: (b: Builder) => number[] }[]} */
const REWRITES = [
  { claim: 'a dense layer', after: 'qd_dense', build: (b) => [layer(b, b.input([3, 128]), [128, 32])] },
  { claim: 'a transposed one', after: 'qd_dense', build: (b) => [layer(b, b.input([3, 128]), [32, 128], { transpose_b: 1 })] },
  { claim: 'a convolution', after: 'qd_conv2d', build: (b) => [layer(b, b.input([1, 6, 7, 32]), [3, 3, 32, 64], { padding: 1 })] },
  { claim: 'a 1×1 convolution', after: 'qd_conv2d', build: (b) => [layer(b, b.input([2, 6, 7, 64]), [1, 1, 64, 64])] },
  {
    claim: 'one of stride 2 and dilation',
    after: 'qd_conv2d qd_conv2d',
    build: (b) => [
      layer(b, layer(b, b.input([1, 9, 9, 32]), [3, 3, 32, 64], { padding: 1, stride_h: 2, stride_w: 2 }), [3, 3, 64, 32], {
        dilation_h: 2,
        dilation_w: 2,
      }),
    ],
  },
  {
    claim: 'with what other passes put into it',
    after: 'qd_dense',
    build: (b) => {
      const x = b.input([3, 64]);
      const scaled = b.node('add', [b.node('mul', [layer(b, x, [64, 64]), b.constant([64])]), b.constant([64])]);
      return [b.node('relu6', [b.node('add', [scaled, x])])];
    },
  },
  {
    claim: 'a weight that follows from another',
    after: 'qd_dense',
    build: (b) => [b.node('dense', [b.input([3, 64]), b.node('neg', [b.weight([64, 64])])])],
  },
  { claim: 'not fewer than 4096 weights', after: 'dense', build: (b) => [layer(b, b.input([3, 64]), [64, 63])] },
  { claim: 'not fewer than 32 columns', after: 'dense', build: (b) => [layer(b, b.input([3, 512]), [512, 31])] },
  { claim: 'not fewer than 16384 weights of windows', after: 'conv2d', build: (b) => [layer(b, b.input([1, 5, 5, 35]), [3, 3, 35, 52])] },
  { claim: 'not groups', after: 'conv2d', build: (b) => [layer(b, b.input([1, 4, 4, 64]), [3, 3, 16, 64])] },
  {
    claim: 'not depthwise',
    after: 'depthwise_conv2d',
    build: (b) => [b.node('depthwise_conv2d', [b.input([1, 4, 4, 512]), b.weight([3, 3, 512, 1])])],
  },
  { claim: 'not sums of more than 65536 products', after: 'dense', build: (b) => [layer(b, b.input([1, 65537]), [65537, 16])] },
  { claim: 'a table', after: 'cast qd_gather', build: (b) => [rows(b, [32, 128])] },
  { claim: 'a table of rows of matrices', after: 'cast qd_gather', build: (b) => [rows(b, [32, 4, 32])] },
  {
    claim: 'a table under another shape',
    after: 'cast qd_gather',
    build: (b) => [
      b.node('gather', [b.node('reshape', [b.weight([4096])], { shape: [32, 128] }), b.node('cast', [b.input([5])], { dtype: 1 })]),
    ],
  },
  { claim: 'not a small table', after: 'cast gather', build: (b) => [rows(b, [31, 128])] },
  { claim: 'not columns of a table', after: 'cast gather', build: (b) => [rows(b, [128, 32], { axis: 1 })] },
  {
    claim: 'not a table whose floats are read',
    after: 'cast gather add',
    build: (b) => {
      const table = b.weight([32, 128]);
      return [b.node('gather', [table, b.node('cast', [b.input([5])], { dtype: 1 })]), b.node('add', [table, b.input([128])])];
    },
  },
  {
    claim: 'a table that a layer packs as well',
    after: 'cast qd_gather qd_dense',
    build: (b) => {
      const table = b.weight([32, 128]);
      const words = b.node('gather', [table, b.node('cast', [b.input([5])], { dtype: 1 })]);
      return [b.node('dense', [words, table], { transpose_b: 1 })];
    },
  },
];

test('int8 weights: a weight that is not finite makes its channel NaN, and no other', () => {
  const values = Array.from({ length: 128 * 32 }, (_, i) => ((i * 37) % 101) / 101 - 0.5);
  [values[5], values[32 * 60 + 9]] = [NaN, -Infinity];
  const model = compile(core, true, (b) => [b.node('relu', [b.node('dense', [b.input([3, 128]), b.weight([128, 32], values)])])], 'int8');
  const [y] = run(model.createProgram(model.shapes));
  for (const [i, value] of y.entries()) assert.equal(Number.isNaN(value), i % 32 === 5 || i % 32 === 9, `[${i}] is ${value}`);
  model.release();
});

for (const { claim, after: expected, build } of REWRITES)
  test(`int8 weights: ${claim}`, (t) => {
    const heap = core.memory().heapBytes;
    const [exact, plain, optimised] = /** @type {const} */ ([
      [true, 'float32'],
      [false, 'int8'],
      [true, 'int8'],
    ]).map(([optimize, precision]) => {
      const model = compile(core, optimize, build, precision);
      const program = model.createProgram(model.shapes);
      const result = { ops: opsOf(program).join(' '), results: run(program), types: program.outputs, weights: core.memory().weightBytes };
      model.release();
      return result;
    });
    assert.equal(optimised.ops, expected);
    assert.deepEqual(optimised.types, exact.types);
    assert.equal(plain.ops.includes('qd_'), expected.includes('qd_'), 'without the other passes, too');
    const limit = expected.includes('qd_') ? LIMIT : 0;
    const error = Math.max(...optimised.results.map((values, i) => assertClose(values, exact.results[i], limit)));
    assert.equal(error > 0, limit > 0);
    t.diagnostic(`${optimised.ops}: ${error.toExponential(2)} of the largest value, ${optimised.weights} bytes of ${exact.weights}`);
    if (limit > 0) assert.ok(optimised.weights < 0.5 * exact.weights, `${optimised.weights} bytes of weights of ${exact.weights}`);
    assert.equal(core.memory().heapBytes, heap, 'bytes stay allocated');
  });
