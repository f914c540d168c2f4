// readImage(): files that sharp wrote from known pixels, and what happens without sharp.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { readImage, toTensor } from '../../js/image/main.js';

/** @type {string} */
let folder;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-image-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const PIXELS = Uint8Array.from({ length: 3 * 2 * 3 }, (_, i) => i * 13);
/** @param {Uint8Array} pixels */
const picture = (pixels) => sharp(pixels, { raw: { width: 3, height: 2, channels: 3 } });

test('readImage: a path, a URL and bytes give RGBA that toTensor() takes', async () => {
  const file = path.join(folder, 'picture.png');
  await picture(PIXELS).png().toFile(file);
  for (const source of [
    file,
    pathToFileURL(file),
    await picture(PIXELS).png().toBuffer(),
    await picture(PIXELS).webp({ lossless: true }).toBuffer(),
  ]) {
    const image = await readImage(source);
    assert.deepEqual([image.width, image.height], [3, 2]);
    assert.deepEqual([...(await toTensor(image, { dtype: 'uint8' })).data], [...PIXELS]);
  }
});

test('readImage: the orientation that a camera wrote is applied', async () => {
  const turned = await picture(PIXELS).withMetadata({ orientation: 6 }).png().toBuffer(); // to be turned clockwise
  const image = await readImage(turned);
  assert.deepEqual([image.width, image.height], [2, 3]);
  const red = [...image.data].filter((_, i) => i % 4 === 0);
  assert.deepEqual(
    red,
    [3, 0, 4, 1, 5, 2].map((pixel) => PIXELS[pixel * 3]),
  );
});

test('readImage: what cannot be read is an error', async () => {
  await assert.rejects(readImage(path.join(folder, 'none.png')), { name: 'XnnError', code: 'network', message: /none\.png/ });
  await assert.rejects(readImage(new Uint8Array(12)), { name: 'XnnError', code: 'misuse', message: /12 bytes/ });
  await assert.rejects(readImage(new URL('https://example.org/a.png')), { name: 'XnnError', code: 'misuse', message: /example/ });
  await assert.rejects(readImage(/** @type {any} */ (7)), { name: 'XnnError', code: 'misuse', message: /got 7/ });
});

test('readImage: without sharp it says what to install, and toTensor() works', async () => {
  const js = fileURLToPath(new URL('../../js', import.meta.url));
  await cp(js, path.join(folder, 'package/js'), { recursive: true });
  for (const file of ['dist/js/image.js', 'dist/xnnjs-image.wasm']) await cp(path.join(js, '..', file), path.join(folder, 'package', file));
  await writeFile(path.join(folder, 'package/package.json'), '{ "type": "module" }');
  const script = `const { readImage, toTensor } = await import(${JSON.stringify(pathToFileURL(path.join(folder, 'package/js/image/index.js')).href)});
    const { code, message } = await readImage('a.png').catch((error) => error);
    const { data } = await toTensor({ width: 1, height: 1, data: new Uint8Array([1, 2, 3, 4]) });
    console.log(JSON.stringify({ code, message, data: [...data] }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  const { code, message, data } = JSON.parse(stdout);
  assert.equal(code, 'unsupported');
  assert.match(message, /npm install sharp/);
  assert.deepEqual(data, [1, 2, 3]);
});
