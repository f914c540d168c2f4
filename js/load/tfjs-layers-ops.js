// Layer classes → the ops of src/ops.def: one row per class. A row describes its layer with the calls of a LayerView.
//   inputs   least and most number of inputs (1)
//   rank     how many dimensions each has to have, where the row relies on it
//   anyType  takes inputs as they are; otherwise they become float32 first
//   masking  its result is masked where an input is
//   masked   whether its result is masked in any case
import { elu, leakyRelu, prelu, relu, softmax, thresholdedRelu } from './tfjs-layers/layer-activations.js';
import { categoryEncoding, centerCrop, rescaling, resizing } from './tfjs-layers/layer-images.js';
import {
  activation,
  average,
  batchNormalization,
  concatenate,
  dense,
  dot,
  embedding,
  flatten,
  identity,
  joinTime,
  layerNormalization,
  masking,
  merge,
  permute,
  repeatVector,
  reshapeTo,
  splitTime,
} from './tfjs-layers/layer-math.js';
import {
  convolution,
  cropping,
  depthwise,
  globalPooling,
  pooling,
  separable,
  transposed2d,
  transposed3d,
  upSampling,
  zeroPadding,
} from './tfjs-layers/layer-windows.js';

/**
 * @typedef {object} LayerRow
 * @property {[least: number, most: number]} [inputs]
 * @property {number} [rank]
 * @property {boolean} [anyType]
 * @property {boolean} [masking]
 * @property {(config: import('./tfjs-layers/layer-config.js').LayerConfig) => boolean} [masked]
 * @property {(view: import('./tfjs-layers/layer-builder.js').LayerView) => import('./tfjs-layers/layer-builder.js').Value} build
 */

/** XJ_OP of concat: the most inputs. */
const MANY = 4096;
const merged = { anyType: true, masking: true };

/** @type {ReadonlyMap<string, LayerRow>} */
export const layerRows = new Map([
  ['Dense', { masking: true, build: dense }],
  ['Activation', { masking: true, build: activation }],
  ['Embedding', { anyType: true, masked: (config) => config.bool('mask_zero', false), build: embedding }],
  ['Masking', { masked: () => true, build: masking }],
  ['Flatten', { anyType: true, build: flatten }],
  ['Reshape', { anyType: true, build: reshapeTo }],
  ['Permute', { anyType: true, build: permute }],
  ['RepeatVector', { anyType: true, rank: 2, build: repeatVector }],

  // Random while training only. Those from SpatialDropout2D on are Keras's.
  ...rows(
    { anyType: true, masking: true, build: identity },
    'Dropout SpatialDropout1D GaussianNoise GaussianDropout AlphaDropout RandomWidth',
    'SpatialDropout2D SpatialDropout3D ActivityRegularization RandomHeight RandomFlip RandomRotation RandomZoom RandomTranslation',
    'RandomContrast RandomBrightness',
  ),

  ['ReLU', { masking: true, build: relu }],
  ['LeakyReLU', { masking: true, build: leakyRelu }],
  ['PReLU', { masking: true, build: prelu }],
  ['ELU', { masking: true, build: elu }],
  ['ThresholdedReLU', { masking: true, build: thresholdedRelu }],
  ['Softmax', { build: softmax }],

  ['Conv1D', { rank: 3, build: convolution(1) }],
  ['Conv2D', { rank: 4, build: convolution(2) }],
  ['Conv3D', { rank: 5, build: convolution(3) }],
  ['Conv2DTranspose', { rank: 4, build: transposed2d }],
  ['Conv3DTranspose', { rank: 5, build: transposed3d }],
  ['DepthwiseConv2D', { rank: 4, build: depthwise(2) }],
  ['SeparableConv2D', { rank: 4, build: separable(2) }],
  ['MaxPooling1D', { rank: 3, build: pooling('max', 1) }],
  ['MaxPooling2D', { rank: 4, build: pooling('max', 2) }],
  ['MaxPooling3D', { rank: 5, build: pooling('max', 3) }],
  ['AveragePooling1D', { rank: 3, build: pooling('avg', 1) }],
  ['AveragePooling2D', { rank: 4, build: pooling('avg', 2) }],
  ['AveragePooling3D', { rank: 5, build: pooling('avg', 3) }],
  ['GlobalAveragePooling1D', { rank: 3, build: globalPooling('mean', 1) }],
  ['GlobalAveragePooling2D', { rank: 4, build: globalPooling('mean', 2) }],
  ['GlobalMaxPooling1D', { rank: 3, build: globalPooling('reduce_max', 1) }],
  ['GlobalMaxPooling2D', { rank: 4, build: globalPooling('reduce_max', 2) }],
  ['UpSampling2D', { rank: 4, build: upSampling(2) }],
  ['ZeroPadding2D', { rank: 4, anyType: true, build: zeroPadding(2) }],
  ['Cropping2D', { rank: 4, anyType: true, build: cropping(2) }],

  ['Add', { inputs: [2, MANY], ...merged, build: merge('add') }],
  ['Multiply', { inputs: [2, MANY], ...merged, build: merge('mul') }],
  ['Average', { inputs: [2, MANY], ...merged, build: average }],
  ['Maximum', { inputs: [2, MANY], ...merged, build: merge('maximum') }],
  ['Minimum', { inputs: [2, MANY], ...merged, build: merge('minimum') }],
  ['Concatenate', { inputs: [2, MANY], ...merged, build: concatenate }],
  ['Dot', { inputs: [2, 2], build: dot }],
  ['BatchNormalization', { masking: true, build: batchNormalization }],
  ['LayerNormalization', { masking: true, build: layerNormalization }],

  ['Rescaling', { build: rescaling }],
  ['Resizing', { build: resizing }],
  ['CenterCrop', { build: centerCrop }],
  ['CategoryEncoding', { anyType: true, build: categoryEncoding }],

  // Keras's own, which TensorFlow.js does not have: the above in another number of dimensions.
  ['Subtract', { inputs: [2, 2], ...merged, build: merge('sub') }],
  ['DepthwiseConv1D', { rank: 3, build: depthwise(1) }],
  ['SeparableConv1D', { rank: 3, build: separable(1) }],
  ['GlobalAveragePooling3D', { rank: 5, build: globalPooling('mean', 3) }],
  ['GlobalMaxPooling3D', { rank: 5, build: globalPooling('reduce_max', 3) }],
  ['UpSampling1D', { rank: 3, build: upSampling(1) }],
  ['ZeroPadding1D', { rank: 3, anyType: true, build: zeroPadding(1) }],
  ['ZeroPadding3D', { rank: 5, anyType: true, build: zeroPadding(3) }],
  ['Cropping1D', { rank: 3, anyType: true, build: cropping(1) }],
  ['Cropping3D', { rank: 5, anyType: true, build: cropping(3) }],
]);

/** The two ends of a TimeDistributed, which tfjs-layers/layer-models.js makes a model of. @type {LayerRow} */
export const JOIN_TIME = { anyType: true, build: joinTime };
/** @type {LayerRow} */
export const SPLIT_TIME = { inputs: [2, 2], anyType: true, build: splitTime };

/** Rows that differ in nothing but the class. @param {LayerRow} row @param {...string} names @returns {[string, LayerRow][]} */
function rows(row, ...names) {
  return names.flatMap((list) => list.split(' ')).map((name) => [name, row]);
}
