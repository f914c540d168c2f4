// Faces from frame to frame: where a face was, it is looked for first; the detector looks for others.

import { overlap } from '../shared/boxes.js';
import { landmarkBox } from '../shared/landmarks.js';
import { createOneEuro } from '../shared/one-euro.js';
import { regionOverlap } from '../shared/region.js';
import { createTracker } from '../shared/tracker.js';
import { MIN_PRESENCE } from './landmarks.js';
import { isSurer, regionOfDetection, regionOfLandmarks } from './region.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { Detection } from '../shared/detector.js' */
/** @import { Landmarker } from './landmarks.js' */

/** Frames after which the detector looks for further faces, where their number has no bound. Ours: three times a second at 30 frames. */
const LOOK_EVERY = 10;
/** Without a tracked face, every so many frames are looked at in the other quarter turns as well, the first at once. Ours. */
const TURN_EVERY = 4;
/** A detection that is this sure is taken to stand upright. Ours. */
const UPRIGHT_SCORE = 0.9;
/** Regions that overlap by more are one face: MediaPipe face_landmark_front_cpu.pbtxt, min_similarity_threshold. */
const SAME_REGION = 0.5;
/** Boxes of landmarks that overlap by more are one face. Ours, as the detector's suppression. */
const SAME_FACE = 0.3;
/** MediaPipe's face_landmarks_detector_graph.cc: cutoffs in hertz, speed in sizes of the region per second. */
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
 * @param {(frame: Frame) => Promise<Detection[]>} parts.detectTurned  what is seen in the other quarter turns.
 * @param {Landmarker} parts.landmarker
 * @param {number} parts.maxFaces
 * @param {boolean} parts.smooth
 */
export function createFaceTracker({ detect, detectTurned, landmarker, maxFaces, smooth }) {
  const { points } = landmarker;

  const tracker = createTracker({
    /** Upright ones, best first, then turned ones. @param {Frame} frame @param {{ idle: number }} state */
    async detect(frame, { idle }) {
      const upright = await detect(frame);
      const isEnough = idle % TURN_EVERY !== 0 || upright[0]?.score >= UPRIGHT_SCORE;
      return [...upright, ...(isEnough ? [] : await detectTurned(frame))].map(regionOfDetection);
    },

    /** @param {Frame} frame @param {Region} region @param {Track} [known] @returns {Promise<Track | undefined>} */
    async locate(frame, region, known) {
      const landmarks = known?.landmarks ?? new Float64Array(points * 3);
      const presence = await landmarker.find(frame, region, landmarks);
      if (presence < MIN_PRESENCE) return undefined;
      const filter = known === undefined && smooth ? createOneEuro(points * 3, SMOOTHING) : known?.filter;
      return { landmarks, region: regionOfLandmarks(landmarks), presence, filter };
    },

    mostOverlap: SAME_REGION,
    leastOverlap: SAME_REGION,
    lookEvery: maxFaces === Infinity ? LOOK_EVERY : 1,
    isSame,
    isSurer, // a detection may lead to a face the wrong way up
  });

  return {
    /**
     * @param {Frame} frame
     * @returns {Promise<readonly Track[]>}  those of earlier frames first. They change with the next call.
     */
    next: (frame) => tracker.find(frame, { most: maxFaces }),
    reset: () => tracker.reset(),
  };
}

/** @param {Track} a @param {Track} b */
const isSame = (a, b) =>
  regionOverlap(a.region, b.region) > SAME_REGION || overlap(landmarkBox(a.landmarks), landmarkBox(b.landmarks)) > SAME_FACE;
