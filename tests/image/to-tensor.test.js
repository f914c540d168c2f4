// toTensor(): what its options mean, in numbers worked out by hand, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toTensor } from '../../js/image/main.js';
import { readPhotos } from '../support/photos.js';
import { seeded } from '../support/random.js';
import { noise } from './cases.js';

/** @import { RgbaImage, TensorOptions } from '../../js/image/main.js' */

/** Red is 10 · x + y, green 100 + that, blue 200 − that. @param {number} width @param {number} height @returns {RgbaImage} */
function ramp(width, height) {
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const [x, y, k] = [(i >> 2) % width, Math.floor(i / 4 / width), i % 4];
    return [0, 100, 200, 255][k] + (10 * x + y) * [1, 1, -1, 0][k];
  });
  return { width, height, data };
}

/** @param {RgbaImage} image @param {TensorOptions} [options] */
const values = async (image, options) => [...(await toTensor(image, options)).data];
/** The red ones. @param {number[]} list */
const red = (list) => list.filter((_, i) => i % 3 === 0);

test('toTensor: without options it is the picture itself in float32', async () => {
  const image = ramp(5, 3);
  const { dtype, shape, data } = await toTensor(image);
  assert.deepEqual([dtype, shape], ['float32', [1, 3, 5, 3]]);
  assert.ok(data instanceof Float32Array);
  assert.deepEqual(
    [...data],
    [...image.data].filter((_, i) => i % 4 !== 3),
  );
  assert.equal(data.buffer.byteLength, 5 * 3 * 3 * 4, 'its data are its own');
});

test('toTensor: crop, rotate and flip', async () => {
  const image = ramp(6, 5);
  const crop = { x: 2, y: 1, width: 3, height: 2 };
  assert.deepEqual(red(await values(image, { crop })), [21, 31, 41, 22, 32, 42]);
  assert.deepEqual(red(await values(image, { crop, flip: true })), [41, 31, 21, 42, 32, 22]);
  assert.deepEqual(red(await values(image, { crop, rotate: Math.PI })), [42, 32, 22, 41, 31, 21]);
  // A quarter turn clockwise of the square (1…3, 1…3): its top edge is the square's right one.
  const square = { x: 1, y: 1, width: 3, height: 3 };
  assert.deepEqual(red(await values(image, { crop: square, rotate: Math.PI / 2 })), [31, 32, 33, 21, 22, 23, 11, 12, 13]);
  assert.deepEqual(red(await values(image, { crop: { x: 4, y: 0, width: 4, height: 1 } })), [40, 50, 50, 50]);
  assert.deepEqual(red(await values(image, { crop: { x: 4, y: 0, width: 4, height: 1 }, border: 'zero' })), [40, 50, 0, 0]);
  assert.deepEqual(red(await values(image, { crop: { x: 4, y: 0, width: 4, height: 1 }, border: 'reflect' })), [40, 50, 50, 40]);
  assert.deepEqual(red(await values(image, { crop: { x: 4, y: 0, width: 4, height: 1 }, border: [9, 8, 7] })), [40, 50, 9, 9]);
});

test('toTensor: stretch, cover and contain', async () => {
  const image = ramp(8, 4);
  const shapes = await Promise.all([{ size: 4 }, { size: { width: 2, height: 6 } }, {}].map((options) => toTensor(image, options)));
  assert.deepEqual(
    shapes.map(({ shape }) => shape),
    [
      [1, 4, 4, 3],
      [1, 6, 2, 3],
      [1, 4, 8, 3],
    ],
  );
  // Each value stands between two columns.
  assert.deepEqual(red(await values(image, { size: 4 })).slice(0, 4), [5, 25, 45, 65]);
  assert.deepEqual(red(await values(image, { size: 4, fit: 'cover' })).slice(0, 8), [20, 30, 40, 50, 21, 31, 41, 51]);
  const boxed = red(await values(image, { size: 8, fit: 'contain', mean: -1 })); // black is 1
  assert.deepEqual(boxed.slice(0, 16), Array(16).fill(1));
  assert.deepEqual(boxed.slice(16, 24), [1, 11, 21, 31, 41, 51, 61, 71]);
  assert.deepEqual(boxed.slice(48), Array(16).fill(1));
  assert.deepEqual(red(await values(image, { size: 8, fit: 'contain', border: 'replicate' })).slice(0, 3), [0, 10, 20]);
});

test('toTensor: channels, their order, mean and scale, and types', async () => {
  const image = ramp(2, 1);
  assert.deepEqual(await values(image, { color: 'bgr' }), [200, 100, 0, 190, 110, 10]);
  const [grey] = await values(image, { color: 'grey' });
  assert.ok(Math.abs(grey - (0.587 * 100 + 0.114 * 200)) < 1e-4);
  assert.deepEqual(await values(image, { color: 'grey', grey: [0, 0.5, 0.25], mean: 90, scale: 2 }), [20, 25]);
  assert.deepEqual(await values(image, { mean: [0, 100, 200], scale: [1, 2, -0.5] }), [0, 0, 0, 10, 20, 5]);
  assert.deepEqual(await values(image, { color: 'bgr', mean: [200, 100, 0] }), [0, 0, 0, -10, 10, 10]);
  for (const [dtype, type] of /** @type {const} */ ([
    ['float32', Float32Array],
    ['uint8', Uint8Array],
    ['int32', Int32Array],
  ])) {
    const tensor = await toTensor(image, { dtype, mean: 100 });
    assert.equal(tensor.dtype, dtype);
    assert.ok(tensor.data instanceof type);
    assert.deepEqual([...tensor.data], dtype === 'uint8' ? [0, 0, 100, 0, 10, 90] : [-100, 0, 100, -90, 10, 90]);
  }
  const tm = await values(image, { mean: 127, scale: 1 / 127 });
  for (const [i, byte] of [0, 100, 200, 10, 110, 190].entries()) assert.ok(Math.abs(tm[i] - (byte / 127 - 1)) < 2e-7);
});

test("toTensor: 'area' shrinks a photograph by a whole factor to the means of its blocks", async (t) => {
  const [{ image }] = await readPhotos();
  const [width, height] = [Math.floor(image.width / 4), Math.floor(image.height / 4)];
  const crop = { x: 0, y: 0, width: width * 4, height: height * 4 };
  const { data } = await toTensor(image, { crop, size: { width, height }, filter: 'area' });
  let worst = 0;
  for (let i = 0; i < data.length; i += 97) {
    const [k, c, r] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    let sum = 0;
    for (let y = 0; y < 4; y++) for (let x = 0; x < 4; x++) sum += image.data[((r * 4 + y) * image.width + c * 4 + x) * 4 + k];
    worst = Math.max(worst, Math.abs(data[i] - sum / 16));
  }
  assert.equal(worst, 0, 'sums of bytes and a sixteenth are exact');
  t.diagnostic(`${width} × ${height}`);
});

test('toTensor: rows may have a stride, and calls side by side do not disturb each other', async () => {
  const random = seeded(21);
  const image = noise(random, 31, 17, 12);
  const tight = { width: 31, height: 17, data: new Uint8Array(31 * 17 * 4) };
  for (let y = 0; y < 17; y++) tight.data.set(image.data.subarray(y * (31 * 4 + 12), y * (31 * 4 + 12) + 31 * 4), y * 31 * 4);
  const options = { size: 9, rotate: 0.3 };
  const other = noise(random, 50, 60, 0);
  const [a, b, c, d] = await Promise.all([image, other, tight, other].map((picture) => values(picture, options)));
  assert.deepEqual(a, c);
  assert.deepEqual(b, d);
  assert.notDeepEqual(a, b);
});

test('toTensor: what is wrong is an error with its numbers, and the next call works', async () => {
  const image = ramp(4, 3);
  for (const [options, code, message] of /** @type {[any, string, RegExp][]} */ ([
    [{ size: 0 }, 'bad-shape', /0×0/],
    [{ size: 2.5 }, 'bad-shape', /2\.5×2\.5/],
    [{ size: { width: 3 } }, 'bad-shape', /3×undefined/],
    [{ size: 40000 }, 'bad-shape', /40000/],
    [{ size: Number.NaN }, 'bad-shape', /NaN/],
    [{ size: '4' }, 'bad-shape', /4×4/],
    [{ crop: { x: 0, y: 0, width: 0, height: 3 } }, 'bad-shape', /0×3/],
    [{ crop: { x: Number.NaN, y: 0, width: 2, height: 3 } }, 'misuse', /xCenter.*NaN/],
    [{ rotate: Number.NaN }, 'misuse', /rotation.*NaN/],
    [{ rotate: '90' }, 'misuse', /rotation.*90/],
    [
      { crop: { x: 0, y: 0, width: 1e-3, height: 2 ** 28 }, size: { width: 100, height: 1 }, fit: 'contain' },
      'misuse',
      /width.*26843545600/,
    ],
    [{ fit: 'fill' }, 'misuse', /fit is fill: 'stretch', 'cover', 'contain'/],
    [{ flip: 'yes' }, 'misuse', /flip is yes: false, true/],
    [{ filter: 'lanczos' }, 'misuse', /filter is lanczos/],
    [{ border: 'wrap' }, 'misuse', /border is wrap/],
    [{ border: [1, 2] }, 'bad-shape', /border has 2/],
    [{ border: [1, 2, 256] }, 'misuse', /256/],
    [{ color: 'rgba' }, 'misuse', /color is rgba/],
    [{ dtype: 'float16' }, 'misuse', /dtype is float16/],
    [{ mean: [1, 2] }, 'bad-shape', /mean has 2 numbers, the tensor 3/],
    [{ color: 'grey', scale: [1, 2, 3] }, 'bad-shape', /scale has 3 numbers, the tensor 1/],
    [{ mean: [1, Number.NaN, 3] }, 'misuse', /mean\[1\].*NaN/],
    [{ scale: Infinity }, 'misuse', /scale.*Infinity/],
    [{ mean: 1e30, scale: 1e30 }, 'misuse', /mean · scale/],
    [{ grey: [1, 1, '1'], color: 'grey' }, 'misuse', /grey\[2\]/],
  ])) {
    await assert.rejects(toTensor(image, options), (/** @type {any} */ error) => {
      assert.equal(error.name, 'XnnError', JSON.stringify(options));
      assert.equal(error.code, code, JSON.stringify(options));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(toTensor(/** @type {any} */ ('photo.jpg')), { name: 'XnnError', code: 'misuse' });
  await assert.rejects(toTensor({ width: 4, height: 4, data: image.data }), { name: 'XnnError', code: 'bad-shape' });
  assert.deepEqual(red(await values(image, { crop: { x: 0, y: 0, width: 2, height: 1 } })), [0, 10]);
});
