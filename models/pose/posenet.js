// PoseNet on MobileNetV1 (@tensorflow-models/posenet): 17 points of one person or of several, from one look at the whole image.

import { sameShape } from '../shared/ports.js';
import { COCO_KEYPOINTS } from './keypoints.js';
import { boxOf } from './pose.js';
import { decodeMultiplePoses, decodeSinglePose } from './posenet-decode.js';

/** @import { ImageModel, Ports } from '../shared/engine.js' */
/** @import { PoseFinder } from './pose.js' */

const PARTS = COCO_KEYPOINTS.length;
const EDGES = PARTS - 1;
/** Where the model takes any size (MOBILENET_V1_CONFIG of @tensorflow-models/pose-detection). */
const DEFAULT_SIZE = 257;
/** Of one person's mean score; ours, low: what has no person in it at all is below. */
const MIN_SCORE = 0.1;

/** @param {Ports} model @param {number} channels */
const mapsOf = ({ outputs }, channels) =>
  outputs.filter(({ shape }) => shape.length === 4 && shape[3] === channels).map(({ name }) => name);

/** @param {Ports} model */
export const isPoseNet = (model) =>
  model.inputs.length === 1 &&
  sameShape(model.inputs[0].shape, [1, -1, -1, 3]) &&
  mapsOf(model, PARTS).length === 1 &&
  mapsOf(model, 2 * PARTS).length === 1 &&
  mapsOf(model, 2 * EDGES).length === 2;

/**
 * @param {ImageModel & Ports} model
 * @returns {PoseFinder}
 */
export function createPoseNet(model) {
  const [input] = model.inputs;
  const [, rows, columns] = input.shape;
  const width = columns > 0 ? columns : DEFAULT_SIZE;
  const height = rows > 0 ? rows : DEFAULT_SIZE;
  const [heatmap] = mapsOf(model, PARTS);
  const [offset] = mapsOf(model, 2 * PARTS);
  // Both kinds of published models name them, and have the forward ones first.
  const displacements = mapsOf(model, 2 * EDGES);
  const forward = displacements.find((name) => /fwd|forward/i.test(name)) ?? displacements[0];
  const backward = displacements.find((name) => name !== forward) ?? displacements[1];

  return {
    async find(frame, { maxPoses = 1, scoreThreshold, nmsRadius }) {
      const view = fit(frame, width, height);
      const data = frame.crop({ region: view.region, width, height, scale: 1 / 127.5, offset: -1 });
      const outputs = await model.run({ [input.name]: { dtype: 'float32', shape: [1, height, width, 3], data } });
      const values = (/** @type {string} */ name) => /** @type {ArrayLike<number>} */ (outputs[name].data);
      const [, mapHeight, mapWidth] = outputs[heatmap].shape;
      const maps = {
        height: mapHeight,
        width: mapWidth,
        stride: (height - 1) / (mapHeight - 1),
        scores: Float32Array.from(values(heatmap), (logit) => 1 / (1 + Math.exp(-logit))),
        offsets: values(offset),
      };
      const found =
        maxPoses === 1
          ? [decodeSinglePose(maps)].filter(({ score }) => score >= (scoreThreshold ?? MIN_SCORE))
          : decodeMultiplePoses({ ...maps, forward: values(forward), backward: values(backward) }, { maxPoses, scoreThreshold, nmsRadius });
      return found.map(({ keypoints, score }) => {
        const points = keypoints.map((point) => ({ ...point, ...view.toImage(point) }));
        return { box: boxOf(points), keypoints: points, score };
      });
    },
    reset() {},
  };
}

/**
 * The whole image in the model's input, its centre in the centre.
 * @param {{ width: number, height: number }} image
 * @param {number} width  of the input.
 * @param {number} height
 */
function fit(image, width, height) {
  const scale = Math.max(image.width / width, image.height / height);
  const region = { xCenter: image.width / 2, yCenter: image.height / 2, width: width * scale, height: height * scale };
  /** Points count from the centre of the input's first pixel. @param {{ x: number, y: number }} point */
  const toImage = ({ x, y }) => ({
    x: region.xCenter + (x + 0.5 - width / 2) * scale,
    y: region.yCenter + (y + 0.5 - height / 2) * scale,
  });
  return { region, toImage };
}
