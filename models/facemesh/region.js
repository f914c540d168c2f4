// The part of the image that the landmark model looks at: a rotated square around the face.

import { landmarkBox, pointAt } from '../shared/landmarks.js';
import { regionAround, rotationOf } from '../shared/region.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Detection } from '../shared/detector.js' */

// MediaPipe face_detection_front_detection_to_roi.pbtxt and face_landmark_landmarks_to_roi.pbtxt: scale_x and scale_y
// 1.5, square_long; the rotation makes the line between the eyes horizontal.
const ENLARGEMENT = { scale: 1.5 };
const DETECTION_EYES = [0, 1];
// Outer corners of the eyes in the mesh: the person's right, left.
const MESH_EYES = [33, 263];

/**
 * @param {Pick<Detection, 'box' | 'points'>} detection
 * @returns {Region}
 */
export function regionOfDetection({ box, points }) {
  const [right, left] = DETECTION_EYES.map((i) => points[i]);
  return regionAround(box, rotationOf(right, left), ENLARGEMENT);
}

/**
 * The region around landmarks that are already known, tighter than the detector's.
 * @param {Float64Array} landmarks  [points, 3]
 * @returns {Region}
 */
export function regionOfLandmarks(landmarks) {
  const [right, left] = MESH_EYES.map((i) => pointAt(landmarks, i));
  return regionAround(landmarkBox(landmarks), rotationOf(right, left), ENLARGEMENT);
}
