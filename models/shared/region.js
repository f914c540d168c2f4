// The part of an image that a landmark model looks at: a rotated rectangle, as MediaPipe's DetectionsToRects and RectTransformation
// calculators make it, in pixels.

import { overlap } from './boxes.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Box } from './boxes.js' */

/**
 * How far what points from one keypoint to another is turned from where it should point.
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 * @param {number} [target]  radians counterclockwise from the x axis as seen: 0 for eyes side by side, π / 2 for what stands upright.
 * @returns {number}  radians, −π up to π, of a Region.
 */
export function rotationOf(from, to, target = 0) {
  const rotation = target + Math.atan2(to.y - from.y, to.x - from.x);
  return rotation - 2 * Math.PI * Math.floor((rotation + Math.PI) / (2 * Math.PI));
}

/**
 * @param {Box} box
 * @param {number} rotation  radians.
 * @param {object} options
 * @param {number} options.scale  of the sides, after the shift.
 * @param {number} [options.shiftX]  of the centre along the region's own axes, in shares of the box's sides.
 * @param {number} [options.shiftY]
 * @returns {Region}  a square on the box's long side.
 */
export function regionAround(box, rotation, { scale, shiftX = 0, shiftY = 0 }) {
  const size = Math.max(box.width, box.height) * scale;
  const right = box.width * shiftX;
  const down = box.height * shiftY;
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  return {
    xCenter: box.xMin + box.width / 2 + right * cos - down * sin,
    yCenter: box.yMin + box.height / 2 + right * sin + down * cos,
    width: size,
    height: size,
    rotation,
  };
}

/**
 * Intersection over union of two regions as if they were not rotated, by which MediaPipe's AssociationNormRectCalculator takes two for
 * the same thing (above 0.5).
 * @param {Region} a
 * @param {Region} b
 * @returns {number}  0…1.
 */
export const regionOverlap = (a, b) => overlap(boxOf(a), boxOf(b));

/** @param {Region} region @returns {Box} */
const boxOf = ({ xCenter, yCenter, width, height }) => ({ xMin: xCenter - width / 2, yMin: yCenter - height / 2, width, height });
