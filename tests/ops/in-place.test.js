// Ops that may write over an input: every way in which their inputs live on or die gives the same bits, and the
// reference's result. describe() says that the plan does run them in place.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { seeded } from '../support/random.js';
import { REFERENCES } from './reference/index.js';
import { measure } from './run.js';

/** @import { Core } from '../../js/wasm.js' */
/** @import { Attributes } from './reference/tensor.js' */

const LIMIT = 1e-5; // as in ops.test.js

/** The ops whose row has the flag XJ_INPLACE, which the schema does not tell. */
const inPlaceOps = [...readFileSync(new URL('../../src/ops.def', import.meta.url), 'utf8').matchAll(/^XJ_OP\( (\w+),.*XJ_INPLACE/gm)].map(
  (match) => match[1],
);

/** Shapes of the operands of one case; an operand may be computed from the same value as another. */
const UNARY = [[[1]], [[5]], [[2, 3, 7]], [[40000]]];
const BINARY = [
  [[5], [5]],
  [[4, 5], [5]],
  [[5], [4, 5]],
  [
    [4, 1],
    [1, 5],
  ],
  [[1, 5], [5]],
  [
    [200, 100],
    [200, 1],
  ],
];
const PRELU = [
  [[5], [5]],
  [
    [1, 5],
    [1, 5],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [[3, 5], [5]],
  [[10000, 3], [3]],
];
/** x, gamma, beta: of one row all three may be written over */
const LAYER = [
  [[5], [5], [5]],
  [[3, 7], [7], [7]],
  [[40000], [40000], [40000]],
];
const BINARIES = 'add sub mul div maximum minimum squared_difference floor_div pow mod trunc_mod atan2 div_no_nan hypot'.split(' ');
const TERNARY = BINARY.map(([a, b]) => [a, b, b]);
const SHAPES = new Map([
  ['prelu', PRELU],
  ['layer_norm', LAYER],
  ['mul_add', TERNARY],
  ...BINARIES.map((op) => /** @type {const} */ ([op, BINARY])),
]);
const shapesOf = (/** @type {string} */ op) => SHAPES.get(op) ?? UNARY;

/** @type {Record<string, Attributes>} */
const ATTRIBUTES = {
  clamp: { min: -0.5, max: 0.5 },
  leaky_relu: { alpha: 0.1 },
  elu: { alpha: 1 },
  step: { alpha: -0.5 },
  hard_sigmoid: { alpha: 0.2, beta: 0.5 },
  l2_normalize: { epsilon: 1e-6 },
  layer_norm: { epsilon: 1e-3, n_axes: 1 },
};

const engines = await Promise.all([1, 2].map((threads) => instantiate({ variant: 'simd', threads })));
after(() => {
  for (const { core, terminate } of engines) {
    core.stop();
    terminate();
  }
});

/**
 * y = op(-in0, -in1, …); operands in `kept` are outputs too, so that they live on.
 * @param {Core} core @param {string} op @param {number[][]} shapes @param {Attributes} attributes
 * @param {Float32Array[]} values @param {number} kept  a bit for each operand
 */
function compute(core, op, shapes, attributes, values, kept) {
  const graph = core.createGraph();
  const ids = shapes.map((shape, i) => graph.node('neg', `neg${i}`, [graph.input(`in${i}`, 'float32', shape)], {}));
  graph.output('y', graph.node(op, 'it', ids, attributes));
  const keptIds = ids.filter((_, i) => kept & (1 << i));
  for (const id of keptIds) graph.output(`kept${id}`, id);
  const model = graph.compile({ optimize: false });
  const program = model.createProgram(shapes);
  for (const [i, data] of values.entries()) program.write(i, data);
  program.run();
  const result = { data: program.read(0), kept: keptIds.map((_, i) => program.read(1 + i)), text: program.describe() };
  model.release();
  return result;
}

/** @param {string} text @param {string} name @returns {string | undefined} the offset of a node's buffer */
const offsetOf = (text, name) => new RegExp(`"${name}".*?@(\\d+)`).exec(text)?.[1];

for (const op of inPlaceOps)
  test(`${op}: in place or not, its result is the same and what lives on is untouched`, () => {
    const random = seeded(3);
    const attributes = ATTRIBUTES[op] ?? {};
    let inPlace = 0;
    for (const shapes of shapesOf(op)) {
      const values = shapes.map((shape) => Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, () => random() * 2 - 1));
      const operands = shapes.map((shape, i) => ({ shape, data: values[i].map((value) => -value) }));
      const expected = REFERENCES[op](operands, attributes);
      for (const { core, threads } of engines)
        for (let kept = 0; kept < 1 << shapes.length; kept++) {
          const { data, kept: outputs, text } = compute(core, op, shapes, attributes, values, kept);
          const { error, where } = measure(data, expected);
          const context = `${op} ${JSON.stringify(shapes)}, kept ${kept.toString(2)}, ${threads} threads`;
          assert.ok(error <= LIMIT, `${context}: ${error}, ${where}\n${text}`);
          const keptOperands = operands.filter((_, i) => kept & (1 << i));
          for (const [i, output] of outputs.entries())
            assert.deepEqual(output, keptOperands[i].data, `${context}: a kept operand changed\n${text}`);
          if (shapes.some((_, i) => offsetOf(text, `neg${i}`) === offsetOf(text, 'it'))) inPlace++;
        }
    }
    assert.ok(inPlace > 0, 'never in place');
  });

test('in place: the ops of the flag XJ_INPLACE are found', () => {
  assert.ok(inPlaceOps.length >= 20, inPlaceOps.join(' '));
});

test('prelu fused into add: a slope that is computed may be written over', () => {
  const [{ core }] = engines;
  const x = Float32Array.of(1, -2, 3, -4, 5);
  const b = Float32Array.of(-3, 1, -5, 2, 1);
  const slope = Float32Array.of(0.5, 0.25, 2, 3, 4);
  const graph = core.createGraph();
  const ids = [x, b, slope].map((_, i) => graph.node('neg', `neg${i}`, [graph.input(`in${i}`, 'float32', [5])], {}));
  graph.output('y', graph.node('add', 'it', ids, { activation: 2 }));
  graph.output('a', ids[0]);
  graph.output('b', ids[1]);
  const model = graph.compile({ optimize: true });
  const program = model.createProgram([[5], [5], [5]]);
  for (const [i, data] of [x, b, slope].entries()) program.write(i, data);
  program.run();
  // -(x + b), negative ones times -slope: by hand
  assert.deepEqual([...program.read(0)], [2, 1, 2, 2, 24]);
  model.release();
});

test('chain: twelve elementwise ops share one buffer and give the result of each alone', () => {
  const ops = ['relu', 'tanh', 'neg', 'exp', 'sigmoid', 'square', 'sqrt', 'abs', 'hard_swish', 'elu', 'leaky_relu', 'softmax'];
  const shape = [3, 11];
  const random = seeded(5);
  const x = Float32Array.from({ length: 33 }, () => random() * 4 - 2);
  for (const { core } of engines) {
    const graph = core.createGraph();
    let value = graph.input('x', 'float32', shape);
    for (const op of ops) value = graph.node(op, op, [value], ATTRIBUTES[op] ?? {});
    graph.output('y', value);
    const model = graph.compile({ optimize: true });
    const program = model.createProgram([shape]);
    program.write(0, x);
    program.run();
    const expected = ops.reduce(
      (tensor, op) => REFERENCES[op]([tensor], ATTRIBUTES[op] ?? {}),
      /** @type {{ shape: number[], data: ArrayLike<number> }} */ ({ shape, data: x }),
    );
    const error = Math.max(...[...program.read(0)].map((y, i) => Math.abs(y - expected.data[i]) / expected.data[i]));
    assert.ok(error < 5e-6, String(error)); // measured 1.4e-7
    assert.match(program.describe(), /, 1 buffers/);
    model.release();
  }
});
