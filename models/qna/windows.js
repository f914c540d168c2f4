// A passage of any length as windows that a model can read: [CLS] question [SEP] part of the passage [SEP].

/** As Google's run_squad.py and the web client cut: a window begins 128 tokens after the one before. */
const STRIDE = 128;
/** [CLS], [SEP], [SEP] */
const SPECIAL_TOKENS = 3;
/** Programs are made for lengths of whole buckets. */
const BUCKET = 32;

/**
 * A part of the passage, tokens [from, to). It scores the spans that begin in [owns, until): those that no other window shows with
 * more context around (min of the tokens on both sides; of equal windows the first), so that each span is scored once.
 * @typedef {{ from: number, to: number, owns: number, until: number }} Window
 *
 * What the model reads; passage: where the first token of the passage stands.
 * @typedef {{ length: number, passage: number, ids: Int32Array, mask: Int32Array, segments: Int32Array }} Sequence
 */

/**
 * @param {number} count  Tokens of the passage.
 * @param {number} room  Tokens of it that a window holds, at least 1.
 * @returns {Window[]}  None for an empty passage.
 */
export function planWindows(count, room) {
  const stride = Math.min(STRIDE, Math.ceil(room / 2)); // of shorter windows half, so that they overlap as well
  /** @type {Window[]} */
  const windows = [];
  for (let from = 0; from < count; from += stride) {
    const to = Math.min(from + room, count);
    const before = windows.at(-1);
    // Behind the middle of the overlap.
    const owns = before === undefined ? 0 : Math.floor((from + before.to - 1) / 2) + 1;
    if (before !== undefined) before.until = owns;
    windows.push({ from, to, owns, until: to });
    if (to === count) break;
  }
  return windows;
}

/** @param {number} question  Its tokens. @param {number} longest  Tokens that the model takes. */
export const roomBeside = (question, longest) => longest - question - SPECIAL_TOKENS;

/**
 * A length that programs are made for. MobileBERT's trigram embedding reads one place past the text, where a shorter program would have
 * nothing and the longest one padding: so there is padding behind the text, but where it fills the longest.
 * @param {number} length @param {number} longest
 */
export const bucketOf = (length, longest) => Math.min(longest, BUCKET * Math.ceil((length + 1) / BUCKET));

/**
 * @param {readonly number[]} question @param {readonly number[]} passage  Ids.
 * @param {{ from: number, to: number }} window
 * @param {{ longest: number, special: import('./vocabulary.js').Vocabulary['special'] }} model
 * @returns {Sequence}
 */
export function makeSequence(question, passage, { from, to }, { longest, special }) {
  const head = [special.first, ...question, special.separator];
  const words = [...head, ...passage.slice(from, to), special.separator];
  const length = bucketOf(words.length, longest);
  const ids = new Int32Array(length).fill(special.padding);
  ids.set(words);
  return {
    length,
    passage: head.length,
    ids,
    mask: new Int32Array(length).fill(1, 0, words.length),
    segments: new Int32Array(length).fill(1, head.length, words.length),
  };
}
