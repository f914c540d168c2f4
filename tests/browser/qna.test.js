// Question answering in a page, from the files as they are served: the model that ships, on the page's thread and in a worker. Expected: what
// Node answers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../js/main.js';
import { load } from '../../models/qna/index.js';
import { ISOLATED, launchBrowser, openPage, serve } from './browser.js';

const PASSAGE = 'Marta Oliveira lives in Lisbon. She works as a baker. Tom Becker was born in Hamburg in 1984.\n '.repeat(12);
const QUESTION = 'Where does Marta Oliveira live?';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('./browser.js').Server} */
let server;
before(async () => {
  browser = await launchBrowser();
  server = await serve({ headers: ISOLATED });
});
after(async () => {
  await browser.close();
  server.close();
});

for (const worker of [false, true])
  test(`qna in Chromium: the small model answers ${worker ? 'from a worker' : 'on the page'} as in Node, window by window`, async () => {
    const runtime = await createRuntime({ threads: 1, variant: 'simd' });
    const node = await load({ runtime });
    const expected = await node.findAnswers(QUESTION, PASSAGE, { topK: 3, margin: 0 });
    runtime.dispose();
    const { page, problems, close } = await openPage(browser, server.url);
    /** @type {{ answers: import('../../models/qna/spans.js').Answer[], windows: number, aborted: string }} */
    const { answers, windows, aborted } = await page.evaluate(
      async ([question, passage, inWorker]) => {
        const { createRuntime: create } = await import(`${location.origin}/js/index.js`);
        const qna = await (await import(`${location.origin}/models/qna/index.js`)).load({
          runtime: await create({ worker: inWorker, variant: 'simd' }),
        });
        const steps = [];
        for await (const step of qna.streamAnswers(question, passage, { topK: 3 })) steps.push(step);
        const reason = await qna
          .findAnswers(question, passage, { signal: AbortSignal.abort() })
          .catch((/** @type {any} */ error) => error.code);
        qna.dispose();
        return { answers: steps.at(-1).answers, windows: steps.length, aborted: reason };
      },
      /** @type {const} */ ([QUESTION, PASSAGE, worker]),
    );
    assert.deepEqual(
      answers.map(({ text, startIndex, endIndex }) => ({ text, startIndex, endIndex })),
      expected.map(({ text, startIndex, endIndex }) => ({ text, startIndex, endIndex })),
    );
    for (const [i, { score, probability }] of answers.entries()) {
      assert.ok(Math.abs(score - expected[i].score) <= 1e-4 * Math.abs(score));
      assert.ok(Math.abs(probability - expected[i].probability) <= 1e-3);
    }
    assert.ok(windows >= 1);
    assert.equal(aborted, 'aborted');
    assert.deepEqual(problems, []);
    await close();
  });
