// The part of the image that the landmark model looks at: a rotated square around the face.

import { boundingBox } from '../shared/boxes.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Detection } from '../shared/detector.js' */

// MediaPipe face_detection_front_detection_to_roi.pbtxt and face_landmark_landmarks_to_roi.pbtxt: scale_x and scale_y
// 1.5, square_long; the rotation makes the line between the eyes horizontal.
const ENLARGEMENT = 1.5;
const DETECTION_EYES = [0, 1];
// Outer corners of the eyes in the mesh: the person's right, left.
const MESH_EYES = [33, 263];

/**
 * @param {Detection} detection
 * @returns {Region}
 */
export function regionOfDetection({ box, points }) {
  const size = Math.max(box.width, box.height) * ENLARGEMENT;
  return {
    xCenter: box.xMin + box.width / 2,
    yCenter: box.yMin + box.height / 2,
    width: size,
    height: size,
    rotation: angle(points[DETECTION_EYES[0]], points[DETECTION_EYES[1]]),
  };
}

/**
 * The region around landmarks that are already known, tighter than the detector's.
 * @param {{ x: number, y: number }[]} keypoints  [468]
 * @returns {Region}
 */
export function regionOfLandmarks(keypoints) {
  const { xMin, yMin, width, height } = boundingBox(keypoints);
  const size = Math.max(width, height) * ENLARGEMENT;
  return {
    xCenter: xMin + width / 2,
    yCenter: yMin + height / 2,
    width: size,
    height: size,
    rotation: angle(keypoints[MESH_EYES[0]], keypoints[MESH_EYES[1]]),
  };
}

/**
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 * @returns {number}  radians from the image's x axis.
 */
const angle = (from, to) => Math.atan2(to.y - from.y, to.x - from.x);
