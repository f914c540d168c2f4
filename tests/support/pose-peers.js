// The packages that users have today for hands and poses, on TensorFlow.js's wasm backend: independent pipelines over the same models.

import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { mediapipeModel } from '../../demo/assets/mediapipe.js';
import { tfliteToGraph } from './tflite-to-graph.js';

/** @import { RgbaImage } from '../../js/image/crop.js' */

const require = createRequire(import.meta.url);

/**
 * A model in memory, where a package expects an address.
 * @param {import('./tfjs-engine.js').ModelArtifacts} artifacts
 */
const asUrl = (artifacts) => /** @type {any} */ ({ load: async () => artifacts, indexOf: () => -1 });

/** Logits before boxes, as MediaPipe's TensorFlow.js detectors give them in one output [1, n, 1 + values]. @param {string} name */
const detectorGraph = async (name) =>
  asUrl(
    await tfliteToGraph(mediapipeModel(name), ({ add, constant }, node) => {
      add('ConcatV2', 'detections', [node('Identity_1'), node('Identity'), constant([], Int32Array.of(2))], {
        N: 2,
        T: 'DT_FLOAT',
        Tidx: 'DT_INT32',
      });
      return { detections: 'detections' };
    }),
  );

/**
 * Things in which the packages differ from MediaPipe's graphs or are off, put right; all else is theirs.
 * Suppression: MediaPipe averages overlapping detections by their scores, the packages keep the best. Crops: the packages sample at the
 * corners of pixels and read points as if at their centres, which shifts results by half a pixel of the crop. Borders of landmark crops:
 * MediaPipe replicates the image's edge, the packages have black.
 * @param {string} folder  of a package's calculators.
 */
function correct(folder) {
  const images = require(`${folder}/image_utils.js`);
  const suppression = require(`${folder}/non_max_suppression.js`);
  if (images.corrected) return;
  images.corrected = true;
  const { getProjectiveTransformMatrix } = images;
  images.getProjectiveTransformMatrix = (/** @type {unknown[]} */ ...given) => {
    const [a, b, c, d, e, f, ...rest] = getProjectiveTransformMatrix(...given);
    return [a, b, c + (a + b - 1) / 2, d, e, f + (d + e - 1) / 2, ...rest];
  };
  suppression.nonMaxSuppression = async (/** @type {any[]} */ detections, /** @type {number} */ most, /** @type {number} */ limit) => {
    const boxOf = (/** @type {any} */ { locationData: { relativeBoundingBox: box } }) => box;
    const areaOf = (/** @type {any} */ { width, height }) => width * height;
    const similarity = (/** @type {any} */ a, /** @type {any} */ b) => {
      const [p, q] = [boxOf(a), boxOf(b)];
      const width = Math.min(p.xMax, q.xMax) - Math.max(p.xMin, q.xMin);
      const height = Math.min(p.yMax, q.yMax) - Math.max(p.yMin, q.yMin);
      if (width <= 0 || height <= 0) return 0;
      return (width * height) / (areaOf(p) + areaOf(q) - width * height);
    };
    let rest = [...detections].sort((a, b) => b.score[0] - a.score[0]);
    const kept = [];
    while (rest.length > 0 && kept.length < most) {
      const [best] = rest;
      const group = rest.filter((other) => other === best || similarity(best, other) > limit);
      rest = rest.filter((other) => !group.includes(other));
      const weights = group.map(({ score }) => score[0]);
      const total = weights.reduce((a, b) => a + b);
      const mean = (/** @type {(one: any) => number} */ of) => group.reduce((sum, one, i) => sum + weights[i] * of(one), 0) / total;
      const sides = Object.fromEntries(['xMin', 'yMin', 'xMax', 'yMax'].map((side) => [side, mean((one) => boxOf(one)[side])]));
      kept.push({
        score: best.score,
        locationData: {
          relativeBoundingBox: { ...sides, width: sides.xMax - sides.xMin, height: sides.yMax - sides.yMin },
          relativeKeypoints: best.locationData.relativeKeypoints.map((/** @type {any} */ _, /** @type {number} */ k) => ({
            x: mean((one) => one.locationData.relativeKeypoints[k].x),
            y: mean((one) => one.locationData.relativeKeypoints[k].y),
          })),
        },
      });
    }
    return kept;
  };
}

/** @param {RgbaImage} image @returns {tf.Tensor3D} */
function toPixels({ width, height, data }) {
  const rgb = new Int32Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return tf.tensor3d(rgb, [height, width, 3], 'int32');
}

export async function startPeers() {
  tf.env().set('IS_TEST', true);
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
}

/**
 * @tensorflow-models/hand-pose-detection, runtime 'tfjs'.
 * @param {{ detector: string, landmarks: string, maxHands: number }} options  names of MediaPipe's models.
 */
export async function handsPeer({ detector, landmarks, maxHands }) {
  const folder = '../../node_modules/@tensorflow-models/hand-pose-detection/dist';
  correct(`${folder}/shared/calculators`);
  require(`${folder}/tfjs/constants.js`).MPHANDS_LANDMARK_IMAGE_TO_TENSOR_CONFIG.borderMode = 'replicate';
  const { load } = require(`${folder}/tfjs/detector.js`);
  const landmarkModelUrl = asUrl(
    await tfliteToGraph(mediapipeModel(landmarks), (_, node) => ({
      'Identity_2:0': node('Identity'),
      'Identity_1:0': node('Identity_1'),
      'Identity:0': node('Identity_2'),
      'Identity_3:0': node('Identity_3'),
    })),
  );
  const hands = await load({
    runtime: 'tfjs',
    modelType: 'full',
    maxHands,
    detectorModelUrl: await detectorGraph(detector),
    landmarkModelUrl,
  });
  return {
    /** @param {RgbaImage} image @param {object} [options] */
    async estimateHands(image, options) {
      const pixels = toPixels(image);
      const found = await hands.estimateHands(pixels, options);
      pixels.dispose();
      return found;
    },
    reset: () => hands.reset(),
    dispose: () => hands.dispose(),
  };
}

const POSE_DETECTION = '../../node_modules/@tensorflow-models/pose-detection/dist';

/** @param {any} detector */
const posePeer = (detector) => ({
  /** @param {RgbaImage} image @param {object} [options] */
  async estimatePoses(image, options) {
    const pixels = toPixels(image);
    const found = await detector.estimatePoses(pixels, options);
    pixels.dispose();
    return found;
  },
  reset: () => detector.reset(),
  dispose: () => detector.dispose(),
});

/**
 * @tensorflow-models/pose-detection, BlazePose with runtime 'tfjs'.
 * @param {'lite' | 'full' | 'heavy'} modelType
 */
export async function blazePosePeer(modelType) {
  correct(`${POSE_DETECTION}/shared/calculators`);
  require(`${POSE_DETECTION}/blazepose_tfjs/constants.js`).BLAZEPOSE_LANDMARK_IMAGE_TO_TENSOR_CONFIG.borderMode = 'replicate';
  const { load } = require(`${POSE_DETECTION}/blazepose_tfjs/detector.js`);
  const landmarkModelUrl = asUrl(
    await tfliteToGraph(mediapipeModel(`pose_landmark_${modelType}`), ({ add }, node) => {
      add('Sigmoid', 'heat', [node('Identity_3')], { T: 'DT_FLOAT' });
      return { ld_3d: node('Identity'), output_poseflag: node('Identity_1'), activation_heatmap: 'heat', world_3d: node('Identity_4') };
    }),
  );
  const options = {
    runtime: 'tfjs',
    modelType,
    enableSmoothing: false,
    detectorModelUrl: await detectorGraph('pose_detection'),
    landmarkModelUrl,
  };
  return posePeer(await load(options));
}

/** @tensorflow-models/pose-detection, MoveNet Lightning. @param {import('./tfjs-engine.js').ModelArtifacts} artifacts */
export async function moveNetPeer(artifacts) {
  const { load } = require(`${POSE_DETECTION}/movenet/detector.js`);
  return posePeer(await load({ modelType: 'SinglePose.Lightning', modelUrl: asUrl(artifacts), enableSmoothing: false }));
}

/**
 * @tensorflow-models/pose-detection, PoseNet.
 * @param {import('./tfjs-engine.js').ModelArtifacts} artifacts  of a model of any size, offsets first.
 * @param {number} size
 */
export async function poseNetPeer(artifacts, size) {
  correct(`${POSE_DETECTION}/shared/calculators`);
  const { load } = require(`${POSE_DETECTION}/posenet/detector.js`);
  const inputResolution = { width: size, height: size };
  return posePeer(
    await load({ architecture: 'MobileNetV1', outputStride: 16, multiplier: 0.75, inputResolution, modelUrl: asUrl(artifacts) }),
  );
}
