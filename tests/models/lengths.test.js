// MobileBERT, whose sequence of 384 is written all over its graph, at other lengths: the logits of the words are those of the
// whole sequence, since masked places count for nothing (but for the one beyond the text, which the trigram embedding reads).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../js/main.js';
import { compare } from '../support/agreement.js';
import { mobileBert } from '../support/architectures/mobilebert.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { toTflite } from '../support/architectures/to-tflite.js';
import { loadReference } from '../support/reference.js';

const VOCABULARY = 1000;
const BLOCKS = 2;
const SEQUENCE = 384;
/** design.md of question answering: at most 1e-4 of the largest logit. Measured: 0. */
const LIMIT = 1e-6;

/** @type {import('../../js/index.js').Runtime} */
let runtime;
before(async () => {
  runtime = await createRuntime({ threads: 1, variant: 'simd' });
});
after(() => runtime.dispose());

/** @param {number} length @param {number} words @param {(place: number) => number} value */
const tensor = (length, words, value) => ({
  dtype: /** @type {const} */ ('int32'),
  shape: [1, length],
  data: Int32Array.from({ length }, (_, i) => (i < words ? value(i) : 0)),
});

/** @param {readonly import('../../js/index.js').Port[]} ports @param {number} length @param {number} words */
function inputsOf(ports, length, words) {
  /** @type {Record<string, import('../../js/index.js').Tensor>} */
  const all = {
    input_ids: tensor(length, words, (i) => 1 + ((i * 7) % (VOCABULARY - 1))),
    input_mask: tensor(length, words, () => 1),
    segment_ids: tensor(length, words, (i) => (i > words / 3 ? 1 : 0)),
    global_step: { dtype: 'int32', shape: [], data: Int32Array.of(1) },
  };
  return Object.fromEntries(
    ports.map(({ name, shape }) => [name, name === 'global_step' ? { ...all[name], shape: [...shape] } : all[name]]),
  );
}

const FORMATS = {
  'the fused graph': () => toGraphModel(mobileBert({ blocks: BLOCKS, vocabulary: VOCABULARY })),
  'the graph as trained': () => toGraphModel(mobileBert({ blocks: BLOCKS, vocabulary: VOCABULARY }), { fused: false }),
  'the graph with bounds written as indices': () =>
    toGraphModel(mobileBert({ blocks: BLOCKS, vocabulary: VOCABULARY, batch: 1, bounds: 'indices' })),
  'the graph with bounds written as sizes': () =>
    toGraphModel(mobileBert({ blocks: BLOCKS, vocabulary: VOCABULARY, batch: 1, bounds: 'sizes' })),
  'TensorFlow Lite': () => toTflite(mobileBert({ blocks: BLOCKS, vocabulary: VOCABULARY, batch: 1 })),
};

for (const [name, source] of Object.entries(FORMATS))
  test(`lengths: ${name} of MobileBERT for 384 runs at 128, 64 and 32, with the weights that it has`, async (t) => {
    const open = Object.fromEntries(['input_ids', 'input_mask', 'segment_ids'].map((input) => [input, [1, -1]]));
    const model = await runtime.load(source(), { inputShapes: open });
    assert.deepEqual(
      model.outputs.map(({ shape }) => shape.at(-1)),
      model.outputs.map(() => -1),
    );
    const weights = runtime.memory().weightBytes;
    for (const [length, words] of [
      [128, 100],
      [64, 63],
      [32, 20],
    ]) {
      const whole = await model.run(inputsOf(model.inputs, SEQUENCE, words));
      const part = await model.run(inputsOf(model.inputs, length, words));
      for (const [output, { data }] of Object.entries(whole)) {
        assert.deepEqual(part[output].shape, [1, length]);
        const largest = Math.max(...data.map(Math.abs));
        let worst = 0;
        for (let i = 0; i < words; i++) worst = Math.max(worst, Math.abs(Number(part[output].data[i]) - Number(data[i])) / largest);
        assert.ok(worst <= LIMIT, `${output} at ${length}: ${worst}`);
        t.diagnostic(`${output} of ${words} words at ${length}: ${worst.toExponential(1)} of the largest logit`);
      }
      assert.equal(runtime.memory().weightBytes, weights, 'packed again');
    }
    await assert.rejects(model.run(inputsOf(model.inputs, 400, 10)), /400/);
    model.dispose();
  });

test('lengths: with int8 weights a program for the length has the logits of the whole one', async (t) => {
  const model = await runtime.load(FORMATS['the fused graph'](), { inputShapes: { '*': [1, -1] }, precision: 'int8' });
  for (const [length, words] of [
    [128, 100],
    [32, 20],
  ]) {
    const whole = await model.run(inputsOf(model.inputs, SEQUENCE, words));
    const part = await model.run(inputsOf(model.inputs, length, words));
    for (const [output, { data }] of Object.entries(whole)) {
      assert.deepEqual(part[output].shape, [1, length]);
      const valid = (/** @type {ArrayLike<number | string>} */ values) => Array.from(values).slice(0, words).map(Number);
      const { error, where } = compare(valid(part[output].data), valid(data));
      assert.ok(error <= LIMIT, `${output} at ${length}${where}`);
      t.diagnostic(`${output} of ${words} words at ${length}: ${error.toExponential(1)} of the largest logit`);
    }
  }
  model.dispose();
});

for (const [length, words] of [
  [384, 384],
  [224, 200],
  [96, 95],
  [32, 9],
])
  test(`lengths: ${words} words in a program for ${length} have the logits that TensorFlow.js gives for a graph of that length`, async (t) => {
    const network = mobileBert({ blocks: BLOCKS, vocabulary: VOCABULARY, sequence: length, positions: SEQUENCE });
    const reference = await loadReference(toGraphModel(network));
    const model = await runtime.load(FORMATS['the fused graph'](), { inputShapes: { '*': [1, -1] } });
    const inputs = inputsOf(model.inputs, length, words);
    const expected = await reference.run(/** @type {any} */ (inputs));
    const actual = await model.run(inputs);
    for (const [output, { data }] of Object.entries(expected)) {
      const valid = (/** @type {ArrayLike<number | string>} */ values) => Array.from(values).slice(0, words).map(Number);
      const { error, where } = compare(valid(actual[output].data), valid(data));
      assert.ok(error <= 1e-5, `${output}${where}`);
      t.diagnostic(`${output}: ${error.toExponential(1)} of the largest logit`);
    }
    model.dispose();
  });
