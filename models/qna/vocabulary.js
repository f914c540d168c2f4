// The vocabulary of a WordPiece tokenizer, from the forms in which it is published.

import { XnnError } from '../../js/index.js';

/**
 * @typedef {object} Vocabulary
 * @property {string[]} tokens  By id, as vocab.txt writes them: ## begins what continues a word.
 * @property {ReadonlyMap<string, number>} starts  Id by the piece that begins a word.
 * @property {ReadonlyMap<string, number>} rests  Id by the piece that continues one, without ##.
 * @property {number} longest  Characters (code points) of the longest piece.
 * @property {{ unknown: number, first: number, separator: number, padding: number }} special  Ids of [UNK], [CLS], [SEP], [PAD].
 */

/** What begins a word in the web client's processed_vocab.json. */
const WORD_START = '\u2581';
const REST = '##';
/** Ids below this one are names there, and never found in a text. Source: @tensorflow-models/qna 1.0.2, bert_tokenizer.js. */
const FIRST_PIECE = 999;
const MOST_ID = 2 ** 24;
const SPECIAL = /** @type {const} */ ({ unknown: '[UNK]', first: '[CLS]', separator: '[SEP]', padding: '[PAD]' });

/**
 * @param {unknown} vocab  Text of vocab.txt; a list of tokens, or of [token, score]; an object token → id; JSON text of these.
 * @returns {Vocabulary}
 * @throws {XnnError} 'misuse' for what is none of them; 'bad-model' where ids or a special token are missing.
 */
export function readVocabulary(vocab) {
  const tokens = tokensOf(typeof vocab === 'string' ? parseText(vocab) : vocab);
  /** @type {Map<string, number>} */
  const starts = new Map();
  /** @type {Map<string, number>} */
  const rests = new Map();
  let longest = 0;
  tokens.forEach((token, id) => {
    if (token === '') return;
    const isRest = token.startsWith(REST) && token.length > REST.length;
    const piece = isRest ? token.slice(REST.length) : token;
    (isRest ? rests : starts).set(piece, id);
    longest = Math.max(longest, piece.length);
  });
  const special = Object.fromEntries(
    Object.entries(SPECIAL).map(([role, token]) => {
      const id = starts.get(token);
      if (id === undefined) throw new XnnError('bad-model', `vocabulary: ${token} is not among its ${tokens.length} tokens`);
      return [role, id];
    }),
  );
  return { tokens, starts, rests, longest, special: /** @type {Vocabulary['special']} */ (special) };
}

/** vocab.txt has a token in each line; its first one, [PAD], looks like JSON but is none. @param {string} text */
function parseText(text) {
  try {
    return /^\s*[[{]/.test(text) ? JSON.parse(text) : lines(text);
  } catch {
    return lines(text);
  }
}

/** @param {string} text */
function lines(text) {
  const all = text.split('\n').map((line) => line.trim());
  if (all.at(-1) === '') all.pop();
  return all;
}

/** @param {unknown} value @returns {string[]} */
function tokensOf(value) {
  if (Array.isArray(value)) {
    const list = value.map((item) => (Array.isArray(item) ? item[0] : item));
    const wrong = list.findIndex((token) => typeof token !== 'string');
    if (wrong >= 0) throw new XnnError('misuse', `vocabulary: token ${wrong} is ${String(list[wrong])} instead of a string`);
    const has = (/** @type {string} */ mark) => list.some((token, id) => id >= FIRST_PIECE && token.startsWith(mark));
    return has(WORD_START) && !has(REST) ? list.map(fromWebClient) : list;
  }
  if (typeof value !== 'object' || value === null)
    throw new XnnError('misuse', `vocabulary: ${String(value)} is neither the text of vocab.txt, nor a list, nor an object of ids`);
  /** @type {string[]} */
  const tokens = [];
  for (const [token, id] of Object.entries(value)) {
    if (!Number.isInteger(id) || id < 0 || id > MOST_ID || tokens[id] !== undefined)
      throw new XnnError(
        'bad-model',
        `vocabulary: "${token}" has id ${String(id)}: whole numbers from 0 to ${MOST_ID}, each once, are ids`,
      );
    tokens[id] = token;
  }
  return tokens;
}

/** @param {string} token @param {number} id */
function fromWebClient(token, id) {
  if (id < FIRST_PIECE) return token;
  return token.startsWith(WORD_START) ? token.slice(WORD_START.length) : REST + token;
}
