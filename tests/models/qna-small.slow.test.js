// The small MobileBERT of models/qna/small on held-out sets, which scripts/train-qna made: answers are places that the generator wrote, not
// what a model said; logits are torch's, in double precision, of the weights as they are stored.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../js/main.js';
import { createTokenizer, load } from '../../models/qna/main.js';
import { compare } from '../support/agreement.js';
import { loadReference } from '../support/reference.js';

/**
 * end: exclusive; −1 for both where the passage does not say.
 * @typedef {{ passage: string, questions: { question: string, start: number, end: number }[] }} Sample
 * ids: without padding; first: the passage's first token.
 * @typedef {{ question: string, passage: string, ids: number[], first: number, start: number[], end: number[] }} Logits
 */
const FOLDER = new URL('../../models/qna/small/', import.meta.url);
const read = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`./qna-small/${name}.json`, import.meta.url), 'utf8'));
/** @type {Logits[]} */
const LOGITS = read('logits');

/** @type {import('../../js/index.js').Runtime} */
let runtime;
/** @type {import('../../models/qna/main.js').Qna} */
let qna;
before(async () => {
  runtime = await createRuntime({ threads: 1, variant: 'simd' });
  qna = await load({ runtime });
});
after(() => runtime.dispose());

/** @type {[name: string, limit: number][]} issue 8: 90 % of unseen names, 80 % of unseen templates */
const SETS = [
  ['unseen-names', 0.9],
  ['unseen-templates', 0.8],
];

for (const [name, limit] of SETS)
  test(`small MobileBERT: at least ${100 * limit} % of ${name} are answered exactly`, async (t) => {
    /** @type {Sample[]} */
    const samples = read(name);
    const counts = { right: 0, asked: 0, unanswerable: 0, silent: 0 };
    for (const { passage, questions } of samples)
      for (const { question, start, end } of questions) {
        const [best] = await qna.findAnswers(question, passage, { topK: 1 });
        const right = start < 0 ? best === undefined : best?.text === passage.slice(start, end);
        counts.asked++;
        counts.right += Number(right);
        counts.unanswerable += Number(start < 0);
        counts.silent += Number(start < 0 && right);
      }
    const { right, asked, unanswerable, silent } = counts;
    const percent = (/** @type {number} */ part, /** @type {number} */ whole) => `${((100 * part) / whole).toFixed(1)} %`;
    t.diagnostic(
      `${percent(right, asked)} of ${asked}; answerable ${percent(right - silent, asked - unanswerable)}, others ${percent(silent, unanswerable)}`,
    );
    assert.ok(asked > 600 && unanswerable > asked * 0.15 && unanswerable < asked * 0.3, JSON.stringify(counts));
    assert.ok(right / asked >= limit, `${right} of ${asked}`);
  });

test('small MobileBERT: with int8 weights at least 98 % of the answers are those of float32', async (t) => {
  const narrow = await load({ runtime, precision: 'int8' });
  let [same, asked] = [0, 0];
  for (const [name] of SETS)
    for (const { passage, questions } of /** @type {Sample[]} */ (read(name)))
      for (const { question } of questions) {
        const [ours] = await narrow.findAnswers(question, passage, { topK: 1 });
        const [plain] = await qna.findAnswers(question, passage, { topK: 1 });
        same += Number(ours?.startIndex === plain?.startIndex && ours?.endIndex === plain?.endIndex);
        asked++;
      }
  narrow.dispose();
  t.diagnostic(`${same} of ${asked}`);
  assert.ok(same >= 0.98 * asked, `${same} of ${asked}`);
});

test('small MobileBERT: the tokenizer gives the ids that it was trained with', () => {
  const { encode, special } = createTokenizer(readFileSync(new URL('vocab.txt', FOLDER), 'utf8'));
  for (const { question, passage, ids } of LOGITS)
    assert.deepEqual([special.first, ...encode(question).ids, special.separator, ...encode(passage).ids, special.separator], ids);
});

test('small MobileBERT: logits are those of torch and of TensorFlow.js, in buckets and at the full length', async (t) => {
  const path = new URL('model.json', FOLDER).pathname;
  const reference = await loadReference(path);
  const model = await runtime.load(path, { inputShapes: { '*': [1, -1] } });
  for (const { ids, first, start, end } of LOGITS) {
    const count = ids.length;
    /** @param {number} length */
    const inputs = (length) => {
      const row = (/** @type {(i: number) => number} */ value) => ({
        dtype: /** @type {const} */ ('int32'),
        shape: [1, length],
        data: Int32Array.from({ length }, (_, i) => (i < count ? value(i) : 0)),
      });
      return {
        input_ids: row((i) => ids[i]),
        input_mask: row(() => 1),
        segment_ids: row((i) => (i < first ? 0 : 1)),
        global_step: { dtype: /** @type {const} */ ('int32'), shape: [], data: Int32Array.of(1) },
      };
    };
    const whole = await reference.run(inputs(384));
    for (const length of [32 * Math.ceil((count + 1) / 32), 384]) {
      const actual = await model.run(inputs(length));
      for (const [output, torch] of Object.entries({ start_logits: start, end_logits: end })) {
        const words = (/** @type {{ data: any }} */ { data }) => Array.from(data).slice(0, count).map(Number);
        const [ofTorch, ofTfjs] = [compare(words(actual[output]), torch), compare(words(actual[output]), words(whole[output]))];
        assert.ok(ofTorch.error <= 2e-5, `${output} at ${length} against torch: ${ofTorch.where}`);
        assert.ok(ofTfjs.error <= 1e-5, `${output} at ${length} against TensorFlow.js: ${ofTfjs.where}`);
        t.diagnostic(`${output} at ${length}: ${ofTorch.error.toExponential(1)} from torch, ${ofTfjs.error.toExponential(1)} from tfjs`);
      }
    }
  }
  model.dispose();
});

test('small MobileBERT: has at most 3 MB, and its README', () => {
  const files = readdirSync(FOLDER);
  assert.deepEqual(files.sort(), ['README.md', 'model.json', 'vocab.txt', 'weights.bin']);
  assert.ok(files.reduce((sum, file) => sum + statSync(new URL(file, FOLDER)).size, 0) <= 3e6);
});
