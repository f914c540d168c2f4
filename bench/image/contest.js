// A model's input out of a frame of 640×480, by us and by others: the same in a page and in Node.
import { createPixelReader } from '../../js/image/pixels.js';
import { createSampler } from '../../js/image/sampler.js';
import { cropToTensor } from '../../tests/support/plain-crop.js';
import { median } from '../statistics.js';

/** @typedef {import('../../js/image/crop.js').CropOptions} CropOptions */
/** @typedef {{ name: string, run: (options: CropOptions) => Float32Array }} Contestant */
/** @typedef {{ case: string, name: string, median: number, least: number, apart: number }} Row  ms; apart: mean difference from ours, of 255. */

const [WIDTH, HEIGHT] = [640, 480];

/** @param {number} size @param {Partial<CropOptions['region']>} region @param {Partial<CropOptions>} [options] @returns {CropOptions} */
const square = (size, region, options = {}) => ({
  region: { xCenter: WIDTH / 2, yCenter: HEIGHT / 2, width: 640, height: 640, ...region },
  ...{ width: size, height: size, scale: 1 / 127.5, offset: -1, border: 'replicate' },
  ...options,
});

/** @type {Record<string, CropOptions>} */
export const CASES = {
  'rotated face, 192×192': square(
    192,
    { xCenter: 310, yCenter: 230, width: 260, height: 260, rotation: 0.35 },
    { scale: 1 / 255, offset: 0 },
  ),
  'letterbox, 128×128': square(128, {}, { border: 'zero' }),
  'letterbox, 256×256': square(256, {}, { border: 'zero' }),
  'centre crop, 224×224': square(224, { width: 480, height: 480 }, { scale: 1 / 127 }),
};

/** A picture with edges and gradients. @param {number} width @param {number} height */
function makePicture(width, height) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const disc = Math.hypot(x - 300, y - 220) < 110 ? 70 : 0;
      data.set([(x >> 1) + disc * 0.5, (y >> 1) + disc, 128 + 90 * Math.sin(x / 17) * Math.cos(y / 23), 255], (y * width + x) * 4);
    }
  return { width, height, data };
}

/** @param {import('../../js/image/crop.js').RgbaImage} image @returns {Promise<Contestant[]>} */
async function ours(image) {
  const [whole, opened] = [await createSampler(), (await createSampler()).open(image)];
  return [
    { name: 'xnnjs, frame opened and cropped', run: (options) => whole.open(image).crop(options) },
    { name: 'xnnjs, a further crop', run: (options) => opened.crop(options) },
    { name: 'plain JavaScript', run: (options) => cropToTensor(image, options) },
  ];
}

/**
 * The API's own way: the frame as a tensor, rotated as a whole where it is, then cropped or resized and padded, then normalised.
 * @param {any} tf  TensorFlow.js, its wasm backend set. @param {import('../../js/image/crop.js').RgbaImage} image @returns {Contestant}
 */
function tensorFlow(tf, image) {
  const source =
    typeof ImageData === 'function'
      ? new ImageData(/** @type {any} */ (image.data), WIDTH, HEIGHT)
      : { ...image, data: new Uint8Array(image.data) };
  const run = (/** @type {CropOptions} */ { region, width: size, scale, offset, border }) =>
    tf.tidy(() => {
      let pixels = tf.expandDims(tf.cast(tf.browser.fromPixels(source), 'float32'));
      const { xCenter, yCenter, width, height, rotation = 0 } = region;
      if (rotation !== 0) pixels = tf.image.rotateWithOffset(pixels, rotation, 0, [xCenter / WIDTH, yCenter / HEIGHT]);
      let resized;
      if (border === 'zero') {
        const high = (size * HEIGHT) / WIDTH;
        resized = tf.image.resizeBilinear(pixels, [high, size], false, true);
        resized = tf.pad(resized, [[0, 0], Array(2).fill((size - high) / 2), [0, 0], [0, 0]]);
      } else {
        // The op samples from edge to edge of its box: that lies half a step inside of the region.
        const [x, y] = [width / size / 2 - 0.5, height / size / 2 - 0.5];
        const box = [
          ...[(yCenter - height / 2 + y) / (HEIGHT - 1), (xCenter - width / 2 + x) / (WIDTH - 1)],
          ...[(yCenter + height / 2 - y - 1) / (HEIGHT - 1), (xCenter + width / 2 - x - 1) / (WIDTH - 1)],
        ];
        resized = tf.image.cropAndResize(pixels, tf.tensor2d([box]), tf.tensor1d([0], 'int32'), [size, size]);
      }
      return tf.add(tf.mul(resized, scale), offset).dataSync();
    });
  return { name: `tfjs-backend-wasm ${tf.version_core}`, run };
}

/** A page's canvas, from one canvas to another of the input's size; and ours from that canvas. @param {ImageData} image @returns {Promise<Contestant[]>} */
async function canvases(image) {
  const make = (/** @type {number} */ width, /** @type {number} */ height) =>
    /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true }));
  const source = make(WIDTH, HEIGHT);
  source.putImageData(image, 0, 0);
  const sampler = await createSampler();
  const targets = new Map(Object.values(CASES).map(({ width }) => [width, make(width, width)]));
  const run = (/** @type {CropOptions} */ { region, width: size, scale = 1, offset = 0, border }) => {
    const target = /** @type {OffscreenCanvasRenderingContext2D} */ (targets.get(size));
    target.setTransform(1, 0, 0, 1, 0, 0);
    if (border === 'zero') target.clearRect(0, 0, size, size);
    target.imageSmoothingQuality = 'low';
    target.scale(size / region.width, size / region.height);
    target.translate(region.width / 2, region.height / 2);
    target.rotate(-(region.rotation ?? 0));
    target.translate(-region.xCenter, -region.yCenter);
    target.drawImage(source.canvas, 0, 0);
    const { data } = target.getImageData(0, 0, size, size);
    const tensor = new Float32Array(size * size * 3);
    for (let from = 0, to = 0; to < tensor.length; from += 4, to += 3)
      for (let k = 0; k < 3; k++) tensor[to + k] = data[from + k] * scale + offset;
    return tensor;
  };
  return [
    { name: 'xnnjs, from a canvas', run: (options) => sampler.open(source.canvas).crop(options) },
    { name: 'canvas: drawImage, getImageData, loop', run },
  ];
}

/**
 * @param {{ tf?: any, page: boolean, rounds: number }} options  tf: TensorFlow.js on its wasm backend.
 * @returns {Promise<Row[]>}  Turns of five runs, one contestant after the other in each round.
 */
export async function contest({ tf, page, rounds }) {
  const image = makePicture(WIDTH, HEIGHT);
  const contestants = [
    ...(await ours(image)),
    ...(page ? await canvases(new ImageData(image.data, WIDTH, HEIGHT)) : []),
    ...(tf === undefined ? [] : [tensorFlow(tf, image)]),
  ];
  const rows = [];
  for (const [title, options] of Object.entries(CASES)) {
    const expected = contestants[0].run(options).slice();
    const times = contestants.map(() => /** @type {number[]} */ ([]));
    for (let round = -3; round < rounds; round++)
      for (const [i, { run }] of contestants.entries())
        for (let n = 0; n < 5; n++) {
          const start = performance.now();
          run(options);
          if (round >= 0 && n > 0) times[i].push(performance.now() - start);
        }
    for (const [i, { name, run }] of contestants.entries()) {
      const values = run(options);
      let sum = 0;
      for (const [at, value] of expected.entries()) sum += Math.abs(values[at] - value);
      const apart = sum / expected.length / /** @type {number} */ (options.scale);
      rows.push({ case: title, name, median: median(times[i]), least: Math.min(...times[i]), apart });
    }
  }
  return rows;
}

/**
 * In a page: RGBA bytes out of I420 video frames, as cameras give them, through a canvas and by the browser's copy.
 * @param {number} width @param {number} height @param {number} rounds
 */
export async function readFrames(width, height, rounds) {
  const reader = createPixelReader();
  const bytes = Uint8Array.from({ length: (width * height * 3) / 2 }, (_, i) => 60 + ((i * 7) % 120));
  const times = { canvas: /** @type {number[]} */ ([]), copyTo: /** @type {number[]} */ ([]) };
  let apart = 0;
  for (let round = -3; round < rounds; round++) {
    const frame = new VideoFrame(bytes, { format: 'I420', codedWidth: width, codedHeight: height, timestamp: round });
    const start = performance.now();
    const drawn = reader.read(frame);
    const afterDrawing = performance.now();
    const copied = await reader.readAsync(frame);
    if (round >= 0) {
      times.canvas.push(afterDrawing - start);
      times.copyTo.push(performance.now() - afterDrawing);
    }
    for (let i = 0; i < drawn.data.length; i += 997) apart = Math.max(apart, Math.abs(drawn.data[i] - copied.data[i]));
    frame.close();
  }
  return Object.entries(times).map(([name, list]) => ({ name, median: median(list), least: Math.min(...list), apart }));
}
