// A trained head, with or without its base → the three files that Teachable Machine exports.

import { joinBytes } from '../shared/read-bytes.js';
import { pack } from './zip.js';

/** @import { HeadShape, HeadWeights } from '../../js/train/head.js' */
/** @import { WeightSpec } from './artifacts.js' */
/** @import { Base, LayerConfig } from './base.js' */

/**
 * @typedef {object} Export
 * @property {{ 'model.json': Uint8Array, 'weights.bin': Uint8Array, 'metadata.json': Uint8Array }} files
 * @property {() => File[]} toFiles  what loadImage, loadPose and loadAudio take, and browsers save.
 * @property {() => Promise<Uint8Array<ArrayBuffer>>} toZip
 */

/** The version of tfjs-layers that Teachable Machine's clients bring: the form of these configs. */
const KERAS_VERSION = 'tfjs-layers 1.3.1';
const FILES = { model: 'model.json', weights: 'weights.bin', metadata: 'metadata.json' };

/**
 * The head as layers of a Sequential, named as Teachable Machine names them.
 * @param {HeadWeights} weights @param {HeadShape} shape
 * @param {{ dropout: number, base: Base | undefined }} options  the dropout layer is left out where it is 0; names of the base are not
 *   taken twice.
 * @returns {Base}
 */
export function headLayers({ kernel, bias, classKernel }, { features, hidden, classes }, { dropout, base }) {
  const taken = new Set(base?.weightSpecs.map(({ name }) => name.split('/')[0]));
  const [first, last] = ['dense_Dense1', 'dense_Dense2'].map((wanted) => {
    let name = wanted;
    while (taken.has(name)) name += '_head';
    return name;
  });
  const dense = (/** @type {string} */ name, /** @type {object} */ config) => ({
    class_name: 'Dense',
    config: { name, trainable: true, ...config },
  });
  /** @type {LayerConfig[]} */
  const layers = [
    dense(first, { units: hidden, activation: 'relu', use_bias: true, batch_input_shape: [null, features], dtype: 'float32' }),
  ];
  if (dropout > 0) layers.push({ class_name: 'Dropout', config: { name: 'dropout_Dropout1', trainable: true, rate: dropout } });
  layers.push(dense(last, { units: classes, activation: 'softmax', use_bias: false }));
  const spec = (/** @type {string} */ name, /** @type {number[]} */ shape) => ({ name, shape, dtype: 'float32' });
  return {
    layers,
    weightSpecs: [spec(`${first}/kernel`, [features, hidden]), spec(`${first}/bias`, [hidden]), spec(`${last}/kernel`, [hidden, classes])],
    weightData: joinBytes(
      [kernel, bias, classKernel].map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
    ),
  };
}

/** @param {string} name @param {LayerConfig[]} layers @returns {LayerConfig} */
const sequential = (name, layers) => ({ class_name: 'Sequential', config: { name, layers } });

/** @param {Base} part @param {string} name  What runtime.load takes. */
export const artifactsOf = ({ layers, weightSpecs, weightData }, name) => ({
  modelTopology: sequential(name, layers),
  weightSpecs,
  weightData,
});

/**
 * Features and head as one model: a Sequential of both.
 * @param {Base} base @param {Base} head
 * @returns {Base}
 */
export function joinParts(base, head) {
  return {
    layers: [sequential('sequential_features', base.layers), sequential('sequential_head', head.layers)],
    weightSpecs: [...base.weightSpecs, ...head.weightSpecs],
    weightData: joinBytes([base.weightData, head.weightData]),
  };
}

/**
 * @param {Base} model @param {object} metadata
 * @returns {Export}
 */
export function writeExport({ layers, weightSpecs, weightData }, metadata) {
  const text = (/** @type {object} */ value) => new TextEncoder().encode(JSON.stringify(value));
  const files = {
    [FILES.model]: text({
      modelTopology: { ...sequential('sequential', layers), keras_version: KERAS_VERSION, backend: 'tensor_flow.js' },
      format: 'layers-model',
      generatedBy: 'xnnjs',
      convertedBy: null,
      weightsManifest: [{ paths: [FILES.weights], weights: weightSpecs }],
    }),
    [FILES.weights]: weightData,
    [FILES.metadata]: text(metadata),
  };
  return {
    files: /** @type {Export['files']} */ (files),
    toFiles: () => Object.entries(files).map(([name, bytes]) => new File([new Uint8Array(bytes)], name)),
    toZip: () => pack(files),
  };
}
