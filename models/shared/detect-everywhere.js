// A detector over the whole image, and where it should be thorough over parts of it, for what is too small in the whole.

import { keepBest } from './boxes.js';
import { isCut, partWindows, wholeWindow } from './windows.js';

/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { createDetector, Detection, DetectorSpec } from './detector.js' */

/**
 * @param {ReturnType<typeof createDetector>} detect
 * @param {DetectorSpec} spec
 * @param {Frame} frame
 * @param {boolean} thorough
 * @returns {Promise<Detection[]>}  best first.
 */
export async function detectEverywhere(detect, spec, frame, thorough) {
  const found = await detect(frame, wholeWindow(frame));
  if (!thorough) return found;
  for (const window of partWindows(frame, 1 / 2, spec.inputSize)) {
    for (const detection of await detect(frame, window)) {
      if (!isCut(detection.box, window, frame)) found.push(detection);
    }
  }
  return keepBest(found, spec.maxOverlap);
}
