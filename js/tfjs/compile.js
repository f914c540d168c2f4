// A loaded TensorFlow.js model → a compiled program: one call into the engine for a whole inference instead of one for each op.
import * as tf from '@tensorflow/tfjs-core';
import { XnnError } from '../errors.js';
import { DISPOSE } from '../model.js';
import { currentInstance } from './instance.js';

/**
 * @typedef {import('@tensorflow/tfjs-core').Tensor} Tensor
 * @typedef {import('@tensorflow/tfjs-core').NamedTensorMap} NamedTensorMap
 * @typedef {Tensor | Tensor[] | NamedTensorMap} Tensors
 * @typedef {import('../tensors.js').Port} Port
 * @typedef {{ run: import('../model.js').Model['run'], runSync: import('../model.js').Model['runSync'], dispose: () => void,
 *   inputs: readonly Port[], outputs: readonly Port[] }} EngineModel
 * @typedef {{ load: (source: unknown, options?: import('../runtime.js').LoadOptions) => Promise<EngineModel>, dispose: () => void }} Engine
 *
 * What is used of a tf.GraphModel. weights: lists, since a graph's values may be several tensors.
 * @typedef {object} GraphModelLike
 * @property {readonly string[]} inputNodes  As the signature calls them, else the nodes' names.
 * @property {readonly string[]} outputNodes
 * @property {{ [name: string]: Tensor[] }} weights
 * @property {{ inputs?: Entries, outputs?: Entries }} [modelSignature]
 * @property {object} [modelStructuredOutputKeys]  A list of names, by which predict() gives its tensors.
 * @property {Function} executeAsync
 * @typedef {{ [name: string]: { name?: string } }} Entries
 *
 * What is used of a tf.LayersModel.
 * @typedef {{ layers: unknown[], save: (handler: any) => Promise<unknown> }} LayersModelLike
 *
 * outputs: names of nodes (of layers in a layers model) instead of the model's own outputs. runtime: to compile in; without one it
 * is the backend's own instance, threads included.
 * @typedef {Omit<import('../runtime.js').LoadOptions, 'fetch' | 'requestInit' | 'integrity' | 'cache' | 'onProgress' | 'format'> &
 *   { runtime?: Engine }} CompileOptions
 *
 * What a model calls its tensors besides the names that the compiled one has.
 * @typedef {object} Names
 * @property {readonly string[]} [inputs]  In the order of tf's predict, by the compiled names; absent: the compiled order.
 * @property {readonly string[]} [outputs]
 * @property {(name: string) => string} inputOf  → the compiled name.
 * @property {(name: string) => string} outputOf
 * @property {readonly string[]} [keys]  predict() gives an object with these.
 * @property {boolean} [lenient]  Integers and truths are taken for float32, as layers do.
 */

/** A compiled model with the methods of tf.GraphModel and tf.LayersModel. */
export class CompiledModel {
  /** @type {EngineModel} */
  #model;
  #names;

  /** @readonly @type {readonly Port[]}  Names are without ':0'; -1 where a size is free. */
  inputs;
  /** @readonly @type {readonly Port[]} */
  outputs;

  /** Made by compile(). @param {{ model: EngineModel, names: Names }} parts */
  constructor({ model, names }) {
    this.#model = model;
    this.#names = names;
    this.inputs = ordered(model.inputs, names.inputs);
    this.outputs = ordered(model.outputs, names.outputs);
  }

  /**
   * @param {Tensors} inputs
   * @param {unknown} [_config]  For the place of tf's; a batch is not cut into smaller ones.
   * @returns {Tensors}  One tensor where there is one output, else a list; as tf's, an object where the model names a structure.
   * @throws {XnnError} 'misuse', 'bad-shape'
   */
  predict(inputs, _config) {
    return this.#structured(this.#execute(inputs, this.#all()));
  }

  /** predict() that reads the inputs asynchronously, for backends that cannot otherwise. @param {Tensors} inputs @param {unknown} [_config] @returns {Promise<Tensors>} */
  async predictAsync(inputs, _config) {
    return this.#structured(await this.#executeAsync(inputs, this.#all()));
  }

  /** @param {Tensors} inputs @returns {Tensors} */
  predictOnBatch(inputs) {
    return this.predict(inputs);
  }

  /**
   * @param {Tensors} inputs
   * @param {string | string[]} [outputs]  Of those that the model was compiled for.
   * @returns {Tensor | Tensor[]}  In the order of `outputs`.
   * @throws {XnnError} 'misuse', 'bad-shape'
   */
  execute(inputs, outputs) {
    return single(this.#execute(inputs, this.#wanted(outputs)));
  }

  /** @param {Tensors} inputs @param {string | string[]} [outputs] @returns {Promise<Tensor | Tensor[]>} */
  async executeAsync(inputs, outputs) {
    return single(await this.#executeAsync(inputs, this.#wanted(outputs)));
  }

  /** Frees the engine's memory; the model that was compiled is not touched. A second call does nothing. */
  dispose() {
    this.#model.dispose();
  }

  [DISPOSE]() {
    this.dispose();
  }

  /** @param {Tensors} inputs @param {string[]} outputs */
  #execute(inputs, outputs) {
    const given = this.#feeds(inputs).map(([name, tensor]) => [name, this.#input(name, tensor, tensor.dataSync())]);
    return toTensors(this.#model.runSync(Object.fromEntries(given), { outputs: [...new Set(outputs)] }), outputs);
  }

  /** @param {Tensors} inputs @param {string[]} outputs */
  async #executeAsync(inputs, outputs) {
    const feeds = this.#feeds(inputs);
    const given = await Promise.all(feeds.map(async ([name, tensor]) => [name, this.#input(name, tensor, await tensor.data())]));
    return toTensors(await this.#model.run(Object.fromEntries(given), { outputs: [...new Set(outputs)] }), outputs);
  }

  /** @param {Tensors} inputs @returns {[name: string, tensor: Tensor][]} */
  #feeds(inputs) {
    if (typeof inputs !== 'object' || inputs === null)
      throw new XnnError('misuse', `the inputs are ${String(inputs)} instead of a tensor, a list or an object of them`);
    const list = inputs instanceof tf.Tensor ? [inputs] : Array.isArray(inputs) ? inputs : undefined;
    if (list !== undefined && list.length !== this.inputs.length) {
      const names = this.inputs.map(({ name }) => `"${name}"`).join(', ');
      throw new XnnError('misuse', `the model has ${this.inputs.length} inputs (${names}), ${list.length} tensors are given`);
    }
    /** @type {[string, Tensor][]} */
    const feeds =
      list?.map((tensor, i) => [this.inputs[i].name, tensor]) ??
      Object.entries(inputs).map(([name, tensor]) => [this.#names.inputOf(name), tensor]);
    for (const [name, tensor] of feeds)
      if (!(tensor instanceof tf.Tensor)) throw new XnnError('misuse', `input "${name}" is no tensor of TensorFlow.js`);
    return feeds;
  }

  /** @param {string} name @param {Tensor} tensor @param {any} data */
  #input(name, { dtype, shape }, data) {
    if (dtype === 'string' || dtype === 'complex64') throw new XnnError('unsupported', `input "${name}" is ${dtype}`);
    const port = this.inputs.find((input) => input.name === name);
    const widen = this.#names.lenient === true && port?.dtype === 'float32' && dtype !== 'float32';
    return widen ? { dtype: 'float32', shape, data: Float32Array.from(data) } : { dtype, shape, data };
  }

  #all() {
    return this.outputs.map(({ name }) => name);
  }

  /** @param {string | string[] | undefined} outputs */
  #wanted(outputs) {
    if (outputs === undefined || outputs === null || outputs.length === 0) return this.#all();
    const known = this.#all();
    return [outputs].flat().map((text) => {
      const name = known.includes(text) ? text : this.#names.outputOf(text);
      if (known.includes(name)) return name;
      throw new XnnError(
        'misuse',
        `the model was compiled for ${known.map((output) => `"${output}"`).join(', ')}, not for "${text}": name it in the outputs of compile()`,
      );
    });
  }

  /** @param {Tensor[]} tensors @returns {Tensors} */
  #structured(tensors) {
    const { keys } = this.#names;
    return keys === undefined ? single(tensors) : Object.fromEntries(tensors.map((tensor, i) => [keys[i], tensor]));
  }
}

/** @param {Tensor[]} tensors @returns {Tensor | Tensor[]} */
const single = (tensors) => (tensors.length > 1 ? tensors : tensors[0]);

/** @param {readonly Port[]} ports @param {readonly string[] | undefined} names */
function ordered(ports, names) {
  if (names === undefined) return ports;
  const place = (/** @type {Port} */ { name }) => (names.includes(name) ? names.indexOf(name) : names.length);
  return [...ports].sort((a, b) => place(a) - place(b));
}

/** @param {Record<string, import('../tensors.js').Tensor>} results @param {string[]} names @returns {Tensor[]} */
function toTensors(results, names) {
  return names.map((name) => {
    const { data, shape, dtype } = results[name];
    return tf.tensor(/** @type {any} */ (data), shape, /** @type {any} */ (dtype));
  });
}

/** 'node:0' is 'node'. @param {string} name */
const nodeName = (name) => name.replace(/:0$/, '');

/** @param {GraphModelLike} model @param {readonly string[]} [outputs] @returns {Names} */
function graphNames({ inputNodes, outputNodes, modelSignature, modelStructuredOutputKeys: keys }, outputs) {
  const inputOf = (/** @type {string} */ name) => nodeName(modelSignature?.inputs?.[name]?.name ?? name);
  const outputOf = (/** @type {string} */ name) => nodeName(modelSignature?.outputs?.[name]?.name ?? name);
  return {
    inputs: inputNodes.map(inputOf),
    outputs: (outputs ?? outputNodes).map(outputOf),
    inputOf,
    outputOf,
    keys: outputs === undefined && Array.isArray(keys) ? keys : undefined,
  };
}

/** What tf.loadGraphModel was given; where it let go of the weights (streamed ones), those of its tensors. @param {GraphModelLike} model */
async function graphArtifacts(model) {
  const { artifacts } = /** @type {{ artifacts?: Record<string, any> }} */ (/** @type {unknown} */ (model));
  if (typeof artifacts?.modelTopology !== 'object') throw new XnnError('misuse', 'the graph model was not loaded');
  const { modelTopology, userDefinedMetadata, weightSpecs, weightData } = artifacts;
  const topology = { modelTopology, signature: model.modelSignature, userDefinedMetadata };
  if (weightData !== undefined && weightData !== null) return { ...topology, weightSpecs, weightData };
  const tensors = Object.entries(model.weights).map(([name, [tensor]]) => ({ name, tensor }));
  const { data, specs } = await tf.io.encodeWeights(tensors);
  return { ...topology, weightSpecs: specs, weightData: data };
}

/** Its weights as they are now. @param {LayersModelLike} model */
async function layersArtifacts(model) {
  /** @type {import('@tensorflow/tfjs-core').io.ModelArtifacts | undefined} */
  let saved;
  const modelArtifactsInfo = { dateSaved: new Date(0), modelTopologyType: /** @type {const} */ ('JSON') };
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo };
    }),
  );
  return saved;
}

/** @param {any} model @returns {model is LayersModelLike} */
const isLayersModel = (model) => Array.isArray(model?.layers) && typeof model.save === 'function';

/** @param {any} model @returns {model is GraphModelLike} */
const isGraphModel = (model) => typeof model?.executeAsync === 'function' && Array.isArray(model.outputNodes);

/**
 * Compiles a model that TensorFlow.js has loaded: passes, packed weights and memory plan of the engine instead of op after op.
 * Weights are those of this moment; the model itself is left as it is and may be disposed.
 * @param {GraphModelLike | LayersModelLike} model  A tf.GraphModel or tf.LayersModel.
 * @param {CompileOptions} [options]
 * @returns {Promise<CompiledModel>}  Takes and gives tensors of the backend that is set when it runs.
 * @throws {XnnError} 'misuse' for what is no such model; what Runtime.load throws.
 */
export async function compile(model, { runtime, outputs, ...options } = {}) {
  const layers = isLayersModel(model);
  if (!layers && !isGraphModel(model)) throw new XnnError('misuse', 'compile() takes a tf.GraphModel or a tf.LayersModel');
  /** @type {Names} */
  const names = layers ? { inputOf: String, outputOf: String, lenient: true } : graphNames(model, outputs);
  const artifacts = await (layers ? layersArtifacts(model) : graphArtifacts(model));
  const engine = runtime ?? (await currentInstance()).runtime;
  const wanted = layers || outputs === undefined ? outputs : [...(names.outputs ?? [])];
  return new CompiledModel({ model: await engine.load(artifacts, { ...options, outputs: wanted }), names });
}
