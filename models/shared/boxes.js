// Axis-aligned boxes in pixels.

/** @typedef {{ xMin: number, yMin: number, width: number, height: number }} Box */

/**
 * Intersection over union.
 * @param {Box} a
 * @param {Box} b
 * @returns {number}  0 (apart) to 1 (equal); 0 if both are empty.
 */
export function overlap(a, b) {
  const width = Math.min(a.xMin + a.width, b.xMin + b.width) - Math.max(a.xMin, b.xMin);
  const height = Math.min(a.yMin + a.height, b.yMin + b.height) - Math.max(a.yMin, b.yMin);
  const shared = Math.max(width, 0) * Math.max(height, 0);
  const union = a.width * a.height + b.width * b.height - shared;
  return union > 0 ? shared / union : 0;
}

/**
 * The smallest box around points.
 * @param {{ x: number, y: number }[]} points  at least one.
 * @returns {Box}
 */
export function boundingBox(points) {
  let [xMin, yMin, xMax, yMax] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    xMin = Math.min(xMin, x);
    yMin = Math.min(yMin, y);
    xMax = Math.max(xMax, x);
    yMax = Math.max(yMax, y);
  }
  return { xMin, yMin, width: xMax - xMin, height: yMax - yMin };
}

/**
 * Hard non-maximum suppression: of boxes that overlap by more than `limit`, the best stays.
 * @template {{ score: number, box: Box }} T
 * @param {T[]} candidates
 * @param {number} limit  intersection over union.
 * @returns {T[]}  best first.
 */
export function keepBest(candidates, limit) {
  /** @type {T[]} */
  const kept = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => overlap(box, candidate.box) <= limit)) kept.push(candidate);
  }
  return kept;
}

/**
 * Weighted non-maximum suppression: boxes that overlap the best one by more than `limit` are averaged with it, each by
 * its score; the score is the best one's. Steadier than the hard kind on one network output (BlazeFace, arXiv
 * 1907.05047, 3.4).
 * @template {{ score: number, box: Box, points: { x: number, y: number }[] }} T
 * @param {T[]} candidates
 * @param {number} limit  intersection over union.
 * @returns {{ score: number, box: Box, points: { x: number, y: number }[] }[]}  best first.
 */
export function blendOverlapping(candidates, limit) {
  let rest = [...candidates].sort((a, b) => b.score - a.score);
  const blended = [];
  while (rest.length > 0) {
    const best = rest[0];
    const group = rest.filter((other) => other === best || overlap(best.box, other.box) > limit);
    rest = rest.filter((other) => !group.includes(other));
    const total = group.reduce((sum, { score }) => sum + score, 0);
    /** @param {(member: T) => number} value */
    const mean = (value) => group.reduce((sum, member) => sum + member.score * value(member), 0) / total;
    blended.push({
      score: best.score,
      box: {
        xMin: mean(({ box }) => box.xMin),
        yMin: mean(({ box }) => box.yMin),
        width: mean(({ box }) => box.width),
        height: mean(({ box }) => box.height),
      },
      points: best.points.map((_, i) => ({
        x: mean(({ points }) => points[i].x),
        y: mean(({ points }) => points[i].y),
      })),
    });
  }
  return blended;
}
