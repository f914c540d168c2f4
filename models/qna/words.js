// A text cut into words as BERT (uncased) cuts it, each character with its place in the text.
// Source: google-research/bert, tokenization.py, BasicTokenizer; which characters count as control is as in Hugging Face's tokenizers.

/**
 * A word in lower case, without accents: its characters (code points), and where each came from in the text, in UTF-16 units. A place
 * takes in what was stripped behind it, so that a letter and its accent are never apart.
 * @typedef {{ chars: string[], starts: number[], ends: number[] }} Word
 *
 * @typedef {{ char: string, start: number, end: number }} Char
 */

/** Dropped, but for tab, line feed and carriage return; U+0000 is one of them. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/u;
const SPACE = /\s/u;
const MARK = /\p{Mn}/u;
const SPACING_MARK = /\p{Mc}/u;
/** ASCII symbols are punctuation too. */
const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/u;
/** The blocks that BERT calls Chinese: ideographs, not kana or hangul. */
const IDEOGRAPH =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/u;
const SIGMA = '\u03A3';

/** @param {string} text @returns {Word[]} */
export function splitWords(text) {
  /** @type {Word[]} */
  const words = [];
  for (const chunk of chunks(text)) {
    /** @type {Word | undefined} */
    let word;
    /** @type {Word | undefined} what a mark belongs to */
    let last;
    for (const { char, start, end } of stripped(chunk)) {
      if (char === '') {
        if (last !== undefined) last.ends[last.ends.length - 1] = Math.max(end, last.ends[last.ends.length - 1]);
        continue;
      }
      const alone = isPunctuation(char);
      if (word === undefined || alone) {
        last = { chars: [], starts: [], ends: [] };
        words.push(last);
        word = alone ? undefined : last;
      }
      const into = /** @type {Word} */ (last);
      into.chars.push(char);
      into.starts.push(start);
      into.ends.push(end);
    }
  }
  return words;
}

/** Between spaces, and ideographs alone with the marks behind them; without what is dropped. @param {string} text */
function* chunks(text) {
  /** @type {Char[]} */
  let chunk = [];
  let closed = false; // an ideograph takes marks, nothing else
  let start = 0;
  for (const char of text) {
    const end = start + char.length;
    const kind = kindOf(char);
    const cuts = kind === 'space' || kind === 'ideograph' || (closed && kind === 'letter' && !MARK.test(char));
    if (cuts && chunk.length > 0) {
      yield chunk;
      chunk = [];
    }
    if (cuts) closed = kind === 'ideograph';
    if (kind === 'letter' || kind === 'ideograph') chunk.push({ char, start, end });
    start = end;
  }
  if (chunk.length > 0) yield chunk;
}

/** @param {string} char @returns {'space' | 'dropped' | 'ideograph' | 'letter'} */
function kindOf(char) {
  if (char > ' ' && char < '\x7F') return 'letter';
  if (char === ' ' || char === '\t' || char === '\n' || char === '\r') return 'space';
  if (CONTROL.test(char)) return 'dropped';
  if (SPACE.test(char)) return 'space';
  return IDEOGRAPH.test(char) ? 'ideograph' : 'letter';
}

/** @param {string} char */
function isPunctuation(char) {
  if (char > '\x7F') return PUNCTUATION.test(char);
  return !((char >= 'a' && char <= 'z') || (char >= '0' && char <= '9'));
}

/**
 * In lower case, decomposed; a nonspacing mark leaves '' in its place.
 * @param {Char[]} chunk @returns {Char[]}
 */
function stripped(chunk) {
  if (chunk.every(({ char }) => char < '\x80')) return chunk.map((item) => ({ ...item, char: item.char.toLowerCase() }));
  const parts = lowered(chunk).flatMap(({ char: lower, start, end }) =>
    [...(lower < '\x80' ? lower : lower.normalize('NFD'))].map((char) => ({ char, start, end })),
  );
  return ordered(parts).map((part) => (part.char > '\x7F' && MARK.test(part.char) ? { ...part, char: '' } : part));
}

/** Lower case of one character depends on no other, but that of sigma, which has another form at a word's end. @param {Char[]} chunk */
function lowered(chunk) {
  const whole = chunk.some(({ char }) => char === SIGMA)
    ? chunk
        .map(({ char }) => char)
        .join('')
        .toLowerCase()
    : undefined;
  let at = 0;
  return chunk.map((item) => {
    const lower = item.char.toLowerCase();
    const char = whole?.slice(at, at + lower.length) ?? lower;
    at += lower.length;
    return { ...item, char };
  });
}

/**
 * Decomposed characters in canonical order. Of marks it decides only about spacing ones, since the others go, and a long run of them would
 * take long to sort. That is a stable sort of marks, whose classes JavaScript does not tell: the n-th of a
 * character in the sorted text is the n-th before.
 * @param {Char[]} parts
 */
function ordered(parts) {
  if (parts.filter(({ char }) => char > '\x7F' && SPACING_MARK.test(char)).length < 2) return parts;
  const text = parts.map(({ char }) => char).join('');
  const sorted = text.normalize('NFD');
  if (sorted === text) return parts;
  /** @type {Map<string, Char[]>} */
  const waiting = new Map();
  for (const part of [...parts].reverse()) {
    const same = waiting.get(part.char);
    if (same === undefined) waiting.set(part.char, [part]);
    else same.push(part);
  }
  return [...sorted].map((char) => /** @type {Char} */ (waiting.get(char)?.pop()));
}
