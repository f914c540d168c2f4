// Teachable Machine in a page, what takes longer: sounds trained, exported and loaded again; the sample page of @teachablemachine/pose.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../js/index.js';
import { createAudioTrainer, loadAudio } from '../../models/teachable/index.js';
import { launchBrowser, openPage, serve } from '../browser/browser.js';
import { apart, asFiles, exportFiles } from './bundles.js';
import { soundModel } from './sound-model.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('../browser/browser.js').Server} */
let server;
before(async () => {
  browser = await launchBrowser(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
  server = await serve();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/**
 * @template T
 * @param {Record<string, Uint8Array>} files  become `globalThis.files` of the page.
 * @param {(page: import('playwright-core').Page) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function inPage(files, use) {
  const { page, problems, close } = await openPage(browser, `${server.url}/`);
  try {
    const texts = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]));
    await page.evaluate((/** @type {Record<string, string>} */ encoded) => {
      const bytes = (/** @type {string} */ base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      Object.assign(globalThis, { files: Object.entries(encoded).map(([name, base64]) => new File([bytes(base64)], name)) });
    }, texts);
    const result = await use(page);
    assert.deepEqual(problems, []);
    return result;
  } finally {
    await close();
  }
}

/** A band of bins that is loud, [43, 232], the same in the page: no random numbers. @param {number} from @param {number} seed */
const loudBand = (from, seed) =>
  Float32Array.from({ length: 43 * 232 }, (_, i) => {
    const bin = i % 232;
    return (bin >= from && bin < from + 60 ? 2 : -0.5) + ((i * 7919 + seed * 104729) % 1000) / 1000 - 0.5;
  });

test('teachable in a page: sounds are trained with the bits of Node, and the zip of the export hears what the trainer does', async () => {
  const files = exportFiles(await soundModel({ classes: 4 }), { wordLabels: ['a', 'b', 'c', 'd'] });
  const runtime = await createRuntime({ threads: 1, variant: 'simd' });
  const trainer = await createAudioTrainer({ runtime, baseUrl: asFiles(files) });
  for (let i = 0; i < 6; i++) {
    await trainer.addExample('Background Noise', loudBand(10, i));
    await trainer.addExample('Clap', loudBand(120, 50 + i));
  }
  await trainer.train({ epochs: 10 });
  const exported = await trainer.export({ name: 'claps' });
  const heard = [loudBand(118, 90), loudBand(12, 91)];
  const model = await loadAudio(await exported.toZip(), undefined, { runtime });
  const expected = [await model.predict(heard[0]), await model.predict(heard[1])];
  model.dispose();
  trainer.dispose();
  runtime.dispose();
  assert.deepEqual(
    expected.map((predictions) => predictions.reduce((a, b) => (b.probability > a.probability ? b : a)).className),
    ['Clap', 'Background Noise'],
  );

  const found = await inPage(files, async (page) => {
    await page.evaluate(`globalThis.loudBand = ${loudBand}`);
    return page.evaluate(async () => {
      const { createAudioTrainer, loadAudio } = await import(/** @type {any} */ ('/models/teachable/index.js'));
      const { createRuntime } = await import(/** @type {any} */ ('/js/index.js'));
      const { files, loudBand } = /** @type {any} */ (globalThis);
      const runtime = await createRuntime({ threads: 1, variant: 'simd' });
      const trainer = await createAudioTrainer({ runtime, baseUrl: files });
      for (let i = 0; i < 6; i++) {
        await trainer.addExample('Background Noise', loudBand(10, i));
        await trainer.addExample('Clap', loudBand(120, 50 + i));
      }
      await trainer.train({ epochs: 10 });
      const exported = await trainer.export({ name: 'claps' });
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', exported.files['weights.bin']));
      const model = await loadAudio(new File([await exported.toZip()], 'claps.zip'), undefined, { runtime });
      const heard = [loudBand(118, 90), loudBand(12, 91)];
      const results = {
        labels: model.getClassLabels(),
        trainer: [await trainer.predict(heard[0]), await trainer.predict(heard[1])],
        again: [await model.predict(heard[0]), await model.predict(heard[1])],
        hash: [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      };
      model.dispose();
      trainer.dispose();
      runtime.dispose();
      return results;
    });
  });
  assert.deepEqual(found.labels, ['Background Noise', 'Clap']);
  assert.equal(found.hash, createHash('sha256').update(exported.files['weights.bin']).digest('hex'));
  assert.deepEqual(found.again, expected);
  const values = (/** @type {{ probability: number }[][]} */ predictions) => predictions.flat().map(({ probability }) => probability);
  assert.ok(apart(values(found.trainer), values(found.again)) < 1e-5);
});

test('teachable in a page: the sample of @teachablemachine/pose runs on tmPose: camera, pose, prediction, drawing', async () => {
  const found = await inPage({}, (page) =>
    page.evaluate(async () => {
      const { tmPose } = await import(/** @type {any} */ ('/models/teachable/index.js'));
      // PoseNet and the head as constants: all parts at cell [8, 8], sure; "up" 0.75.
      const cells = (/** @type {number} */ channels, /** @type {(here: boolean) => number} */ value) =>
        Float32Array.from({ length: 289 * channels }, (_, i) => value(Math.floor(i / channels) === 8 * 17 + 8));
      const constant = (/** @type {Record<string, [number[], Float32Array]>} */ outputs, /** @type {number[]} */ shape) => ({
        inputs: [{ name: 'x', shape }],
        outputs: Object.entries(outputs).map(([name, [size]]) => ({ name, shape: size, dtype: 'float32' })),
        run: async () => Object.fromEntries(Object.entries(outputs).map(([name, [size, data]]) => [name, { shape: size, data }])),
        dispose() {},
      });
      const posenet = constant(
        { heatmap: [[1, 17, 17, 17], cells(17, (here) => (here ? 4 : -4))], offset: [[1, 17, 17, 34], cells(34, () => 0)] },
        [1, 257, 257, 3],
      );
      const head = constant({ probabilities: [[1, 2], Float32Array.of(0.25, 0.75)] }, [-1, 14739]);
      const runtime = { load: async (/** @type {unknown} */ source) => (source === 'posenet' ? posenet : head) };
      const file = (/** @type {string} */ name, /** @type {object} */ value) => new File([JSON.stringify(value)], name);
      const topology = { modelTopology: {}, weightsManifest: [{ paths: ['weights.bin'], weights: [] }] };

      const model = await tmPose.loadFromFiles(
        file('model.json', topology),
        new File([], 'weights.bin'),
        file('metadata.json', { labels: ['down', 'up'] }),
        { runtime, posenetUrl: 'posenet' },
      );
      const webcam = new tmPose.Webcam(200, 200, true);
      await webcam.setup();
      await webcam.play();
      while (webcam.webcam.videoWidth === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      webcam.update();
      const { pose, posenetOutput } = await model.estimatePose(webcam.canvas);
      const prediction = await model.predict(posenetOutput);
      const best = await model.predictTopK(posenetOutput, 1);
      const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 200 });
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
      tmPose.drawKeypoints(pose.keypoints, 0.5, context);
      tmPose.drawSkeleton(pose.keypoints, 0.5, context);
      const pixel = (/** @type {number} */ x, /** @type {number} */ y) => [...context.getImageData(x, y, 1, 1).data];
      const { position } = pose.keypoints[0];
      webcam.stop();
      model.dispose();
      return {
        classes: [model.getTotalClasses(), model.getClassLabels()],
        length: posenetOutput.length,
        position,
        prediction,
        best,
        drawn: pixel(Math.round(position.x), Math.round(position.y)),
        beside: pixel(10, 10),
      };
    }),
  );
  assert.deepEqual(found.classes, [2, ['down', 'up']]);
  assert.equal(found.length, 14739);
  assert.deepEqual(found.prediction, [
    { className: 'down', probability: 0.25 },
    { className: 'up', probability: 0.75 },
  ]);
  assert.deepEqual(found.best, [{ className: 'up', probability: 0.75 }]);
  // Cell 8 of stride 16 is pixel 128 of 257; the canvas has 200.
  for (const value of [found.position.x, found.position.y]) assert.ok(Math.abs(value - (128 * 200) / 257) < 1e-6, `${value}`);
  assert.deepEqual(found.drawn, [0, 255, 255, 255]); // aqua
  assert.deepEqual(found.beside, [0, 0, 0, 0]);
});
