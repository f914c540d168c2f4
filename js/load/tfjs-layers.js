// A TensorFlow.js layers model's topology → the calls that build our graph. Everything here is untrusted: whatever it holds, the
// result is a graph or an XnnError, in time linear in its size.
// Formats: Keras's model configs as tfjs-layers reads them; tfjs-layers/layer-models.js says where from.
import { XnnError } from '../errors.js';
import { createBuilder } from './tfjs-layers/layer-builder.js';
import { readDtype, readInputShape, unsupportedLayer } from './tfjs-layers/layer-config.js';
import { readModels, WRAPPED } from './tfjs-layers/layer-models.js';
import { callOf, createFrame, sortCalls } from './tfjs-layers/layer-order.js';
import { show } from './tfjs-manifest.js';

/**
 * @typedef {import('./tfjs-layers/layer-builder.js').Value} Value
 * @typedef {import('./tfjs-layers/layer-models.js').Layer} Layer
 * @typedef {import('./tfjs-layers/layer-models.js').Model} Model
 * @typedef {import('./tfjs-layers/layer-order.js').Call} Call
 * @typedef {import('./tfjs-layers/layer-order.js').Frame} Frame
 */

/**
 * @param {unknown} topology  A model config, what Keras writes around it, or a whole model.json.
 * @param {readonly import('./tfjs-manifest.js').WeightSpec[]} weights
 * @param {unknown} _constants  The values of small weights; layers need none.
 * @param {{ outputs?: readonly string[] }} [options]  outputs: names of any layers, instead of the model's outputs. A nested
 *   layer is 'model/layer', or its own name where that is the only one; 'layer:1' is the second call of a shared one.
 * @returns {import('./parse.js').GraphDescription}
 * @throws {XnnError} 'bad-model'; 'unsupported'; 'misuse' if `outputs` names no layer.
 */
export function parseLayers(topology, weights, _constants, options = {}) {
  const model = readModels(topology);
  const frame = createFrame(model);
  const layers = allLayers(model);
  const inputs = model.inputs.map((ref) => inputPort(/** @type {Layer} */ (model.layers.get(ref.layer))));
  const outputs = options.outputs === undefined ? modelOutputs(model, frame) : namedOutputs(options.outputs, layers, frame);
  const calls = sortCalls(
    outputs.map(({ call }) => call),
    layers.reduce((sum, layer) => sum + 1 + layer.calls.length, 0),
  );
  checkClasses(calls);

  const ports = new Map(inputs.map((port) => [port.name, { ref: port.name, dtype: port.dtype, shape: port.shape }]));
  const builder = createBuilder(weights, [...ports.values()]);
  /** @type {Map<Call, Value[]>} */
  const values = new Map();
  const takeValue = (/** @type {{ call: Call, tensor: number }} */ { call, tensor }) => {
    const made = values.get(call) ?? [];
    if (tensor < made.length) return made[tensor];
    throw new XnnError('bad-model', `layer "${call.layer.path}" has ${made.length} outputs, output ${tensor} is asked for`, {
      node: call.layer.path,
    });
  };
  for (const call of calls) {
    const given = call.inputs.map(takeValue);
    const { layer } = call;
    if (call.inner !== undefined) values.set(call, given);
    else if (!layer.isInput) values.set(call, [builder.add(layer, call.number, given)]);
    else if (given.length > 0) values.set(call, given);
    else values.set(call, [/** @type {Value} */ (ports.get(layer.name))]);
  }
  return {
    inputs,
    outputs: outputs.map(({ name, call, tensor }) => ({ name, value: takeValue({ call, tensor }).ref })),
    weights: builder.weights,
    constants: builder.constants,
    nodes: builder.nodes,
  };
}

/** @param {Layer} layer */
function inputPort(layer) {
  const shape = readInputShape(layer, layer.config);
  if (shape === undefined) unsupportedLayer(layer, 'an input without a shape');
  return { name: layer.name, dtype: readDtype(layer, layer.config), shape };
}

/** Also those of nested models. @param {Model} model @returns {Layer[]} */
function allLayers(model) {
  const found = [...model.layers.values()];
  // for…of also visits what is added meanwhile
  for (const { className, model: nested } of found)
    for (const inner of nested?.layers.values() ?? []) if (className !== 'TimeDistributed' || inner.name === WRAPPED) found.push(inner);
  return found;
}

/** One error for all classes that are missing. @param {readonly Call[]} calls */
function checkClasses(calls) {
  /** @type {Map<string, string>} class → the first layer that has it */
  const missing = new Map();
  for (const { layer } of calls) {
    const known = layer.isInput || layer.model !== undefined || layer.row !== undefined;
    if (!known && !missing.has(layer.className)) missing.set(layer.className, layer.path);
  }
  if (missing.size === 0) return;
  const shown = [...missing].slice(0, 5).map(([className, path]) => `${className.slice(0, 100)} (layer "${path}")`);
  const more = missing.size > 5 ? ` and ${missing.size - 5} more` : '';
  const unsupported = [...missing].map(([op, node]) => ({ op, node, reason: 'xnnjs has no such layer' }));
  throw new XnnError('unsupported', `unsupported layers: ${shown.join(', ')}${more}`, { node: unsupported[0].node, unsupported });
}

/**
 * The model's own outputs, named after their layers.
 * @param {Model} model @param {Frame} frame
 */
function modelOutputs(model, frame) {
  const names = new Set();
  return model.outputs.map((ref) => {
    const call = callOf(frame, ref, undefined);
    let name = outputName(call.layer, ref.tensor);
    // As Keras has it, a second output of one layer is 'layer_1'.
    if (names.has(name)) name = `${name}_${names.size}`;
    if (names.has(name)) throw new XnnError('bad-model', `two outputs are called ${show(name)}`);
    names.add(name);
    return { name, call, tensor: ref.tensor };
  });
}

/** The output of a Sequential of nothing but a model is that model's. @param {Layer} layer @param {number} tensor */
function outputName(layer, tensor) {
  for (let inner = layer.model; inner !== undefined; inner = layer.model) {
    const [first] = layer.parent.layers.values();
    const only = layer.parent.sequential && first === layer && layer.className !== 'TimeDistributed';
    const ref = inner.outputs[tensor];
    const next = ref === undefined ? undefined : inner.layers.get(ref.layer);
    if (!only || next === undefined) break;
    [layer, tensor] = [next, ref.tensor];
  }
  return layer.name;
}

/** @param {readonly string[]} wanted @param {readonly Layer[]} layers @param {Frame} frame */
function namedOutputs(wanted, layers, frame) {
  if (!Array.isArray(wanted) || wanted.length === 0) throw new XnnError('misuse', 'outputs is not a list of names');
  /** @type {Map<string, Layer>} */
  const paths = new Map(layers.map((layer) => [layer.path, layer]));
  /** @type {Map<string, Layer | undefined>} Undefined where several have the name. */
  const names = new Map();
  for (const layer of layers) names.set(layer.name, names.has(layer.name) ? undefined : layer);
  const find = (/** @type {string} */ name) => paths.get(name) ?? names.get(name);
  return [...new Set(wanted)].map((name) => {
    const [, first, number] = /^(.*):(\d{1,9})$/s.exec(`${name}`) ?? [];
    const whole = find(name);
    const layer = whole ?? (first === undefined ? undefined : find(first));
    const turn = whole === undefined ? Number(number ?? 0) : 0;
    if (layer === undefined || (turn > 0 && turn >= layer.calls.length))
      throw new XnnError('misuse', `outputs: the model has no layer ${show(name)}`);
    return {
      name,
      call: callOf(frameOf(layer.parent, frame), { layer: layer.name, node: turn + layer.firstCall, tensor: 0 }, layer),
      tensor: 0,
    };
  });
}

/** The first frame of a model. @param {Model} model @param {Frame} outermost @returns {Frame} */
function frameOf(model, outermost) {
  const { owner } = model;
  if (owner === undefined) return outermost;
  const call = callOf(frameOf(owner.parent, outermost), { layer: owner.name, node: owner.firstCall, tensor: 0 }, owner);
  return /** @type {Frame} */ (call.inner);
}
