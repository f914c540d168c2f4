// @tensorflow-models/qna: answers of a small MobileBERT with seeded weights. They mean nothing; that they are the same does.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { load } from '@tensorflow-models/qna';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { PASSAGE, QUESTIONS, seededNetwork, VOCABULARY } from '../../support/qna-seeded.js';
import { hashesOf, serveModels, testClient } from './client.js';

const model = toGraphModel(seededNetwork());
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
