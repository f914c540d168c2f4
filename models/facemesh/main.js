// Faces and their 468 or 478 landmarks in a picture or a video.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { overlap } from '../shared/boxes.js';
import { createDetector } from '../shared/detector.js';
import { withModels } from '../shared/engine.js';
import { landmarkBox, toKeypoints } from '../shared/landmarks.js';
import { isCut, partWindows, wholeWindow } from '../shared/windows.js';
import { POINT_NAMES } from './contours.js';
import { readDetector } from './detectors.js';
import { createLandmarker, MIN_PRESENCE } from './landmarks.js';
import { isOtherWayUp, isSurer, regionOfDetection, regionOfLandmarks } from './region.js';
import { withShapes } from './shapes.js';
import { createFaceTracker } from './tracker.js';

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

/** How often a face is looked at in a photograph that only a quarter turn shows, up to half a quarter askew. Ours; two otherwise. */
const TURNED_LOOKS = 4;

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
    const loadAny = async (/** @type {ModelSource} */ source) => withShapes(await loadModel(source));
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
  /** One image at a time: the sampler has one open. @type {Promise<unknown>} */
  let turn = Promise.resolve();

  /**
   * The whole image in the three other quarter turns.
   * @param {Frame} frame
   * @returns {Promise<Detection[]>}  best first; a face may be there once for each turn in which the detector takes it for one.
   */
  async function detectTurned(frame) {
    const found = [];
    for (const turns of [1, 2, 3]) found.push(...(await detect(frame, { ...wholeWindow(frame), turns })));
    return found.sort((a, b) => b.score - a.score);
  }

  const tracker = createFaceTracker({
    detect: (frame) => detect(frame, wholeWindow(frame)),
    detectTurned,
    landmarker,
    maxFaces,
    smooth,
  });

  /**
   * What the image and its parts show, so that they show what 512 pixels across do.
   * @param {Frame} frame
   * @returns {Promise<Detection[]>}  those of the whole, then of the parts; many are the same faces.
   */
  async function detectAll(frame) {
    const whole = await detect(frame, wholeWindow(frame));
    const parts = [];
    for (let share = 1 / 2; share >= spec.inputSize / 512; share /= 2) {
      for (const window of partWindows(frame, share, spec.inputSize)) {
        for (const detection of await detect(frame, window)) {
          if (!isCut(detection.box, window, frame)) parts.push(detection);
        }
      }
    }
    return [...whole, ...parts.sort((a, b) => b.score - a.score)];
  }

  /**
   * Looks where the detector saw a face, and again where the landmarks say that it is.
   * @param {Frame} frame
   * @param {Detection} detection
   * @param {number} looks
   */
  async function locate(frame, detection, looks) {
    let region = regionOfDetection(detection);
    let presence = 0;
    const landmarks = new Float64Array(points * 3);
    for (let look = 0; look < looks; look++) {
      const again = await landmarker.find(frame, region, output);
      if (again < MIN_PRESENCE) break;
      presence = again;
      landmarks.set(output);
      region = regionOfLandmarks(landmarks);
    }
    return presence < MIN_PRESENCE ? undefined : { landmarks, presence, region };
  }

  /**
   * @param {Frame} frame
   * @returns {Promise<Face[]>}
   */
  async function findAll(frame) {
    /** @type {Face[]} */
    const faces = [];
    const plain = await detectAll(frame);
    const turned = await detectTurned(frame);
    let rest = [...plain, ...turned];
    while (rest.length > 0 && faces.length < maxFaces) {
      const [{ box }] = rest;
      const same = rest.filter((other) => other === rest[0] || overlap(box, other.box) > spec.maxOverlap);
      rest = rest.filter((other) => !same.includes(other));
      /** @type {Awaited<ReturnType<typeof locate>>} */
      let best;
      for (const detection of same) {
        if (best !== undefined && !isOtherWayUp(regionOfDetection(detection), best.region)) continue;
        const found = await locate(frame, detection, turned.includes(detection) ? TURNED_LOOKS : 2);
        if (found !== undefined && (best === undefined || isSurer(found, best))) best = found;
      }
      if (best === undefined) continue;
      const face = toFace(best.landmarks, best.presence);
      // Two detections that overlap little can still lead to the same face.
      if (faces.every((other) => overlap(other.box, face.box) <= spec.maxOverlap)) faces.push(face);
    }
    return faces;
  }

  return {
    points,

    /**
     * @param {ImageLike} image
     * @param {EstimateOptions} [options]
     * @returns {Promise<Face[]>}  empty if none; of a photograph those that the whole shows first, of a video those of earlier frames first.
     * @throws {XnnError} 'bad-shape' if width or height is 0 or the bytes do not fill the image; 'misuse' after
     *   dispose().
     */
    estimateFaces(image, { flipHorizontal = false, staticImageMode = false, timestamp = performance.now() } = {}) {
      const start = performance.now();
      // At once: what is found is what the image shows at the call, whatever is still under way.
      const gone = () => new XnnError('misuse', 'facemesh: estimateFaces after dispose');
      const opening = (disposed ? Promise.reject(gone()) : sampler.openAsync(image)).finally(() => done('read', start));
      opening.catch(() => {}); // estimate() says so, in its turn
      const estimate = async () => {
        const frame = await opening;
        if (disposed) throw gone();
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
