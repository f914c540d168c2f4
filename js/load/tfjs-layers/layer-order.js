// Which layers' calls the outputs need, nested models unfolded, each after its inputs. A nested model has a frame for each time
// that it is called.
import { XnnError } from '../../errors.js';
import { show } from '../tfjs-manifest.js';
import { badLayer } from './layer-config.js';

/**
 * @typedef {import('./layer-models.js').Layer} Layer
 * @typedef {import('./layer-models.js').Model} Model
 * @typedef {import('./layer-models.js').TensorRef} TensorRef
 *
 * @typedef {object} Frame
 * @property {Model} model
 * @property {Call} [call]  The one that the frame is of; absent for the outermost model.
 * @property {Map<string, Map<number, Call>>} calls  By the layer's name and the call's number, those that were met.
 *
 * A call of a layer. inputs: what it is given; of a nested model its own outputs.
 * @typedef {object} Call
 * @property {Frame} frame
 * @property {Layer} layer
 * @property {number} number
 * @property {{ call: Call, tensor: number }[]} inputs
 * @property {Frame} [inner]
 * @property {'new' | 'open' | 'done'} state
 */

/** Unfolded models of sensible files stay below this many times what the file has; doubling at every level of nesting does not. */
const UNFOLDING = 64;
const FREE_CALLS = 4096;

/** @param {Model} model @returns {Frame} */
export function createFrame(model) {
  return { model, calls: new Map() };
}

/**
 * The call that a ref of a frame means; its inputs are not known yet.
 * @param {Frame} frame @param {TensorRef} ref @param {Layer | undefined} user  Who asks, for messages.
 * @returns {Call}
 */
export function callOf(frame, ref, user) {
  const layer = frame.model.layers.get(ref.layer);
  if (layer === undefined) return missing(user, `input ${show(ref.layer)} is missing`);
  const number = ref.node - layer.firstCall;
  const known = frame.calls.get(layer.name) ?? new Map();
  const found = known.get(number);
  if (found !== undefined) return found;
  if (number !== 0 || !layer.isInput) {
    const inputs = layer.calls[number];
    if (inputs === undefined)
      missing(user ?? layer, `"${layer.path}" is called ${layer.calls.length} times, call ${ref.node} is asked for`);
    const wanted = layer.model?.inputs.length ?? inputs.length;
    if (inputs.length !== wanted) badLayer(layer, `is called with ${inputs.length} inputs, the model has ${wanted}`);
  }
  /** @type {Call} */
  const call = { frame, layer, number, inputs: [], state: 'new' };
  if (layer.model !== undefined) call.inner = { model: layer.model, call, calls: new Map() };
  known.set(number, call);
  frame.calls.set(layer.name, known);
  return call;
}

/** @param {Layer | undefined} user @param {string} message @returns {never} */
function missing(user, message) {
  if (user === undefined) throw new XnnError('bad-model', `the model's outputs: ${message}`);
  badLayer(user, message);
}

/** @param {Call} call @returns {Call['inputs']} */
function inputsOf({ frame, layer, number, inner }) {
  const take = (/** @type {Frame} */ from, /** @type {TensorRef} */ ref) => ({ call: callOf(from, ref, layer), tensor: ref.tensor });
  if (inner !== undefined) return inner.model.outputs.map((ref) => take(inner, ref));
  if (!layer.isInput) return layer.calls[number].map((ref) => take(frame, ref));
  const index = frame.model.inputIndices.get(layer.name);
  if (index === undefined) badLayer(layer, 'is no input of its model');
  if (frame.call === undefined) return [];
  const { frame: outer, layer: owner, number: turn } = frame.call;
  return [take(outer, owner.calls[turn][index])];
}

/**
 * @param {readonly Call[]} roots
 * @param {number} nWritten  How many calls the file has.
 * @returns {Call[]}
 */
export function sortCalls(roots, nWritten) {
  /** @type {Call[]} */
  const sorted = [];
  /** @type {{ call: Call, next: number }[]} The path from a root; not the call stack, which a long chain would exhaust. */
  const path = [];
  let left = FREE_CALLS + UNFOLDING * nWritten;

  /** @param {Call} call @param {Layer} user */
  function enter(call, user) {
    if (call.state === 'done') return;
    if (call.state === 'open') badLayer(user, `the model has a cycle through "${call.layer.path}"`);
    if (left-- === 0) throw new XnnError('unsupported', `nested models unfold to more than ${sorted.length} layers`);
    call.state = 'open';
    call.inputs = inputsOf(call);
    path.push({ call, next: 0 });
  }

  for (const root of roots) {
    enter(root, root.layer);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { call } = top;
      if (top.next < call.inputs.length) {
        enter(call.inputs[top.next++].call, call.layer);
      } else {
        call.state = 'done';
        sorted.push(call);
        path.pop();
      }
    }
  }
  return sorted;
}
