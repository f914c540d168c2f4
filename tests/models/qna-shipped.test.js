// The model that ships in models/qna/small, as a user gets it: load() with nothing said. How often it is right, its own tests say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { main } from '../../demo/qna/ask.js';
import { load } from '../../models/qna/main.js';

const SAMPLE = readFileSync(new URL('../../demo/qna/sample.txt', import.meta.url), 'utf8');
/** What the sample says. @type {[question: string, answer: string | undefined][]} */
const ASKED = [
  ['Who lives in Lisbon?', 'Marta Oliveira'],
  ['Where does Marta Oliveira live?', 'Lisbon'],
  ['Where was Tom Becker born?', 'Hamburg'],
  ['What color is the boat?', 'green'],
  ['Where was Paula Novak born?', undefined],
];

test('qna, the small model: answers what a passage says, with its place, and nothing that it does not say', async () => {
  const qna = await load();
  try {
    for (const [question, expected] of ASKED) {
      const answers = await qna.findAnswers(question, SAMPLE);
      if (expected === undefined) assert.deepEqual(answers, [], question);
      else assert.equal(answers[0]?.text, expected, question);
      for (const { text, startIndex, endIndex, probability } of answers) {
        assert.equal(text, SAMPLE.slice(startIndex, endIndex));
        assert.ok(probability > 0 && probability <= 1);
      }
      const shifted = await qna.findAnswers(question, ` \n ${SAMPLE}`);
      assert.deepEqual(
        shifted.map(({ text, startIndex }) => [text, startIndex - 3]),
        answers.map(({ text, startIndex }) => [text, startIndex]),
      );
    }
  } finally {
    qna.dispose();
  }
});

test('qna, the small model: an answer in the middle of a long passage is found', async () => {
  const qna = await load();
  const filler = 'The house is white. The table is brown and the garden is large. '.repeat(40);
  const passage = `${filler}Tom Becker was born in Hamburg. ${filler}`;
  let windows = 0;
  for await (const progress of qna.streamAnswers('Where was Tom Becker born?', passage)) {
    windows = progress.windows;
    if (progress.window < windows) continue;
    const [{ text, startIndex }] = progress.answers;
    assert.match(text, /^Hamburg$/);
    assert.equal(startIndex, passage.indexOf('Hamburg'));
  }
  assert.ok(windows > 5);
  qna.dispose();
});

test('qna, the command: answers the questions that it is given, and says what is wrong', async (t) => {
  /** @type {string[]} */
  const lines = [];
  assert.equal(await main(['Where was Tom Becker born?'], { print: (line) => lines.push(line) }), 0);
  assert.match(lines.join('\n'), /born\?.*\n {2}Hamburg {2}\(\d+ %, characters \d+ to \d+\)/);
  const said = t.mock.method(console, 'error', () => {});
  assert.equal(await main(['--passage', 'no-such-file.txt', 'Who?']), 1);
  assert.match(String(said.mock.calls[0].arguments[0]), /^ask: .*no-such-file/);
});
