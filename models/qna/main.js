// Answers to questions, found in a passage.

import { XnnError } from '../../js/index.js';
import { withModels } from '../shared/engine.js';
import { readText } from '../shared/read-bytes.js';
import { findRoles } from './ports.js';
import { SMALL_VOCABULARY, smallModel } from './small.js';
import { createRanking } from './spans.js';
import { createTokenizer } from './tokenizer.js';
import { makeSequence, planWindows, roomBeside } from './windows.js';

/**
 * @import { Port, Roles } from './ports.js'
 * @import { Answer } from './spans.js'
 * @import { Tokenizer } from './tokenizer.js'
 * @import { Sequence } from './windows.js'
 */

export { createTokenizer };

/** Tokens of a question, without the mark that is put behind it. Source: Google's run_squad.py and the web client. */
const LONGEST_QUESTION = 64;
/** The web client answers so many. */
const ANSWERS = 5;

/**
 * @typedef {{ dtype: 'int32', shape: number[], data: Int32Array }} IntTensor
 * @typedef {{ data: ArrayLike<number> | string[] }} Result
 *
 * @typedef {object} QnaModel  What is used of a Model.
 * @property {readonly Port[]} inputs
 * @property {readonly Port[]} outputs
 * @property {(inputs: Record<string, IntTensor>, options: { signal?: AbortSignal }) => Promise<Record<string, Result>>} run
 * @property {() => void} dispose
 *
 * What is used of a Runtime.
 * @typedef {{ load: (source: any, options: object) => Promise<QnaModel> }} Engine
 *
 * @typedef {object} QnaOptions
 * @property {Engine} [runtime]  A Runtime, or anything that loads models like one; its own if left out.
 * @property {unknown} [modelUrl]  What runtime.load takes: URL or path of a model.json or .tflite …; the small model if left out.
 * @property {string | URL} [vocabUrl]  Of vocab.txt, vocab.json or the web client's processed_vocab.json.
 * @property {'float32' | 'int8'} [precision]
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} AnswerOptions
 * @property {number} [topK]  At most so many answers; 5.
 * @property {number} [margin]  By how much the score of an answer is above that of "no answer" in its window; 0: just above.
 * @property {AbortSignal} [signal]  Takes effect between windows; with a worker also inside one.
 *
 * @typedef {object} Progress
 * @property {Answer[]} answers  The best of the windows so far, best first.
 * @property {number} window  So many are done.
 * @property {number} windows  Of so many.
 *
 * @typedef {object} Qna
 * @property {(question: string, passage: string, options?: AnswerOptions) => Promise<Answer[]>} findAnswers  Best first; [] is "no answer".
 * @property {(question: string, passage: string, options?: AnswerOptions) => AsyncGenerator<Progress, void, void>} streamAnswers  What
 *   findAnswers would answer after each window; nothing where question or passage are empty.
 * @property {() => void} dispose  Frees the model, and the runtime if load() made it.
 */

/**
 * @param {QnaOptions & Omit<import('../../js/index.js').LoadOptions, 'inputShapes' | 'outputs'>} [options]  Others, as onProgress,
 *   fetch and cache, go to runtime.load.
 * @returns {Promise<Qna>}
 * @throws {XnnError} 'misuse' if only one of modelUrl and vocabUrl is given; 'unsupported' if the model is no MobileBERT for questions;
 *   'bad-model' if the vocabulary is broken; what runtime.load throws.
 */
export async function load({ runtime, modelUrl, vocabUrl, ...options } = {}) {
  if ((modelUrl === undefined) !== (vocabUrl === undefined))
    throw new XnnError('misuse', `qna: ${modelUrl === undefined ? 'modelUrl' : 'vocabUrl'} is missing: give both or none of the two`);
  return withModels(/** @type {any} */ (runtime), async (loadModel, release) => {
    const vocabulary = readText(vocabUrl ?? SMALL_VOCABULARY, options);
    vocabulary.catch(() => {}); // awaited below, perhaps after the model has failed
    const loaded = await loadModel(modelUrl ?? smallModel(options), { ...options, inputShapes: { '*': [1, -1] } });
    const model = /** @type {QnaModel} */ (/** @type {unknown} */ (loaded));
    return createQna({ model, roles: findRoles(model), tokenizer: createTokenizer(await vocabulary), release });
  });
}

/**
 * @param {{ model: QnaModel, roles: Roles, tokenizer: Tokenizer, release: () => void }} parts
 * @returns {Qna}
 */
function createQna({ model, roles, tokenizer, release }) {
  let disposed = false;

  /** @param {Sequence} sequence @param {AbortSignal} [signal] */
  async function run({ length, passage, ids, mask, segments }, signal) {
    const row = (/** @type {Int32Array} */ data) => ({ dtype: /** @type {const} */ ('int32'), shape: [1, length], data });
    const one = { dtype: /** @type {const} */ ('int32'), shape: [], data: Int32Array.of(1) };
    const inputs = {
      [roles.ids]: row(ids),
      [roles.mask]: row(mask),
      [roles.segments]: row(segments),
      ...Object.fromEntries(roles.steps.map((name) => [name, one])),
    };
    const results = await model.run(inputs, { signal });
    const [start, end] = [roles.start, roles.end].map((name) => /** @type {ArrayLike<number>} */ (results[name].data));
    return { start, end, passage };
  }

  /** @param {string} question @param {string} passage @param {AnswerOptions} [options] @returns {AsyncGenerator<Progress, void, void>} */
  async function* streamAnswers(question, passage, { topK = ANSWERS, margin = 0, signal } = {}) {
    if (disposed) throw new XnnError('misuse', 'qna: asked after dispose');
    checkArguments({ question, passage, topK, margin });
    throwIfAborted(signal);
    const asked = questionIds(question, tokenizer);
    const encoding = tokenizer.encode(passage);
    if (asked.length === 0 || encoding.ids.length === 0) return;
    const room = roomBeside(asked.length, roles.longest);
    if (room < 1)
      throw new XnnError('misuse', `qna: a question of ${asked.length} tokens leaves no room for a passage in ${roles.longest}`);
    const ranking = createRanking(passage, encoding, { most: topK, margin });
    const windows = planWindows(encoding.ids.length, room);
    for (const [i, window] of windows.entries()) {
      if (i > 0) await nextTask();
      if (disposed) throw new XnnError('misuse', 'qna: disposed while a question was being answered');
      throwIfAborted(signal);
      const sequence = makeSequence(asked, encoding.ids, window, { longest: roles.longest, special: tokenizer.special });
      ranking.add(window, await run(sequence, signal));
      yield { answers: ranking.answers(), window: i + 1, windows: windows.length };
    }
  }

  return {
    streamAnswers,
    async findAnswers(question, passage, options) {
      /** @type {Answer[]} */
      let last = [];
      for await (const { answers } of streamAnswers(question, passage, options)) last = answers;
      return last;
    },
    dispose() {
      disposed = true;
      release();
    },
  };
}

/** @param {{ question: unknown, passage: unknown, topK: unknown, margin: unknown }} given */
function checkArguments({ question, passage, topK, margin }) {
  for (const [name, value] of Object.entries({ question, passage }))
    if (typeof value !== 'string') throw new XnnError('misuse', `qna: ${name} is ${String(value)} instead of a string`);
  if (!(Number.isInteger(topK) && Number(topK) > 0))
    throw new XnnError('misuse', `qna: topK is ${String(topK)}: a positive integer is possible`);
  if (typeof margin !== 'number' || Number.isNaN(margin))
    throw new XnnError('misuse', `qna: margin is ${String(margin)} instead of a number`);
}

/**
 * With a question mark at the end, as in all that such models were trained on. None where nothing is asked.
 * @param {string} question @param {Tokenizer} tokenizer
 */
function questionIds(question, tokenizer) {
  const { ids } = tokenizer.encode(question);
  if (ids.length > LONGEST_QUESTION)
    throw new XnnError('misuse', `qna: the question has ${ids.length} tokens, at most ${LONGEST_QUESTION} are possible`);
  const [mark] = tokenizer.encode('?').ids;
  return ids.length === 0 || ids.at(-1) === mark || mark === tokenizer.special.unknown ? ids : [...ids, mark];
}

/** @param {AbortSignal} [signal] */
function throwIfAborted(signal) {
  if (signal?.aborted === true) throw new XnnError('aborted', 'qna: the answer was aborted', { cause: signal.reason });
}

/** Lets timers and events have their turn: a run without a worker never does. */
const nextTask = () => new Promise((resolve) => setTimeout(resolve));
