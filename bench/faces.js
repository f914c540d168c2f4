// npm run bench:faces: faces tracked in 640×480 frames, in Chromium, beside @tensorflow-models/face-landmarks-detection (TensorFlow.js,
// its wasm backend) and @mediapipe/face_mesh: ms per frame, by stage for xnnjs; frames per second over a while; heap. See README.md.
import { parseArgs } from 'node:util';
import { mediapipeModel } from '../demo/assets/mediapipe.js';
import { ISOLATED, launchBrowser, openPage, serve } from '../tests/browser/browser.js';
import { readPhotos } from '../tests/support/photos.js';
import { tfliteToGraph } from '../tests/support/tflite-to-graph.js';
import { faceDetector } from '../tests/tfjs/clients/models.js';
import { median } from './statistics.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    frames: { type: 'string', default: '30' },
    threads: { type: 'string', default: '1' },
    engines: { type: 'string', default: 'xnnjs,face-landmarks-detection,face_mesh' },
    sustain: { type: 'string', default: '0' },
  },
});
const [rounds, count, threads, sustain] = [values.rounds, values.frames, values.threads, values.sustain].map(Number);
const names = values.engines.split(',');

/** @param {any} artifacts */
const asJson = ({ weightData, ...rest }) => ({ ...rest, weightData: Buffer.from(weightData).toString('base64') });
const landmarkGraph = await tfliteToGraph(mediapipeModel('face_landmark'), ({ add }, nodeOf) => {
  add('Sigmoid', 'output_faceflag', [nodeOf('conv2d_31')], { T: 'DT_FLOAT' });
  return { output_mesh: nodeOf('conv2d_21'), output_faceflag: 'output_faceflag' };
});
const models = {
  tflite: {
    detector: Buffer.from(mediapipeModel('face_detection_short_range')).toString('base64'),
    landmarks: Buffer.from(mediapipeModel('face_landmark')).toString('base64'),
  },
  tfjs: { detector: asJson(await faceDetector()), landmarks: asJson(landmarkGraph) },
};

const [photo] = await readPhotos();
const face = { ...photo.noses[0], size: photo.image.width * 0.15 };
const PAGE = '<!doctype html><link rel="icon" href="data:,"><title>faces</title><body>';
const server = await serve({
  headers: { ...ISOLATED, 'cache-control': 'max-age=3600' },
  routes: {
    '/': { type: 'text/html; charset=utf-8', body: PAGE },
    '/bench-models.json': { type: 'application/json', body: JSON.stringify(models) },
  },
});
const browser = await launchBrowser([
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--js-flags=--expose-gc',
  '--enable-precise-memory-info',
]);

/** @type {Map<string, { call: (method: string, argument?: unknown) => Promise<any>, heap: () => Promise<number>, times: number[], turns: number[],
 *   drawn: number[], stages: Record<string, number[]>, firstMs: number, found: number, frames: number, heapBytes?: number }>} */
const running = new Map();
for (const name of names) {
  const { page } = await openPage(browser, `${server.url}/`);
  page.setDefaultTimeout(0);
  const call = (/** @type {string} */ method, /** @type {unknown} */ argument) =>
    page.evaluate(
      async ([script, key, value]) => (await import(/** @type {string} */ (script)))[/** @type {string} */ (key)](value),
      ['/bench/faces/page.js', method, argument],
    );
  /** JavaScript's heap after collections; pictures are only let go after the first. */
  const heap = () =>
    page.evaluate(async () => {
      for (let i = 0; i < 3; i++) {
        /** @type {any} */ (globalThis).gc();
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      return /** @type {any} */ (performance).memory.usedJSHeapSize;
    });
  const path = `/node_modules/@vladmandic/face-api/demo/${photo.name}`;
  const firstMs = await call('start', { name, threads, photo: path, face });
  await call('run', 60);
  running.set(name, { call, heap, times: [], turns: [], drawn: [], stages: {}, firstMs, found: 0, frames: 0 });
}

for (let round = 0; round < rounds; round++) {
  const order = names.map((_, i) => names[(i + round) % names.length]);
  for (const name of order) {
    const one = /** @type {NonNullable<ReturnType<typeof running.get>>} */ (running.get(name));
    const { times, drawn, found, stages, heapBytes } = await one.call('run', count);
    one.times.push(...times);
    one.turns.push(median(times));
    one.drawn.push(...drawn);
    one.found += found;
    one.frames += count;
    one.heapBytes = heapBytes;
    for (const [stage, ms] of Object.entries(stages)) one.stages[stage] = [...(one.stages[stage] ?? []), /** @type {number} */ (ms)];
  }
}

const ms = (/** @type {number} */ value) => value.toFixed(2);
const ours = running.get(names[0]);
if (ours === undefined) throw new Error('no engine');
console.log(
  `Chromium ${browser.version().split('.')[0]}, ${threads} thread(s), ${rounds} rounds of ${count} frames of 640×480, one face tracked.\n`,
);
console.log('| | ms per frame, median | least | ratio | draw | face found | first result ms |');
console.log('|---|---|---|---|---|---|---|');
for (const [name, { times, turns, drawn, found, frames, firstMs }] of running) {
  const ratio = median(turns.map((turn, i) => turn / ours.turns[i]));
  const cells = [ms(median(times)), ms(Math.min(...times)), ratio.toFixed(2), ms(median(drawn)), `${found}/${frames}`, firstMs.toFixed(0)];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
for (const [name, { stages }] of running) {
  const parts = Object.entries(stages).map(([stage, times]) => `${stage} ${ms(median(times))}`);
  if (parts.length > 0) console.log(`\n${name}, ms per frame by stage (means of a turn, median over turns): ${parts.join(', ')}`);
}

// The same frame, after it has settled: how far apart answers are.
const answers = await Promise.all(names.map((name) => running.get(name)?.call('answer', 0)));
for (const [i, points] of answers.entries()) {
  if (i === 0 || points.length === 0 || answers[0].length === 0) continue;
  const width = Math.max(...answers[0].map((/** @type {any} */ p) => p.x)) - Math.min(...answers[0].map((/** @type {any} */ p) => p.x));
  const off = points.map(
    (/** @type {any} */ p, /** @type {number} */ n) => Math.hypot(p.x - answers[0][n].x, p.y - answers[0][n].y) / width,
  );
  console.log(
    `\n${names[i]}: its points are ${(100 * median(off)).toFixed(2)} % of the face's width from ${names[0]}'s, median of ${off.length}`,
  );
}

if (sustain > 0) {
  for (const [name, { call, heap }] of running) {
    const before = await heap();
    const grown = [];
    let [frames, seconds] = [0, 0];
    for (let part = 1; part <= 3; part++) {
      const began = performance.now();
      while (performance.now() - began < (sustain * 1000) / 3) {
        await call('run', 100);
        frames += 100;
      }
      seconds += (performance.now() - began) / 1000;
      grown.push(((await heap()) - before) / 1e6);
    }
    const megabytes = grown.map((size) => size.toFixed(2)).join(', ');
    console.log(
      `\n${name}: ${(frames / seconds).toFixed(1)} frames/s over ${seconds.toFixed(0)} s, ${frames} frames; MB more in JavaScript's heap after each third: ${megabytes}`,
    );
  }
}
await browser.close();
server.close();
