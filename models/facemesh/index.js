// Faces and their 468 or 478 landmarks in a picture or a video.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { keepBest, overlap } from '../shared/boxes.js';
import { createDetector } from '../shared/detector.js';
import { withModels } from '../shared/engine.js';
import { landmarkBox, toKeypoints } from '../shared/landmarks.js';
import { isCut, partWindows, wholeWindow } from '../shared/windows.js';
import { POINT_NAMES } from './contours.js';
import { readDetector } from './detectors.js';
import { createLandmarker, MIN_PRESENCE } from './landmarks.js';
import { regionOfDetection, regionOfLandmarks } from './region.js';
import { createTracker } from './tracker.js';

export { CONTOURS, contourEdges } from './contours.js';
export { tesselationEdges, tesselationTriangles } from './tesselation.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { Frame, Sampler } from '../../js/image/sampler.js' */
/** @import { Box } from '../shared/boxes.js' */
/** @import { Detection, DetectorSpec } from '../shared/detector.js' */
/** @import { Engine } from '../shared/engine.js' */
/** @import { Keypoint } from '../shared/landmarks.js' */
/** @import { Landmarker } from './landmarks.js' */

/**
 * @typedef {object} Face
 * @property {Box} box  the smallest around the keypoints, in pixels; may reach beyond the image with them.
 * @property {Keypoint[]} keypoints  [468], or [478] of the refined model: x, y in pixels of the image, origin top left; z in the scale of
 *   x, smaller is nearer; name: the contour that it is part of, if any (contours.js).
 * @property {number} score  0…1, the landmark model's probability that this is a face.
 */

/**
 * @typedef {object} EstimateOptions
 * @property {boolean} [flipHorizontal]  as if the image were mirrored: x from the right edge. Names stay the person's.
 * @property {boolean} [staticImageMode]  a photograph rather than a frame of a video: nothing is tracked, smaller and turned faces are
 *   looked for and landmarks refined, at many times the cost.
 * @property {number} [timestamp]  of the frame in milliseconds, for `smooth`; performance.now() if left out.
 *
 * @typedef {object} Facemesh
 * @property {number} points  of a face: 468, or 478 with irises.
 * @property {(image: ImageLike, options?: EstimateOptions) => Promise<Face[]>} estimateFaces
 * @property {() => void} reset  forgets everything about earlier images.
 * @property {() => void} dispose  frees the models, and the runtime if load() made it.
 */

/** @typedef {'read' | 'detect' | 'crop' | 'landmarks'} Stage  read: from the image to bytes; crop and landmarks: of each face. */

/** @typedef {string | URL | File[] | ArrayBuffer | Uint8Array} ModelSource  what runtime.load takes. */

/**
 * @param {object} options
 * @param {ModelSource} options.detectorUrl  BlazeFace (short range, back camera or full range): model.json or .tflite.
 * @param {ModelSource} options.landmarksUrl  Facemesh, 468 points or refined: model.json or .tflite.
 * @param {Engine} [options.runtime]  a Runtime, or anything that loads models like one; its own if left out.
 * @param {number} [options.maxFaces]  all if left out. With a number, the detector looks for further faces in every frame in which fewer
 *   are tracked; without, when no face is tracked, one was lost, and in every tenth frame.
 * @param {boolean} [options.smooth]  smooths the landmarks of tracked faces over time (one-euro filter).
 * @param {(stage: Stage, milliseconds: number) => void} [options.onStage]  told what each part of an estimate took.
 * @returns {Promise<Facemesh>}
 * @throws {XnnError} 'misuse' if maxFaces is no positive integer; 'unsupported' if a model is not the one it should be;
 *   what runtime.load throws.
 */
export async function load({ detectorUrl, landmarksUrl, runtime, maxFaces = Infinity, smooth = false, onStage }) {
  if (!(maxFaces === Infinity || (Number.isInteger(maxFaces) && maxFaces > 0))) {
    throw new XnnError('misuse', `facemesh: maxFaces must be a positive integer, got ${maxFaces}`);
  }
  /** @param {Stage} stage @param {number} start */
  const done = (stage, start) => onStage?.(stage, performance.now() - start);
  return withModels(runtime, async (loadModel, release) => {
    const loadAny = (/** @type {ModelSource} */ source) => loadModel(/** @type {string} */ (source)); // runtime.load takes them all
    const { model, spec } = readDetector(await loadAny(detectorUrl), nameOf(detectorUrl, 'detectorUrl'));
    const landmarker = await createLandmarker(await loadAny(landmarksUrl), nameOf(landmarksUrl, 'landmarksUrl'), done);
    const detect = createDetector(model, spec);
    return createFacemesh({
      sampler: await createSampler(),
      async detect(frame, window) {
        const start = performance.now();
        const found = await detect(frame, window);
        done('detect', start);
        return found;
      },
      spec,
      landmarker,
      maxFaces,
      smooth,
      done,
      release,
    });
  });
}

/** @param {ModelSource} source @param {string} option */
const nameOf = (source, option) => (typeof source === 'string' || source instanceof URL ? String(source) : option);

/**
 * @param {object} parts
 * @param {Sampler} parts.sampler
 * @param {ReturnType<typeof createDetector>} parts.detect
 * @param {DetectorSpec} parts.spec
 * @param {Landmarker} parts.landmarker
 * @param {number} parts.maxFaces
 * @param {boolean} parts.smooth
 * @param {(stage: Stage, start: number) => void} parts.done
 * @param {() => void} parts.release
 * @returns {Facemesh}
 */
function createFacemesh({ sampler, detect, spec, landmarker, maxFaces, smooth, done, release }) {
  const { points } = landmarker;
  const output = new Float64Array(points * 3);
  let disposed = false;
  /** Another of the quarter turns in each frame in which no face stands upright. */
  let turns = 0;
  /** One image at a time: the sampler has one open. @type {Promise<unknown>} */
  let turn = Promise.resolve();

  const tracker = createTracker({
    async detect(frame) {
      const upright = await detect(frame, wholeWindow(frame));
      if (upright.length > 0) return upright;
      turns = (turns % 3) + 1;
      return detect(frame, { ...wholeWindow(frame), turns });
    },
    landmarker,
    maxFaces,
    smooth,
  });

  /**
   * All that can be found: the image turned by quarters, and parts of it, so that they show what 512 pixels across do.
   * @param {Frame} frame
   * @returns {Promise<Detection[]>}  best first; a face may be there once for each turn in which the detector takes it for one.
   */
  async function detectAll(frame) {
    const whole = wholeWindow(frame);
    const upright = await detect(frame, whole);
    for (let share = 1 / 2; share >= spec.inputSize / 512; share /= 2) {
      for (const window of partWindows(frame, share, spec.inputSize)) {
        for (const detection of await detect(frame, window)) {
          if (!isCut(detection.box, window, frame)) upright.push(detection);
        }
      }
    }
    const found = keepBest(upright, spec.maxOverlap);
    for (const quarters of [1, 2, 3]) found.push(...(await detect(frame, { ...whole, turns: quarters })));
    return found.sort((a, b) => b.score - a.score);
  }

  /**
   * Looks where the detector saw a face, and again where the landmarks say that it is.
   * @param {Frame} frame
   * @param {Detection} detection
   * @returns {Promise<Face | undefined>}
   */
  async function locate(frame, detection) {
    const landmarks = new Float64Array(points * 3);
    let score = await landmarker.find(frame, regionOfDetection(detection), landmarks);
    if (score < MIN_PRESENCE) return undefined;
    const again = await landmarker.find(frame, regionOfLandmarks(landmarks), output);
    if (again >= MIN_PRESENCE) {
      score = again;
      landmarks.set(output);
    }
    return toFace(landmarks, score);
  }

  /**
   * @param {Frame} frame
   * @returns {Promise<Face[]>}
   */
  async function findAll(frame) {
    /** @type {Face[]} */
    const faces = [];
    let rest = await detectAll(frame);
    while (rest.length > 0 && faces.length < maxFaces) {
      // The detector also takes faces for faces that lie on their side; the landmark model is surer of those that stand upright.
      const [{ box }] = rest;
      const same = rest.filter((other) => overlap(box, other.box) > spec.maxOverlap);
      rest = rest.filter((other) => !same.includes(other));
      /** @type {Face | undefined} */
      let best;
      for (const detection of same) {
        const face = await locate(frame, detection);
        if (face !== undefined && face.score > (best?.score ?? 0)) best = face;
      }
      // Two detections that overlap little can still lead to the same face.
      if (best !== undefined && faces.every((face) => overlap(face.box, /** @type {Face} */ (best).box) <= spec.maxOverlap))
        faces.push(best);
    }
    return faces;
  }

  return {
    points,

    /**
     * @param {ImageLike} image
     * @param {EstimateOptions} [options]
     * @returns {Promise<Face[]>}  empty if none; of a photograph the detector's surest first, of a video those of earlier frames first.
     * @throws {XnnError} 'bad-shape' if width or height is 0 or the bytes do not fill the image; 'misuse' after
     *   dispose().
     */
    estimateFaces(image, { flipHorizontal = false, staticImageMode = false, timestamp = performance.now() } = {}) {
      const estimate = async () => {
        if (disposed) throw new XnnError('misuse', 'facemesh: estimateFaces after dispose');
        const start = performance.now();
        const frame = sampler.open(image);
        done('read', start);
        const mirror = flipHorizontal ? (/** @type {Face} */ face) => mirrored(face, frame.width) : (/** @type {Face} */ face) => face;
        if (staticImageMode) return (await findAll(frame)).map(mirror);
        return (await tracker.next(frame)).map(({ landmarks, region, presence, filter }) => {
          if (filter === undefined) return mirror(toFace(landmarks, presence));
          output.set(landmarks);
          return mirror(toFace(filter.apply(output, timestamp / 1000, region.width), presence));
        });
      };
      const mine = turn.then(estimate);
      turn = mine.catch(() => {});
      return mine;
    },

    reset() {
      tracker.reset();
    },

    dispose() {
      disposed = true;
      sampler.dispose();
      release();
    },
  };
}

/**
 * @param {Float64Array} landmarks  [points, 3].
 * @param {number} score
 * @returns {Face}
 */
const toFace = (landmarks, score) => ({ box: landmarkBox(landmarks), keypoints: toKeypoints(landmarks, POINT_NAMES), score });

/**
 * @param {Face} face
 * @param {number} width  of the image.
 * @returns {Face}
 */
const mirrored = ({ box, keypoints, score }, width) => ({
  box: { ...box, xMin: width - box.xMin - box.width },
  keypoints: keypoints.map((point) => ({ ...point, x: width - point.x })),
  score,
});
