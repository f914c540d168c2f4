// Landmarks moved to where the model's heat maps see them: the mean of the cells around each, weighted by their heat.

// MediaPipe refine_landmarks_from_heatmap_calculator: a window of 7×7 cells, kept where it has no cell of at least 0.5.
const REACH = 3;
const MIN_CONFIDENCE = 0.5;

/**
 * @param {Float32Array} landmarks  [points, stride] of x, y, … in pixels of the model's input; x and y are overwritten.
 * @param {ArrayLike<number>} heatmap  [size, size, points].
 * @param {object} options
 * @param {number} options.points
 * @param {number} options.stride
 * @param {number} options.inputSize
 * @param {boolean} options.logits  the heat is the sigmoid of what the map says.
 */
export function refineByHeatmap(landmarks, heatmap, { points, stride, inputSize, logits }) {
  const size = Math.round(Math.sqrt(heatmap.length / points));
  const cell = inputSize / size;
  for (let point = 0; point < points; point++) {
    const at = point * stride;
    const column = Math.trunc(landmarks[at] / cell);
    const row = Math.trunc(landmarks[at + 1] / cell);
    if (!(column >= 0 && column < size && row >= 0 && row < size)) continue;
    let [sum, x, y, most] = [0, 0, 0, 0];
    for (let r = Math.max(row - REACH, 0); r <= Math.min(row + REACH, size - 1); r++) {
      for (let c = Math.max(column - REACH, 0); c <= Math.min(column + REACH, size - 1); c++) {
        const value = heatmap[(r * size + c) * points + point];
        const heat = logits ? 1 / (1 + Math.exp(-value)) : value;
        sum += heat;
        x += c * heat;
        y += r * heat;
        if (heat > most) most = heat;
      }
    }
    if (most < MIN_CONFIDENCE) continue;
    landmarks[at] = (x / sum) * cell;
    landmarks[at + 1] = (y / sum) * cell;
  }
}
