// The image kernel (kernels/standalone/image.h): a picture's bytes in the module's memory, and tensors sampled from them.
import { standalone } from '../standalone.js';

/** @import { RgbaImage } from './crop.js' */

const open = standalone(new URL('../../dist/xnnjs-image.wasm', import.meta.url), 1);

const BORDERS = { replicate: 0, color: 1, reflect: 2 };
const FILTERS = { bilinear: 0, area: 1 };
const TYPES = { float32: 0, uint8: 1, int32: 2 };
const ARRAYS = { float32: Float32Array, uint8: Uint8Array, int32: Int32Array };

/**
 * What is sampled: a region of a picture into a tensor [rows, columns, channels]. Checked by who makes it.
 * @typedef {object} Sampling
 * @property {import('./crop.js').Region} region
 * @property {number} columns
 * @property {number} rows
 * @property {boolean} flip  mirrored from left to right.
 * @property {keyof typeof FILTERS} filter
 * @property {keyof typeof BORDERS} border
 * @property {readonly number[]} color  R, G, B of border 'color', 0 … 255.
 * @property {keyof typeof TYPES} dtype
 * @property {1 | 3} channels  1 is grey.
 * @property {boolean} bgr  the order of three.
 * @property {readonly number[]} grey  weights of R, G, B.
 * @property {readonly number[]} scale  [3]: value = byte · scale + offset, for each channel of the tensor in its order.
 * @property {readonly number[]} offset
 *
 * @typedef {object} Kernel
 * @property {(picture: RgbaImage) => void} put  copies the picture's bytes; the one before is gone. Throws an XnnError 'out-of-memory'.
 * @property {(sampling: Sampling) => Float32Array | Uint8Array | Int32Array} sample  of the picture put last; in the module's memory,
 *   good until the next call. Throws an XnnError 'out-of-memory'.
 * @property {() => number} bytes  of the module's memory, which does not shrink.
 */

/** How many doubles xj_sampling has; they stand at the start of the memory. */
const FIELDS = 25;
const align = (/** @type {number} */ address) => Math.ceil(address / 16) * 16;

/** @returns {Promise<Kernel>} */
export async function createKernel() {
  const { call, base, reserve } = await open();
  const pictureAt = align(base + FIELDS * 8);
  let [width, height, stride, pictureEnd] = [0, 0, 0, pictureAt];
  return {
    put(picture) {
      const rowBytes = picture.stride ?? picture.width * 4;
      const used = rowBytes * (picture.height - 1) + picture.width * 4;
      const memory = reserve(pictureAt + used);
      new Uint8Array(memory, pictureAt, used).set(picture.data.length === used ? picture.data : picture.data.subarray(0, used));
      ({ width, height } = picture);
      stride = rowBytes;
      pictureEnd = align(pictureAt + used);
    },
    sample(sampling) {
      const { region, columns, rows, dtype, channels } = sampling;
      const fields = [
        ...[region.xCenter, region.yCenter, region.width, region.height, region.rotation ?? 0],
        ...[Number(sampling.flip), columns, rows, FILTERS[sampling.filter], BORDERS[sampling.border], ...sampling.color],
        ...[TYPES[dtype], channels, Number(sampling.bgr), ...sampling.grey, ...sampling.scale, ...sampling.offset],
      ];
      new Float64Array(reserve(pictureEnd), base, FIELDS).set(fields);
      const workBytes = call.sample_bytes(base, width) >>> 0;
      const tensorAt = align(pictureEnd + workBytes);
      const count = rows * columns * channels;
      const Values = ARRAYS[dtype];
      const memory = reserve(tensorAt + count * Values.BYTES_PER_ELEMENT + 16); // the kernel writes whole vectors
      call.sample(pictureAt, width, height, stride, base, pictureEnd, tensorAt);
      return new Values(memory, tensorAt, count);
    },
    bytes: () => reserve(0).byteLength,
  };
}
