// The part of a layers model that makes features: cut off where its classes begin, or at a layer of choice.
// Configs are Keras's, as tfjs-layers reads and writes them.

import { XnnError } from '../../js/index.js';
import { joinBytes } from '../shared/read-bytes.js';
import { storedBytes } from './artifacts.js';

/** @import { Artifacts, WeightSpec } from './artifacts.js' */

/** @typedef {{ class_name: string, name?: string, config: any, inbound_nodes?: any }} LayerConfig */

/** Where Teachable Machine cuts MobileNetV2 and V1 (custom-mobilenet.ts). */
const KNOWN_CUTS = ['out_relu', 'conv_pw_13_relu'];
const MODELS = ['Model', 'Functional'];
/** Layers whose output has no rows and columns any more. */
const FLAT = ['GlobalAveragePooling2D', 'GlobalMaxPooling2D', 'Flatten', 'Dense'];

/**
 * Pixels that a base model was trained with: a byte b as b · scale + offset. Exports see b / 127 − 1, so that a layer in front converts.
 * @typedef {{ scale: number, offset: number }} PixelRange
 *
 * @typedef {object} Base  a Sequential, and its weights as they are stored.
 * @property {LayerConfig[]} layers
 * @property {WeightSpec[]} weightSpecs
 * @property {Uint8Array} weightData
 */

/**
 * @param {Artifacts} artifacts
 * @param {object} [options]
 * @param {string} [options.layer]  the last layer that is kept.
 * @param {'pixels' | 'sound'} [options.input]  sound: speech-commands, which is cut behind its second dense layer from the end.
 * @param {PixelRange} [options.pixels]
 * @returns {Base}  whose output has one axis beside that of examples.
 * @throws {XnnError} 'unsupported' if it is no layers model or has no such place; 'misuse' if there is no layer of that name.
 */
export function cutBase(artifacts, { layer, input = 'pixels', pixels } = {}) {
  const model = unwrap(artifacts.modelTopology);
  const { layers, dropped } = MODELS.includes(model.class_name) ? cutGraph(model, layer, input) : cutSequential(model, layer, input);
  const weights = keepWeights(artifacts, dropped);
  if (pixels === undefined || (Math.abs(pixels.scale - 1 / 127) < 1e-9 && pixels.offset === -1)) return { layers, ...weights };
  return convertPixels({ layers, ...weights }, pixels);
}

/** @param {any} topology @returns {LayerConfig} */
function unwrap(topology) {
  const model = topology?.model_config ?? topology;
  const known = model?.class_name === 'Sequential' || MODELS.includes(model?.class_name);
  if (!known)
    throw new XnnError('unsupported', 'teachable: the base model is no layers model (class_name Sequential, Model or Functional)');
  return model;
}

/** @param {LayerConfig} model  of a Sequential: its layers, also of old configs. @returns {LayerConfig[]} */
const layersOf = ({ config }) => (Array.isArray(config) ? config : config.layers);
/** @param {LayerConfig} layer @returns {string} */
const nameOf = (layer) => layer.name ?? layer.config.name;

/** @param {string} layer @param {LayerConfig[]} layers */
function noLayer(layer, layers) {
  const names = layers.map(nameOf).join(', ');
  return new XnnError('misuse', `teachable: the base model has no layer "${layer}", only ${names}`);
}

const noCut = () =>
  new XnnError(
    'unsupported',
    'teachable: it is not known where this base model ends and its classes begin: say so by the name of a layer (layer)',
  );

/** The place behind which speech-commands is cut. @param {LayerConfig[]} layers @returns {LayerConfig | undefined} */
const secondDense = (layers) => layers.filter(({ class_name }) => class_name === 'Dense').at(-2);

/** @param {LayerConfig} model @param {string | undefined} name @param {'pixels' | 'sound'} input */
function cutGraph(model, name, input) {
  const layers = layersOf(model);
  const byName = new Map(layers.map((layer) => [nameOf(layer), layer]));
  if (name !== undefined && !byName.has(name)) throw noLayer(name, layers);
  const pooled = layers.find(({ class_name }) => class_name === 'GlobalAveragePooling2D');
  const known = input === 'sound' ? secondDense(layers) : (KNOWN_CUTS.map((cut) => byName.get(cut)).find((layer) => layer) ?? pooled);
  const last = name === undefined ? known : byName.get(name);
  if (last === undefined) throw noCut();
  /** @type {Set<string>} what leads to the last one; a Set's iteration sees what is added meanwhile */
  const kept = new Set([nameOf(last)]);
  for (const layer of kept) for (const before of inboundNames(byName.get(layer))) kept.add(before);
  const inputs = model.config.input_layers.filter((/** @type {[string]} */ [layer]) => kept.has(layer));
  const config = {
    ...model.config,
    layers: layers.filter((layer) => kept.has(nameOf(layer))),
    input_layers: inputs,
    output_layers: [[nameOf(last), 0, 0]],
  };
  const cut = [{ class_name: 'Model', config }];
  return {
    layers: FLAT.includes(last.class_name) ? cut : [...cut, averagePooling()],
    dropped: new Set([...byName.keys()].filter((layer) => !kept.has(layer))),
  };
}

/** @param {LayerConfig | undefined} layer @returns {string[]} */
function inboundNames(layer) {
  const nodes = layer?.inbound_nodes ?? [];
  if (!Array.isArray(nodes) || !nodes.every(Array.isArray))
    throw new XnnError('unsupported', `teachable: layer "${layer && nameOf(layer)}" of the base model has inputs in a form of Keras 3`);
  return nodes.flat().map(([name]) => name);
}

/** @param {LayerConfig} model @param {string | undefined} name @param {'pixels' | 'sound'} input */
function cutSequential(model, name, input) {
  const layers = layersOf(model);
  let end;
  if (name !== undefined) {
    end = layers.findIndex((layer) => nameOf(layer) === name) + 1;
    if (end === 0) throw noLayer(name, layers);
  } else if (input === 'sound') {
    const dense = secondDense(layers);
    end = dense === undefined ? 0 : layers.indexOf(dense) + 1;
  } else {
    // An export of Teachable Machine is [features, head]; else classes begin with the first dense layer.
    const head = layers.at(-1);
    const isHead =
      head?.class_name === 'Sequential' && layersOf(head).every(({ class_name }) => class_name === 'Dense' || class_name === 'Dropout');
    const dense = layers.findIndex(({ class_name }) => class_name === 'Dense');
    end = isHead ? layers.length - 1 : dense;
  }
  if (end < 1) throw noCut();
  const kept = layers.slice(0, end);
  const dropped = layers
    .slice(end)
    .flatMap((layer) => (Array.isArray(layer.config?.layers ?? layer.config) ? layersOf(layer).map(nameOf) : [nameOf(layer)]));
  const last = kept[kept.length - 1];
  const flat = isFlat(last);
  return { layers: flat ? kept : [...kept, averagePooling()], dropped: new Set(dropped) };
}

/** @param {LayerConfig} layer @returns {boolean} */
function isFlat(layer) {
  if (layer.class_name === 'Sequential') return isFlat(/** @type {LayerConfig} */ (layersOf(layer).at(-1)));
  return FLAT.includes(layer.class_name) || layer.class_name === 'Dropout';
}

const averagePooling = () => ({
  class_name: 'GlobalAveragePooling2D',
  config: { name: 'global_average_pooling2d_features', trainable: false, data_format: 'channels_last' },
});

/** Without the weights of layers that are gone. @param {Artifacts} artifacts @param {Set<string>} dropped */
function keepWeights({ weightSpecs, weightData }, dropped) {
  /** @type {WeightSpec[]} */
  const kept = [];
  const pieces = [];
  let at = 0;
  for (const spec of weightSpecs) {
    const bytes = storedBytes(spec);
    if (!dropped.has(spec.name.split('/')[0])) {
      kept.push(spec);
      pieces.push(weightData.subarray(at, at + bytes));
    }
    at += bytes;
  }
  return { weightSpecs: kept, weightData: joinBytes(pieces) };
}

/**
 * A layer in front: batch normalisation is the one that every version of TensorFlow.js has and that scales each channel.
 * @param {Base} base @param {PixelRange} pixels
 * @returns {Base}
 */
function convertPixels({ layers, weightSpecs, weightData }, { scale, offset }) {
  const shape = inputShape(layers[0]);
  const channels = shape?.at(-1);
  if (shape === undefined || typeof channels !== 'number')
    throw new XnnError('unsupported', 'teachable: the base model does not say the shape of its input');
  const name = 'pixels';
  const config = {
    name,
    trainable: false,
    batch_input_shape: shape,
    dtype: 'float32',
    axis: -1,
    momentum: 0.99,
    epsilon: 0.001,
    center: true,
    scale: true,
  };
  // (x + 1) · 127 is the byte; the variance and epsilon are 1 together.
  const values = { gamma: 127 * scale, beta: 127 * scale + offset, moving_mean: 0, moving_variance: 0.999 };
  const specs = Object.keys(values).map((key) => ({ name: `${name}/${key}`, shape: [channels], dtype: 'float32' }));
  const data = Float32Array.from(Object.values(values).flatMap((value) => new Array(channels).fill(value)));
  return {
    layers: [{ class_name: 'BatchNormalization', config }, ...layers],
    weightSpecs: [...weightSpecs, ...specs],
    weightData: joinBytes([weightData, new Uint8Array(data.buffer)]),
  };
}

/** @param {LayerConfig} layer  the first of a Sequential. @returns {(number | null)[] | undefined} */
function inputShape(layer) {
  const { config } = layer;
  if (config.batch_input_shape !== undefined) return config.batch_input_shape;
  const inside = Array.isArray(config) ? config : config.layers;
  if (inside === undefined) return undefined;
  return inputShape(inside.find((/** @type {LayerConfig} */ inner) => inner.class_name === 'InputLayer') ?? inside[0]);
}
