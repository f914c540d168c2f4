// MediaPipe's face pipeline on TensorFlow.js, written apart from models/: crops by tf.image.transform, models by
// tfjs-converter, what lies between in tensors. It is what the pipeline's results are compared with.
//
// Numbers: face_detection_short_range.pbtxt, face_detection_back_desktop_live.pbtxt, face_landmark_front_cpu.pbtxt of MediaPipe.

import * as tf from '@tensorflow/tfjs-core';

/**
 * @typedef {{ run: (inputs: Record<string, Float32Array>) => Promise<Record<string, { data: ArrayLike<number>, shape: number[] }>>,
 *   inputs: readonly { name: string }[] }} Model
 * @typedef {{ cx: number, cy: number, side: number, angle: number }} Square
 * @typedef {{ width: number, height: number, data: Uint8Array | Uint8ClampedArray }} Image
 *
 * @typedef {object} Detector
 * @property {Model} model
 * @property {number} size
 * @property {(outputs: Record<string, { data: ArrayLike<number> }>) => { logits: number[], values: number[][] }} read  in the order of
 *   the anchors, finest cells first.
 * @property {[cells: number, perCell: number][]} grid
 *
 * @typedef {object} Mesher
 * @property {Model} model
 * @property {(outputs: Record<string, { data: ArrayLike<number> }>) => { points: number[][], presence: number }} read  points in pixels of
 *   the input.
 */

/**
 * The picture under a square, [size, size, 3], by a projective transform of pixel indices.
 * @param {Image} image @param {Square} square @param {number} size
 * @param {'nearest' | 'constant'} fill @param {number} scale @param {number} offset
 */
function crop(image, { cx, cy, side, angle }, size, fill, scale, offset) {
  return tf.tidy(() => {
    const rgba = tf.tensor4d(Float32Array.from(image.data), [1, image.height, image.width, 4]);
    const rgb = tf.slice(rgba, [0, 0, 0, 0], [1, image.height, image.width, 3]);
    const step = side / size;
    const [a, b] = [Math.cos(angle) * step, Math.sin(angle) * step];
    // index i of the crop is at (i + 0.5 − size / 2) steps from the centre; index x of the image at x + 0.5
    const half = (size - 1) / 2;
    const transform = [a, -b, cx - 0.5 - half * (a - b), b, a, cy - 0.5 - half * (a + b), 0, 0];
    const cut = tf.image.transform(rgb, tf.tensor2d([transform]), 'bilinear', fill, 0, [size, size]);
    return /** @type {Float32Array} */ (tf.add(tf.mul(cut, scale), offset).dataSync());
  });
}

/** @param {number[]} a @param {number[]} b  [yMin, xMin, yMax, xMax] */
function iou(a, b) {
  const side = (/** @type {number} */ axis) => Math.max(0, Math.min(a[axis + 2], b[axis + 2]) - Math.max(a[axis], b[axis]));
  const both = side(0) * side(1);
  const area = (/** @type {number[]} */ box) => (box[2] - box[0]) * (box[3] - box[1]);
  return both / (area(a) + area(b) - both);
}

/**
 * @param {Detector} detector @param {Image} image
 * @returns {Promise<Square[]>}  where to look for landmarks, best first.
 */
async function detect({ model, size, read, grid }, image) {
  const side = Math.max(image.width, image.height);
  const letterbox = { cx: image.width / 2, cy: image.height / 2, side, angle: 0 };
  const input = crop(image, letterbox, size, 'constant', 1 / 127.5, -1);
  const { logits, values } = read(await model.run({ [model.inputs[0].name]: input }));
  const centres = grid.flatMap(([cells, perCell]) =>
    Array.from({ length: cells * cells * perCell }, (_, i) => {
      const cell = Math.floor(i / perCell);
      return [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
    }),
  );
  const scores = /** @type {Float32Array} */ (tf.tidy(() => tf.sigmoid(tf.clipByValue(tf.tensor1d(logits), -100, 100)).dataSync()));
  const place = (/** @type {number} */ x, /** @type {number} */ y) => [
    x * side + image.width / 2 - side / 2,
    y * side + image.height / 2 - side / 2,
  ];
  const found = values.flatMap((raw, i) => {
    if (scores[i] < 0.5) return [];
    const [cx, cy, w, h, ...points] = raw.map((value) => value / size);
    const [x, y] = centres[i];
    const [xMin, yMin] = place(x + cx - w / 2, y + cy - h / 2);
    const [xMax, yMax] = place(x + cx + w / 2, y + cy + h / 2);
    const eyes = [place(x + points[0], y + points[1]), place(x + points[2], y + points[3])];
    return [{ score: scores[i], numbers: [yMin, xMin, yMax, xMax, ...eyes.flat()] }];
  });
  // Weighted suppression: the best takes the mean of all that overlap it.
  found.sort((a, b) => b.score - a.score);
  const squares = [];
  for (let rest = found; rest.length > 0; ) {
    const group = rest.filter(({ numbers }) => numbers === rest[0].numbers || iou(rest[0].numbers, numbers) > 0.3);
    rest = rest.filter((other) => !group.includes(other));
    const [yMin, xMin, yMax, xMax, rightX, rightY, leftX, leftY] = tf.tidy(() => {
      const weights = tf.tensor1d(group.map(({ score }) => score));
      const sum = tf.dot(weights, tf.tensor2d(group.map(({ numbers }) => numbers)));
      return /** @type {Float32Array} */ (tf.div(sum, tf.sum(weights)).dataSync());
    });
    squares.push({
      cx: (xMin + xMax) / 2,
      cy: (yMin + yMax) / 2,
      side: 1.5 * Math.max(xMax - xMin, yMax - yMin),
      angle: Math.atan2(leftY - rightY, leftX - rightX),
    });
  }
  return squares;
}

/**
 * @param {Mesher} mesher @param {Image} image @param {Square} square
 * @returns {Promise<{ points: number[][], presence: number, next: Square }>}  points in pixels of the image; next: where the face is
 *   looked for in the next frame.
 */
async function mesh({ model, read }, image, square) {
  const input = crop(image, square, 192, 'nearest', 1 / 255, 0);
  const { points: raw, presence } = read(await model.run({ [model.inputs[0].name]: input }));
  const points = tf.tidy(() => {
    const { cx, cy, side, angle } = square;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const unit = tf.sub(tf.div(tf.tensor2d(raw), 192), [0.5, 0.5, 0]);
    const turned = tf.matMul(unit, [
      [cos, sin, 0],
      [-sin, cos, 0],
      [0, 0, 1],
    ]);
    return /** @type {number[][]} */ (tf.add(tf.mul(turned, side), [cx, cy, 0]).arraySync());
  });
  const [[xMin, yMin], [xMax, yMax]] = [Math.min, Math.max].map((of) => [0, 1].map((axis) => of(...points.map((point) => point[axis]))));
  const [right, left] = [points[33], points[263]];
  return {
    points,
    presence,
    next: {
      cx: (xMin + xMax) / 2,
      cy: (yMin + yMax) / 2,
      side: 1.5 * Math.max(xMax - xMin, yMax - yMin),
      angle: Math.atan2(left[1] - right[1], left[0] - right[0]),
    },
  };
}

/**
 * @param {Detector} detector @param {Mesher} mesher @param {Image} image
 * @param {number} frames  how often the picture is looked at, each time where the last one left off. A face that is lost there is
 *   found anew by the detector.
 * @returns {Promise<number[][][]>}  [faces][points] of [x, y, z].
 */
export async function facesByTensorflow(detector, mesher, image, frames) {
  const faces = [];
  for (const square of await detect(detector, image)) {
    const first = await mesh(mesher, image, square);
    if (first.presence < 0.5) continue;
    let face = first;
    for (let frame = 1; frame < frames; frame++) {
      face = await mesh(mesher, image, face.next);
      if (face.presence < 0.5) face = first;
    }
    faces.push(face.points);
  }
  return faces;
}

/** [n, width] of a flat output. @param {ArrayLike<number>} data @param {number} width */
export const rows = (data, width) =>
  Array.from({ length: data.length / width }, (_, i) => Array.from({ length: width }, (_, j) => data[i * width + j]));
