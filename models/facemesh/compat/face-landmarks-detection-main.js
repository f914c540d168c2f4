// The calls of @tensorflow-models/face-landmarks-detection 1.0 on xnnjs. What differs is in README.md.

import { createPixelReader } from '../../../js/image/pixels.js';
import { XnnError } from '../../../js/index.js';
import { CONTOURS, load, tesselationEdges } from '../main.js';

/** @import { ImageLike } from '../../../js/image/pixels.js' */
/** @import { RgbaImage } from '../../../js/image/crop.js' */
/** @import { Box } from '../../shared/boxes.js' */
/** @import { Keypoint } from '../../shared/landmarks.js' */

export const SupportedModels = Object.freeze({ MediaPipeFaceMesh: 'MediaPipeFaceMesh' });

/**
 * @typedef {object} ModelConfig
 * @property {string | URL} [detectorModelUrl]  needed: nothing is downloaded unless it is named. So is landmarkModelUrl.
 * @property {string | URL} [landmarkModelUrl]
 * @property {boolean} [refineLandmarks]  checked against the model, if given: 478 points or 468.
 * @property {number} [maxFaces]  1 if left out.
 * @property {import('../../shared/engine.js').Engine} [engine]  an xnnjs Runtime; its own if left out.
 * @property {string} [runtime]  'tfjs' or 'mediapipe': both run on xnnjs.
 * @property {string} [solutionPath]  not used.
 *
 * @typedef {object} Face
 * @property {Keypoint[]} keypoints  [468] or [478].
 * @property {Box & { xMax: number, yMax: number }} box
 */

/**
 * @param {string} model  SupportedModels.MediaPipeFaceMesh.
 * @param {ModelConfig} [config]
 * @returns {Promise<{
 *   estimateFaces: (image: ImageLike | null, config?: { flipHorizontal?: boolean, staticImageMode?: boolean }) => Promise<Face[]>,
 *   reset: () => void, dispose: () => void }>}
 * @throws {XnnError} 'misuse' for another model or without URLs; 'unsupported' if refineLandmarks is not what the model has.
 */
export async function createDetector(model, { detectorModelUrl, landmarkModelUrl, refineLandmarks, maxFaces = 1, engine } = {}) {
  checkModel(model);
  if (detectorModelUrl === undefined || landmarkModelUrl === undefined) {
    const missing = detectorModelUrl === undefined ? 'detectorModelUrl' : 'landmarkModelUrl';
    throw new XnnError(
      'misuse',
      `face-landmarks-detection: ${missing} is needed: models are not part of xnnjs and are not downloaded unasked`,
    );
  }
  const facemesh = await load({
    detectorUrl: detectorModelUrl,
    landmarksUrl: landmarkModelUrl,
    maxFaces,
    ...(engine && { runtime: engine }),
  });
  if (refineLandmarks !== undefined && refineLandmarks !== (facemesh.points === 478)) {
    facemesh.dispose();
    const wanted = refineLandmarks ? 478 : 468;
    throw new XnnError('unsupported', `face-landmarks-detection: refineLandmarks wants ${wanted} points, the model has ${facemesh.points}`);
  }
  const reader = createPixelReader();
  return {
    async estimateFaces(image, { flipHorizontal = false, staticImageMode = false } = {}) {
      if (image === null || image === undefined) {
        facemesh.reset();
        return [];
      }
      const faces = await facemesh.estimateFaces(flipHorizontal ? mirror(await reader.readAsync(image)) : image, { staticImageMode });
      return faces.map(({ box, keypoints }) => ({
        box: { ...box, xMax: box.xMin + box.width, yMax: box.yMin + box.height },
        keypoints,
      }));
    },
    reset: facemesh.reset,
    dispose: facemesh.dispose,
  };
}

/**
 * The image is mirrored before anything is found in it, as that package does it: what is on the left of a mirror is called right.
 * @param {RgbaImage} image
 * @returns {RgbaImage}
 */
function mirror({ width, height, data, stride = width * 4 }) {
  const mirrored = new Uint8ClampedArray(width * height * 4); // aligned to four bytes
  const pixels = new Uint32Array(mirrored.buffer);
  for (let row = 0; row < height; row++) {
    mirrored.set(data.subarray(row * stride, row * stride + width * 4), row * width * 4);
    pixels.subarray(row * width, (row + 1) * width).reverse();
  }
  return { width, height, data: mirrored };
}

/** @param {string} model */
function checkModel(model) {
  if (model === SupportedModels.MediaPipeFaceMesh) return;
  throw new XnnError('misuse', `face-landmarks-detection: the model is '${SupportedModels.MediaPipeFaceMesh}', got '${String(model)}'`);
}

export const util = Object.freeze({
  /**
   * @param {string} model
   * @returns {Record<string, number[]>}  the points of each contour, path after path, each once.
   */
  getKeypointIndexByContour(model) {
    checkModel(model);
    return Object.fromEntries(Object.entries(CONTOURS).map(([name, paths]) => [name, [...new Set(paths.flat())]]));
  },

  /**
   * @param {string} model
   * @returns {[number, number][]}  the edges of the mesh, each once.
   */
  getAdjacentPairs(model) {
    checkModel(model);
    return tesselationEdges();
  },
});
