// WordPiece as BERT (uncased) has it: words, cut greedily into the longest pieces that the vocabulary has.
// Source: google-research/bert, tokenization.py, WordpieceTokenizer.

import { XnnError } from '../../js/index.js';
import { readVocabulary } from './vocabulary.js';
import { splitWords } from './words.js';

/**
 * @typedef {object} Encoding
 * @property {number[]} ids
 * @property {string[]} tokens  As vocab.txt writes them: ## begins what continues a word.
 * @property {[start: number, end: number][]} offsets  Where each stands in the text, in UTF-16 units, end exclusive: of a piece that
 *   the accents behind a letter were stripped from with them, of [UNK] the whole word.
 *
 * @typedef {object} Tokenizer
 * @property {(text: string) => Encoding} encode  Without [CLS] and [SEP]; names of special tokens in a text are text.
 * @property {import('./vocabulary.js').Vocabulary['special']} special  Ids of [UNK], [CLS], [SEP], [PAD].
 */

/** Characters of a word; longer ones are [UNK]. Hugging Face's tokenizer.json of bert-base-uncased has 100, Google's first code 200. */
const LONGEST_WORD = 100;

/**
 * @param {unknown} vocab  Text of vocab.txt or vocab.json; a list of tokens, or of [token, score], also as the web client's
 *   processed_vocab.json (U+2581 begins words); an object token → id.
 * @param {{ longestWord?: number }} [options]
 * @returns {Tokenizer}
 * @throws {XnnError} 'misuse' for what is no vocabulary; 'bad-model' where ids or special tokens are missing.
 */
export function createTokenizer(vocab, { longestWord = LONGEST_WORD } = {}) {
  if (!Number.isInteger(longestWord) || longestWord < 1)
    throw new XnnError('misuse', `tokenizer: longestWord is ${String(longestWord)}: a whole number from 1 on is possible`);
  const { tokens, starts, rests, longest, special } = readVocabulary(vocab);

  /** @param {string[]} chars @returns {{ id: number, end: number }[]}  end: behind its last character; none where a part is unknown. */
  function pieces(chars) {
    const found = [];
    const word = chars.join('');
    const places = [0]; // of the characters, in UTF-16 units
    for (const char of chars) places.push(places[places.length - 1] + char.length);
    for (let begin = 0; begin < chars.length; ) {
      const known = begin === 0 ? starts : rests;
      let end = Math.min(chars.length, begin + longest);
      let id = known.get(word.slice(places[begin], places[end]));
      while (id === undefined && --end > begin) id = known.get(word.slice(places[begin], places[end]));
      if (id === undefined) return [];
      found.push({ id, end });
      begin = end;
    }
    return found;
  }

  return {
    special,
    encode(text) {
      if (typeof text !== 'string') throw new XnnError('misuse', `tokenizer: ${String(text)} is given instead of a string`);
      /** @type {Encoding} */
      const encoding = { ids: [], tokens: [], offsets: [] };
      for (const { chars, starts: from, ends: to } of splitWords(text)) {
        let cut = chars.length > longestWord ? [] : pieces(chars);
        if (cut.length === 0) cut = [{ id: special.unknown, end: chars.length }];
        let begin = 0;
        for (const { id, end } of cut) {
          encoding.ids.push(id);
          encoding.tokens.push(tokens[id]);
          encoding.offsets.push([from[begin], to.slice(begin, end).reduce((a, b) => Math.max(a, b))]);
          begin = end;
        }
      }
      return encoding;
    },
  };
}
