// Image exports against TensorFlow.js's cpu backend on the same pixels.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from '../../dist/zip.js';
import { createRuntime } from '../../js/index.js';
import { loadImage } from '../../models/teachable/main.js';
import { teachableImage } from '../support/architectures/teachable.js';
import { loadReference } from '../support/reference.js';
import { apart, asFiles, exportFiles, onDisk, picture } from './bundles.js';

const LABELS = ['hand on face', 'no hand', 'nobody'];
const METADATA = {
  tfjsVersion: '1.3.1',
  tmVersion: '2.4.5',
  packageVersion: '0.8.4-alpha2',
  packageName: '@teachablemachine/image',
  timeStamp: '2021-03-02T10:00:00.000Z',
  userMetadata: {},
  modelName: 'touch',
  labels: LABELS,
  imageSize: 224,
};

/** @type {import('../../js/index.js').Runtime} */
let runtime;
before(async () => {
  runtime = await createRuntime({ threads: 1 });
});
after(() => runtime.dispose());

/**
 * The input by the client's words: a byte / 127 − 1, grey by 0.2989, 0.5870, 0.1140.
 * @param {ReturnType<typeof picture>} image
 * @param {boolean} grayscale
 * @param {boolean} [flip]
 */
function expectedInput({ width, height, data }, grayscale, flip = false) {
  const values = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + (flip ? width - 1 - x : x));
      const [r, g, b] = data.subarray(at, at + 3);
      values.push(...(grayscale ? [0.2989 * r + 0.587 * g + 0.114 * b] : [r, g, b]));
    }
  return Float32Array.from(values, (value) => value / 127 - 1);
}

for (const [name, options, size] of /** @type {const} */ ([
  ['RGB 224', {}, 224],
  ['RGB 224, with a bare list of layers', { bareList: true, seed: 52 }, 224],
  ['grayscale 96', { grayscale: true }, 96],
  ['grayscale 96, with a bare list of layers', { grayscale: true, bareList: true }, 96],
]))
  test(`teachable: an image export, ${name}, has the probabilities of TensorFlow.js`, async (t) => {
    const grayscale = 'grayscale' in options;
    const artifacts = await teachableImage({ ...options, classes: 3 });
    const reference = await loadReference(artifacts);
    const image = picture(size, size);
    const input = (/** @type {boolean} */ flip) => ({ [reference.inputs[0].name]: expectedInput(image, grayscale, flip) });
    const folder = await onDisk(t, exportFiles(artifacts, { ...METADATA, imageSize: size, ...(grayscale ? { grayscale } : {}) }));
    const model = await loadImage(path.join(folder, 'model.json'), path.join(folder, 'metadata.json'), { runtime });
    for (const flip of [false, true]) {
      const expected = Object.values(await reference.run(input(flip)))[0].data;
      const predictions = await model.predict(image, flip);
      assert.deepEqual(
        predictions.map(({ className }) => className),
        LABELS,
      );
      const error = apart(
        predictions.map(({ probability }) => probability),
        /** @type {Float32Array} */ (expected),
      );
      t.diagnostic(`flip ${flip}: ${error.toExponential(1)}`);
      assert.ok(error <= 1e-4, `${error}`); // 1e-6 measured
    }
    assert.ok(
      apart(Object.values(await reference.run(input(false)))[0].data, Object.values(await reference.run(input(true)))[0].data) > 1e-4,
      'flipping shows',
    );
    model.dispose();
  });

test('teachable: URLs, files, zips and memory give the same model, with its labels and metadata', async (t) => {
  const artifacts = await teachableImage({ grayscale: true, classes: 3 });
  const files = exportFiles(artifacts, { ...METADATA, imageSize: 96, grayscale: true });
  const folder = await onDisk(t, { ...files, 'export.zip': zipSync(files, { level: 6 }) });
  const zip = zipSync({
    'my model/model.json': files['model.json'],
    'my model/weights.bin': files['weights.bin'],
    'my model/metadata.json': files['metadata.json'],
  });
  const image = picture(96, 96);
  const probabilities = [];
  for (const [source, metadata] of /** @type {[any, any][]} */ ([
    [path.join(folder, 'model.json')],
    [new URL(`file://${folder}/model.json`), new URL(`file://${folder}/metadata.json`)],
    [asFiles(files)],
    [asFiles(files).slice(0, 2), METADATA],
    [path.join(folder, 'export.zip')],
    [zip],
    [new Blob([new Uint8Array(zip)])],
    [[new File([new Uint8Array(zip)], 'tm-my-image-model.zip')]],
    [artifacts, METADATA],
  ])) {
    const model = await loadImage(source, metadata, { runtime });
    assert.equal(model.getTotalClasses(), 3);
    assert.deepEqual(model.getClassLabels(), LABELS);
    assert.equal(model.getMetadata().modelName, 'touch');
    probabilities.push((await model.predict(image)).map(({ probability }) => probability));
    const best = await model.predictTopK(image, 2);
    assert.deepEqual(best, (await model.predict(image)).sort((a, b) => b.probability - a.probability).slice(0, 2));
    model.dispose();
    await assert.rejects(model.predict(image), { code: 'misuse', message: 'teachable: predict after dispose' });
  }
  for (const other of probabilities) assert.deepEqual(other, probabilities[0]);
  assert.equal(runtime.memory().models, 0);
});

test('teachable: predictions that are asked for at once are each of its own picture', async () => {
  const files = exportFiles(await teachableImage({ grayscale: true, classes: 3 }), METADATA);
  const model = await loadImage(asFiles(files), undefined, { runtime });
  const pictures = [1, 2, 3].map((seed) => picture(96 + seed, 96, seed));
  const alone = [];
  for (const image of pictures) alone.push(await model.predict(image));
  assert.notDeepEqual(alone[0], alone[1]);
  assert.deepEqual(await Promise.all(pictures.map((image) => model.predict(image))), alone);
  model.dispose();
});

test('teachable: from the network: model.json, its metadata beside it, and what a server answers instead', async (t) => {
  const files = exportFiles(await teachableImage({ grayscale: true, classes: 3 }), { ...METADATA, imageSize: 96, grayscale: true });
  const server = createServer((request, response) => {
    const name = new URL(request.url ?? '', 'http://host').pathname.slice(1).replace(/^only\/(?=model)/, '');
    if (!(name in files)) return response.writeHead(404).end('<html>not here</html>');
    return response.end(files[name]);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}`;
  const model = await loadImage(`${url}/model.json?version=2`, undefined, { runtime });
  const fromFiles = await loadImage(asFiles(files), undefined, { runtime });
  assert.deepEqual(await model.predict(picture(96, 96)), await fromFiles.predict(picture(96, 96)));
  model.dispose();
  fromFiles.dispose();
  const rejects = (/** @type {any[]} */ [source, metadata], /** @type {object} */ options, /** @type {object} */ expected) =>
    assert.rejects(loadImage(source, metadata, { runtime, ...options }), expected);
  await rejects([`${url}/only/model.json`], {}, { code: 'network', message: `${url}/only/metadata.json: the server answers 404` });
  await rejects([`${url}/only/model.zip`], {}, { code: 'network', message: /the server answers 404/ });
  await rejects([`${url}/model.json`, `${url}/weights.bin`], {}, { code: 'bad-model', message: /weights.bin is no JSON/ });
  await rejects([`${url}/model.json`], { signal: AbortSignal.abort() }, { code: 'aborted' });
  assert.equal(runtime.memory().models, 0);
});

test('teachable: what is no export is an error that says what is missing, and the runtime stays usable', async () => {
  const artifacts = await teachableImage({ grayscale: true, classes: 3 });
  const metadata = { ...METADATA, imageSize: 96 };
  const files = exportFiles(artifacts, metadata);
  const rejects = (/** @type {any} */ source, /** @type {any} */ given, /** @type {object} */ expected) =>
    assert.rejects(loadImage(source, given, { runtime }), expected);
  await rejects(new Uint8Array(10), undefined, { code: 'bad-model', message: 'teachable: these 10 bytes are no zip file' });
  await rejects(zipSync({ 'a.txt': new Uint8Array(1) }), undefined, {
    code: 'bad-model',
    message: 'the zip file has no model.json, only a.txt',
  });
  await rejects(zipSync({ 'labels.txt': new Uint8Array(1), 'model_unquant.tflite': new Uint8Array(1) }), undefined, {
    code: 'unsupported',
    message: /TensorFlow Lite export/,
  });
  await rejects(zipSync(files).subarray(0, 5000), undefined, { code: 'bad-model', message: /zip file is broken/ });
  await rejects(asFiles(files).slice(0, 2), undefined, {
    code: 'misuse',
    message: /none of the 2 files is metadata.json \(model.json, weights.bin\)/,
  });
  await rejects(
    asFiles(files),
    { labels: ['a', 'b'] },
    { code: 'bad-model', message: 'teachable: the model has 3 classes, metadata.json has 2 labels: a, b' },
  );
  await rejects(asFiles(files), { names: [] }, { code: 'bad-model', message: /no list of labels/ });
  await rejects(artifacts, undefined, { code: 'misuse', message: /needs its metadata/ });
  await rejects('/nowhere/model.json', undefined, { code: 'network', message: /nowhere\/metadata.json cannot be read/ });
  await rejects({ ...artifacts, weightData: artifacts.weightData.slice(4) }, METADATA, { code: 'bad-model' });
  assert.equal(runtime.memory().models, 0);
  const model = await loadImage(asFiles(files), undefined, { runtime });
  await assert.rejects(model.predict(new Float32Array(5)), {
    code: 'bad-shape',
    message: 'teachable: the tensor has 5 values, [96, 96, 1] needs 9216',
  });
  await assert.rejects(model.predict({ width: 3, height: 0, data: new Uint8Array(0) }), { code: 'bad-shape' });
  await assert.rejects(model.predictTopK(picture(96, 96), 0), { code: 'misuse' });
  assert.equal((await model.predict(picture(96, 96))).length, 3);
  model.dispose();
});
