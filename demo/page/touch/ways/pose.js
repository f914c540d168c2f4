// Your posture: MoveNet's keypoints and a head that is trained here.

import { load } from '../../../../models/pose/index.js';
import { createPoseTrainer } from '../../../../models/teachable/index.js';
import { watchTrained } from './trained.js';

/** @import { Runtime, Watcher, WatchOptions } from '../worker.js' */

/** A keypoint that is less sure is not drawn. */
const SURE = 0.3;

/** @param {WatchOptions & { runtime: Runtime }} options @returns {Promise<Watcher>} */
export async function createWatcher({ runtime, base }) {
  const pose = await load({ runtime, modelUrl: new URL('./models/movenet-lightning.json', base) });
  /** @type {{ x: number, y: number }[]} */
  let points = [];
  const finder = {
    kind: pose.kind,
    /** @type {typeof pose.estimatePoses} */
    async estimatePoses(image) {
      const found = await pose.estimatePoses(image);
      points = found.flatMap(({ keypoints }) => keypoints.filter(({ score }) => (score ?? 0) >= SURE));
      return found;
    },
  };
  const trainer = await createPoseTrainer({ runtime, pose: finder });
  return watchTrained({
    trainer: {
      ...trainer,
      dispose() {
        trainer.dispose();
        pose.dispose();
      },
    },
    seen: () => points,
  });
}
