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
 * @template {{ region: Region }} T
 * @typedef {object} TrackerParts
 * @property {(frame: Frame, state: { thorough: boolean, idle: number }) => Promise<Region[]>} detect  best first; thorough: at any cost;
 *   idle: looks before this one in a row that began with nothing tracked.
 * @property {(frame: Frame, region: Region, known?: T) => Promise<T | undefined>} locate  nothing where the region does not show one; known:
 *   what was there in the last frame, which is not read again.
 * @property {number} mostOverlap  of two regions (intersection over union): those that overlap more are of one thing.
 * @property {number} [lookEvery]  while some are tracked and none was just lost, the detector looks for others only so often.
 * @property {(a: T, b: T) => boolean} [isSame]  whether both are one thing; by their regions if left out.
 * @property {(found: T, other: T) => boolean} [isSurer]  whether what is found anew takes the place of the same thing that was found before
 *   in this frame. Without it the first stays, and nothing is located where it is.
 * @property {number} [leastOverlap]  of a thing's regions in two frames. What overlaps less has jumped, perhaps to another thing in another
 *   picture, and is kept only behind what the detector shows.
 */

// In every fifth frame: ours, MediaPipe looks in each.
const LOOK_EVERY = 5;

/**
 * @template {{ region: Region }} T
 * @param {TrackerParts<T>} parts
 */
export function createTracker({ detect, locate, mostOverlap, lookEvery = LOOK_EVERY, isSame, isSurer, leastOverlap = 0 }) {
  /** @type {T[]} */
  let tracks = [];
  let [width, height] = [0, 0];
  let sinceLook = 0;
  let idle = 0;

  /** @param {{ region: Region }} a @param {Region} region */
  const isThere = (a, region) => regionOverlap(a.region, region) > mostOverlap;
  const isOne = isSame ?? ((/** @type {T} */ a, /** @type {T} */ b) => isThere(a, b.region));

  /**
   * Moves each on. Two that have come to the same thing are one, the older.
   * @param {Frame} frame
   * @param {T[]} tracked
   */
  async function follow(frame, tracked) {
    /** @type {{ kept: T[], jumped: T[] }} */
    const followed = { kept: [], jumped: [] };
    for (const known of tracked) {
      const { region } = known;
      const located = await locate(frame, region, known);
      if (located === undefined || followed.kept.some((other) => isOne(other, located))) continue;
      const list = regionOverlap(located.region, region) < leastOverlap ? followed.jumped : followed.kept;
      list.push(located);
    }
    return followed;
  }

  return {
    /**
     * @param {Frame} frame
     * @param {object} options
     * @param {number} options.most  items that are looked for.
     * @param {boolean} [options.still]  a picture of its own: nothing is known from before and nothing remembered, the detector is thorough,
     *   and each item is located again where the first look says that it is.
     * @returns {Promise<readonly T[]>}  tracked ones in their order, then new ones, the detector's surest first.
     */
    async find(frame, { most, still = false }) {
      if (frame.width !== width || frame.height !== height) tracks = [];
      [width, height] = [frame.width, frame.height];
      const tracked = still ? [] : tracks.slice(0, most);
      const { kept, jumped } = await follow(frame, tracked);
      const found = [...kept];
      tracks = still ? [] : found;
      if (tracked.length > 0) idle = 0;
      const lost = kept.length < tracked.length;
      if (kept.length === most || !(still || kept.length === 0 || lost || ++sinceLook >= lookEvery)) return found;
      sinceLook = 0;

      for (const region of await detect(frame, { thorough: still, idle: idle++ })) {
        if (isSurer === undefined && found.length === most) break;
        if ((isSurer === undefined ? found : kept).some((other) => isThere(other, region))) continue;
        let located = await locate(frame, region);
        if (located && still) located = (await locate(frame, located.region)) ?? located;
        if (located === undefined) continue;
        // Two regions that overlap little can still lead to the same thing.
        const one = /** @type {T} */ (located);
        const same = found.findIndex((other) => isOne(other, one));
        if (same < 0 && found.length < most) found.push(one);
        if (same >= 0 && !kept.includes(found[same]) && isSurer?.(one, found[same])) found[same] = one;
      }
      for (const track of jumped) {
        if (found.length < most && !found.some((other) => isOne(other, track))) found.push(track);
      }
      return found;
    },

    reset() {
      tracks = [];
      idle = 0;
    },
  };
}
