// What the watcher saw, drawn over the video.

/** @import { Look, Point } from './worker.js' */

/** Of the 21 points of a hand: from the wrist along each finger, and across the palm. */
const HAND = [
  [0, 1, 2, 3, 4],
  [0, 5, 6, 7, 8],
  [5, 9, 10, 11, 12],
  [9, 13, 14, 15, 16],
  [13, 17, 18, 19, 20],
  [0, 17],
];
const COLOURS = { clear: '#3ddc97', touching: '#ff5a4d' };

/**
 * @param {HTMLCanvasElement} canvas  takes the frame's size.
 * @param {Look} look
 */
export function drawLook(canvas, { seen, width, height, touching }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.clearRect(0, 0, width, height);
  context.strokeStyle = context.fillStyle = touching ? COLOURS.touching : COLOURS.clear;
  const unit = height / 480;
  for (const { kind, points } of seen) {
    if (kind === 'hand') {
      context.lineWidth = 3 * unit;
      context.lineCap = context.lineJoin = 'round';
      for (const chain of HAND)
        line(
          context,
          chain.map((i) => points[i]),
        );
    }
    for (const { x, y } of points) {
      const radius = (kind === 'face' ? 0.9 : 3.2) * unit;
      context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    }
  }
}

/** @param {CanvasRenderingContext2D} context @param {Point[]} points */
function line(context, points) {
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  context.stroke();
}

/** @param {HTMLCanvasElement} canvas */
export const clearOverlay = (canvas) => canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
