// Where the detector looks: square windows of the image.

/** @import { Box } from './boxes.js' */
/** @import { Window } from './detector.js' */

/**
 * The smallest square around the whole image, centred.
 * @param {{ width: number, height: number }} image
 * @returns {Window}
 */
export function wholeWindow({ width, height }) {
  const size = Math.max(width, height);
  return { xMin: (width - size) / 2, yMin: (height - size) / 2, size };
}

/**
 * Windows of a share of the image's long side for the faces that are too small in the whole image. They step by at most half
 * a window, so that every face up to half of a window lies wholly in one of them.
 * @param {{ width: number, height: number }} image
 * @param {number} share  1 / 2 or less.
 * @param {number} minSize  a smaller window than this shows nothing that the whole image did not.
 * @returns {Window[]}
 */
export function partWindows({ width, height }, share, minSize) {
  const size = Math.max(width, height) * share;
  if (size < minSize) return [];
  const xStarts = starts(width, size);
  return starts(height, size).flatMap((yMin) => xStarts.map((xMin) => ({ xMin, yMin, size })));
}

/**
 * Evenly spread starts of windows that cover a length.
 * @param {number} length
 * @param {number} size
 * @returns {number[]}
 */
function starts(length, size) {
  if (length <= size) return [(length - size) / 2];
  const steps = Math.ceil((length - size) / (size / 2));
  return Array.from({ length: steps + 1 }, (_, i) => ((length - size) * i) / steps);
}

/**
 * Whether a box reaches a window's edge inside the image: the window may have cut the face there, and a neighbouring
 * window shows it whole.
 * @param {Box} box
 * @param {Window} window
 * @param {{ width: number, height: number }} image
 */
export function isCut(box, { xMin, yMin, size }, image) {
  return (
    (xMin > 0 && box.xMin < xMin) ||
    (yMin > 0 && box.yMin < yMin) ||
    (xMin + size < image.width && box.xMin + box.width > xMin + size) ||
    (yMin + size < image.height && box.yMin + box.height > yMin + size)
  );
}
