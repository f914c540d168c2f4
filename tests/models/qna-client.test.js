// The answers of @tensorflow-models/qna on TensorFlow.js's cpu backend are among ours, with the same scores: model, tokenizer, windows and spans
// at once. All words are in the vocabulary: others its tokenizer cuts
// otherwise than BERT does.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { load as loadClient } from '@tensorflow-models/qna';
import { createRuntime } from '../../js/main.js';
import { load } from '../../models/qna/main.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { toTflite } from '../support/architectures/to-tflite.js';
import { cached } from '../support/cached.js';
import { PASSAGE, QUESTIONS, seededNetwork } from '../support/qna-seeded.js';
import '../support/tfjs-engine.js';

const SPECIAL = new Map([
  [0, '[PAD]'],
  [100, '[UNK]'],
  [101, '[CLS]'],
  [102, '[SEP]'],
]);
/** As it is in the client's file: every word is there, also the short ones, which the client would not cut as BERT does. */
const WORDS = [
  ...Array.from({ length: 999 }, (_, id) => SPECIAL.get(id) ?? '[unused]'),
  ...new Set(
    [
      ...[PASSAGE, ...QUESTIONS]
        .join(' ')
        .toLowerCase()
        .matchAll(/[a-z0-9]+|[^\sa-z0-9]/g),
    ].map(([word]) => `\u2581${word}`),
  ),
];
const network = () => seededNetwork(WORDS.length);
const vocabUrl = `data:application/json,${encodeURIComponent(JSON.stringify(WORDS))}`;
const runtime = await createRuntime({ threads: 1 });
after(() => runtime.dispose());

/** @returns {Promise<{ text: string, startIndex: number, score: number }[][]>} */
async function askClient() {
  const { fetch } = globalThis;
  globalThis.fetch = async () => new Response(JSON.stringify(WORDS)); // it has one URL for it, of its own
  try {
    await tf.setBackend('cpu');
    const { modelTopology, weightSpecs, weightData } = toGraphModel(network());
    const client = await loadClient({
      modelUrl: /** @type {any} */ (tf.io.fromMemory({ modelTopology, weightSpecs: /** @type {any} */ (weightSpecs), weightData })),
    });
    const answers = [];
    for (const question of QUESTIONS) answers.push(/** @type {any} */ (await client.findAnswers(question, PASSAGE)));
    return answers;
  } finally {
    globalThis.fetch = fetch;
  }
}

const { data: theirs } = await cached(
  `@tensorflow-models/qna 1.0.2, tfjs ${tf.version_core}, cpu`,
  { text: new TextEncoder().encode(JSON.stringify([PASSAGE, QUESTIONS, WORDS, 58])) },
  async () => ({ data: await askClient() }),
);

for (const [name, source] of Object.entries({ 'graph model': toGraphModel, 'TensorFlow Lite': toTflite }))
  test(`qna: a ${name} gives every answer that the web client gives, of the same score`, async (t) => {
    const qna = await load({ runtime, modelUrl: source(network()), vocabUrl });
    let worst = 0;
    for (const [i, question] of QUESTIONS.entries()) {
      const ours = await qna.findAnswers(question, PASSAGE, { topK: 1000 });
      assert.ok(theirs[i].length > 1);
      assert.ok(ours[0].score >= theirs[i][0].score - 1e-4);
      for (const { text, startIndex, score } of theirs[i]) {
        const same = ours.find((answer) => answer.text === text && answer.startIndex === startIndex);
        assert.ok(same, `"${text}" at ${startIndex} of ${score}`);
        worst = Math.max(worst, Math.abs(same.score - score) / Math.abs(score));
      }
    }
    assert.ok(worst <= 1e-5, `${worst}`);
    t.diagnostic(`scores differ by ${worst.toExponential(1)}`);
    qna.dispose();
  });
