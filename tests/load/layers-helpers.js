// What the tests of layers models share: models of tfjs-layers with seeded weights, and our reading of them beside its own.
import '@tensorflow/tfjs-backend-cpu';
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { parseLayers } from '../../js/load/tfjs-layers.js';
import { parseSpecs } from '../../js/load/tfjs-manifest.js';
import { compareOutputs } from '../support/agreement.js';
import { createTestRuntime } from '../support/engine.js';
import { random } from './helpers.js';

tf.env().set('IS_TEST', true); // no banner about tfjs-node on stderr
await tf.setBackend('cpu');

/** design.md, Numerics: max|a − b| ≤ 1e-5 · max|b| */
export const LIMIT = 1e-5;

/** Random weights, the same for the same seed; variances are positive. */
export function seedWeights(model, seed = 1) {
  const next = random(seed);
  const values = model.weights.map(({ originalName, shape }) => {
    const positive = /variance$/.test(originalName);
    const data = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => (positive ? 0.5 + next() : next() * 2 - 1));
    return tf.tensor(data, shape);
  });
  model.setWeights(values);
  tf.dispose(values);
  return model;
}

/** What tfjs-layers saves of a model, as it comes out of a file: { modelTopology, weightSpecs, weightData }. */
export async function artifactsOf(model) {
  let saved;
  await model.save({
    async save(artifacts) {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  const { modelTopology, weightSpecs, weightData } = saved;
  return { modelTopology: JSON.parse(JSON.stringify(modelTopology)), weightSpecs, weightData: new Uint8Array(weightData).buffer };
}

/** Random tensors for the shapes, null being `batch`: { data, shape, dtype }. */
export function makeInputs(shapes, { batch = 2, seed = 7, dtypes = [], range = [-1, 1] } = {}) {
  const next = random(seed);
  return shapes.map((given, i) => {
    const shape = given.map((size) => size ?? batch);
    const length = shape.reduce((product, size) => product * size, 1);
    const dtype = dtypes[i] ?? 'float32';
    const draw = () => range[0] + next() * (range[1] - range[0]);
    const data = dtype === 'int32' ? Int32Array.from({ length }, () => Math.floor(draw())) : Float32Array.from({ length }, draw);
    return { data, shape, dtype };
  });
}

let runtime;
/** Loads and runs one model; its values by name, in the order of its outputs. */
export async function runOurs(source, inputs, options = {}) {
  runtime ??= await createTestRuntime({ variant: 'simd', threads: 1 });
  const model = await runtime.load(source, options);
  try {
    const results = await model.run(Object.fromEntries(model.inputs.map(({ name }, i) => [name, inputs[i]])));
    return { inputs: model.inputs, outputs: model.outputs, results };
  } finally {
    model.dispose();
  }
}

/**
 * Runs a model of tfjs-layers on both sides; fails unless shapes are equal and values agree.
 * @returns {Promise<number>} the largest error
 */
export async function agrees(model, inputs, { limit = LIMIT, predict = model.predict.bind(model), artifacts } = {}) {
  const source = artifacts ?? (await artifactsOf(model));
  const tensors = inputs.map(({ data, shape, dtype }) => tf.tensor(data, shape, dtype));
  const expected = [predict(tensors.length === 1 ? tensors[0] : tensors)].flat();
  let worst = 0;
  for (const optimize of [true, false]) {
    const { outputs, results } = await runOurs(source, inputs, { optimize });
    assert.equal(outputs.length, expected.length, 'number of outputs');
    outputs.forEach(({ name }, i) => {
      const { shape, dtype, data } = results[name];
      assert.deepEqual(shape, expected[i].shape, `shape of ${name}`);
      assert.equal(dtype, expected[i].dtype, `dtype of ${name}`);
      assert.ok(data.length > 0, `${name} has values`);
      const { error, where } = compareOutputs({ y: results[name] }, { y: { data: expected[i].dataSync() } });
      assert.ok(error <= limit, `${name}, optimize ${optimize}: ${error.toExponential(2)} at ${where}`);
      worst = Math.max(worst, error);
    });
  }
  tf.dispose([...tensors, ...expected]);
  return worst;
}

/** A model of one layer on inputs of these shapes. */
export function modelOf(layer, shapes, dtypes = []) {
  const inputs = shapes.map((batchShape, i) => layers.input({ batchShape, dtype: dtypes[i] ?? 'float32' }));
  return layers.model({ inputs, outputs: layer.apply(inputs.length === 1 ? inputs[0] : inputs) });
}

/** A Keras config of a layer. */
export const layer = (class_name, name, config = {}, ...calls) => ({
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: calls.map((refs) => refs.map((ref) => (Array.isArray(ref) ? ref : [ref, 0, 0, {}]))),
});
export const input = (name, shape = [null, 4], dtype = 'float32') => layer('InputLayer', name, { batch_input_shape: shape, dtype });
/** A functional model; refs are names or [name, node, tensor]. */
export const functional = (list, inputs, outputs, name = 'model') => ({
  class_name: 'Functional',
  config: {
    name,
    layers: list,
    input_layers: inputs.map((ref) => (Array.isArray(ref) ? ref : [ref, 0, 0])),
    output_layers: outputs.map((ref) => (Array.isArray(ref) ? ref : [ref, 0, 0])),
  },
});
export const sequential = (list, name = 'sequential') => ({ class_name: 'Sequential', config: { name, layers: list } });

/** parseLayers of a model config and weights { name: shape }. */
export function build(config, weights = {}, options = {}) {
  const specs = parseSpecs(Object.entries(weights).map(([name, shape]) => ({ name, shape, dtype: 'float32' })));
  return parseLayers({ modelTopology: { model_config: config } }, specs, new Map(), options);
}

/** ModelArtifacts of a config and weights { name: [shape, values?] }; random values where none are given. */
export function artifacts(config, weights = {}, seed = 3) {
  const next = random(seed);
  const entries = Object.entries(weights).map(([name, [shape, values]]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return { name, shape, data: Float32Array.from(values ?? Array.from({ length }, () => next() * 2 - 1)) };
  });
  const weightData = new Float32Array(entries.flatMap(({ data }) => [...data])).buffer;
  const weightSpecs = entries.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const tensors = Object.fromEntries(entries.map(({ name, shape, data }) => [name, tf.tensor(data, shape)]));
  return { source: { modelTopology: { model_config: config }, weightSpecs, weightData }, tensors };
}
