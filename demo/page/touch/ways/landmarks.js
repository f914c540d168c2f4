// Face and hands by their landmarks: nothing to train.

import { load as loadFacemesh } from '../../../../models/facemesh/index.js';
import { createTouchWatcher } from '../../../../models/gestures/index.js';
import { load as loadHands } from '../../../../models/hands/index.js';

/** @import { Runtime, Watcher, WatchOptions } from '../worker.js' */

/** @param {WatchOptions & { runtime: Runtime }} options @returns {Promise<Watcher>} */
export async function createWatcher({ runtime, base }) {
  const model = (/** @type {string} */ name) => new URL(`./models/${name}.tflite`, base);
  /** Of this frame. @type {Record<string, number>} */
  let ms = {};
  const add = (/** @type {string} */ stage, /** @type {number} */ time) => {
    ms[stage] = (ms[stage] ?? 0) + time;
  };
  const facemesh = await loadFacemesh({
    runtime,
    detectorUrl: model('face_detection_short_range'),
    landmarksUrl: model('face_landmark'),
    maxFaces: 1,
    onStage: (stage, time) => add(`face: ${stage}`, time),
  });
  const hands = await loadHands({ runtime, detectorUrl: model('palm_detection_lite'), landmarksUrl: model('hand_landmark_lite') });
  const touches = createTouchWatcher();
  return {
    async look(pixels) {
      ms = {};
      const faces = await facemesh.estimateFaces(pixels);
      const began = performance.now();
      const found = await hands.estimateHands(pixels);
      add('hands', performance.now() - began);
      const { touching, touches: where } = touches.update(faces, found);
      return {
        touching,
        what: touching ? inWords(where[0]) : undefined,
        seen: [
          ...faces.map(({ keypoints }) => ({ kind: /** @type {const} */ ('face'), points: keypoints })),
          ...found.map(({ keypoints }) => ({ kind: /** @type {const} */ ('hand'), points: keypoints })),
        ],
        ms,
      };
    },
    dispose() {
      facemesh.dispose();
      hands.dispose();
    },
  };
}

/** @param {import('../../../../models/gestures/index.js').Touch | undefined} touch  nothing while a touch ends. */
function inWords(touch) {
  if (touch === undefined) return undefined;
  const part = touch.finger === 'palm' ? 'hand' : touch.finger.replace('_', ' ');
  return `Your ${part} is at your ${touch.region}.`;
}
