// From logits to answers: the best spans of a passage, window by window.

/** A span has fewer tokens. Source: Google's run_squad.py (max_answer_length) and the web client. */
const TOO_LONG = 32;

/**
 * @typedef {object} Answer
 * @property {string} text  passage.slice(startIndex, endIndex): whole words.
 * @property {number} startIndex  In UTF-16 units.
 * @property {number} endIndex  Exclusive.
 * @property {number} score  Sum of the logits of its first and last token.
 * @property {number} probability  0…1: softmax of the score over every span of at most 31 tokens of all windows so far, each scored once
 *   (windows.js), and "no answer", which has the lowest of the windows' scores of [CLS].
 *
 * @typedef {{ from: number, to: number, score: number }} Found  Places in the passage.
 *
 * Logits of a window; passage: where its first token of the passage stands.
 * @typedef {{ start: ArrayLike<number>, end: ArrayLike<number>, passage: number }} Logits
 */

/**
 * @param {string} passage
 * @param {import('./tokenizer.js').Encoding} encoding  Of the passage.
 * @param {{ most: number, margin: number }} options  most: answers; margin: by how much an answer's score is above that of [CLS] in its
 *   window, at least; 0: just above.
 */
export function createRanking(passage, { tokens, offsets }, { most, margin }) {
  const { starts, ends } = wordBounds(tokens, offsets);
  /** Best first, no two of one place. @type {Found[]} */
  const best = [];
  // Σ exp(score − top) of all spans: the sum stays in range whatever the logits are.
  let top = -Infinity;
  let sum = 0;
  let noAnswer = Infinity;

  /** @param {Found} found */
  function keep(found) {
    const same = best.findIndex(({ from, to }) => from === found.from && to === found.to);
    if (same >= 0 && best[same].score >= found.score) return;
    if (same >= 0) best.splice(same, 1);
    const behind = best.findIndex(({ score }) => score < found.score);
    best.splice(behind < 0 ? best.length : behind, 0, found);
    if (best.length > most) best.pop();
  }

  return {
    /** @param {import('./windows.js').Window} window @param {Logits} logits */
    add({ from, to, owns, until }, { start, end, passage: at }) {
      const none = start[0] + end[0];
      noAnswer = Math.min(noAnswer, none);
      for (let i = owns; i < until; i++)
        for (let j = i; j < Math.min(to, i + TOO_LONG - 1); j++) {
          const score = start[at + i - from] + end[at + j - from];
          if (score > top) {
            sum = sum * Math.exp(top - score) + 1;
            top = score;
          } else if (score > -Infinity) sum += Math.exp(score - top);
          const isAnswer = score > none && score - none >= margin;
          if (isAnswer && (best.length < most || score > best[most - 1].score)) keep({ from: starts[i], to: ends[j], score });
        }
    },

    /** @returns {Answer[]}  Best first. */
    answers() {
      const whole = sum + Math.exp(noAnswer - top);
      return best.map(({ from, to, score }) => ({
        text: passage.slice(from, to),
        startIndex: from,
        endIndex: to,
        score,
        probability: Math.exp(score - top) / whole,
      }));
    },
  };
}

/**
 * For each token where its word begins and ends.
 * @param {readonly string[]} tokens @param {readonly [number, number][]} offsets
 */
function wordBounds(tokens, offsets) {
  const starts = offsets.map(([start]) => start);
  const ends = offsets.map(([, end]) => end);
  const continues = (/** @type {number} */ i) => tokens[i].startsWith('##') && tokens[i].length > 2;
  for (let i = 1; i < tokens.length; i++) if (continues(i)) starts[i] = starts[i - 1];
  for (let i = tokens.length - 2; i >= 0; i--) if (continues(i + 1)) ends[i] = ends[i + 1];
  return { starts, ends };
}
