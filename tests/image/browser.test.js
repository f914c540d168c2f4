// toTensor() in Chromium: every source against a canvas, the same bits as in Node, video with and without a canvas.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createKernel } from '../../js/image/kernel.js';
import { launchBrowser, openPage, serve } from '../browser/browser.js';
import { hashes } from './cases.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('../browser/browser.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let opened;
before(async () => {
  browser = await launchBrowser(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']);
  server = await serve();
  opened = await openPage(browser, `${server.url}/`);
  await opened.page.evaluate(async () => {
    const { toTensor } = await import(/** @type {any} */ ('/js/image/main.js'));
    const { createSampler } = await import(/** @type {any} */ ('/js/image/sampler.js'));
    // Where its own script names it: a photograph, and a drawing with all alphas.
    const photo = Object.assign(new Image(), { src: '/node_modules/@vladmandic/face-api/demo/sample1.jpg' });
    await photo.decode();
    /** What a canvas shows of something, without alpha. @param {any} source @param {number} width @param {number} height */
    const shown = (source, width, height) => {
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d'));
      context.drawImage(source, 0, 0, width, height);
      return context.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 !== 3);
    };
    /** The largest difference. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
    const apart = (a, b) => {
      if (a.length !== b.length) return Number.NaN;
      let worst = 0;
      for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
      return worst;
    };
    Object.assign(window, { toTensor, createSampler, photo, shown, apart });
  });
});
after(async () => {
  await opened?.close();
  await browser?.close();
  server?.close();
});

/** Runs in the page, which has the helpers above. @template T @param {(helpers: any) => Promise<T>} script @returns {Promise<T>} */
const inPage = (script) => opened.page.evaluate(`(${script})(window)`);

test('image in Chromium: the same bits as in Node', async () => {
  const there = await inPage(async () => {
    const [{ hashes }, { createKernel }] = await Promise.all([
      import(/** @type {any} */ ('/tests/image/cases.js')),
      import(/** @type {any} */ ('/js/image/kernel.js')),
    ]);
    return hashes(await createKernel());
  });
  assert.deepEqual(there, await hashes(await createKernel()));
});

test('image in Chromium: every source gives the pixels that a canvas shows of it', async () => {
  const results = await inPage(async ({ toTensor, photo, shown, apart }) => {
    const [width, height] = [photo.naturalWidth, photo.naturalHeight];
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.drawImage(photo, 0, 0);
    const offscreen = new OffscreenCanvas(width, height);
    /** @type {OffscreenCanvasRenderingContext2D} */ (offscreen.getContext('2d')).drawImage(photo, 0, 0);
    const bitmap = await createImageBitmap(photo);
    const imageData = context.getImageData(0, 0, width, height);
    const frame = new VideoFrame(bitmap, { timestamp: 0 });
    const expected = shown(photo, width, height);
    const sources = { image: photo, canvas, offscreen, bitmap, imageData, frame, bytes: { width, height, data: imageData.data } };
    const found = [];
    for (const [name, source] of Object.entries(sources)) {
      const { shape, data, dtype } = await toTensor(source, { dtype: 'uint8' });
      found.push({ name, dtype, right: `${shape}` === `1,${height},${width},3`, apart: apart(data, expected) });
    }
    frame.close();
    // Shown smaller than it is: the picture counts, not the element.
    const small = Object.assign(photo.cloneNode(), { width: 20, height: 10 });
    await small.decode();
    const { shape } = await toTensor(small);
    found.push({ name: 'resized element', dtype: 'uint8', right: `${shape}` === `1,${height},${width},3`, apart: 0 });
    return found;
  });
  assert.equal(results.length, 8);
  for (const { name, dtype, right, apart } of results)
    assert.deepEqual({ dtype, right, apart }, { dtype: 'uint8', right: true, apart: 0 }, name);
});

test("image in Chromium: resized, turned and mirrored, a photograph is near a canvas's own drawing of it", async (t) => {
  const results = await inPage(async ({ toTensor, photo }) => {
    const found = [];
    for (const { crop, rotate = 0, flip = false, size } of [
      { crop: { x: 300, y: 200, width: 600, height: 640 }, size: 500 },
      { crop: { x: 400, y: 300, width: 300, height: 300 }, rotate: 0.6, size: 280 },
      { crop: { x: 500, y: 200, width: 200, height: 240 }, rotate: -2.2, flip: true, size: 256 },
    ]) {
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(size, size).getContext('2d'));
      context.imageSmoothingQuality = 'low'; // bilinear
      if (flip) context.transform(-1, 0, 0, 1, size, 0);
      context.scale(size / crop.width, size / crop.height);
      context.translate(crop.width / 2, crop.height / 2);
      context.rotate(-rotate);
      context.translate(-crop.x - crop.width / 2, -crop.y - crop.height / 2);
      context.drawImage(photo, 0, 0);
      const drawn = context.getImageData(0, 0, size, size).data.filter((_, i) => i % 4 !== 3);
      const { data } = await toTensor(photo, { crop, rotate, flip, size });
      let [sum, shifted] = [0, 0];
      for (let i = 3; i < data.length; i++) {
        sum += Math.abs(data[i] - drawn[i]);
        shifted += Math.abs(data[i] - drawn[i - 3]);
      }
      found.push({ mean: sum / data.length, shifted: shifted / data.length });
    }
    return found;
  });
  for (const { mean, shifted } of results) {
    t.diagnostic(`mean difference ${mean.toFixed(3)} of 255; to the drawing one pixel aside ${shifted.toFixed(3)}`);
    assert.ok(mean < 0.6 && mean < shifted / 3);
  }
});

test('image in Chromium: video and its frames, with copyTo() and without, are what a canvas shows', async () => {
  const results = await inPage(async ({ toTensor, createSampler, shown, apart }) => {
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    await video.play();
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    const frame = new VideoFrame(video);
    const [width, height] = [frame.displayWidth, frame.displayHeight];
    const expected = shown(frame, width, height);
    const copied = await toTensor(frame, { dtype: 'uint8' });
    const given = frame.clone();
    const early = toTensor(given, { dtype: 'uint8' });
    given.close(); // it is the caller's as soon as toTensor() has returned
    const sampler = await createSampler();
    const region = { xCenter: width / 2, yCenter: height / 2, width, height };
    const found = {
      format: frame.format,
      distinct: new Set(expected).size,
      copied: apart(copied.data, expected),
      early: apart((await early).data, expected),
      opened: apart(sampler.open(frame).crop({ region, width, height }), expected),
      openedAsync: apart((await sampler.openAsync(frame)).crop({ region, width, height }), expected),
      drawn: Number.NaN,
      element: (await toTensor(video)).shape,
    };
    // A browser that does not convert.
    const copyTo = VideoFrame.prototype.copyTo;
    VideoFrame.prototype.copyTo = async () => {
      throw new DOMException('not here', 'NotSupportedError');
    };
    found.drawn = apart((await toTensor(frame, { dtype: 'uint8' })).data, expected);
    VideoFrame.prototype.copyTo = copyTo;
    frame.close();
    for (const track of /** @type {MediaStream} */ (video.srcObject).getTracks()) track.stop();
    return found;
  });
  assert.ok(results.distinct > 20, 'a picture worth comparing');
  assert.deepEqual(
    { ...results, distinct: 0 },
    {
      ...{ format: 'I420', distinct: 0, copied: 0, early: 0, opened: 0, openedAsync: 0, drawn: 0, element: [1, 480, 640, 3] },
    },
  );
});

test('image in Chromium: transparent pictures, one after another, do not show through each other', async () => {
  const values = await inPage(async ({ toTensor }) => {
    const canvas = new OffscreenCanvas(2, 1);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.fillStyle = 'rgb(200, 100, 50)';
    context.fillRect(0, 0, 2, 1);
    const first = [...(await toTensor(canvas)).data];
    context.clearRect(0, 0, 1, 1);
    return [first, [...(await toTensor(canvas)).data]];
  });
  assert.deepEqual(values, [
    [200, 100, 50, 200, 100, 50],
    [0, 0, 0, 200, 100, 50],
  ]);
});

test('image in Chromium: what cannot be read is an error', async () => {
  const errors = await inPage(async ({ toTensor, photo }) => {
    const bitmap = await createImageBitmap(photo);
    bitmap.close();
    const frame = new VideoFrame(photo, { timestamp: 0 });
    frame.close();
    const canvas = Object.assign(document.createElement('canvas'), { width: 0, height: 5 });
    const found = [];
    for (const source of [bitmap, frame, canvas, document.createElement('video'), new Image(), document.body, 'photo', undefined])
      found.push(await toTensor(source).then(String, (/** @type {any} */ { name, code }) => `${name} ${code}`));
    const { shape } = await toTensor(photo, { size: 3 });
    return [...found, `${shape}`];
  });
  const [shape, misuse] = ['XnnError bad-shape', 'XnnError misuse'];
  assert.deepEqual(errors, [shape, shape, shape, shape, shape, misuse, misuse, misuse, '1,3,3,3']);
});

test('image in Chromium: a picture of another origin is misuse, and the next one is read', async () => {
  const other = await serve();
  try {
    const results = await opened.page.evaluate(async (url) => {
      const { toTensor, photo } = /** @type {any} */ (window);
      const foreign = Object.assign(new Image(), { src: url });
      await foreign.decode();
      const code = await toTensor(foreign).then(String, (/** @type {any} */ error) => error.code);
      return [code, `${(await toTensor(photo, { size: 2 })).shape}`];
    }, `${other.url}/node_modules/@vladmandic/face-api/demo/sample2.jpg`);
    assert.deepEqual(results, ['misuse', '1,2,2,3']);
  } finally {
    other.close();
  }
});

test('image in Chromium: the page fetched the kernel once, nothing of the engine, and saw no warning', () => {
  const paths = server.requests.map(({ path }) => path);
  assert.deepEqual(
    paths.filter((path) => /\.wasm$/.test(path)),
    ['/dist/xnnjs-image.wasm'],
  );
  assert.ok(!paths.some((path) => /dist\/js|builds\.js/.test(path)));
  assert.deepEqual(opened.problems, []);
});
