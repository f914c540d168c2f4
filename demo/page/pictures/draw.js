// What is drawn over the photograph.

const COLOUR = '#3dff6e';

/**
 * @param {CanvasRenderingContext2D} context @param {CanvasImageSource} photo
 * @param {import('../../../models/facemesh/index.js').Face[]} faces  In pixels of the canvas.
 */
export function drawFaces(context, photo, faces) {
  context.drawImage(photo, 0, 0, context.canvas.width, context.canvas.height);
  context.fillStyle = COLOUR;
  context.strokeStyle = COLOUR;
  for (const { box, keypoints } of faces) {
    const unit = Math.max(box.width / 150, 0.75);
    for (const { x, y } of keypoints) {
      context.beginPath();
      context.arc(x, y, unit, 0, 2 * Math.PI);
      context.fill();
    }
    context.lineWidth = unit;
    context.strokeRect(box.xMin, box.yMin, box.width, box.height);
  }
}
