// The config of a TensorFlow.js layers model → models of one form: named layers, each with the calls that it gets. A Sequential
// is given the input layer and the calls that it leaves out; a TimeDistributed becomes a model around its layer.
// Formats: tfjs-layers src/models.ts (Sequential.fromConfig) and src/engine/container.ts (Container.fromConfig); of Keras 3
// keras/src/models/functional.py (keras_history).
import { XnnError } from '../../errors.js';
import { JOIN_TIME, layerRows, SPLIT_TIME } from '../tfjs-layers-ops.js';
import { isObject, show } from '../tfjs-manifest.js';
import { badLayer, field, readInputShape, toShape } from './layer-config.js';

/**
 * Output `tensor` of call `node` of a layer.
 * @typedef {{ layer: string, node: number, tensor: number }} TensorRef
 *
 * @typedef {object} Layer
 * @property {string} name  In its model.
 * @property {string} path  With the names of the models around it, but not the outermost: 'features/conv1'.
 * @property {string} className
 * @property {Record<string, unknown>} config
 * @property {TensorRef[][]} calls  The inputs of each.
 * @property {number} firstCall  What refs call calls[0]: 1 where the call that made a nested model is counted.
 * @property {string} weightsName  The first part of its weights' names.
 * @property {import('../tfjs-layers-ops.js').LayerRow} [row]  Absent for models, and for classes that are not known.
 * @property {Model} [model]  The nested model that it is.
 * @property {Model} parent
 * @property {boolean} isInput
 *
 * @typedef {object} Model
 * @property {Layer} [owner]  Absent for the outermost model.
 * @property {boolean} sequential
 * @property {Map<string, Layer>} layers
 * @property {TensorRef[]} inputs
 * @property {Map<string, number>} inputIndices  Name of an input layer → its place in `inputs`.
 * @property {TensorRef[]} outputs
 */

/** What the layer inside a TimeDistributed is called. */
export const WRAPPED = 'layer';
/** Models in models in models. */
const MAX_DEPTH = 64;
/** Of all models together; in JSON no file comes near, but objects can share their parts. */
const MAX_LAYERS = 1_000_000;

/**
 * @param {unknown} topology  A model config, what Keras writes around it (model_config), or a whole model.json.
 * @returns {Model}
 */
export function readModels(topology) {
  if (!isObject(topology)) throw new XnnError('bad-model', 'the topology is no object');
  const inner = topology.modelTopology ?? topology;
  if (!isObject(inner)) throw new XnnError('bad-model', 'modelTopology is no object');
  const top = field(inner, 'model_config') ?? inner;
  if (!isObject(top)) throw new XnnError('bad-model', 'model_config is no object');
  const className = field(top, 'class_name') ?? 'Model';
  const config = field(top, 'config');
  if (typeof className !== 'string' || (!isObject(config) && !Array.isArray(config)))
    throw new XnnError('bad-model', 'the topology has no model config');
  const budget = { layers: MAX_LAYERS };
  return readModel({ path: '', className }, config, undefined, 0, budget);
}

/** @param {string} className @param {unknown} config */
function isModel(className, config) {
  if (className === 'Model' || className === 'Functional' || className === 'Sequential' || Array.isArray(config)) return true;
  return !layerRows.has(className) && isObject(config) && Array.isArray(field(config, 'layers'));
}

/**
 * @param {{ path: string, className: string }} name  Of the layer that it is, or of the outermost model.
 * @param {Record<string, unknown> | unknown[]} config
 * @param {Layer | undefined} owner @param {number} depth @param {{ layers: number }} budget
 * @returns {Model}
 */
function readModel(name, config, owner, depth, budget) {
  checkDepth(name, depth);
  const list = Array.isArray(config) ? config : field(config, 'layers');
  if (!Array.isArray(list)) badModel(name, 'has no list of layers');
  if (list.length === 0) badModel(name, 'has no layers');
  const functional = !Array.isArray(config) && name.className !== 'Sequential' && field(config, 'output_layers') !== undefined;
  /** @type {Model} */
  const model = { owner, sequential: !functional, layers: new Map(), inputs: [], inputIndices: new Map(), outputs: [] };
  list.forEach((entry, i) => {
    readLayer(model, entry, i, functional, depth, budget);
  });
  if (functional) {
    model.inputs = readRefs(field(config, 'input_layers'), name, 'input_layers');
    model.outputs = readRefs(field(config, 'output_layers'), name, 'output_layers');
  } else chain(model, name, Array.isArray(config) ? {} : config);
  settleCalls(model);
  model.inputs.forEach(({ layer }, i) => {
    if (!model.layers.get(layer)?.isInput) badModel(name, `its input ${show(layer)} is no input layer`);
    if (model.inputIndices.has(layer)) badModel(name, `its input ${show(layer)} is there twice`);
    model.inputIndices.set(layer, i);
  });
  if (model.outputs.length === 0) badModel(name, 'has no outputs');
  return model;
}

/** @param {{ path: string, className: string }} name @param {number} depth */
function checkDepth(name, depth) {
  if (depth > MAX_DEPTH) throw new XnnError('unsupported', `more than ${MAX_DEPTH} models are nested`, { node: name.path });
}

/** @param {{ path: string, className: string }} name @param {string} message @returns {never} */
function badModel(name, message) {
  if (name.path === '') throw new XnnError('bad-model', `the model ${message}`);
  badLayer(name, message);
}

/**
 * @param {Model} model @param {unknown} entry @param {number} index @param {boolean} functional
 * @param {number} depth @param {{ layers: number }} budget
 */
function readLayer(model, entry, index, functional, depth, budget) {
  const where = model.owner === undefined ? '' : ` of "${model.owner.path}"`;
  if (budget.layers-- === 0) throw new XnnError('unsupported', `the model has more than ${MAX_LAYERS} layers`);
  if (!isObject(entry)) throw new XnnError('bad-model', `layer ${index}${where} is no object`);
  const className = field(entry, 'class_name');
  if (typeof className !== 'string' || className === '') throw new XnnError('bad-model', `layer ${index}${where} has no class_name`);
  const config = field(entry, 'config') ?? {};
  const given = isObject(config) ? field(config, 'name') : undefined;
  const own = field(entry, 'name') ?? given ?? freshName(model, className);
  if (typeof own !== 'string' || own === '') throw new XnnError('bad-model', `the name of layer ${index}${where} is no text`);
  const weightsName = typeof given === 'string' && given !== '' ? given : own;
  const layer = addLayer(model, own, className, isObject(config) ? config : {});
  layer.weightsName = weightsName;
  if (functional) layer.calls = readCalls(field(entry, 'inbound_nodes'), layer);
  if (isModel(className, config)) {
    if (!isObject(config) && !Array.isArray(config)) badLayer(layer, 'has no config');
    layer.model = readModel(layer, config, layer, depth + 1, budget);
  } else if (!isObject(config)) badLayer(layer, 'has no config');
  else if (className === 'TimeDistributed') layer.model = readTimeDistributed(layer, config, depth + 1, budget);
  else {
    layer.row = layerRows.get(className);
    layer.isInput = className === 'InputLayer';
  }
}

/** @param {Model} model @param {string} name @param {string} className @param {Record<string, unknown>} config @returns {Layer} */
function addLayer(model, name, className, config) {
  const path = model.owner === undefined ? name : `${model.owner.path}/${name}`;
  /** @type {Layer} */
  const layer = { name, path, className, config, calls: [], firstCall: 0, weightsName: name, parent: model, isInput: false };
  if (model.layers.has(name)) badLayer(layer, 'there are two layers of this name');
  model.layers.set(name, layer);
  return layer;
}

/** For layers without a name, in the manner of Keras. @param {Model} model @param {string} className */
function freshName(model, className) {
  return unused(model, className.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase());
}

/** @param {Model} model @param {string} name */
function unused(model, name) {
  return model.layers.has(name) ? `${name}_${model.layers.size}` : name;
}

/** Each layer of a Sequential is called once, with the one before. @param {Model} model @param {{ path: string, className: string }} name @param {Record<string, unknown>} config */
function chain(model, name, config) {
  const layers = [...model.layers.values()];
  const [first] = layers;
  const input = first.isInput ? first : firstInput(model, name, first, config);
  if (input !== first) first.calls = [[{ layer: input.name, node: 0, tensor: 0 }]];
  model.inputs = [{ layer: input.name, node: 0, tensor: 0 }];
  layers.slice(1).forEach((layer, i) => {
    if (layer.isInput) badLayer(layer, 'an input layer has to be the first of a Sequential');
    layer.calls = [[{ layer: layers[i].name, node: 0, tensor: 0 }]];
  });
  model.outputs = [{ layer: layers[layers.length - 1].name, node: 0, tensor: 0 }];
}

/**
 * The input layer that a Sequential leaves out: named and shaped by its first layer.
 * @param {Model} model @param {{ path: string, className: string }} name @param {Layer} first @param {Record<string, unknown>} config
 */
function firstInput(model, name, first, config) {
  const inner = first.className === 'TimeDistributed' ? undefined : first.model;
  if (inner !== undefined && inner.inputs.length !== 1) badLayer(first, `has ${inner.inputs.length} inputs, in a Sequential only one fits`);
  const source = inner?.layers.get(inner.inputs[0].layer);
  const built = field(config, 'build_input_shape');
  const shape =
    (source === undefined ? (readInputShape(first, first.config) ?? impliedShape(first)) : readInputShape(source, source.config)) ??
    (built === undefined ? undefined : toShape(first, built, 'build_input_shape'));
  // Where nothing tells, the call of the nested model does.
  if (shape === undefined && model.owner === undefined) badModel(name, `has no input shape, nor has its first layer "${first.name}"`);
  const layer = addLayer(model, unused(model, source?.name ?? `${first.name}_input`), 'InputLayer', {
    ...(shape === undefined ? {} : { batch_input_shape: shape }),
    dtype: field((source ?? first).config, 'dtype') ?? 'float32',
  });
  layer.isInput = true;
  return layer;
}

/** What Dense and Embedding say about their input in other words. @param {Layer} layer @returns {number[] | undefined} */
function impliedShape({ className, config }) {
  const dim = className === 'Dense' ? field(config, 'input_dim') : undefined;
  if (typeof dim === 'number') return [-1, dim];
  if (className !== 'Embedding') return undefined;
  return [-1, ...[field(config, 'input_length') ?? -1].flat().map((length) => (typeof length === 'number' ? length : -1))];
}

/**
 * The layer inside sees batch and time as one dimension.
 * @param {Layer} owner @param {Record<string, unknown>} config @param {number} depth @param {{ layers: number }} budget
 * @returns {Model}
 */
function readTimeDistributed(owner, config, depth, budget) {
  checkDepth(owner, depth);
  const entry = field(config, 'layer');
  if (!isObject(entry)) badLayer(owner, 'has no layer');
  /** @type {Model} */
  const model = { owner, sequential: true, layers: new Map(), inputs: [], inputIndices: new Map([['in', 0]]), outputs: [] };
  const input = addLayer(model, 'in', 'InputLayer', {});
  input.isInput = true;
  const joined = addLayer(model, 'join', owner.className, {});
  joined.row = JOIN_TIME;
  readLayer(model, { ...entry, name: WRAPPED }, 0, false, depth, budget);
  const inner = /** @type {Layer} */ (model.layers.get(WRAPPED));
  const split = addLayer(model, 'split', owner.className, {});
  split.row = SPLIT_TIME;
  // The wrapped layer's weights are named after the wrapper.
  if (inner.model === undefined) inner.weightsName = owner.weightsName;
  const ref = (/** @type {Layer} */ { name }) => ({ layer: name, node: 0, tensor: 0 });
  joined.calls = [[ref(input)]];
  inner.calls = [[ref(joined)]];
  split.calls = [[ref(inner), ref(input)]];
  for (const part of [joined, split]) part.path = owner.path;
  model.inputs = [ref(input)];
  model.outputs = [ref(split)];
  return model;
}

/**
 * Calls of nested models are counted from 1 where call 0 is the one that made them.
 * @param {Model} model
 */
function settleCalls(model) {
  /** @type {Map<string, number>} */
  const least = new Map();
  const see = (/** @type {TensorRef} */ { layer, node }) => {
    least.set(layer, Math.min(node, least.get(layer) ?? node));
  };
  for (const { calls } of model.layers.values()) for (const call of calls) call.forEach(see);
  model.outputs.forEach(see);
  for (const layer of model.layers.values())
    if (layer.model !== undefined && layer.className !== 'TimeDistributed') layer.firstCall = Math.min(1, least.get(layer.name) ?? 0);
}

/** @param {unknown} nodes  inbound_nodes @param {Layer} layer @returns {TensorRef[][]} */
function readCalls(nodes, layer) {
  if (nodes === undefined) return [];
  if (!Array.isArray(nodes)) badLayer(layer, 'inbound_nodes is no list');
  return Array.from(nodes, (node) => {
    const refs = isObject(node) && Array.isArray(node.args) ? historyRefs(node.args, layer) : readRefs(node, layer, 'inbound_nodes');
    return refs.length > 0 ? refs : badLayer(layer, 'inbound_nodes has a call without inputs');
  });
}

/**
 * [name, node, tensor], a list of these, or an object whose values are these.
 * @param {unknown} value @param {{ path: string, className: string }} owner @param {string} what
 * @returns {TensorRef[]}
 */
function readRefs(value, owner, what) {
  if (value === undefined || value === null) badModel(owner, `has no ${what}`);
  if (isRef(value)) return [readRef(value, owner, what)];
  const list = isObject(value) ? Object.values(value) : value;
  if (!Array.isArray(list)) badModel(owner, `${what} is no list`);
  return Array.from(list, (item) =>
    isRef(item) ? readRef(item, owner, what) : badModel(owner, `${what} has ${show(item)}, no [layer, node, tensor]`),
  );
}

/** @param {unknown} value @returns {value is [string, unknown?, unknown?]} */
function isRef(value) {
  return Array.isArray(value) && typeof value[0] === 'string';
}

/** @param {[string, unknown?, unknown?]} value @param {{ path: string, className: string }} owner @param {string} what @returns {TensorRef} */
function readRef([layer, node = 0, tensor = 0], owner, what) {
  for (const index of [node, tensor])
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) badModel(owner, `${what} has ${show([layer, node, tensor])}`);
  return { layer, node: Number(node), tensor: Number(tensor) };
}

/**
 * The tensors among the arguments of a call, as Keras 3 writes them.
 * @param {unknown[]} args @param {Layer} layer
 */
function historyRefs(args, layer) {
  /** @type {TensorRef[]} */
  const refs = [];
  const queue = [...args];
  for (const item of queue) {
    if (Array.isArray(item)) {
      if (queue.length + item.length > MAX_LAYERS) badLayer(layer, 'inbound_nodes has too many arguments');
      for (const part of item) queue.push(part); // for…of also visits what is added meanwhile
    } else if (isObject(item) && field(item, 'class_name') === '__keras_tensor__' && isObject(item.config))
      refs.push(...readRefs(item.config.keras_history, layer, 'keras_history'));
  }
  return refs;
}
