// Teachable Machine's two image networks as the layers models that it exports: a truncated MobileNet, then the trained head.
// RGB 224 is Keras's MobileNetV2 0.35, grayscale 96 its MobileNetV1 0.25. Keras's names, zeros before a stride of 2.

import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { seeded } from '../random.js';
import { roundChannels } from './mobilenet.js';
import { count } from './network.js';

/**
 * @typedef {import('@tensorflow/tfjs-layers').SymbolicTensor} Symbol
 * @typedef {import('../tfjs-engine.js').ModelArtifacts} ModelArtifacts
 */

/**
 * @param {{ grayscale?: boolean, size?: number, classes?: number, seed?: number, bareList?: boolean }} [options]
 *   bareList: a Sequential's config is the list of its layers, as older versions wrote it.
 * @returns {Promise<ModelArtifacts>}
 */
export async function teachableImage({ grayscale = false, size = grayscale ? 96 : 224, classes = 3, seed = 51, bareList = false } = {}) {
  await tf.setBackend('cpu');
  const base = grayscale ? mobileNetV1(size, 0.25) : mobileNetV2(size, 0.35);
  const features = layers.sequential({ name: 'sequential_1', layers: [base, layers.layers.globalAveragePooling2d({ name: 'average' })] });
  const head = layers.sequential({
    name: 'sequential_3',
    layers: [
      layers.layers.dense({ name: 'dense_Dense1', units: 100, activation: 'relu', inputShape: [base.outputs[0].shape[3] ?? 0] }),
      layers.layers.dense({ name: 'dense_Dense2', units: classes, activation: 'softmax', useBias: false }),
    ],
  });
  const model = layers.sequential({ name: 'sequential_4', layers: [features, head] });
  setWeights(model, seed);
  const { modelTopology, weightSpecs, weightData } = await artifactsOf(model);
  model.dispose();
  return { modelTopology: bareList ? withBareLists(modelTopology) : modelTopology, weightSpecs, weightData };
}

/** @param {layers.LayersModel} model @returns {Promise<any>} */
function artifactsOf(model) {
  return new Promise((resolve, reject) => {
    const save = async (/** @type {object} */ artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: /** @type {const} */ ('JSON') } };
    };
    model.save({ save }).catch(reject);
  });
}

/** @param {layers.LayersModel} model @param {number} seed */
function setWeights(model, seed) {
  const random = seeded(seed);
  const uniform = (/** @type {readonly number[]} */ shape, /** @type {number} */ low, /** @type {number} */ high) =>
    tf.tensor(
      Float32Array.from({ length: count(shape) }, () => low + (high - low) * random()),
      [...shape],
    );
  const values = model.weights.map((weight) => {
    const shape = /** @type {number[]} */ (weight.shape);
    const kind = weight.originalName.split('/').at(-1) ?? '';
    if (kind === 'gamma' || kind === 'moving_variance') return uniform(shape, 0.6, 1.4);
    if (!kind.endsWith('kernel')) return uniform(shape, -0.3, 0.3);
    const each = kind === 'depthwise_kernel' ? shape[0] * shape[1] : count(shape.slice(0, -1));
    const limit = Math.sqrt((shape.length === 2 ? 1 : 6) / each); // He's, after a relu; logits that are no larger than they need
    return uniform(shape, -limit, limit);
  });
  model.setWeights(values);
  tf.dispose(values);
}

/** @param {any} value @returns {any} */
function withBareLists(value) {
  if (Array.isArray(value)) return value.map(withBareLists);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBareLists(item)]));
  return value.class_name === 'Sequential' ? { ...entries, config: entries.config.layers } : entries;
}

/** Convolution or depthwise convolution, batch norm, relu6. @param {Symbol} x @param {any} options */
function normalised(x, { name, bn, relu, ...config }) {
  const shared = { name, useBias: false, padding: config.strides === 2 ? 'valid' : 'same', ...config };
  const layer = config.filters === undefined ? layers.layers.depthwiseConv2d(shared) : layers.layers.conv2d(shared);
  const y = layers.layers.batchNormalization({ name: bn, epsilon: 1e-3, momentum: 0.999 }).apply(layer.apply(x));
  return /** @type {Symbol} */ (relu === undefined ? y : layers.layers.reLU({ name: relu, maxValue: 6 }).apply(y));
}

/** Zeros below and on the right only where the side is even. @param {Symbol} x @param {string} name */
function padded(x, name) {
  const side = x.shape[1] ?? 0;
  const before = side % 2;
  return /** @type {Symbol} */ (
    layers.layers
      .zeroPadding2d({
        name,
        padding: [
          [before, 1],
          [before, 1],
        ],
      })
      .apply(x)
  );
}

/** @param {number} size @param {number} alpha */
function mobileNetV2(size, alpha) {
  const input = layers.input({ name: 'input_1', shape: [size, size, 3] });
  const stem = roundChannels(32 * alpha);
  let x = normalised(padded(input, 'Conv1_pad'), {
    ...{ name: 'Conv1', bn: 'bn_Conv1', relu: 'Conv1_relu' },
    ...{ filters: stem, kernelSize: 3, strides: 2 },
  });
  const stages = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ];
  let block = 0;
  for (const [expansion, channels, blocks, first] of stages)
    for (let i = 0; i < blocks; i++, block++) {
      const prefix = block === 0 ? 'expanded_conv' : `block_${block}`;
      const named = (/** @type {string} */ part) => ({ name: `${prefix}_${part}`, bn: `${prefix}_${part}_BN` });
      const filters = roundChannels(channels * alpha);
      const from = x;
      const inside = (x.shape[3] ?? 0) * expansion;
      if (block > 0) x = normalised(x, { ...named('expand'), relu: `${prefix}_expand_relu`, filters: inside, kernelSize: 1 });
      const strides = i === 0 ? first : 1;
      if (strides === 2) x = padded(x, `${prefix}_pad`);
      x = normalised(x, { ...named('depthwise'), relu: `${prefix}_depthwise_relu`, kernelSize: 3, strides });
      x = normalised(x, { ...named('project'), filters, kernelSize: 1 });
      if (from.shape[3] === filters && strides === 1)
        x = /** @type {Symbol} */ (layers.layers.add({ name: `${prefix}_add` }).apply([from, x]));
    }
  x = normalised(x, { name: 'Conv_1', bn: 'Conv_1_bn', relu: 'out_relu', filters: 1280, kernelSize: 1 });
  return layers.model({ name: 'model1', inputs: input, outputs: x });
}

/** @param {number} size @param {number} alpha */
function mobileNetV1(size, alpha) {
  const input = layers.input({ name: 'input_1', shape: [size, size, 1] });
  const channels = (/** @type {number} */ whole) => Math.floor(whole * alpha);
  let x = normalised(padded(input, 'conv1_pad'), {
    ...{ name: 'conv1', bn: 'conv1_bn', relu: 'conv1_relu' },
    ...{ filters: channels(32), kernelSize: 3, strides: 2 },
  });
  const blocks = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
  blocks.forEach((count, i) => {
    const strides = i > 0 && count !== blocks[i - 1] ? 2 : 1;
    const named = (/** @type {string} */ part) => ({
      name: `conv_${part}_${i + 1}`,
      bn: `conv_${part}_${i + 1}_bn`,
      relu: `conv_${part}_${i + 1}_relu`,
    });
    if (strides === 2) x = padded(x, `conv_pad_${i + 1}`);
    x = normalised(x, { ...named('dw'), kernelSize: 3, strides });
    x = normalised(x, { ...named('pw'), filters: channels(count), kernelSize: 1 });
  });
  return layers.model({ name: 'model1', inputs: input, outputs: x });
}
