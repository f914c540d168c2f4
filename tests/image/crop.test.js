// Crops as pipelines take them (js/image/sampler.js), against a plain loop in float64 and against sharp.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { createSampler } from '../../js/image/sampler.js';
import { projectLandmarks, toKeypoints } from '../../models/shared/landmarks.js';
import { readPhotos } from '../support/photos.js';
import { seeded } from '../support/random.js';

/** @import { CropOptions, RgbaImage } from '../../js/image/crop.js' */

const sampler = await createSampler();
/** @param {RgbaImage} image @param {CropOptions} options */
const cropToTensor = (image, options) => sampler.open(image).crop(options);

test('crop: equals a plain float64 loop for rotated, off-image and enlarged regions, with either border', (t) => {
  const random = seeded(11);
  const image = noise(23, 17, random);
  let worst = 0;
  for (const border of /** @type {const} */ (['replicate', 'zero'])) {
    for (let round = 0; round < 60; round++) {
      const options = {
        region: {
          xCenter: random() * 40 - 8,
          yCenter: random() * 30 - 6,
          width: 1 + random() * 60,
          height: 1 + random() * 60,
          rotation: (random() - 0.5) * 7,
        },
        width: 1 + Math.floor(random() * 12),
        height: 1 + Math.floor(random() * 12),
        scale: 1 / 127.5,
        offset: -1,
        border,
      };
      const expected = cropNaively(image, options);
      for (const [i, value] of cropToTensor(image, options).entries()) {
        worst = Math.max(worst, Math.abs(value - expected[i]));
      }
    }
  }
  t.diagnostic(`largest difference ${worst.toExponential(1)} of a range of 2`);
  assert.ok(worst <= 1e-6);
});

test('crop: the image itself comes out unchanged', () => {
  const image = noise(9, 7, seeded(12));
  const region = { xCenter: 4.5, yCenter: 3.5, width: 9, height: 7 };
  const tensor = cropToTensor(image, { region, width: 9, height: 7 });
  assert.deepEqual(
    [...tensor],
    [...image.data].filter((_, i) => i % 4 !== 3),
  );
});

test('crop: a quarter turn puts the right edge where the bottom was', () => {
  const image = noise(5, 5, seeded(13));
  const region = { xCenter: 2.5, yCenter: 2.5, width: 5, height: 5, rotation: Math.PI / 2 };
  const tensor = cropToTensor(image, { region, width: 5, height: 5 });
  // The region's x axis points down the image: tensor (row r, column c) shows image (row c, column 4 − r).
  for (let row = 0; row < 5; row++) {
    for (let column = 0; column < 5; column++) {
      const from = (column * 5 + (4 - row)) * 4;
      const to = (row * 5 + column) * 3;
      for (let k = 0; k < 3; k++) assert.ok(Math.abs(tensor[to + k] - image.data[from + k]) < 1e-4);
    }
  }
});

test("crop: twice enlarged, a photograph agrees with sharp's bilinear affine to its rounding", async (t) => {
  const [{ image }] = await readPhotos();
  const area = { left: 400, top: 380, width: 200, height: 160 };
  const { data: expected, info } = await sharp(image.data, {
    raw: { width: image.width, height: image.height, channels: 4 },
  })
    .extract(area)
    .removeAlpha()
    .affine([2, 0, 0, 2], { interpolator: 'bilinear' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  // sharp maps the centre of input pixel i to the centre of output pixel 2 i, the crop maps outer corners to each
  // other: a quarter of an input pixel apart.
  const region = {
    xCenter: area.left + width / 4 + 0.25,
    yCenter: area.top + height / 4 + 0.25,
    width: width / 2,
    height: height / 2,
  };
  const tensor = cropToTensor(image, { region, width, height });
  let worst = 0;
  // sharp sees no pixels outside the area: its outermost ones have another border.
  for (let row = 2; row < height - 2; row++) {
    for (let i = (row * width + 2) * 3; i < ((row + 1) * width - 2) * 3; i++) {
      worst = Math.max(worst, Math.abs(tensor[i] - expected[i]));
    }
  }
  t.diagnostic(`largest difference ${worst.toFixed(2)} of 255`);
  assert.ok(worst <= 1);
});

test('crop: writes into the array that is given', () => {
  const image = noise(4, 4, seeded(14));
  const into = new Float32Array(12);
  const region = { xCenter: 2, yCenter: 2, width: 2, height: 2 };
  assert.equal(cropToTensor(image, { region, width: 2, height: 2, into }), into);
  assert.ok(into.some((value) => value > 0));
});

test('crop: several frames of one sampler, taken in turns, keep their pictures', () => {
  const random = seeded(16);
  const region = { xCenter: 6, yCenter: 5, width: 9, height: 8, rotation: 0.4 };
  const options = { region, width: 6, height: 5 };
  const pictures = [noise(12, 10, random), noise(7, 30, random), noise(12, 10, random)];
  const frames = pictures.map((picture) => sampler.open(picture));
  const alone = pictures.map((picture) => [...cropToTensor(picture, options)]);
  for (const i of [0, 1, 1, 2, 0, 2]) assert.deepEqual([...frames[i].crop(options)], alone[i]);
  assert.deepEqual([frames[1].width, frames[1].height], [7, 30]);
});

test('crop: wrong options and pictures are errors with the numbers, and a disposed sampler says so', async () => {
  const own = await createSampler();
  const image = noise(4, 4, seeded(17));
  const frame = own.open(image);
  const region = { xCenter: 2, yCenter: 2, width: 2, height: 2 };
  const fine = { region, width: 3, height: 2 };
  const before = [...frame.crop(fine)];
  for (const [options, code, message] of /** @type {[object, string, RegExp][]} */ ([
    [{ ...fine, width: 0 }, 'bad-shape', /0×2/],
    [{ ...fine, width: 1.5 }, 'bad-shape', /1\.5×2/],
    [{ ...fine, height: 1e6 }, 'bad-shape', /3×1000000/],
    [{ ...fine, width: Number.NaN }, 'bad-shape', /NaN×2/],
    [{ ...fine, region: { ...region, width: 0 } }, 'bad-shape', /0×2 pixels is empty/],
    [{ ...fine, region: { ...region, height: -3 } }, 'bad-shape', /2×-3/],
    [{ ...fine, region: { ...region, xCenter: Number.NaN } }, 'misuse', /xCenter .*NaN/],
    [{ ...fine, region: { ...region, yCenter: undefined } }, 'misuse', /yCenter .*undefined/],
    [{ ...fine, region: { ...region, rotation: Infinity } }, 'misuse', /rotation .*Infinity/],
    [{ ...fine, region: { ...region, width: 1e9 } }, 'misuse', /width .*1000000000/],
    [{ ...fine, scale: Number.NaN }, 'misuse', /scale .*NaN/],
    [{ ...fine, offset: 1e300 }, 'misuse', /offset .*1e\+300/],
    [{ ...fine, border: 'blue' }, 'misuse', /border is blue/],
    [{ ...fine, into: new Float32Array(17) }, 'bad-shape', /18 for 3×2, has 17/],
  ]))
    assert.throws(
      () => frame.crop(/** @type {any} */ (options)),
      (/** @type {any} */ error) => error.name === 'XnnError' && error.code === code && message.test(error.message),
      JSON.stringify(options),
    );
  for (const [picture, code, message] of /** @type {[any, string, RegExp][]} */ ([
    [null, 'misuse', /expected/],
    [{}, 'misuse', /expected/],
    [{ width: 2, height: 2, data: [1, 2, 3] }, 'misuse', /expected/],
    [{ width: 0, height: 2, data: new Uint8Array(0) }, 'bad-shape', /0×2/],
    [{ width: 2, height: 2, data: new Uint8Array(15) }, 'bad-shape', /16 bytes, data has 15/],
    [{ width: 2, height: 2, stride: 7, data: new Uint8Array(16) }, 'bad-shape', /stride of 7/],
    [{ width: 2, height: 2, stride: 12, data: new Uint8Array(19) }, 'bad-shape', /20 bytes, data has 19/],
  ]))
    assert.throws(
      () => own.open(picture),
      (/** @type {any} */ error) => error.name === 'XnnError' && error.code === code && message.test(error.message),
    );
  assert.deepEqual([...frame.crop(fine)], before, 'usable after all of them');
  own.dispose();
  assert.throws(() => frame.crop(fine), { name: 'XnnError', code: 'misuse' });
  assert.throws(() => own.open(image), { name: 'XnnError', code: 'misuse' });
});

test('landmarks: a spot seen in the crop is projected back to where it is in the image', () => {
  const random = seeded(15);
  for (let round = 0; round < 20; round++) {
    const image = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 4) };
    const spot = { x: 110 + random() * 80, y: 60 + random() * 80 };
    for (let y = 0; y < image.height; y++) {
      for (let x = 0; x < image.width; x++) {
        const apart = Math.hypot(x + 0.5 - spot.x, y + 0.5 - spot.y);
        image.data.fill(Math.max(0, 255 - 25 * apart), (y * 300 + x) * 4, (y * 300 + x) * 4 + 4);
      }
    }
    const size = 150 + random() * 60;
    const region = { xCenter: 150, yCenter: 100, width: size, height: size, rotation: (random() - 0.5) * 6 };
    const tensor = cropToTensor(image, { region, width: 192, height: 192 });
    let [sum, x, y] = [0, 0, 0]; // centre of brightness in the crop
    for (let i = 0; i < 192 * 192; i++) {
      sum += tensor[3 * i];
      x += tensor[3 * i] * ((i % 192) + 0.5);
      y += tensor[3 * i] * (Math.floor(i / 192) + 0.5);
    }
    const mesh = new Float32Array(468 * 3);
    mesh.set([x / sum, y / sum, 19.2]);
    const [found] = toKeypoints(projectLandmarks(mesh, { region, inputSize: 192, points: 468 }));
    assert.ok(Math.hypot(found.x - spot.x, found.y - spot.y) < 0.1, JSON.stringify({ found, spot, region }));
    assert.ok(Math.abs(found.z - size / 10) < 1e-4, 'z is in the scale of x');
  }
});

/**
 * Each output pixel's centre is placed in the unit square, then in the region, then turned about its centre; the value
 * there is the sum over all pixels of the image, or its surroundings, weighted by a unit tent.
 * @param {RgbaImage} image
 * @param {CropOptions} options
 */
function cropNaively(image, { region, width, height, scale = 1, offset = 0, border }) {
  const { xCenter, yCenter, rotation = 0 } = region;
  const values = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const u = ((column + 0.5) / width - 0.5) * region.width;
      const v = ((row + 0.5) / height - 0.5) * region.height;
      const x = xCenter + u * Math.cos(rotation) - v * Math.sin(rotation);
      const y = yCenter + u * Math.sin(rotation) + v * Math.cos(rotation);
      for (let k = 0; k < 3; k++) {
        let sum = 0;
        for (let py = -60; py < image.height + 60; py++) {
          const wy = Math.max(0, 1 - Math.abs(py + 0.5 - y));
          if (wy === 0) continue;
          for (let px = -60; px < image.width + 60; px++) {
            const wx = Math.max(0, 1 - Math.abs(px + 0.5 - x));
            if (wx > 0) sum += wx * wy * pixel(image, { x: px, y: py, k, border });
          }
        }
        values.push(sum * scale + offset);
      }
    }
  }
  return values;
}

/**
 * @param {RgbaImage} image
 * @param {{ x: number, y: number, k: number, border?: string }} at
 */
function pixel({ width, height, data }, { x, y, k, border }) {
  const inside = x >= 0 && x < width && y >= 0 && y < height;
  if (!inside && border === 'zero') return 0;
  const [cx, cy] = [Math.max(0, Math.min(width - 1, x)), Math.max(0, Math.min(height - 1, y))];
  return data[(cy * width + cx) * 4 + k];
}

/**
 * @param {number} width
 * @param {number} height
 * @param {() => number} random
 */
function noise(width, height, random) {
  return { width, height, data: Uint8Array.from({ length: width * height * 4 }, () => Math.floor(random() * 256)) };
}
