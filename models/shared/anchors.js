// The grid of points that the detector's raw boxes are relative to.

/**
 * Cell centres of each layer in row-major order, each repeated once per anchor of its cell. All anchors are points: the
 * detector predicts sizes in pixels of its input (fixed_anchor_size in MediaPipe's SsdAnchorsCalculator).
 * @param {number} inputSize  side of the detector's input in pixels.
 * @param {{ stride: number, perCell: number }[]} layers
 * @returns {Float32Array}  [n, 2] of x, y in pixels of the input.
 */
export function createAnchors(inputSize, layers) {
  const centers = [];
  for (const { stride, perCell } of layers) {
    const cells = Math.ceil(inputSize / stride);
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        for (let n = 0; n < perCell; n++) centers.push((column + 0.5) * stride, (row + 0.5) * stride);
      }
    }
  }
  return Float32Array.from(centers);
}
