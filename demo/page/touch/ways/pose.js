// Your posture: MoveNet's keypoints and a head that is trained here.

import { createPoseTrainer } from '../../../../models/teachable/index.js';
import { loadFinder } from './posture.js';
import { watchTrained } from './trained.js';

/** @import { Runtime, Watcher, WatchOptions } from '../worker.js' */

/** @param {WatchOptions & { runtime: Runtime }} options @returns {Promise<Watcher>} */
export async function createWatcher({ runtime, base }) {
  const finder = await loadFinder({ runtime, base });
  const trainer = await createPoseTrainer({ runtime, pose: finder });
  return watchTrained({
    trainer: {
      ...trainer,
      dispose() {
        trainer.dispose();
        finder.dispose();
      },
    },
    seen: finder.seen,
  });
}
