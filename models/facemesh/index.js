// Faces and their 468 landmarks in a picture.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { boundingBox, keepBest, overlap } from '../shared/boxes.js';
import { createDetector } from '../shared/detector.js';
import { withModels } from '../shared/engine.js';
import { BLAZEFACE } from './blazeface.js';
import { createLandmarker, FACEMESH } from './landmarks.js';
import { regionOfDetection, regionOfLandmarks } from './region.js';
import { halfWindows, isCut, wholeWindow } from './windows.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { Box } from '../shared/boxes.js' */
/** @import { Detection } from '../shared/detector.js' */
/** @import { Engine, Ports } from '../shared/engine.js' */
/** @import { Keypoint } from './landmarks.js' */

/**
 * @typedef {object} Face
 * @property {Box} box  the smallest around the keypoints, in pixels; may reach beyond the image with them.
 * @property {Keypoint[]} keypoints  [468]: x, y in pixels of the image, origin top left; z in the scale of x, smaller is
 *   nearer.
 * @property {number} score  0…1, the landmark model's probability that this is a face.
 */

/**
 * @typedef {object} Facemesh
 * @property {(image: ImageLike, options?: { flipHorizontal?: boolean, staticImageMode?: boolean }) => Promise<Face[]>}
 *   estimateFaces
 * @property {() => void} reset  forgets everything about earlier images.
 * @property {() => void} dispose  frees the models, and the runtime if load() made it.
 */

/**
 * @param {object} options
 * @param {string | URL} options.detectorUrl  model.json of BlazeFace 256×256.
 * @param {string | URL} options.landmarksUrl  model.json of Facemesh 192×192.
 * @param {Engine} [options.runtime]  a Runtime, or anything that loads models like one; its own if left out.
 * @param {number} [options.maxFaces]  the detector's surest ones; all if left out.
 * @returns {Promise<Facemesh>}
 * @throws {XnnError} 'misuse' if maxFaces is no positive integer; 'unsupported' if a model is not the one it should be;
 *   what runtime.load throws.
 */
export async function load({ detectorUrl, landmarksUrl, runtime, maxFaces = Infinity }) {
  if (!(maxFaces === Infinity || (Number.isInteger(maxFaces) && maxFaces > 0))) {
    throw new XnnError('misuse', `facemesh: maxFaces must be a positive integer, got ${maxFaces}`);
  }
  return withModels(runtime, async (loadModel, release) => {
    const detectorModel = await loadModel(detectorUrl);
    checkModel(detectorModel, {
      url: detectorUrl,
      inputSize: BLAZEFACE.inputSize,
      outputs: BLAZEFACE.outputs.flatMap(({ scores, boxes }) => [scores, boxes]),
    });
    const landmarksModel = await loadModel(landmarksUrl);
    checkModel(landmarksModel, {
      url: landmarksUrl,
      inputSize: FACEMESH.inputSize,
      outputs: [FACEMESH.mesh, FACEMESH.presence],
    });
    return createFacemesh({
      sampler: await createSampler(),
      detect: createDetector(detectorModel, BLAZEFACE),
      findLandmarks: createLandmarker(landmarksModel),
      maxFaces,
      release,
    });
  });
}

/**
 * @param {Ports} model
 * @param {{ url: string | URL, inputSize: number, outputs: string[] }} expected
 */
function checkModel(model, { url, inputSize, outputs }) {
  const [input] = model.inputs;
  const names = model.outputs.map(({ name }) => name);
  const missing = outputs.filter((name) => !names.includes(name));
  const fits = model.inputs.length === 1 && String(input.shape.slice(1)) === `${inputSize},${inputSize},3`;
  if (fits && missing.length === 0) return;
  const has = model.inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  throw new XnnError(
    'unsupported',
    `facemesh: ${url} should have one input [1, ${inputSize}, ${inputSize}, 3] and outputs ` +
      `${outputs.join(', ')}; it has ${has} and ${names.join(', ')}`,
  );
}

/**
 * @param {object} parts
 * @param {import('../../js/image/sampler.js').Sampler} parts.sampler
 * @param {ReturnType<typeof createDetector>} parts.detect
 * @param {ReturnType<typeof createLandmarker>} parts.findLandmarks
 * @param {number} parts.maxFaces
 * @param {() => void} parts.release
 * @returns {Facemesh}
 */
function createFacemesh({ sampler, detect, findLandmarks, maxFaces, release }) {
  let disposed = false;

  /**
   * @param {Frame} image
   * @param {boolean} thorough
   * @returns {Promise<Detection[]>}  best first.
   */
  async function detectAll(image, thorough) {
    const found = await detect(image, wholeWindow(image));
    if (!thorough) return found;
    for (const window of halfWindows(image, BLAZEFACE.inputSize)) {
      for (const detection of await detect(image, window)) {
        if (!isCut(detection.box, window, image)) found.push(detection);
      }
    }
    return keepBest(found, BLAZEFACE.maxOverlap);
  }

  /**
   * @param {Frame} image
   * @param {Detection} detection
   * @param {boolean} thorough
   * @returns {Promise<Face | undefined>}  nothing if the landmark model sees no face there.
   */
  async function locate(image, detection, thorough) {
    let { keypoints, presence } = await findLandmarks(image, regionOfDetection(detection));
    if (presence < FACEMESH.minPresence) return undefined;
    if (thorough) {
      const again = await findLandmarks(image, regionOfLandmarks(keypoints));
      if (again.presence >= FACEMESH.minPresence) ({ keypoints, presence } = again);
    }
    return { box: boundingBox(keypoints), keypoints, score: presence };
  }

  return {
    /**
     * @param {ImageLike} image
     * @param {{ flipHorizontal?: boolean, staticImageMode?: boolean }} [options]  flipHorizontal: as if the image were
     *   mirrored. staticImageMode: a photograph rather than a frame: smaller faces are looked for and landmarks refined,
     *   at several times the cost.
     * @returns {Promise<Face[]>}  the detector's surest first, empty if none.
     * @throws {XnnError} 'bad-shape' if width or height is 0 or the bytes do not fill the image; 'misuse' after
     *   dispose().
     */
    async estimateFaces(image, { flipHorizontal = false, staticImageMode = false } = {}) {
      if (disposed) throw new XnnError('misuse', 'facemesh: estimateFaces after dispose');
      const frame = sampler.open(image);
      /** @type {Face[]} */
      const faces = [];
      for (const detection of await detectAll(frame, staticImageMode)) {
        if (faces.length === maxFaces) break;
        const face = await locate(frame, detection, staticImageMode);
        // Two detections that overlap little can still lead to the same face.
        if (face && faces.every(({ box }) => overlap(box, face.box) <= BLAZEFACE.maxOverlap)) faces.push(face);
      }
      return flipHorizontal ? faces.map((face) => mirror(face, frame.width)) : faces;
    },

    // Nothing is remembered between images yet.
    reset() {},

    dispose() {
      disposed = true;
      sampler.dispose();
      release();
    },
  };
}

/**
 * @param {Face} face
 * @param {number} width  of the image.
 * @returns {Face}
 */
const mirror = ({ box, keypoints, score }, width) => ({
  box: { ...box, xMin: width - box.xMin - box.width },
  keypoints: keypoints.map(({ x, y, z }) => ({ x: width - x, y, z })),
  score,
});
