// Pictures and samplings for the tests, the same in Node and in a page.
import { seeded } from '../support/random.js';

/** @import { RgbaImage } from '../../js/image/crop.js' */
/** @import { Kernel, Sampling } from '../../js/image/kernel.js' */

/**
 * Random bytes, with a stride of its own.
 * @param {() => number} random @param {number} [width] @param {number} [height] @param {number} [gap]  Bytes between rows.
 * @returns {RgbaImage}
 */
export function noise(
  random,
  width = 1 + Math.floor(random() ** 2 * 70),
  height = 1 + Math.floor(random() ** 2 * 40),
  gap = Math.floor(random() * 3) * 3,
) {
  const stride = width * 4 + gap;
  return { width, height, stride, data: Uint8Array.from({ length: stride * height - gap }, () => random() * 256) };
}

/** @param {Partial<Sampling> & Pick<Sampling, 'region'>} options @returns {Sampling} */
export const sampling = (options) => ({
  ...{ columns: 4, rows: 3, flip: false, filter: 'bilinear', border: 'replicate', color: [0, 0, 0], dtype: 'float32', channels: 3 },
  ...{ bgr: false, grey: [0.299, 0.587, 0.114], scale: [1, 1, 1], offset: [0, 0, 0] },
  ...options,
});

/**
 * @param {RgbaImage} image @param {() => number} random
 * @param {Pick<Sampling, 'filter' | 'border'> & { turned: boolean }} options
 * @returns {Sampling}  in float32.
 */
export function randomSampling({ width, height }, random, { filter, border, turned }) {
  const whole = random() < 0.2; // pixels on pixels, as a letterbox often is
  const spread = random() < 0.2 ? 12 : 1.5;
  const sizes = { width: width * (0.02 + random() * spread), height: height * (0.02 + random() * spread) };
  const center = { xCenter: width * (0.5 + (random() - 0.5) * spread), yCenter: height * (0.5 + (random() - 0.5) * spread) };
  const region = whole ? { xCenter: width / 2, yCenter: height / 2, width, height } : { ...center, ...sizes };
  const three = (/** @type {() => number} */ make) => [make(), make(), make()];
  return sampling({
    region: { ...region, rotation: turned ? (random() - 0.5) * 20 : random() < 0.2 ? Math.PI : 0 },
    columns: 1 + Math.floor(random() * (random() < 0.2 ? 40 : 10)),
    rows: 1 + Math.floor(random() * 9),
    ...{ flip: random() < 0.3, filter, border, color: three(() => Math.floor(random() * 256)) },
    ...{ channels: random() < 0.3 ? 1 : 3, bgr: random() < 0.3, grey: three(random) },
    ...{ scale: three(() => random() - 0.5), offset: three(() => random() * 4 - 2) },
  });
}

/** Of the bytes of 36 tensors of all kinds. @param {Kernel} kernel @returns {Promise<string[]>} */
export async function hashes(kernel) {
  const random = seeded(77);
  const list = [];
  for (const dtype of /** @type {const} */ (['float32', 'uint8', 'int32']))
    for (const filter of /** @type {const} */ (['bilinear', 'area']))
      for (const border of /** @type {const} */ (['replicate', 'color', 'reflect']))
        for (const turned of [false, true]) {
          const image = noise(random, 160, 120, 8);
          const options = randomSampling(image, random, { filter, border, turned });
          Object.assign(options, { dtype, columns: 37, rows: 29, scale: [1 / 1.3, 0.9, 0.8], region: { ...options.region, width: 150 } });
          kernel.put(image);
          const values = kernel.sample(options).slice();
          const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', values));
          list.push([...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
        }
  return list;
}
