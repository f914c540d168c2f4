// The landmark model: 468 points in a rotated region of the image.

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { ImageModel } from '../shared/engine.js' */

/** @typedef {{ x: number, y: number, z: number }} Keypoint  x, y in pixels of the image, z in the scale of x. */

// Numbers: MediaPipe face_landmark_cpu.pbtxt (input 192 in [0, 1], border replicated, points in pixels of the input,
// presence at least 0.5); names: the signature of @vladmandic/human's conversion (output_mesh, output_faceflag, which is
// already a probability).
export const FACEMESH = {
  inputSize: 192,
  points: 468,
  mesh: 'Identity_2',
  presence: 'Identity_1',
  minPresence: 0.5,
};

/**
 * @param {Frame} image
 * @param {Region} region
 * @returns {Float32Array}  [192, 192, 3] in [0, 1].
 */
export function landmarksInput(image, region) {
  const { inputSize } = FACEMESH;
  return image.crop({ region, width: inputSize, height: inputSize, scale: 1 / 255 });
}

/**
 * @param {ImageModel} model
 */
export function createLandmarker(model) {
  const { mesh, presence } = FACEMESH;

  /**
   * @param {Frame} image
   * @param {Region} region
   * @returns {Promise<{ keypoints: Keypoint[], presence: number }>}  presence: probability that the region shows a face.
   */
  return async function findLandmarks(image, region) {
    const outputs = await model.run({ [model.inputs[0].name]: landmarksInput(image, region) });
    return {
      keypoints: projectLandmarks(/** @type {ArrayLike<number>} */ (outputs[mesh].data), region),
      presence: /** @type {ArrayLike<number>} */ (outputs[presence].data)[0],
    };
  };
}

/**
 * Points of the crop back onto the image.
 * @param {ArrayLike<number>} mesh  [468, 3] in pixels of the model's input.
 * @param {Region} region
 * @returns {Keypoint[]}
 */
export function projectLandmarks(mesh, { xCenter, yCenter, width, height, rotation = 0 }) {
  const { inputSize, points } = FACEMESH;
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  return Array.from({ length: points }, (_, i) => {
    const right = (mesh[3 * i] / inputSize - 0.5) * width;
    const down = (mesh[3 * i + 1] / inputSize - 0.5) * height;
    return {
      x: xCenter + right * cos - down * sin,
      y: yCenter + right * sin + down * cos,
      z: (mesh[3 * i + 2] / inputSize) * width,
    };
  });
}
