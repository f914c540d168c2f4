// The image kernel against the definition in double (reference.js), over odd sizes, strides, regions anywhere and all options.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createKernel } from '../../js/image/kernel.js';
import { setUp } from '../../scripts/setup.js';
import { seeded } from '../support/random.js';
import { noise, randomSampling, sampling } from './cases.js';
import { averageDensely, sampleNaively } from './reference.js';

/** @import { RgbaImage } from '../../js/image/crop.js' */
/** @import { Kernel, Sampling } from '../../js/image/kernel.js' */

const kernel = await createKernel();
/** @param {RgbaImage} image @param {Sampling} options */
const sampled = (image, options) => {
  kernel.put(image);
  return kernel.sample(options);
};

/**
 * The largest difference, as a part of the range of a byte: values are byte · scale + offset with |scale| below 1.
 * @param {ArrayLike<number>} values @param {number[]} expected
 */
function farthest(values, expected) {
  assert.equal(values.length, expected.length);
  let worst = 0;
  for (const [i, value] of expected.entries()) worst = Math.max(worst, Math.abs(values[i] - value));
  assert.ok(Number.isFinite(worst));
  return worst / 255;
}

for (const filter of /** @type {const} */ (['bilinear', 'area']))
  for (const border of /** @type {const} */ (['replicate', 'color', 'reflect']))
    for (const turned of [false, true])
      test(`image kernel: ${filter} with border ${border}, ${turned ? 'turned' : 'upright'}, equals the definition in double`, (t) => {
        const random = seeded(filter.length * 7 + border.length * 2 + Number(turned));
        let worst = 0;
        for (let round = 0; round < 100; round++) {
          const image = noise(random);
          const options = randomSampling(image, random, { filter, border, turned });
          const error = farthest(sampled(image, options), sampleNaively(image, options));
          assert.ok(error < 1e-6, `${error} of 255 with ${JSON.stringify({ ...options, width: image.width, height: image.height })}`);
          worst = Math.max(worst, error);
        }
        t.diagnostic(`largest difference ${worst.toExponential(1)} of the range`);
      });

test('image kernel: pictures of one pixel, one row and one column', () => {
  const random = seeded(5);
  for (const [width, height] of [
    [1, 1],
    [1, 9],
    [9, 1],
    [2, 2],
  ])
    for (let round = 0; round < 60; round++) {
      const image = noise(random, width, height);
      const [filter, border] = [round % 2 ? 'area' : 'bilinear', ['replicate', 'color', 'reflect'][round % 3]];
      const options = randomSampling(image, random, /** @type {any} */ ({ filter, border, turned: round % 5 < 2 }));
      assert.ok(farthest(sampled(image, options), sampleNaively(image, options)) < 1e-6, JSON.stringify(options));
    }
});

test('image kernel: a region far outside is all border, and one much larger than the picture holds it', () => {
  const random = seeded(6);
  const image = noise(random, 13, 11, 0);
  const all = (/** @type {Sampling} */ options) => new Set(sampled(image, options));
  for (const rotation of [0, 1]) {
    const region = { xCenter: 1e8, yCenter: -2e8, width: 3e7, height: 5, rotation };
    for (const filter of /** @type {const} */ (['bilinear', 'area'])) {
      assert.deepEqual(all(sampling({ region, filter, border: 'color', color: [7, 7, 7] })), new Set([7]));
      const corner = [...image.data.slice(12 * 4, 12 * 4 + 3)]; // the top right pixel
      const values = [...sampled(image, sampling({ region, filter }))].slice(0, 3);
      assert.ok(farthest(values, corner) < 1e-6, `${values} is not ${corner}`);
    }
  }
  // The mean over 2^28 × 2^28 pixels, of which 13 × 11 are there: for each colour the sum of its bytes and nothing else.
  const region = { xCenter: 6, yCenter: 5, width: 2 ** 28, height: 2 ** 28 };
  const values = sampled(image, sampling({ region, columns: 1, rows: 1, filter: 'area', border: 'color', scale: [1e15, 1e15, 1e15] }));
  for (const k of [0, 1, 2]) {
    const sum = [...image.data].filter((_, i) => i % 4 === k).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs((values[k] / 1e15) * 2 ** 56 - sum) < 1e-6 * sum, `${values[k]}`);
  }
});

test('image kernel: a picture of 1500 × 1000 shrunk to one pixel is its mean, and one pixel grows to any size', () => {
  const random = seeded(7);
  const image = noise(random, 1500, 1000, 0);
  const whole = { xCenter: 750, yCenter: 500, width: 1500, height: 1000 };
  const values = sampled(image, sampling({ region: whole, columns: 1, rows: 1, filter: 'area' }));
  for (const k of [0, 1, 2]) {
    let sum = 0;
    for (let i = k; i < image.data.length; i += 4) sum += image.data[i];
    assert.ok(Math.abs(values[k] - sum / 1.5e6) < 1e-6 * 255, `${values[k]} ${sum / 1.5e6}`);
  }
  const tiny = { xCenter: 100.5, yCenter: 50.5, width: 1e-3, height: 1e-3 };
  const at = (50 * image.width + 100) * 4;
  assert.ok(
    farthest(
      sampled(image, sampling({ region: tiny, columns: 90, rows: 1 })),
      Array(90)
        .fill([...image.data.slice(at, at + 3)])
        .flat(),
    ) < 2e-3,
  );
});

test('image kernel: the mean over a rotated box is near that of the box itself', (t) => {
  const random = seeded(8);
  let [worst, sum, count] = [0, 0, 0];
  for (let round = 0; round < 12; round++) {
    const image = noise(random, 60, 50);
    const region = { xCenter: 30, yCenter: 25, width: 24 + random() * 8, height: 24 + random() * 8, rotation: random() * 7 };
    const options = sampling({ region, columns: 3, rows: 3, filter: 'area' });
    const values = sampled(image, options);
    for (const [i, expected] of averageDensely(image, options).entries()) {
      worst = Math.max(worst, Math.abs(values[i] - expected));
      sum += Math.abs(values[i] - expected);
      count++;
    }
  }
  t.diagnostic(`of 255, white noise, boxes of 8 to 11 pixels: largest difference ${worst.toFixed(2)}, mean ${(sum / count).toFixed(2)}`);
  assert.ok(worst < 5 && sum / count < 1.2);
});

test('image kernel: every angle gives sine and cosine, quarter turns exactly', () => {
  // A picture of its own coordinates: red is x, green is y. One sample at distance 100 says where the angle leads.
  const image = { width: 256, height: 256, data: new Uint8Array(256 * 256 * 4) };
  for (let i = 0; i < 65536; i++) image.data.set([i % 256, i >> 8, 0, 255], i * 4);
  kernel.put(image);
  for (let i = -4000; i <= 4000; i++) {
    const rotation = i * 0.0137 + (i % 7) * 1e4;
    // The right one of two columns is 100 pixels from the centre.
    const region = { xCenter: 128, yCenter: 128, width: 400, height: 1e-9, rotation };
    const [x, y] = kernel.sample(sampling({ region, columns: 2, rows: 1 })).slice(3);
    assert.ok(Math.abs(x + 0.5 - (128 + 100 * Math.cos(rotation))) < 1e-4, `${rotation}: ${x}`);
    assert.ok(Math.abs(y + 0.5 - (128 + 100 * Math.sin(rotation))) < 1e-4, `${rotation}: ${y}`);
  }
  const turns = [0, 1, 2, 3, 4, -1, -6, 1001].map((quarter) => {
    const region = { xCenter: 128, yCenter: 128, width: 4, height: 4, rotation: (quarter * Math.PI) / 2 };
    return [...kernel.sample(sampling({ region, columns: 4, rows: 4 }))];
  });
  for (const values of turns) for (const value of values) assert.ok(Number.isInteger(value), `${value}`);
  assert.deepEqual(turns[4], turns[0]);
  assert.deepEqual(turns[5], turns[3]);
  assert.deepEqual(turns[6], turns[2]);
  assert.deepEqual(turns[7], turns[1]);
});

test('image kernel: whole numbers are the nearest, ties to even, and saturate', () => {
  const image = { width: 4, height: 1, data: Uint8Array.from([0, 1, 2, 255, 3, 4, 5, 255, 100, 200, 255, 255, 128, 127, 126, 255]) };
  const region = { xCenter: 2, yCenter: 0.5, width: 4, height: 1 };
  const list = (/** @type {Partial<Sampling>} */ options) => [...sampled(image, sampling({ region, columns: 4, rows: 1, ...options }))];
  const half = { scale: [0.5, 0.5, 0.5], offset: [0, 0, 0] };
  assert.deepEqual(list({ dtype: 'uint8', ...half }), [0, 0, 1, 2, 2, 2, 50, 100, 128, 64, 64, 63]);
  assert.deepEqual(list({ dtype: 'int32', ...half }), [0, 0, 1, 2, 2, 2, 50, 100, 128, 64, 64, 63]);
  assert.deepEqual(list({ dtype: 'uint8', scale: [3, 3, 3], offset: [-10, -10, -10] }), [0, 0, 0, 0, 2, 5, 255, 255, 255, 255, 255, 255]);
  assert.deepEqual(list({ dtype: 'int32', scale: [-2e9, 3, 1], offset: [0, 0, 0] }).slice(6, 9), [-(2 ** 31), 600, 255]);
});

test('image kernel: memory is bounded by the largest picture and tensor, and re-used', async () => {
  const own = await createKernel();
  const image = noise(seeded(9), 320, 240, 0);
  const region = { xCenter: 160, yCenter: 120, width: 250, height: 150, rotation: 0.5 };
  own.put(image);
  own.sample(sampling({ region, columns: 192, rows: 192 }));
  const bytes = own.bytes();
  for (let i = 0; i < 200; i++) {
    own.put(i % 2 ? image : noise(seeded(9), 64, 48, 0));
    own.sample(sampling({ region, columns: i, rows: 100, filter: i % 3 ? 'area' : 'bilinear' }));
  }
  assert.equal(own.bytes(), bytes);
  // The picture, the tensor, lines of both, less than 64 kB of module, and pages.
  assert.ok(bytes < 320 * 240 * 4 + 192 * 192 * 12 + (320 + 6 * 192) * 16 + 2 * 65536 + 4096, `${bytes}`);
});

test('image kernel: a picture or a tensor beyond the 4 GB of a module is out of memory, and the kernel stays usable', () => {
  const image = noise(seeded(10), 6, 5, 0);
  const options = sampling({ region: { xCenter: 3, yCenter: 2, width: 5, height: 4 } });
  const before = [...sampled(image, options)];
  const outOfMemory = { name: 'XnnError', code: 'out-of-memory', message: /^no memory: \d{10,} bytes are needed, there are \d+$/ };
  assert.throws(() => kernel.sample({ ...options, columns: 32768, rows: 32768, dtype: 'float32' }), outOfMemory);
  assert.deepEqual([...kernel.sample(options)], before);
  assert.throws(() => kernel.put({ width: 4, height: 32768, stride: 2 ** 18, data: image.data }), outOfMemory);
  assert.deepEqual([...kernel.sample(options)], before, 'with the picture before');
});

test('image kernel: the same bits in this Node and in a current one', async () => {
  const { currentNode = '' } = await setUp({ toolchain: false, currentNode: true, packages: false });
  const script = `const { hashes } = await import(${JSON.stringify(new URL('cases.js', import.meta.url).href)});
    const { createKernel } = await import(${JSON.stringify(new URL('../../js/image/kernel.js', import.meta.url).href)});
    console.log(JSON.stringify(await hashes(await createKernel())));`;
  const { hashes } = await import('./cases.js');
  const { stdout } = await promisify(execFile)(currentNode, ['--input-type=module', '-e', script]);
  const here = await hashes(kernel);
  assert.ok(here.length === 36 && new Set(here).size === 36);
  assert.deepEqual(JSON.parse(stdout), here);
});
