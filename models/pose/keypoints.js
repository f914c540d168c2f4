// Names of body points, in the order of the models' outputs. left and right are the person's own.

/** COCO's 17, of MoveNet and PoseNet. */
export const COCO_KEYPOINTS = [
  'nose',
  'left_eye',
  'right_eye',
  'left_ear',
  'right_ear',
  'left_shoulder',
  'right_shoulder',
  'left_elbow',
  'right_elbow',
  'left_wrist',
  'right_wrist',
  'left_hip',
  'right_hip',
  'left_knee',
  'right_knee',
  'left_ankle',
  'right_ankle',
];

/** MediaPipe's 33, of BlazePose (pose_landmark_by_roi_cpu.pbtxt). */
export const BLAZEPOSE_KEYPOINTS = [
  'nose',
  'left_eye_inner',
  'left_eye',
  'left_eye_outer',
  'right_eye_inner',
  'right_eye',
  'right_eye_outer',
  'left_ear',
  'right_ear',
  'mouth_left',
  'mouth_right',
  'left_shoulder',
  'right_shoulder',
  'left_elbow',
  'right_elbow',
  'left_wrist',
  'right_wrist',
  'left_pinky',
  'right_pinky',
  'left_index',
  'right_index',
  'left_thumb',
  'right_thumb',
  'left_hip',
  'right_hip',
  'left_knee',
  'right_knee',
  'left_ankle',
  'right_ankle',
  'left_heel',
  'right_heel',
  'left_foot_index',
  'right_foot_index',
];

/** Lines between the points, for drawings: [from, to] of each skeleton. @type {Record<'coco' | 'blazepose', [number, number][]>} */
export const SKELETONS = {
  coco: pairs(COCO_KEYPOINTS, [
    'left_ear left_eye nose right_eye right_ear',
    'left_wrist left_elbow left_shoulder right_shoulder right_elbow right_wrist',
    'left_shoulder left_hip right_hip right_shoulder',
    'left_hip left_knee left_ankle',
    'right_hip right_knee right_ankle',
  ]),
  blazepose: pairs(BLAZEPOSE_KEYPOINTS, [
    'left_ear left_eye_outer left_eye left_eye_inner nose right_eye_inner right_eye right_eye_outer right_ear',
    'mouth_left mouth_right',
    'left_thumb left_wrist left_elbow left_shoulder right_shoulder right_elbow right_wrist right_thumb',
    'left_wrist left_pinky left_index left_wrist',
    'right_wrist right_pinky right_index right_wrist',
    'left_shoulder left_hip right_hip right_shoulder',
    'left_hip left_knee left_ankle left_heel left_foot_index left_ankle',
    'right_hip right_knee right_ankle right_heel right_foot_index right_ankle',
  ]),
};

/** @param {string[]} names @param {string[]} paths  points that follow one another. @returns {[number, number][]} */
function pairs(names, paths) {
  return paths.flatMap((path) => {
    const points = path.split(' ').map((name) => names.indexOf(name));
    return points.slice(1).map((point, i) => /** @type {[number, number]} */ ([points[i], point]));
  });
}
