// The models of @vladmandic/human against TensorFlow.js' own reading of them.
import '@tensorflow/tfjs-backend-cpu';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as converter from '@tensorflow/tfjs-converter';
import { io } from '@tensorflow/tfjs-core';
import { openSource } from '../../js/load/source.js';
import { parseGraph } from '../../js/load/tfjs-graph.js';
import { decodeWeight } from '../../js/load/tfjs-manifest.js';
import { humanModel, readBin, readJson, readWeightBytes, rejectsWith, smallConstants } from './helpers.js';

const SUPPORTED = ['facemesh', 'blazeface', 'iris', 'antispoof', 'emotion', 'faceres', 'liveness', 'handlandmark-lite'];

/** Foreign op → ours, read from TensorFlow's documentation, not from the table under test. */
const OURS = {
  _FusedConv2D: 'conv2d',
  Conv2D: 'conv2d',
  DepthwiseConv2dNative: 'depthwise_conv2d',
  _FusedMatMul: 'dense',
  AddV2: 'add',
  Add: 'add',
  Mul: 'mul',
  Minimum: 'minimum',
  Maximum: 'maximum',
  Prelu: 'prelu',
  Relu: 'relu',
  Relu6: 'relu6',
  Sigmoid: 'sigmoid',
  Softmax: 'softmax',
  MaxPool: 'max_pool2d',
  Pad: 'pad',
  Reshape: 'reshape',
  Identity: 'identity',
  Mean: 'mean',
  ConcatV2: 'concat',
};

/** Counts of our ops, from the model's JSON alone. */
function expectedCounts({ modelTopology }) {
  const counts = {};
  const count = (op, n = 1) => {
    counts[op] = (counts[op] ?? 0) + n;
  };
  for (const { op, input, attr } of modelTopology.node) {
    if (op === 'Const' || op === 'Placeholder') continue;
    if (op === 'AddN') {
      count('add', input.length - 1);
      continue;
    }
    count(OURS[op]);
    for (const fused of attr?.fused_ops?.list?.s ?? []) {
      const name = Buffer.from(fused, 'base64').toString();
      if (name !== 'BiasAdd') count(OURS[name]);
    }
  }
  return counts;
}

/** The model as TensorFlow.js reads it. */
async function tfjsModel(name) {
  const { modelTopology, weightsManifest, signature, userDefinedMetadata } = readJson(name);
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const weightData = readBin(name).buffer;
  return converter.loadGraphModel(io.fromMemory({ modelTopology, weightSpecs, weightData, signature, userDefinedMetadata }));
}

const TFJS_DTYPES = { float32: 'float32', int32: 'int32', bool: 'bool' };

for (const name of SUPPORTED) {
  test(`${name}: its ops, inputs, outputs and weights are those that TensorFlow.js reads`, async () => {
    const model = await openSource(humanModel(`${name}.json`));
    const { all } = await readWeightBytes(model);
    const graph = parseGraph(model.topology, model.weights, smallConstants(model.weights, all));

    const counts = {};
    for (const { op } of graph.nodes) counts[op] = (counts[op] ?? 0) + 1;
    assert.deepEqual(counts, expectedCounts(readJson(name)));

    const reference = await tfjsModel(name);
    assert.deepEqual(
      graph.inputs,
      reference.inputs.map((input) => ({ name: input.name, dtype: TFJS_DTYPES[input.dtype], shape: input.shape })),
    );
    assert.deepEqual(
      graph.outputs.map((output) => output.name),
      reference.outputs.map((output) => output.name),
    );

    const decoded = io.decodeWeights(
      readBin(name).buffer,
      readJson(name).weightsManifest.flatMap(({ weights }) => weights),
    );
    assert.deepEqual(
      model.weights.map((spec) => spec.name),
      Object.keys(decoded),
    );
    model.weights.forEach((spec, i) => {
      const expected = decoded[spec.name];
      assert.deepEqual(spec.shape, expected.shape, spec.name);
      assert.equal(spec.dtype, expected.dtype, spec.name);
      assert.deepEqual(decodeWeight(spec, all[i]), expected.dataSync(), spec.name);
    });
    reference.dispose();
  });

  test(`${name}: nodes come after what they read, and every value is there`, async () => {
    const model = await openSource(humanModel(`${name}.json`));
    const { all } = await readWeightBytes(model);
    const graph = parseGraph(model.topology, model.weights, smallConstants(model.weights, all));
    const known = new Set([...graph.inputs.map((input) => input.name), ...graph.weights.map(({ value }) => value)]);
    for (const { value, weight } of graph.weights) assert.equal(model.weights[weight].name, value);
    for (const node of graph.nodes) {
      for (const input of node.inputs) assert.ok(known.has(input), `${node.name} reads ${input}`);
      assert.ok(!known.has(node.output), `${node.output} is made once`);
      known.add(node.output);
    }
    for (const { value } of graph.outputs) assert.ok(known.has(value));
  });
}

test('facemesh: the first convolution has the attributes that its JSON has', async () => {
  const model = await openSource(humanModel('facemesh.json'));
  const { all } = await readWeightBytes(model);
  const { nodes } = parseGraph(model.topology, model.weights, smallConstants(model.weights, all));
  // strides 2, dilations 1, padding SAME, fused BiasAdd and Prelu: read off facemesh.json by eye
  const [conv, prelu] = nodes;
  const name = 'StatefulPartitionedCall/model_1/batch_normalization_1/FusedBatchNormV3';
  assert.equal(conv.op, 'conv2d');
  assert.equal(conv.name, name);
  assert.deepEqual(conv.inputs, [
    'input_1',
    'StatefulPartitionedCall/model_1/conv2d_1/Conv2D_weights',
    'StatefulPartitionedCall/model_1/conv2d_1/Conv2D_bn_offset',
  ]);
  assert.deepEqual(conv.attrs, {
    stride_h: 2,
    stride_w: 2,
    dilation_h: 1,
    dilation_w: 1,
    padding: 1,
    pad_top: 0,
    pad_bottom: 0,
    pad_left: 0,
    pad_right: 0,
  });
  assert.deepEqual(prelu, {
    op: 'prelu',
    name: `${name}/prelu`,
    inputs: [conv.output, 'StatefulPartitionedCall/model_1/p_re_lu_1/Neg'],
    attrs: {},
    output: name,
  });
});

test('handtrack: uint8 weights decode to what TensorFlow.js decodes', async () => {
  const model = await openSource(humanModel('handtrack.json'));
  const { all } = await readWeightBytes(model);
  const decoded = io.decodeWeights(
    readBin('handtrack').buffer,
    readJson('handtrack').weightsManifest.flatMap(({ weights }) => weights),
  );
  assert.ok(model.weights.some((spec) => spec.storage.dtype === 'uint8'));
  for (const [i, spec] of model.weights.entries()) assert.deepEqual(decodeWeight(spec, all[i]), decoded[spec.name].dataSync(), spec.name);
});

test('handtrack: its ops that are missing are named in one error', async () => {
  const model = await openSource(humanModel('handtrack.json'));
  const { all } = await readWeightBytes(model);
  rejectsWith(
    () => parseGraph(model.topology, model.weights, smallConstants(model.weights, all)),
    'unsupported',
    /^unsupported ops: \w+ \(node ".+"\), \w+ \(node/,
  );
});

test('outputs option: any node becomes an output and only what it needs is kept', async () => {
  const model = await openSource(humanModel('facemesh.json'));
  const { all } = await readWeightBytes(model);
  const name = 'StatefulPartitionedCall/model_1/max_pooling2d_1/MaxPool';
  const graph = parseGraph(model.topology, model.weights, smallConstants(model.weights, all), { outputs: [name] });
  assert.deepEqual(graph.outputs, [{ name, value: name }]);
  assert.equal(graph.nodes.at(-1).output, name);
  assert.ok(graph.nodes.length < 20);
});
