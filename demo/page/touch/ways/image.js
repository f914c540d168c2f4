// Pictures of you: features of nsfwjs's MobileNetV2 and a head that is trained here.

import { createImageTrainer } from '../../../../models/teachable/index.js';
import { watchTrained } from './trained.js';

/** @import { Runtime, Watcher, WatchOptions } from '../worker.js' */

/** @param {WatchOptions & { runtime: Runtime }} options @returns {Promise<Watcher>} */
export async function createWatcher({ runtime, base }) {
  const baseUrl = new URL('./models/mobilenet_v2.json', base);
  // nsfwjs's model was trained with bytes as 0…1.
  return watchTrained({ trainer: await createImageTrainer({ runtime, baseUrl, pixels: { scale: 1 / 255, offset: 0 } }) });
}
