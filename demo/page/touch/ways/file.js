// An export of Teachable Machine, or one that was saved here: warns for one of its classes.

import { loadImage } from '../../../../models/teachable/index.js';
import { createSwitch } from './hysteresis.js';
import { loadPosture } from './posture.js';

/** @import { Runtime, Watcher, WatchOptions } from '../worker.js' */

/** Which class means touching, as people name it; the person can choose another. @param {string[]} labels */
const likelyClass = (labels) =>
  labels.find((label) => /touch|face|hand/i.test(label) && !/\b(no|not|off|away|without|clear)\b|n't/i.test(label)) ?? labels[0];

/** @param {WatchOptions & { runtime: Runtime }} options @returns {Promise<Watcher>} */
export async function createWatcher({ runtime, base, files = [] }) {
  const source = files.length === 1 ? files[0] : files;
  const classifier = await loadImage(source, undefined, { runtime }).catch((error) => {
    if (error.code !== 'unsupported') throw error;
    return loadPosture(source, { runtime, base }).catch(() => Promise.reject(error)); // no posture either: what images say
  });
  const isTouching = createSwitch();
  let target = likelyClass(classifier.getClassLabels());
  return {
    labels: () => ({ all: classifier.getClassLabels(), warnFor: target }),
    warnFor(label) {
      target = label;
    },
    async look(pixels) {
      const began = performance.now();
      const probabilities = await classifier.predict(pixels, true);
      const time = performance.now() - began;
      const { probability } = probabilities.find(({ className }) => className === target) ?? { probability: 0 };
      const touching = isTouching(probability);
      return { touching, what: touching ? `It sees: ${target}` : undefined, seen: [], probabilities, ms: { classifier: time } };
    },
    dispose: () => classifier.dispose(),
  };
}
