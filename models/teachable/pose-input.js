// A picture → what PoseNet sees in Teachable Machine, and PoseNet's outputs → what the trained head sees.

import { XnnError } from '../../js/index.js';

/** @import { Frame } from '../../js/image/sampler.js' */

/** @typedef {{ top: number, bottom: number, left: number, right: number }} Padding  in pixels of the picture. */

/** Channels of PoseNet's outputs: 17 keypoints, their offsets in y and x, the 16 edges of the skeleton in both directions. */
const KEYPOINTS = 17;
const EDGE_VALUES = 32;

/**
 * The client pads the picture with black to a square and resizes it as TensorFlow's resize_bilinear without half-pixel centres does:
 * row i of the tensor lies at row i · height / size of the square (padAndResizeTo in util.js of @tensorflow-models/posenet).
 * @param {number} size  of the tensor.
 * @returns {(frame: Frame) => { tensor: Float32Array, width: number, height: number, padding: Padding }}  [size, size, 3], a byte b
 *   as b / 127.5 − 1; the same array each time.
 */
export function createPoseInput(size) {
  const tensor = new Float32Array(size * size * 3);
  const scale = { scale: 1 / 127.5, offset: -1 };
  return (frame) => {
    const { width, height } = frame;
    const across = width < height ? Math.round((height - width) / 2) : 0;
    const down = width < height ? 0 : Math.round((width - height) / 2);
    const [paddedWidth, paddedHeight] = [width + 2 * across, height + 2 * down];
    // From the corners of pixels, which crops count from, to that grid: half a pixel of the picture less half a step.
    const [stepX, stepY] = [paddedWidth / size, paddedHeight / size];
    const region = {
      xCenter: paddedWidth / 2 - across + (1 - stepX) / 2,
      yCenter: paddedHeight / 2 - down + (1 - stepY) / 2,
      width: paddedWidth,
      height: paddedHeight,
    };
    const border = across === 0 && down === 0 ? 'replicate' : 'zero';
    frame.crop({ region, width: size, height: size, ...scale, border, into: tensor });
    // Enlarged, the last rows or columns lie beyond the last pixel: TensorFlow repeats it, where the border is black.
    if (border === 'zero' && across === 0) repeatLast(tensor, size, stepX, width, false);
    if (border === 'zero' && down === 0) repeatLast(tensor, size, stepY, height, true);
    return { tensor, width, height, padding: { top: down, bottom: down, left: across, right: across } };
  };
}

/**
 * Corrects positions i of an axis with i · step > last: between the last pixel p and black there is p · (1 − t) at i, and p is wanted.
 * @param {Float32Array} tensor  [size, size, 3], −1 is black. @param {number} size @param {number} step @param {number} count  pixels of
 *   the picture.
 * @param {boolean} rows
 */
function repeatLast(tensor, size, step, count, rows) {
  for (let i = size - 1; i * step > count - 1; i--) {
    const beyond = i * step - (count - 1);
    for (let j = 0; j < size; j++) {
      const at = 3 * (rows ? i * size + j : j * size + i);
      for (let c = 0; c < 3; c++) tensor[at + c] = (tensor[at + c] + 1) / (1 - beyond) - 1;
    }
  }
}

/**
 * Which of PoseNet's outputs is which, by their channels; the two of the edges by their names.
 * @param {readonly { name: string, shape: readonly number[] }[]} outputs
 * @returns {{ heatmap: string, offset: string, forward: string | undefined, backward: string | undefined }}
 * @throws {XnnError} 'unsupported' if it is not PoseNet.
 */
export function findPoseOutputs(outputs) {
  const channels = (/** @type {number} */ n) => outputs.filter(({ shape }) => shape.length === 4 && shape[3] === n).map(({ name }) => name);
  const [heatmap] = channels(KEYPOINTS);
  const [offset] = channels(2 * KEYPOINTS);
  const edges = channels(EDGE_VALUES);
  if (heatmap === undefined || offset === undefined) {
    const found = outputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
    throw new XnnError(
      'unsupported',
      `teachable: PoseNet has outputs of ${KEYPOINTS} and ${2 * KEYPOINTS} channels, this model has ${found}`,
    );
  }
  const named = (/** @type {RegExp} */ pattern) => edges.find((name) => pattern.test(name));
  return { heatmap, offset, forward: named(/fwd|forward/i), backward: named(/bwd|backward/i) };
}

/**
 * What Teachable Machine's pose models are trained on: at each place the probabilities of the keypoints, then their offsets.
 * @param {ArrayLike<number>} heatmap  logits [places, 17]. @param {ArrayLike<number>} offset  [places, 34].
 * @returns {Float32Array}  [places, 51]
 */
export function poseFeatures(heatmap, offset) {
  const places = heatmap.length / KEYPOINTS;
  const width = 3 * KEYPOINTS;
  const features = new Float32Array(places * width);
  for (let place = 0; place < places; place++) {
    const at = place * width;
    for (let k = 0; k < KEYPOINTS; k++) features[at + k] = 1 / (1 + Math.exp(-heatmap[place * KEYPOINTS + k]));
    for (let k = 0; k < 2 * KEYPOINTS; k++) features[at + KEYPOINTS + k] = offset[place * 2 * KEYPOINTS + k];
  }
  return features;
}
