// The models that clients would download, from packages that have the same weights in another form.
import { mediapipeModel } from '../../../demo/assets/mediapipe.js';
import { tfliteToGraph } from '../../support/tflite-to-graph.js';

/** @typedef {import('../../support/tfjs-engine.js').ModelArtifacts} ModelArtifacts */

const CONCAT = { N: 2, T: 'DT_FLOAT', Tidx: 'DT_INT32' };
const LAST_AXIS = Int32Array.of(2);

/** MediaPipe's short-range face detector as its clients want it: [1,896,17] of logit, box, 6 points. */
export const faceDetector = () =>
  tfliteToGraph(mediapipeModel('face_detection_short_range'), ({ add, constant }, node) => {
    add('ConcatV2', 'Identity', [node('classificators'), node('regressors'), constant([], LAST_AXIS)], CONCAT);
    return { 'Identity:0': 'Identity' };
  });

/** 468 landmarks refined by lips, eyes and irises, whose regions are fixed (tflite-to-graph.js). */
export const attentionMesh = () =>
  tfliteToGraph(mediapipeModel('face_landmark_with_attention'), ({ add }, node) => {
    const outputs = {
      output_lips: 'output_lips',
      Identity_1: 'output_left_eye',
      Identity_2: 'output_left_iris',
      Identity_5: 'output_right_eye',
      Identity_6: 'output_right_iris',
    };
    add('Sigmoid', 'output_faceflag', [node('conv_faceflag')], { T: 'DT_FLOAT' });
    for (const [name, from] of Object.entries(outputs)) if (name !== from) add('Identity', name, [node(from)], { T: 'DT_FLOAT' });
    return {
      output_faceflag: 'output_faceflag',
      output_mesh_identity: node('output_mesh_identity'),
      output_lips: node('output_lips'),
      ...Object.fromEntries([1, 2, 5, 6].map((i) => [`Identity_${i}:0`, `Identity_${i}`])),
    };
  });

/** BlazePose's detector: [1,2254,13] of logit, box, 4 points. */
export const poseDetector = () =>
  tfliteToGraph(mediapipeModel('pose_detection'), ({ add, constant }, node) => {
    add('ConcatV2', 'detections', [node('Identity_1'), node('Identity'), constant([], LAST_AXIS)], CONCAT);
    return { detections: 'detections' };
  });

/** BlazePose's landmarks: 39 of x, y, z, visibility, presence; a score; a mask; heat maps; the points in metres. */
export const poseLandmarks = () =>
  tfliteToGraph(mediapipeModel('pose_landmark_lite'), ({ add }, node) => {
    add('Sigmoid', 'mask', [node('Identity_2')], { T: 'DT_FLOAT' });
    return {
      ld_3d: node('Identity'),
      output_poseflag: node('Identity_1'),
      activation_segmentation: 'mask',
      activation_heatmap: node('Identity_3'),
      world_3d: node('Identity_4'),
    };
  });
