// Things of one kind, followed from frame to frame: each is looked for where the last frame says that it is now, and the detector runs only
// where some are missing.

import { regionOverlap } from './region.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */

/**
 * @template T
 * @typedef {{ item: T, region: Region }} Located  region: where to look in the next frame.
 */

/**
 * @template T
 * @typedef {object} TrackerParts
 * @property {(frame: Frame, thorough: boolean) => Promise<Region[]>} detect  best first; thorough: at any cost.
 * @property {(frame: Frame, region: Region) => Promise<Located<T> | undefined>} locate  nothing where the region does not show one.
 * @property {number} mostOverlap  of two regions (intersection over union): those that overlap more are of one thing.
 */

// While some are tracked and none was just lost, the detector looks for others only in every fifth frame: ours, MediaPipe looks in each.
const LOOK_EVERY = 5;

/**
 * @template T
 * @param {TrackerParts<T>} parts
 */
export function createTracker({ detect, locate, mostOverlap }) {
  /** @type {Region[]} */
  let regions = [];
  let [width, height] = [0, 0];
  let sinceLook = 0;

  return {
    /**
     * @param {Frame} frame
     * @param {object} options
     * @param {number} options.most  items that are looked for.
     * @param {boolean} [options.still]  a picture of its own: nothing is known from before and nothing remembered, the detector is thorough,
     *   and each item is located again where the first look says that it is.
     * @returns {Promise<T[]>}  tracked ones in their order, then new ones, the detector's surest first.
     */
    async find(frame, { most, still = false }) {
      if (frame.width !== width || frame.height !== height) regions = [];
      [width, height] = [frame.width, frame.height];
      /** @type {Located<T>[]} */
      const found = [];

      /** @param {Region} region */
      const isKnown = (region) => found.some((other) => regionOverlap(other.region, region) > mostOverlap);
      /** @param {Region} region */
      const look = async (region) => {
        let located = await locate(frame, region);
        if (located && still) located = (await locate(frame, located.region)) ?? located;
        if (located && !isKnown(located.region)) found.push(located);
      };

      const tracked = still ? [] : regions.slice(0, most);
      for (const region of tracked) await look(region);
      const lost = found.length < tracked.length;
      if (found.length < most && (still || found.length === 0 || lost || ++sinceLook >= LOOK_EVERY)) {
        sinceLook = 0;
        for (const region of await detect(frame, still)) {
          if (found.length === most) break;
          if (!isKnown(region)) await look(region);
        }
      }
      regions = still ? [] : found.map(({ region }) => region);
      return found.map(({ item }) => item);
    },

    reset() {
      regions = [];
    },
  };
}
