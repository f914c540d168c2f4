// The camera's tab: starts and stops watching, warns, counts, and shows the day.

import { element, ms, showFacts } from '../dom.js';
import { createAlarm } from './alarm.js';
import { cameraMessage, frames, openCamera } from './camera.js';
import { openDay } from './day.js';
import { clearOverlay, drawLook } from './overlay.js';
import { createRate } from './rate.js';
import { timelineSvg } from './timeline.js';
import { createTrainer } from './trainer.js';
import { createVision } from './vision.js';

/** @import { Look, Way } from './worker.js' */

const stage = element('#touch-stage');
const video = /** @type {HTMLVideoElement} */ (element('#touch-video'));
const overlay = /** @type {HTMLCanvasElement} */ (element('#touch-overlay'));
const message = element('#touch-message');
const verdict = element('#touch-verdict');
const startButton = /** @type {HTMLButtonElement} */ (element('#touch-start'));
const stopButton = /** @type {HTMLButtonElement} */ (element('#touch-stop'));
const ways = element('#touch-ways');
/** @param {string} id */
const checkbox = (id) => /** @type {HTMLInputElement} */ (element(id));

/** @typedef {'off' | 'starting' | 'watching' | 'clear' | 'touching'} State */

export function start() {
  const vision = createVision();
  const alarm = createAlarm({ sound: checkbox('#touch-sound'), notify: checkbox('#touch-notify') });
  const day = openDay(localStorage);
  const rate = createRate();
  /** @type {{ stop: AbortController, stream: MediaStream } | undefined} */
  let session;
  /** The way that is asked for; files come with the drop. @type {File[]} */
  let files = [];

  const trainer = createTrainer(
    { place: element('#touch-trainer'), report: element('#touch-report') },
    {
      vision,
      isWatching: () => session !== undefined,
      onFiles(dropped) {
        files = dropped;
        return begin();
      },
    },
  );
  const chosenWay = () => /** @type {Way} */ (/** @type {HTMLInputElement} */ (element('#touch-ways input:checked')).value);

  /** @param {State} state */
  function show(state) {
    stage.dataset.state = state;
    stopButton.hidden = state === 'off';
  }

  /** @param {string} text @param {boolean} [failed] */
  function say(text, failed = false) {
    message.textContent = text;
    message.classList.toggle('error', failed);
  }

  function showDay() {
    const today = day.read();
    const last = today.touches.at(-1);
    element('#touch-count').textContent = String(today.touches.length);
    element('#touch-count-noun').textContent = today.touches.length === 1 ? 'touch today' : 'touches today';
    element('#touch-streak').textContent = last === undefined ? '–' : duration(Date.now() - last);
    const figure = element('#touch-timeline');
    if (figure.clientWidth > 0) figure.innerHTML = timelineSvg(today, Date.now(), figure.clientWidth);
  }

  /** Prepares the way that is chosen. */
  async function begin() {
    const way = chosenWay();
    trainer.show(way);
    if (session === undefined || (way === 'file' && files.length === 0)) return;
    verdict.textContent = 'Loading…';
    try {
      await vision.watch({ way, base: document.baseURI, files });
      await trainer.ready(way);
    } finally {
      verdict.textContent = '';
    }
  }

  /** A file that does not work is told where it was chosen, and the camera stays on. @param {unknown} error */
  function failToBegin(error) {
    if (chosenWay() !== 'file') throw error;
    trainer.fail(error);
  }

  /** @param {Look} look */
  function judge(look) {
    const before = stage.dataset.state;
    if (look.touching && before !== 'touching') {
      day.addTouch();
      alarm.raise(look.what ?? 'A hand is at your face.');
      verdict.textContent = look.what ?? 'Hands off your face!';
    } else if (!look.touching && before === 'touching') {
      alarm.clear();
      verdict.textContent = '';
    }
    show(look.touching ? 'touching' : 'clear');
    if (checkbox('#touch-draw').checked) drawLook(overlay, look);
    else clearOverlay(overlay);
    trainer.showLook(look);
  }

  /** @param {MediaStream} stream @param {AbortSignal} signal */
  async function watch(stream, signal) {
    for await (const frame of frames(stream, video, signal)) {
      const began = performance.now();
      const look = await vision.look(frame);
      if (signal.aborted) return;
      const drawn = performance.now();
      judge(look);
      rate.add({ ...look.ms, drawn: performance.now() - drawn, 'whole frame': performance.now() - began });
    }
    if (!signal.aborted) end('The camera was switched off.', true);
  }

  async function open() {
    alarm.prepare();
    show('starting');
    say('Starting the camera…');
    try {
      const stream = await openCamera(video);
      session = { stop: new AbortController(), stream };
      show('watching');
      stopButton.focus();
      await begin().catch(failToBegin);
      await watch(stream, session.stop.signal);
    } catch (error) {
      end(session === undefined ? cameraMessage(error) : `That did not work: ${/** @type {Error} */ (error).message}`, true);
    }
  }

  /** @param {string} [text] @param {boolean} [failed] */
  function end(text = 'The camera is off.', failed = false) {
    session?.stop.abort();
    for (const track of session?.stream.getTracks() ?? []) track.stop();
    session = undefined;
    video.srcObject = null;
    alarm.clear();
    clearOverlay(overlay);
    verdict.textContent = '';
    show('off');
    say(text, failed);
    startButton.textContent = failed ? 'Try again' : 'Start the camera';
  }

  startButton.addEventListener('click', open);
  stopButton.addEventListener('click', () => {
    end();
    startButton.focus();
  });
  ways.addEventListener('change', () => {
    files = [];
    begin().catch((error) => trainer.fail(error));
  });
  element('#touch-clear').addEventListener('click', () => {
    day.clear();
    showDay();
  });
  addEventListener('resize', showDay);
  setInterval(() => {
    if (session !== undefined) day.watch();
    showDay();
    const { perSecond, ms: times } = rate.read();
    showFacts(element('#touch-numbers'), {
      'frames a second': session === undefined ? '–' : String(perSecond),
      ...Object.fromEntries(Object.entries(times).map(([name, time]) => [name, ms(time)])),
    });
  }, 1000);
  trainer.show(chosenWay());
  showDay();
}

/** @param {number} time  milliseconds. */
function duration(time) {
  const minutes = Math.floor(time / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.floor(time / 1000))} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
