// Teachable Machine: prediction, training and the time to a first prediction, beside its clients' way on tfjs-backend-wasm, one thread
// each.
// node bench/teachable.js [--rounds 15] [--env node,browser] [--parts predict,train,first] [--first 3]
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { createRuntime } from '../js/index.js';
import * as teachable from '../models/teachable/index.js';
import { trainHead } from '../models/teachable/training.js';
import { launchBrowser, serve } from '../tests/browser/browser.js';
import { teachableImage } from '../tests/support/architectures/teachable.js';
import { exportFiles, picture } from '../tests/teachable/bundles.js';
import { median } from './statistics.js';
import { timePredictions, timeTraining } from './teachable/contest.js';
import { inCurrentNode } from './tfjs/backends.js';

inCurrentNode();
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    env: { type: 'string', default: 'node,browser' },
    parts: { type: 'string', default: 'predict,train,first' },
    first: { type: 'string', default: '3' },
  },
});
const rounds = Number(options.rounds);
const parts = String(options.parts).split(',');
const HEADS = {
  'training, pictures: 1280 features': { features: 1280, dropout: 0, epochs: 50, peerEpochs: 10 },
  'training, poses: 14739 features': { features: 14739, dropout: 0.5, epochs: 50, peerEpochs: 2 },
};
const SIZES = { node: [224, 224], browser: [640, 480] };
const artifacts = await teachableImage({ classes: 3 });

/** @param {string} where @param {{ ours: number[], peer: number[] }} times */
function row(where, { ours, peer }) {
  const ratio = median(peer.map((ms, i) => ms / ours[i]));
  const shown = (/** @type {number[]} */ ms) => `${median(ms).toFixed(2)} (${Math.min(...ms).toFixed(2)})`;
  console.log(`| ${where} | ${shown(ours)} | ${shown(peer)} | ${ratio.toFixed(2)} |`);
}

/** @param {{ apart: number }} predicted */
const apartBy = ({ apart }) => `; probabilities ${apart.toExponential(1)} apart`;

async function inNode() {
  const require = createRequire(import.meta.url);
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url).pathname);
  const tf = Object.assign({}, require('@tensorflow/tfjs-core'), require('@tensorflow/tfjs-layers'));
  await tf.setBackend('wasm');
  const runtime = await createRuntime({ threads: 1 });
  const [width, height] = SIZES.node;
  const image = picture(width, height);
  const given = { width, height, data: new Uint8Array(image.data) };
  if (parts.includes('predict')) {
    const predicted = await timePredictions({ tf, teachable, runtime, artifacts, picture: given, drawn: (pixels) => pixels, rounds });
    row(`Node ${process.versions.node}, prediction, ${width}×${height} pixels${apartBy(predicted)}`, predicted);
  }
  for (const [name, head] of Object.entries(parts.includes('train') ? HEADS : {}))
    row(`Node, ${name}`, await timeTraining({ tf, trainHead, rounds: Math.min(rounds, 3) }, head));
  runtime.dispose();
}

const PACKAGES = '/node_modules/@tensorflow/';
const SCRIPTS = ['tfjs-core/dist/tf-core.min.js', 'tfjs-layers/dist/tf-layers.min.js', 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js'];

/** In a page: TensorFlow.js on its wasm backend. A string, so that a page takes it before anything is imported. */
const START_TFJS = `async () => {
  for (const script of ${JSON.stringify(SCRIPTS)}) await new Promise((resolve, reject) => {
    const src = '${PACKAGES}' + script;
    document.head.append(Object.assign(document.createElement('script'), { src, onload: resolve, onerror: reject }));
  });
  tf.wasm.setWasmPaths('${PACKAGES}tfjs-backend-wasm/dist/');
  await tf.setBackend('wasm');
}`;

async function inBrowser() {
  const files = exportFiles(artifacts, { labels: ['a', 'b', 'c'], imageSize: 224 });
  const routes = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [
      `/export/${name}`,
      { type: name.endsWith('.json') ? 'application/json' : 'application/octet-stream', body: /** @type {any} */ (Buffer.from(bytes)) },
    ]),
  );
  const server = await serve({ routes });
  const browser = await launchBrowser();
  const fresh = async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${server.url}/`);
    await page.evaluate(
      `Object.assign(globalThis, { canvas: (${drawPicture})(${JSON.stringify(SIZES.browser)}), cropTo: ${cropTo}, startTfjs: ${START_TFJS} })`,
    );
    return page;
  };
  const page = await fresh();
  const heads = parts.includes('train') ? HEADS : {};
  const { predicted, trained } = await page.evaluate(
    async ([count, predict, tasks]) => {
      const { canvas, cropTo, startTfjs } = /** @type {any} */ (globalThis);
      await startTfjs();
      const { tf } = /** @type {any} */ (globalThis);
      const teachable = await import(/** @type {any} */ ('/models/teachable/index.js'));
      const { trainHead } = await import(/** @type {any} */ ('/models/teachable/training.js'));
      const { createRuntime } = await import(/** @type {any} */ ('/js/index.js'));
      const { timePredictions, timeTraining } = await import(/** @type {any} */ ('/bench/teachable/contest.js'));
      const runtime = await createRuntime({ threads: 1 });
      const { modelTopology, weightsManifest } = await (await fetch('/export/model.json')).json();
      const weightData = await (await fetch('/export/weights.bin')).arrayBuffer();
      const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
      const setting = { tf, teachable, runtime, artifacts, picture: canvas, drawn: cropTo, rounds: count };
      const predicted = predict ? await timePredictions(setting) : undefined;
      /** @type {Record<string, any>} */
      const trained = {};
      for (const [name, head] of Object.entries(tasks))
        trained[name] = await timeTraining({ tf, trainHead, rounds: Math.min(count, 3) }, head);
      return { predicted, trained };
    },
    /** @type {const} */ ([rounds, parts.includes('predict'), heads]),
  );
  await page.close();
  // The canvas rounds the resized picture to bytes.
  const title = `Chromium ${browser.version().split('.')[0]}, prediction from a canvas of ${SIZES.browser.join('×')}`;
  if (predicted !== undefined) row(`${title}${apartBy(predicted)}`, predicted);
  for (const [name, times] of Object.entries(trained)) row(`Chromium, ${name}`, times);

  /** Each in pages of its own, from the first import to the first prediction. @type {{ ours: number[], peer: number[] }} */
  const first = { ours: [], peer: [] };
  for (let i = 0; parts.includes('first') && i < Number(options.first); i++) {
    for (const side of /** @type {const} */ (['ours', 'peer'])) {
      const fresher = await fresh();
      first[side].push(await fresher.evaluate(side === 'ours' ? firstOurs : firstPeer));
      await fresher.close();
    }
  }
  if (parts.includes('first')) row('Chromium, from the import to the first prediction', first);
  await browser.close();
  server.close();
}

async function firstOurs() {
  const began = performance.now();
  const { loadImage } = await import(/** @type {any} */ ('/models/teachable/index.js'));
  const model = await loadImage('/export/model.json');
  await model.predict(/** @type {any} */ (globalThis).canvas);
  return performance.now() - began;
}

async function firstPeer() {
  const { canvas, cropTo, startTfjs } = /** @type {any} */ (globalThis);
  const began = performance.now();
  await startTfjs();
  const { tf } = /** @type {any} */ (globalThis);
  const model = await tf.loadLayersModel('/export/model.json');
  await fetch('/export/metadata.json').then((response) => response.json());
  const logits = tf.tidy(() => {
    const pixels = tf.cast(tf.expandDims(tf.browser.fromPixels(cropTo(canvas))), 'float32');
    return model.predict(tf.sub(tf.div(pixels, tf.scalar(127)), tf.scalar(1)));
  });
  await logits.data();
  return performance.now() - began;
}

/** @param {number[]} size */
function drawPicture([width, height]) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : 127 + 100 * Math.sin(i / 5000) + 20 * Math.sin(i);
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** As the client crops a picture before every prediction: into a new canvas. @param {HTMLCanvasElement} image */
function cropTo(image) {
  const scale = 224 / Math.min(image.width, image.height);
  const [width, height] = [Math.ceil(image.width * scale), Math.ceil(image.height * scale)];
  const canvas = Object.assign(document.createElement('canvas'), { width: 224, height: 224 });
  canvas.getContext('2d')?.drawImage(image, -Math.trunc((width - 224) / 2), -Math.trunc((height - 224) / 2), width, height);
  return canvas;
}

console.log('| | xnnjs: median (least) ms | tfjs-backend-wasm | ratio |\n|---|---|---|---|');
if (options.env?.includes('node')) await inNode();
if (options.env?.includes('browser')) await inBrowser();
