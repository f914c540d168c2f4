// A photograph: pick or drop a photograph, see the landmarks and where the time went.
import { createRuntime } from '../../../js/index.js';
import { load } from '../../../models/facemesh/index.js';
import { timeRuns } from '../../photo/stopwatch.js';
import { element, make, ms, plural, showFacts } from '../dom.js';
import { drawFaces } from './draw.js';

const DETECTOR = new URL('./models/blazeface.json', document.baseURI).href;
const LANDMARKS = new URL('./models/facemesh.json', document.baseURI).href;
const SAMPLES = [1, 2, 3, 4, 5, 6].map((n) => `./photos/sample${n}.jpg`);
/** Larger photographs are shrunk: nothing is gained by more pixels. */
const LONGEST_SIDE = 1600;

const stage = /** @type {HTMLElement} */ (element('#stage'));
const canvas = /** @type {HTMLCanvasElement} */ (element('#picture'));
const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
const file = /** @type {HTMLInputElement} */ (element('#file'));
const samples = /** @type {HTMLElement} */ (element('#samples'));

/** @param {string} text @param {boolean} [failed] */
function say(text, failed = false) {
  const status = /** @type {HTMLElement} */ (element('#status'));
  status.textContent = text;
  status.classList.toggle('error', failed);
}

/** @param {import('../../../models/facemesh/index.js').Face[]} faces */
function showFaces(faces) {
  const table = /** @type {HTMLTableElement} */ (element('#faces'));
  table.hidden = faces.length === 0;
  table.tBodies[0].replaceChildren(
    ...faces.map(({ box, score }, i) => {
      const row = document.createElement('tr');
      for (const cell of [i + 1, score.toFixed(3), ...[box.xMin, box.yMin, box.width, box.height].map((side) => side.toFixed(0))])
        row.insertCell().textContent = String(cell);
      return row;
    }),
  );
}

async function open() {
  const began = performance.now();
  const runtime = await createRuntime({ worker: new URLSearchParams(location.search).get('worker') !== '0' });
  const watch = timeRuns(runtime);
  const facemesh = await load({ runtime: watch, detectorUrl: DETECTOR, landmarksUrl: LANDMARKS });
  const loaded = performance.now() - began;
  /** The last photograph asked for; earlier ones that are still on their way are dropped. */
  let latest = 0;

  /** @param {Blob} blob */
  async function show(blob) {
    const mine = ++latest;
    say('Looking for faces…');
    const times = [performance.now()];
    const bitmap = await createImageBitmap(blob);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    if (mine !== latest) return;
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    stage.classList.remove('empty');
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    times.push(performance.now());
    const faces = await facemesh.estimateFaces(image, { staticImageMode: true });
    times.push(performance.now());
    const detector = watch.take(DETECTOR);
    const landmarks = watch.take(LANDMARKS);
    if (mine !== latest) return;
    drawFaces(context, bitmap, faces);
    bitmap.close();
    times.push(performance.now());
    const [decode, estimate, draw] = times.slice(1).map((time, i) => time - times[i]);
    say(faces.length === 0 ? 'No face found.' : `${plural(faces.length, 'face')} found.`);
    showFaces(faces);
    showFacts(element('#facts'), {
      variant: runtime.variant,
      threads: String(runtime.threads),
      'start and models loaded in': ms(loaded),
      'photograph decoded': ms(decode),
      [`detector, ${plural(detector.runs, 'run')}`]: ms(detector.ms),
      [`landmarks, ${plural(landmarks.runs, 'run')}`]: ms(landmarks.ms),
      'crops and boxes': ms(estimate - detector.ms - landmarks.ms),
      drawn: ms(draw),
      total: ms(decode + estimate + draw),
    });
    stage.dataset.faces = String(faces.length);
  }

  /** @param {() => Promise<Blob>} get @param {HTMLElement} [button] */
  async function pick(get, button) {
    for (const other of samples.children) other.setAttribute('aria-pressed', String(other === button));
    delete stage.dataset.faces;
    try {
      await show(await get());
    } catch (error) {
      say(`That did not work: ${/** @type {Error} */ (error).message}`, true);
    }
  }

  samples.replaceChildren(
    ...SAMPLES.map((url, i) => {
      const image = make('img', { src: url, alt: `Sample photograph ${i + 1}` });
      const button = make('button', { type: 'button', 'aria-pressed': 'false' }, image);
      button.addEventListener('click', () => pick(async () => (await fetch(url)).blob(), button));
      return button;
    }),
  );
  file.addEventListener('change', () => {
    const chosen = file.files?.[0];
    if (chosen !== undefined) pick(async () => chosen);
    file.value = '';
  });
  stage.addEventListener('dragover', (event) => {
    event.preventDefault();
    stage.classList.add('over');
  });
  stage.addEventListener('dragleave', () => stage.classList.remove('over'));
  stage.addEventListener('drop', (event) => {
    event.preventDefault();
    stage.classList.remove('over');
    const dropped = event.dataTransfer?.files[0];
    if (dropped !== undefined) pick(async () => dropped);
  });
  say('Ready: pick a photograph.');
  showFacts(element('#facts'), { variant: runtime.variant, threads: String(runtime.threads), 'start and models loaded in': ms(loaded) });
}

export const start = () => open().catch((error) => say(`xnnjs does not start here: ${error.message}`, true));
