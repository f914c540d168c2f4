// An export of Teachable Machine: warns for one of its classes.

import { loadImage } from '../../../../models/teachable/index.js';
import { createSwitch } from './hysteresis.js';

/** @import { Runtime, Watcher, WatchOptions } from '../worker.js' */

/** Which class means touching, as people name it; the person can choose another. @param {string[]} labels */
const likelyClass = (labels) =>
  labels.find((label) => /touch|face|hand/i.test(label) && !/\b(no|not|off|away|without|clear)\b|n't/i.test(label)) ?? labels[0];

/** @param {WatchOptions & { runtime: Runtime }} options @returns {Promise<Watcher>} */
export async function createWatcher({ runtime, files = [] }) {
  const classifier = await loadImage(files.length === 1 ? files[0] : files, undefined, { runtime });
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
