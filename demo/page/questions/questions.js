// Questions about a passage: the answers, and where they stand in it.

import { createRuntime } from '../../../js/index.js';
import { load } from '../../../models/qna/index.js';
import { element, make, ms, plural } from '../dom.js';
import { PASSAGES } from './passages.js';

/** @import { Answer } from '../../../models/qna/spans.js' */

const passage = /** @type {HTMLTextAreaElement} */ (element('#ask-passage'));
const question = /** @type {HTMLInputElement} */ (element('#ask-question'));
const status = element('#ask-status');
const list = element('#ask-answers');
const marked = element('#ask-passage-marked');

export function start() {
  /** Loaded by the first question. @type {Promise<Awaited<ReturnType<typeof load>>> | undefined} */
  let loading;
  const model = () => {
    loading ??= createRuntime({ worker: true }).then((runtime) => load({ runtime }));
    loading.catch(() => {
      loading = undefined;
    });
    return loading;
  };
  /** @type {AbortController | undefined} */
  let asked;

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    const [text, words] = [passage.value, question.value];
    status.classList.remove('error');
    status.textContent = loading === undefined ? 'Loading the model…' : 'Reading…';
    try {
      const qna = await model();
      status.textContent = 'Reading…';
      const began = performance.now();
      const answers = await qna.findAnswers(words, text, { topK: 3, signal });
      if (signal.aborted) return;
      const time = ms(performance.now() - began);
      status.textContent = answers.length === 0 ? `The passage does not say. (${time})` : `${plural(answers.length, 'answer')} in ${time}:`;
      showAnswers(text, answers);
    } catch (error) {
      if (signal.aborted) return;
      status.textContent = `That did not work: ${/** @type {Error} */ (error).message}`;
      status.classList.add('error');
    }
  }

  element('#ask').addEventListener('submit', (event) => {
    event.preventDefault();
    ask();
  });
  element('#ask-samples').replaceChildren(
    ...PASSAGES.map((sample) => {
      const button = make('button', { type: 'button', textContent: sample.title });
      button.addEventListener('click', () => showSample(sample, ask));
      return button;
    }),
  );
  showSample(PASSAGES[0], ask);
}

/** @param {typeof PASSAGES[number]} sample @param {() => void} ask */
function showSample(sample, ask) {
  passage.value = sample.passage;
  question.value = '';
  showAnswers(sample.passage, []);
  element('#ask-questions').replaceChildren(
    ...sample.questions.map((text) => {
      const button = make('button', { type: 'button', textContent: text });
      button.addEventListener('click', () => {
        question.value = text;
        ask();
      });
      return button;
    }),
  );
}

/** @param {string} text @param {Answer[]} answers  best first. */
function showAnswers(text, answers) {
  list.replaceChildren(
    ...answers.map((answer) => make('li', {}, answer.text, make('span', { textContent: `${(answer.probability * 100).toFixed(0)} %` }))),
  );
  marked.hidden = answers.length === 0;
  /** @type {(Node | string)[]} */
  const parts = [];
  let at = 0;
  // Answers may overlap: the best keeps its place, others are marked where nothing is yet.
  const apart = answers.filter((answer, i) =>
    answers.slice(0, i).every((better) => answer.endIndex <= better.startIndex || answer.startIndex >= better.endIndex),
  );
  for (const answer of [...apart].sort((a, b) => a.startIndex - b.startIndex)) {
    parts.push(text.slice(at, answer.startIndex));
    parts.push(make('mark', { textContent: answer.text, className: answer === answers[0] ? '' : 'other' }));
    at = answer.endIndex;
  }
  marked.replaceChildren(...parts, text.slice(at));
}
