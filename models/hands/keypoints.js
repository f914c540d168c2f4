// The 21 points of a hand, in the order of the model's output.

/** Names as @tensorflow-models/hand-pose-detection gives them. */
export const HAND_KEYPOINTS = [
  'wrist',
  'thumb_cmc',
  'thumb_mcp',
  'thumb_ip',
  'thumb_tip',
  ...['index', 'middle', 'ring', 'pinky'].flatMap((finger) => ['mcp', 'pip', 'dip', 'tip'].map((joint) => `${finger}_finger_${joint}`)),
];

/** Points of each finger from the palm to its tip. */
export const FINGERS = {
  thumb: [1, 2, 3, 4],
  index_finger: [5, 6, 7, 8],
  middle_finger: [9, 10, 11, 12],
  ring_finger: [13, 14, 15, 16],
  pinky_finger: [17, 18, 19, 20],
};

/** Lines between the points, for drawings: along the fingers from the wrist, and across the palm. @type {[number, number][]} */
export const HAND_SKELETON = [
  ...Object.values(FINGERS).flatMap((points) =>
    points.map((point, i) => /** @type {[number, number]} */ ([i === 0 ? 0 : points[i - 1], point])),
  ),
  [5, 9],
  [9, 13],
  [13, 17],
];
