// Hands and their 21 landmarks in a picture.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { detectEverywhere } from '../shared/detect-everywhere.js';
import { createDetector } from '../shared/detector.js';
import { withModels } from '../shared/engine.js';
import { checkPorts } from '../shared/ports.js';
import { createTracker } from '../shared/tracker.js';
import { createTurns } from '../shared/turns.js';
import { createHandLocator, HAND_PORTS } from './landmarks.js';
import { PALM, PALM_PORTS, regionOfPalm } from './palm.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { Engine, ModelSource } from '../shared/engine.js' */
/** @import { Located } from '../shared/tracker.js' */
/** @import { Hand } from './landmarks.js' */

export { FINGERS, HAND_KEYPOINTS, HAND_SKELETON } from './keypoints.js';

// MediaPipe hand_landmark_tracking_cpu.pbtxt: min_similarity_threshold.
const MOST_OVERLAP = 0.5;

/**
 * @typedef {object} Hands
 * @property {(image: ImageLike, options?: { flipHorizontal?: boolean, staticImageMode?: boolean }) => Promise<Hand[]>} estimateHands
 * @property {() => void} reset  forgets everything about earlier images.
 * @property {() => void} dispose  frees the models, and the runtime if load() made it.
 */

/**
 * @param {object} options
 * @param {ModelSource} options.detectorUrl  palm_detection_full.tflite or palm_detection_lite.tflite.
 * @param {ModelSource} options.landmarksUrl  hand_landmark_full.tflite, hand_landmark_lite.tflite, or one of them as a TensorFlow.js model.
 * @param {Engine} [options.runtime]  a Runtime, or anything that loads models like one; its own if left out.
 * @param {number} [options.maxHands]  2 if left out.
 * @returns {Promise<Hands>}
 * @throws {XnnError} 'misuse' if maxHands is no positive integer; 'unsupported' if a model is not the one it should be; what runtime.load
 *   throws.
 */
export async function load({ detectorUrl, landmarksUrl, runtime, maxHands = 2 }) {
  if (!(maxHands === Infinity || (Number.isInteger(maxHands) && maxHands > 0))) {
    throw new XnnError('misuse', `hands: maxHands must be a positive integer, got ${maxHands}`);
  }
  return withModels(runtime, async (loadModel, release) => {
    const detectorModel = await loadModel(detectorUrl);
    checkPorts(detectorModel, { subject: 'hands', url: detectorUrl, ...PALM_PORTS });
    const landmarksModel = await loadModel(landmarksUrl);
    checkPorts(landmarksModel, { subject: 'hands', url: landmarksUrl, ...HAND_PORTS });
    const detect = createDetector(detectorModel, PALM);
    const tracker = createTracker({
      detect: async (frame, { thorough }) => (await detectEverywhere(detect, PALM, frame, thorough)).map(regionOfPalm),
      locate: createHandLocator(landmarksModel),
      mostOverlap: MOST_OVERLAP,
    });
    return createHands({ sampler: await createSampler(), tracker, maxHands, release });
  });
}

/**
 * @param {object} parts
 * @param {import('../../js/image/sampler.js').Sampler} parts.sampler
 * @param {ReturnType<typeof createTracker<Located<Hand>>>} parts.tracker
 * @param {number} parts.maxHands
 * @param {() => void} parts.release
 * @returns {Hands}
 */
function createHands({ sampler, tracker, maxHands, release }) {
  const inTurn = createTurns();
  let disposed = false;

  return {
    /**
     * @param {ImageLike} image  as it is, not mirrored.
     * @param {{ flipHorizontal?: boolean, staticImageMode?: boolean }} [options]  flipHorizontal: boxes and points as if the image were
     *   mirrored; handedness stays what it is. staticImageMode: a photograph rather than a frame: nothing is known from the image before,
     *   smaller hands are looked for and landmarks refined, at several times the cost.
     * @returns {Promise<Hand[]>}  those of the frame before in their order, then new ones, the detector's surest first; empty if none.
     * @throws {XnnError} 'bad-shape' if width or height is 0 or the bytes do not fill the image; 'misuse' after dispose().
     */
    estimateHands: (image, { flipHorizontal = false, staticImageMode = false } = {}) =>
      inTurn(async () => {
        if (disposed) throw new XnnError('misuse', 'hands: estimateHands after dispose');
        const frame = await sampler.openAsync(image);
        const found = await tracker.find(frame, { most: maxHands, still: staticImageMode });
        const hands = found.map(({ item }) => item);
        return flipHorizontal ? hands.map((hand) => mirror(hand, frame.width)) : hands;
      }),

    reset: () => tracker.reset(),

    dispose() {
      disposed = true;
      sampler.dispose();
      release();
    },
  };
}

/**
 * @param {Hand} hand
 * @param {number} width  of the image.
 * @returns {Hand}
 */
const mirror = (hand, width) => ({
  ...hand,
  box: { ...hand.box, xMin: width - hand.box.xMin - hand.box.width },
  keypoints: hand.keypoints.map((point) => ({ ...point, x: width - point.x })),
  keypoints3D: hand.keypoints3D.map((point) => ({ ...point, x: -point.x })),
});
