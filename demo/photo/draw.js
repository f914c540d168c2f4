// What is drawn on the photograph.

/** @import { Face } from '../../models/facemesh/index.js' */

const COLOR = '#3dff6e';

/**
 * Landmarks as dots, the box, and the score above it; strokes grow with the face.
 * @param {{ width: number, height: number }} image
 * @param {Face[]} faces
 * @returns {string}  SVG of the image's size.
 */
export function drawFaces({ width, height }, faces) {
  const shapes = faces.map(({ box, keypoints, score }) => {
    const unit = Math.max(box.width / 150, 0.5);
    const dots = keypoints.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join('');
    const labelSize = Math.max(unit * 16, 12);
    return (
      `<path d="${dots}" stroke-width="${(unit * 2.2).toFixed(1)}" stroke-linecap="round"/>` +
      `<rect x="${box.xMin}" y="${box.yMin}" width="${box.width}" height="${box.height}" stroke-width="${unit}"/>` +
      `<text x="${box.xMin}" y="${Math.max(box.yMin - unit * 4, labelSize)}" font-size="${labelSize}" ` +
      `font-family="sans-serif" fill="${COLOR}" stroke="none">${score.toFixed(3)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" fill="none" stroke="${COLOR}">` +
    `${shapes.join('')}</svg>`
  );
}
