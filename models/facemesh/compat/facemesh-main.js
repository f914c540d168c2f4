// The calls of @tensorflow-models/facemesh 0.0.5, and of face-landmarks-detection 0.0.3, its next version, on xnnjs. What differs is in
// README.md.

import { XnnError } from '../../../js/index.js';
import { boundingBox } from '../../shared/boxes.js';
import { regionAround, rotationOf } from '../../shared/region.js';
import { LEFT_EYE, RIGHT_EYE } from '../attention.js';
import { CONTOURS, load as loadFacemesh } from '../main.js';

/** @import { ImageLike } from '../../../js/image/pixels.js' */
/** @import { Face } from '../main.js' */

/** @typedef {[x: number, y: number, z: number]} Coords */

/**
 * @typedef {object} Prediction
 * @property {'MediaPipePredictionValues'} kind
 * @property {number} faceInViewConfidence  0…1.
 * @property {{ topLeft: [number, number], bottomRight: [number, number] }} boundingBox  the smallest around the points, in pixels.
 * @property {Coords[]} mesh  as a picture of 192×192 shows them in which the face stands upright and the box's long side is 128.
 * @property {Coords[]} scaledMesh  in pixels of the image.
 * @property {Record<string, Coords[]>} annotations  of scaledMesh.
 */

/** @typedef {{ input: ImageLike, returnTensors?: boolean, flipHorizontal?: boolean, predictIrises?: boolean }} EstimateConfig */

const MESH_SIZE = 192;
/** That package's own order: the left iris first, then the right one. */
const IRISES = { leftEyeIris: [468, 469, 470, 471, 472], rightEyeIris: [473, 474, 475, 476, 477] };

/** @param {'left' | 'right'} side @param {number[]} eye  the rings of attention.js. */
function eyeAnnotations(side, eye) {
  const sizes = { Lower0: 9, Upper0: 7, Lower1: 9, Upper1: 7, Lower2: 9, Upper2: 7, browLower: 6, Lower3: 9, browUpper: 8 };
  let from = 0;
  return Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => {
      from += size;
      return [`${side}Eye${name}`, eye.slice(from - size, from)];
    }),
  );
}

const [LOWER_OUTER, UPPER_OUTER, LOWER_INNER, UPPER_INNER] = CONTOURS.lips.map((path) => [...path]);

/** Indices: that package's MESH_ANNOTATIONS. @type {Readonly<Record<string, number[]>>} */
const ANNOTATIONS = {
  silhouette: CONTOURS.faceOval[0].slice(0, -1),
  lipsUpperOuter: UPPER_OUTER,
  lipsLowerOuter: LOWER_OUTER.slice(1),
  lipsUpperInner: UPPER_INNER,
  lipsLowerInner: LOWER_INNER,
  ...eyeAnnotations('right', RIGHT_EYE),
  rightEyeIris: IRISES.rightEyeIris,
  ...eyeAnnotations('left', LEFT_EYE),
  leftEyeIris: IRISES.leftEyeIris,
  midwayBetweenEyes: [168],
  noseTip: [1],
  noseBottom: [2],
  noseRightCorner: [98],
  noseLeftCorner: [327],
  rightCheek: [205],
  leftCheek: [425],
};

/** face-landmarks-detection 0.0.3: load(pkg, config). */
export const SupportedPackages = Object.freeze({ mediapipeFacemesh: 'mediapipe-facemesh' });

/**
 * @typedef {object} Config
 * @property {string | URL} [modelUrl]  needed: nothing is downloaded unless it is named. So is detectorModelUrl.
 * @property {string | URL} [detectorModelUrl]
 * @property {number} [detectionConfidence]  of faceInViewConfidence; faces below are left out. 0.9 if left out.
 * @property {number} [maxFaces]  10 if left out.
 * @property {import('../../shared/engine.js').Engine} [engine]  an xnnjs Runtime; its own if left out.
 * @property {number} [maxContinuousChecks]  these are not used: faces are tracked.
 * @property {number} [iouThreshold]
 * @property {number} [scoreThreshold]
 * @property {boolean} [shouldLoadIrisModel]
 * @property {unknown} [irisModelUrl]
 */

/**
 * @param {string | Config} [first]  SupportedPackages.mediapipeFacemesh with the configuration after it, or the configuration.
 * @param {Config} [second]
 * @throws {XnnError} 'misuse' for another package or without URLs.
 */
export async function load(first = {}, second = {}) {
  if (typeof first === 'string' && first !== SupportedPackages.mediapipeFacemesh) {
    throw new XnnError('misuse', `facemesh: the package is '${SupportedPackages.mediapipeFacemesh}', got '${first}'`);
  }
  const { modelUrl, detectorModelUrl, detectionConfidence = 0.9, maxFaces = 10, engine } = typeof first === 'string' ? second : first;
  if (modelUrl === undefined || detectorModelUrl === undefined) {
    const missing = modelUrl === undefined ? 'modelUrl' : 'detectorModelUrl';
    throw new XnnError('misuse', `facemesh: ${missing} is needed: models are not part of xnnjs and are not downloaded unasked`);
  }
  const facemesh = await loadFacemesh({
    detectorUrl: detectorModelUrl,
    landmarksUrl: modelUrl,
    maxFaces,
    ...(engine && { runtime: engine }),
  });
  return new FaceMesh(facemesh, detectionConfidence);
}

/** Made by load. */
export class FaceMesh {
  #facemesh;
  #confidence;
  kind = /** @type {const} */ ('MediaPipeFaceMesh');

  /** @param {import('../main.js').Facemesh} facemesh @param {number} confidence */
  constructor(facemesh, confidence) {
    this.#facemesh = facemesh;
    this.#confidence = confidence;
  }

  /** @returns {Record<string, number[]>} indices of points. */
  static getAnnotations() {
    return Object.fromEntries(Object.entries(ANNOTATIONS).map(([name, indices]) => [name, [...indices]]));
  }

  /**
   * @param {ImageLike | EstimateConfig} input  the image, or all options with it.
   * @param {boolean} [returnTensors]
   * @param {boolean} [flipHorizontal]
   * @returns {Promise<Prediction[]>}
   * @throws {XnnError} 'unsupported' for returnTensors; 'misuse' for predictIrises with a model that has none.
   */
  async estimateFaces(input, returnTensors = false, flipHorizontal = false) {
    const given = /** @type {EstimateConfig} */ (
      input !== null && typeof input === 'object' && 'input' in input ? input : { input, returnTensors, flipHorizontal }
    );
    const refined = this.#facemesh.points === 478;
    const { predictIrises = refined } = given;
    if (given.returnTensors === true) {
      throw new XnnError('unsupported', 'facemesh: returnTensors: there are no tensors here; values are what comes back');
    }
    if (predictIrises && !refined) throw new XnnError('misuse', 'facemesh: predictIrises wants a model of 478 points, this one has 468');
    const faces = await this.#facemesh.estimateFaces(given.input, { flipHorizontal: given.flipHorizontal === true });
    return faces
      .filter(({ score }) => score >= this.#confidence)
      .map((face) => toPrediction(face, predictIrises, given.flipHorizontal === true));
  }

  /** Forgets earlier images. */
  reset() {
    this.#facemesh.reset();
  }

  dispose() {
    this.#facemesh.dispose();
  }
}

/** @param {Face} face @param {boolean} irises @param {boolean} flipped @returns {Prediction} */
function toPrediction({ box, keypoints, score }, irises, flipped) {
  const points = irises ? [...keypoints.slice(0, 468), ...keypoints.slice(473), ...keypoints.slice(468, 473)] : keypoints.slice(0, 468);
  const scaledMesh = points.map(({ x, y, z }) => /** @type {Coords} */ ([x, y, z]));
  const annotations = Object.entries(ANNOTATIONS).filter(([name]) => irises || !(name in IRISES));
  return {
    kind: 'MediaPipePredictionValues',
    faceInViewConfidence: score,
    boundingBox: { topLeft: [box.xMin, box.yMin], bottomRight: [box.xMin + box.width, box.yMin + box.height] },
    mesh: upright(keypoints, scaledMesh, flipped),
    scaledMesh,
    annotations: Object.fromEntries(annotations.map(([name, indices]) => [name, indices.map((i) => scaledMesh[i])])),
  };
}

/**
 * @param {Face['keypoints']} keypoints
 * @param {Coords[]} points
 * @param {boolean} flipped  then the right eye is on the right.
 * @returns {Coords[]}
 */
function upright(keypoints, points, flipped) {
  const eyes = flipped ? [keypoints[263], keypoints[33]] : [keypoints[33], keypoints[263]];
  const { xCenter, yCenter, width, rotation = 0 } = regionAround(boundingBox(keypoints), rotationOf(eyes[0], eyes[1]), { scale: 1.5 });
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  return points.map(([x, y, z]) => {
    const [right, down] = [x - xCenter, y - yCenter];
    return [
      ((right * cos + down * sin) / width + 0.5) * MESH_SIZE,
      ((down * cos - right * sin) / width + 0.5) * MESH_SIZE,
      (z / width) * MESH_SIZE,
    ];
  });
}
