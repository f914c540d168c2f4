// MoveNet for postures, those trained here and those of a saved classifier.

import { load } from '../../../../models/pose/index.js';
import { loadPose } from '../../../../models/teachable/index.js';

/** @import { Runtime } from '../worker.js' */

/** A keypoint that is less sure is not drawn. */
const SURE = 0.3;

/** @param {{ runtime: Runtime, base: string }} options  base: the page's address. */
export async function loadFinder({ runtime, base }) {
  const pose = await load({ runtime, modelUrl: new URL('./models/movenet-lightning.json', base) });
  /** @type {{ x: number, y: number }[]} */
  let points = [];
  return {
    kind: pose.kind,
    /** Never mirrored, so that points lie on the camera's picture, which the page mirrors. @type {typeof pose.estimatePoses} */
    async estimatePoses(image) {
      const found = await pose.estimatePoses(image);
      points = found.flatMap(({ keypoints }) => keypoints.filter(({ score }) => (score ?? 0) >= SURE));
      return found;
    },
    /** Of the last frame. */
    seen: () => points,
    dispose: () => pose.dispose(),
  };
}

/** What "My posture" saved. @param {File | File[]} source @param {{ runtime: Runtime, base: string }} options */
export async function loadPosture(source, { runtime, base }) {
  const finder = await loadFinder({ runtime, base });
  try {
    const classifier = await loadPose(source, undefined, { runtime, pose: finder });
    return {
      ...classifier,
      dispose() {
        classifier.dispose();
        finder.dispose();
      },
    };
  } catch (error) {
    finder.dispose();
    throw error;
  }
}
