// Faces from frame to frame: where a face was, it is looked for first; the detector looks for others.

import { overlap } from '../shared/boxes.js';
import { landmarkBox } from '../shared/landmarks.js';
import { createOneEuro } from '../shared/one-euro.js';
import { regionOverlap } from '../shared/region.js';
import { MIN_PRESENCE } from './landmarks.js';
import { regionOfDetection, regionOfLandmarks } from './region.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { Detection } from '../shared/detector.js' */
/** @import { Landmarker } from './landmarks.js' */

/** Frames after which the detector looks for further faces, where their number has no bound. Ours: three times a second at 30 frames. */
const LOOK_EVERY = 10;
/** Regions that overlap by more are one face: MediaPipe face_landmark_front_cpu.pbtxt, min_similarity_threshold. */
const SAME_REGION = 0.5;
/** Boxes of landmarks that overlap by more are one face. Ours, as the detector's suppression. */
const SAME_FACE = 0.3;
/** MediaPipe's face_landmarker_graph.cc: cutoffs in hertz, speed in sizes of the region per second. */
const SMOOTHING = { minCutoff: 0.05, beta: 80, derivateCutoff: 1 };

/**
 * A face of the last frame.
 * @typedef {object} Track
 * @property {Float64Array} landmarks  [points, 3], as found.
 * @property {Region} region  where it is looked for in the next frame.
 * @property {number} presence  0…1.
 * @property {ReturnType<typeof createOneEuro> | undefined} filter
 */

/**
 * @param {object} parts
 * @param {(frame: Frame) => Promise<Detection[]>} parts.detect  best first.
 * @param {Landmarker} parts.landmarker
 * @param {number} parts.maxFaces
 * @param {boolean} parts.smooth
 */
export function createTracker({ detect, landmarker, maxFaces, smooth }) {
  const { points } = landmarker;
  /** @type {Track[]} */
  let tracks = [];
  let size = '';
  let framesSinceLook = 0;

  /** @param {Frame} frame @param {Region} region @returns {Promise<Track | undefined>} */
  async function start(frame, region) {
    const landmarks = new Float64Array(points * 3);
    const presence = await landmarker.find(frame, region, landmarks);
    if (presence < MIN_PRESENCE) return undefined;
    const filter = smooth ? createOneEuro(points * 3, SMOOTHING) : undefined;
    return { landmarks, region: regionOfLandmarks(landmarks), presence, filter };
  }

  /**
   * Moves each track on. Two that have come to the same face are one, the older.
   * @param {Frame} frame
   * @returns {Promise<{ kept: Track[], doubtful: Track[] }>}  doubtful: of what jumped by half its region between two frames: perhaps
   *   another face of another picture.
   */
  async function follow(frame) {
    /** @type {{ kept: Track[], doubtful: Track[] }} */
    const followed = { kept: [], doubtful: [] };
    for (const track of tracks) {
      track.presence = await landmarker.find(frame, track.region, track.landmarks);
      if (track.presence < MIN_PRESENCE) continue;
      const region = regionOfLandmarks(track.landmarks);
      const jumped = regionOverlap(region, track.region) < SAME_REGION;
      track.region = region;
      if (!followed.kept.some((other) => isSame(other, track))) (jumped ? followed.doubtful : followed.kept).push(track);
    }
    return followed;
  }

  return {
    /**
     * @param {Frame} frame
     * @returns {Promise<readonly Track[]>}  those of earlier frames first. They change with the next call.
     */
    async next(frame) {
      if (size !== `${frame.width}×${frame.height}`) tracks = [];
      size = `${frame.width}×${frame.height}`;
      const before = tracks.length;
      const { kept, doubtful } = await follow(frame);
      tracks = kept;
      framesSinceLook++;
      const look = kept.length < before || kept.length === 0 || maxFaces !== Infinity || framesSinceLook >= LOOK_EVERY;
      if (kept.length < maxFaces && look) {
        framesSinceLook = 0;
        for (const detection of await detect(frame)) {
          if (tracks.length === maxFaces) break;
          const region = regionOfDetection(detection);
          if (tracks.some((track) => regionOverlap(track.region, region) > SAME_REGION)) continue;
          const found = await start(frame, region);
          // Two regions that overlap little can still lead to the same face.
          if (found && !tracks.some((track) => isSame(track, found))) tracks.push(found);
        }
        for (const track of doubtful) {
          if (tracks.length < maxFaces && !tracks.some((other) => isSame(other, track))) tracks.push(track);
        }
      }
      return tracks;
    },

    reset() {
      tracks = [];
    },
  };
}

/** @param {Track} a @param {Track} b */
const isSame = (a, b) =>
  regionOverlap(a.region, b.region) > SAME_REGION || overlap(landmarkBox(a.landmarks), landmarkBox(b.landmarks)) > SAME_FACE;
