// Random numbers: the published answers of the generator, distributions, what differs from run to run and what does not.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { philox } from './reference/random.js';

/** @import { Attributes } from './reference/tensor.js' */

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** @param {string} op @param {Attributes} attributes @param {number[]} [logits] */
function programOf(op, attributes, logits) {
  const graph = core.createGraph();
  const inputs = logits === undefined ? [] : [graph.constant('float32', [1, logits.length], Float32Array.from(logits))];
  graph.output('y', graph.node(op, 'it', inputs, attributes));
  const model = graph.compile({ optimize: true });
  const program = model.createProgram([]);
  const run = () => {
    program.run();
    return Array.from(program.read(0));
  };
  return { run, release: () => model.release() };
}

/** One run. @param {string} op @param {Attributes} attributes @param {number[]} [logits] */
function draw(op, attributes, logits) {
  const program = programOf(op, attributes, logits);
  const values = program.run();
  program.release();
  return values;
}

/** @param {number[]} values @param {(value: number) => number} [of] */
const meanOf = (values, of = (value) => value) => values.reduce((sum, value) => sum + of(value), 0) / values.length;

test("philox: the reference gives the answers of the authors' library (Random123, kat_vectors)", () => {
  const all = 0xffffffff;
  assert.deepEqual(philox([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  assert.deepEqual(philox([all, all, all, all], [all, all]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  assert.deepEqual(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

const N = 200000;
const shape = [N];

test('random: uniform numbers fill a … b evenly', () => {
  const values = draw('random', { shape, kind: 0, seed: 11, a: -2, b: 3 });
  assert.ok(values.every((value) => value >= -2 && value < 3));
  assert.ok(Math.abs(meanOf(values) - 0.5) < 0.015, String(meanOf(values))); // 4.6 deviations of the mean
  const counts = new Array(50).fill(0);
  for (const value of values) counts[Math.floor((value + 2) * 10)]++;
  const chiSquare = counts.reduce((sum, count) => sum + (count - N / 50) ** 2 / (N / 50), 0);
  assert.ok(chiSquare < 100, String(chiSquare)); // 49 degrees of freedom: beyond it with a probability of 2e-5
});

test('random: uniform numbers stay below b where rounding would reach it', () => {
  const b = 1 + 2 ** -23;
  assert.ok(draw('random', { shape: [1000], kind: 0, seed: 12, a: 1, b }).every((value) => value === 1));
});

test('random: normal numbers have the moments of the normal distribution', () => {
  const values = draw('random', { shape, kind: 1, seed: 13, a: 4, b: 2 }).map((value) => (value - 4) / 2);
  assert.ok(Math.abs(meanOf(values)) < 0.01);
  assert.ok(Math.abs(meanOf(values, (value) => value ** 2) - 1) < 0.015);
  assert.ok(Math.abs(meanOf(values, (value) => value ** 3)) < 0.04);
  assert.ok(Math.abs(meanOf(values, (value) => value ** 4) - 3) < 0.11);
  // neighbours and pairs are independent
  for (const lag of [1, 4, 8, 16])
    assert.ok(Math.abs(meanOf(values.slice(lag).map((value, i) => value * values[i]))) < 0.011, `lag ${lag}`);
});

test('random: truncated normal numbers lie within two deviations, with the variance that leaves', () => {
  const values = draw('random', { shape, kind: 2, seed: 14, a: 0, b: 1 });
  assert.ok(values.every((value) => Math.abs(value) < 2));
  assert.ok(Math.abs(meanOf(values)) < 0.01);
  // 1 - 4 φ(2) / (2 Φ(2) - 1)
  assert.ok(Math.abs(meanOf(values, (value) => value ** 2) - 0.7737) < 0.01);
});

test('random: integers take every value from a to b - 1, and no other, evenly', () => {
  const values = draw('random', { shape, kind: 3, dtype: 1, seed: 15, a: -3, b: 7 });
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  assert.deepEqual(
    [...counts.keys()].sort((x, y) => x - y),
    [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6],
  );
  for (const count of counts.values()) assert.ok(Math.abs(count - N / 10) < 700); // 5 deviations
});

for (const [op, attributes, logits] of /** @type {[string, Attributes, number[]?][]} */ ([
  ['random', { shape: [64], kind: 1, a: 0, b: 1 }],
  ['multinomial', { n_samples: 64 }, [0, 0, 0, 0, 0]],
])) {
  test(`${op}: each run of a program draws other numbers, and another program of the seed draws the same`, () => {
    const [first, second] = [1, 2].map(() => programOf(op, { ...attributes, seed: 21 }, logits));
    const runs = [first.run(), first.run(), first.run()];
    assert.notDeepEqual(runs[0], runs[1]);
    assert.notDeepEqual(runs[1], runs[2]);
    assert.deepEqual([second.run(), second.run(), second.run()], runs);
    first.release();
    second.release();
    assert.notDeepEqual(draw(op, { ...attributes, seed: 22 }, logits), runs[0]);
  });

  test(`${op}: of seed 0, two programs draw different numbers`, () => {
    const [first, second] = [1, 2].map(() => programOf(op, attributes, logits));
    const runs = [first.run(), second.run(), first.run(), second.run()].map(String);
    assert.equal(new Set(runs).size, 4);
    first.release();
    second.release();
  });
}

test('multinomial: classes come as often as their probabilities say', () => {
  const probabilities = [0.5, 0, 0.3, 0.15, 0.05];
  const n_samples = 100000;
  for (const [logits, is_probabilities] of /** @type {[number[], number][]} */ ([
    [probabilities.map(Math.log), 0],
    [probabilities.map((value) => 8 * value), 1],
  ])) {
    const counts = new Array(5).fill(0);
    for (const value of draw('multinomial', { n_samples, seed: 31, is_probabilities }, logits)) counts[value]++;
    assert.equal(counts[1], 0);
    for (const [i, count] of counts.entries()) assert.ok(Math.abs(count / n_samples - probabilities[i]) < 0.008, `class ${i}: ${count}`); // 5 deviations
  }
});
