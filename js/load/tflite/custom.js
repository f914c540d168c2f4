// Custom ops of TensorFlow Lite models: those of MediaPipe's (mediapipe/util/tflite/operations), by the names that models
// call them. Their options are a FlexBuffer's map, or the struct of a builtin op.
import { readFlexbuffer } from '../flexbuffer.js';

/**
 * @typedef {import('./builder.js').NodeView} NodeView
 * @typedef {import('./builder.js').OpRow} OpRow
 */

/** More landmarks than a face has. */
const MOST_LANDMARKS = 1000;

/** @type {ReadonlyMap<string, OpRow>} */
export const tfliteCustomOps = new Map([
  ['Landmarks2TransformMatrix', { inputs: [1, 1], emit: matrix }],
  [
    'TransformTensorBilinear',
    {
      inputs: [2, 2],
      emit: (n) => {
        checkVersion(n);
        const options = flexOptions(n);
        const attrs = { output_height: size(n, options, 'output_height'), output_width: size(n, options, 'output_width') };
        n.set(n.emit('transform_tensor_bilinear', [n.float(0), n.float(1)], attrs));
      },
    },
  ],
  [
    'TransformLandmarks',
    {
      inputs: [2, 2],
      emit: (n) => {
        checkVersion(n);
        n.set(n.emit('transform_landmarks', [n.float(0), n.float(1)]));
      },
    },
  ],
  ['Convolution2DTransposeBias', { inputs: [3, 3], emit: transposed }],
]);

/** Version 1 of the landmark ops computed something else. @param {NodeView} n */
function checkVersion(n) {
  if (n.operator.version !== 2) n.unsupported(`version ${n.operator.version}; version 2 is supported`);
}

/** @param {NodeView} n @returns {Map<string, any>} */
function flexOptions(n) {
  const options = readFlexbuffer(n.operator.customOptions ?? new Uint8Array(0));
  return options instanceof Map ? options : n.bad('its options are no map');
}

/** @param {NodeView} n @param {Map<string, any>} options @param {string} name @returns {number} */
function integer(n, options, name) {
  const value = options.get(name);
  return Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : n.bad(`option ${name} is ${show(value)}`);
}

/** @param {NodeView} n @param {Map<string, any>} options @param {string} name */
function size(n, options, name) {
  const value = integer(n, options, name);
  return value > 0 ? value : n.bad(`option ${name} is 0`);
}

/** @param {NodeView} n @param {Map<string, any>} options @param {string} name @returns {number} */
function float(n, options, name) {
  const value = options.get(name);
  return Number.isFinite(value) ? value : n.bad(`option ${name} is ${show(value)}`);
}

/** @param {unknown} value */
function show(value) {
  return typeof value === 'object' ? 'a list' : String(value).slice(0, 40);
}

/** @param {NodeView} n */
function matrix(n) {
  checkVersion(n);
  const options = flexOptions(n);
  const subset = options.get('subset_idxs');
  if (!Array.isArray(subset) || !subset.every((index) => Number.isInteger(index) && index >= 0 && index < 2 ** 31))
    n.bad(`option subset_idxs is ${show(subset)}`);
  if (subset.length > MOST_LANDMARKS) n.unsupported(`${subset.length} landmarks, at most ${MOST_LANDMARKS} are possible`);
  const attrs = {
    left_rotation_idx: integer(n, options, 'left_rotation_idx'),
    right_rotation_idx: integer(n, options, 'right_rotation_idx'),
    target_rotation_radians: float(n, options, 'target_rotation_radians'),
    output_height: size(n, options, 'output_height'),
    output_width: size(n, options, 'output_width'),
    scale_x: float(n, options, 'scale_x'),
    scale_y: float(n, options, 'scale_y'),
  };
  const indices = n.constant('int32', [subset.length], Int32Array.from(subset));
  n.set(n.emit('landmarks_to_transform_matrix', [n.float(0), indices], attrs));
}

/** x, filter [OC,KH,KW,C], bias; the options are TfLiteTransposeConvParams: padding (1 SAME, 2 VALID), widths before heights. @param {NodeView} n */
function transposed(n) {
  const bytes = n.operator.customOptions ?? new Uint8Array(0);
  if (bytes.length < 12) n.bad(`its options have ${bytes.length} bytes, not 12`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [padding, stride_w, stride_h] = [0, 4, 8].map((at) => view.getInt32(at, true));
  if (![1, 2].includes(padding) || stride_w < 1 || stride_h < 1) n.bad(`padding ${padding}, strides ${stride_h} and ${stride_w}`);
  if (!n.isConstant(1)) n.unsupported(`filter "${n.input(1).ref}" is computed at run time`);
  const attrs = { stride_h, stride_w, padding: padding === 1 ? 1 : 0, out_h: 0, out_w: 0, filter_layout: 1 };
  n.set(n.emit('conv2d_transpose', [n.float(0), n.float(1), n.float(2)], attrs));
}
