// Touches over time: begin where a hand is clearly on a face for a while, end where it is clearly off for a while.

import { XnnError } from '../../js/index.js';
import { touchingFace } from './touch.js';

/** @import { FaceLike } from './face-shape.js' */
/** @import { HandLike, Touch } from './touch.js' */

/**
 * @typedef {object} WatcherOptions
 * @property {number} [enter]  a touch begins at this distance from the face's outline or nearer, in widths of the face; 0.02 if left out.
 * @property {number} [leave]  and ends beyond this one; 0.1 if left out.
 * @property {number} [frames]  for which it must be so; 3 if neither this nor ms is given.
 * @property {number} [ms]  for which it must be so, instead of frames.
 * @property {number} [memoryMs]  how long a face counts as being where it was last seen, since a hand on it hides it; 1000 if left out.
 * @property {number} [depth]  as of touchingFace.
 *
 * @typedef {object} TouchState
 * @property {boolean} touching
 * @property {'enter' | 'leave' | undefined} change  in this frame.
 * @property {Touch[]} touches  of this frame, those that keep a touch up: as far away as `leave`.
 * @property {number} count  touches that have begun so far.
 * @property {number | undefined} since  time of the beginning of the touch.
 */

/** @param {WatcherOptions} [options] @throws {XnnError} 'misuse' with the numbers. */
export function createTouchWatcher({ enter = 0.02, leave = 0.1, frames, ms, memoryMs = 1000, depth } = {}) {
  if (!(enter <= leave)) throw new XnnError('misuse', `gestures: enter (${enter}) must not be larger than leave (${leave})`);
  if (frames !== undefined && ms !== undefined)
    throw new XnnError('misuse', `gestures: frames (${frames}) and ms (${ms}) exclude each other`);
  for (const [name, value] of Object.entries({ frames, ms, memoryMs })) {
    if (value !== undefined && !(value >= 0)) throw new XnnError('misuse', `gestures: ${name} must not be negative, got ${value}`);
  }
  const mostFrames = frames ?? (ms === undefined ? 3 : 0);
  const mostMs = ms ?? 0;

  let touching = false;
  let count = 0;
  /** @type {number | undefined} */
  let since;
  /** Frames on the other side of the state, and the time of the first. @type {{ frames: number, from: number } | undefined} */
  let other;
  /** @type {{ faces: FaceLike[], time: number } | undefined} */
  let seen;

  return {
    /**
     * @param {FaceLike[]} faces
     * @param {HandLike[]} hands
     * @param {number} [time]  of the frame, in milliseconds.
     * @returns {TouchState}
     */
    update(faces, hands, time = performance.now()) {
      if (faces.length > 0) seen = { faces, time };
      const known = seen !== undefined && time - seen.time <= memoryMs ? seen.faces : [];
      const touches = touchingFace(known, hands, { reach: leave, depth });
      const near = touches.length > 0 && touches[0].distance <= (touching ? leave : enter);
      if (near === touching) other = undefined;
      else other = { frames: (other?.frames ?? 0) + 1, from: other?.from ?? time };
      const turns = other !== undefined && other.frames >= mostFrames && time - other.from >= mostMs;
      if (turns) {
        touching = near;
        since = touching ? other?.from : undefined;
        if (touching) count++;
        other = undefined;
      }
      return { touching, change: turns ? (touching ? 'enter' : 'leave') : undefined, touches, count, since };
    },

    /** Forgets everything, the count too. */
    reset() {
      touching = false;
      count = 0;
      since = other = seen = undefined;
    },
  };
}
