// @tensorflow-models/qna: answers of a small MobileBERT with seeded weights. They mean nothing; that they are the same does.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { load } from '@tensorflow-models/qna';
import { mobileBert } from '../../support/architectures/mobilebert.js';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { hashesOf, serveModels, testClient } from './client.js';

const PASSAGE =
  'WebAssembly is a binary format for a stack-based machine. It was announced in June 2015 and became a recommendation of the World Wide ' +
  'Web Consortium in December 2019. XNNPACK is a library of floating-point operators for phones, servers and web pages; its authors began ' +
  "it at Google in 2019. MobileBERT, published in 2020 by Zhiqing Sun and others, has 25 million parameters, a fourth of BERT's, and answers " +
  'a question about a passage of up to 384 word pieces in less than a second on a phone. ';
const QUESTIONS = ['Who published MobileBERT?', 'When did WebAssembly become a recommendation?'];

/** The first 999 are not looked up; then the words, each with the mark of a beginning, and letters for what is not there. */
const VOCABULARY = [
  ...Array(999).fill('[unused]'),
  ...new Set([...PASSAGE.toLowerCase().matchAll(/[a-z]{3,}|[0-9]+|[^\sa-z0-9]/g)].map(([word]) => `\u2581${word}`)),
  ...[...'abcdefghijklmnopqrstuvwxyz0123456789'].flatMap((letter) => [letter, `\u2581${letter}`]),
];

// A seed by which some answers reach the client's threshold.
const model = toGraphModel(mobileBert({ blocks: 1, vocabulary: VOCABULARY.length, seed: 58 }));
const server = await serveModels({ qna: model });
after(server.close);

// The client has a URL for its vocabulary, that no option says.
const { fetch } = globalThis;
globalThis.fetch = async (input, init) =>
  `${input}`.includes('processed_vocab.json') ? new Response(JSON.stringify(VOCABULARY)) : fetch(input, init);
after(() => {
  globalThis.fetch = fetch;
});

testClient('qna', {
  from: '@tensorflow-models/qna',
  load: () => load({ modelUrl: server.url('qna') }),
  // The client has no dispose().
  dispose: (client) => /** @type {any} */ (client).model.dispose(),
  limit: 1e-5, // measured: 3.4e-7
  slow: [...(await hashesOf(model)), PASSAGE, ...QUESTIONS, ...VOCABULARY],
  check: (answers) => {
    for (const list of /** @type {any[]} */ (Object.values(answers)))
      assert.ok(list.length > 1 && list[0].text.length > 0 && list[0].score > 4.4, JSON.stringify(list));
  },
  // The second passage is longer than a window, so that two go in as one batch.
  run: async (client) => {
    const [who, when] = [await client.findAnswers(QUESTIONS[0], PASSAGE), await client.findAnswers(QUESTIONS[1], PASSAGE)];
    return { who, when, windows: await client.findAnswers(QUESTIONS[0], PASSAGE.repeat(3)) };
  },
});
