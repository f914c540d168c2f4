// What Keras's layers compute and tfjs-layers does not (settings that it passes over, classes that it lacks), and what it gets
// wrong. Expected values are made with TensorFlow.js's ops, as Keras's documentation describes the layers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { compareOutputs } from '../support/agreement.js';
import { artifacts, input, LIMIT, layer, makeInputs, runOurs, sequential } from './layers-helpers.js';

/** One layer on an input [2, …shape]; expected(x, weights by name) makes a tensor. */
function keras(title, className, config, shape, weights, expected, { range } = {}) {
  test(`${className}: ${title}`, async () => {
    const model = sequential([input('x', [null, ...shape]), layer(className, 'y', config)]);
    const { source, tensors } = artifacts(model, Object.fromEntries(Object.entries(weights).map(([name, size]) => [`y/${name}`, [size]])));
    const [x] = makeInputs([[2, ...shape]], { range: range ?? [-2, 2] });
    const want = expected(tf.tensor(x.data, x.shape), (name) => tensors[`y/${name}`]);
    for (const optimize of [true, false]) {
      const { results } = await runOurs(source, [x], { optimize });
      assert.deepEqual(results.y.shape, want.shape);
      const { error, where } = compareOutputs(results, { y: { data: want.dataSync() } });
      assert.ok(error <= LIMIT, `optimize ${optimize}: ${error.toExponential(2)} at ${where}`);
    }
  });
}

const same = (x) => x;
const range = (n) => Array.from({ length: n }, (_, i) => i);
/** Between the first axis and the last `count`. */
const spread = (vector, rank, axis) =>
  tf.reshape(
    vector,
    range(rank).map((i) => (i === axis ? vector.size : 1)),
  );

// Advanced activations: f(x) = max_value for x ≥ max_value, x for threshold ≤ x < max_value, else negative_slope * (x - threshold)
const reluAt = (slope, threshold, most) => (x) =>
  tf.minimum(tf.where(tf.greaterEqual(x, threshold), x, tf.mul(tf.sub(x, threshold), slope)), most ?? Infinity);
keras('has a negative_slope', 'ReLU', { max_value: null, negative_slope: 0.3, threshold: 0 }, [5, 4], {}, reluAt(0.3, 0));
keras('has a negative_slope and a max_value', 'ReLU', { max_value: 1, negative_slope: 0.3, threshold: 0 }, [5, 4], {}, reluAt(0.3, 0, 1));
keras('has a threshold', 'ReLU', { max_value: null, negative_slope: 0.25, threshold: 0.5 }, [5, 4], {}, reluAt(0.25, 0.5));
keras('has all three', 'ReLU', { max_value: 1.5, negative_slope: 0.25, threshold: 0.5 }, [5, 4], {}, reluAt(0.25, 0.5, 1.5));
keras('has an alpha', 'ELU', { alpha: 0.5 }, [5, 4], {}, (x) => tf.where(tf.greater(x, 0), x, tf.mul(tf.expm1(x), 0.5)));
keras('reads negative_slope, as Keras 3 writes it', 'LeakyReLU', { negative_slope: 0.2 }, [5, 4], {}, (x) => tf.leakyRelu(x, 0.2));
keras('works along an axis that is not the last', 'Softmax', { axis: 1 }, [5, 4], {}, (x) =>
  tf.transpose(tf.softmax(tf.transpose(x, [0, 2, 1])), [0, 2, 1]),
);
keras('can be exponential', 'Activation', { activation: 'exponential' }, [5, 4], {}, (x) => tf.exp(x));
keras('can be silu', 'Activation', { activation: 'silu' }, [5, 4], {}, (x) => tf.mul(x, tf.sigmoid(x)));
keras(
  'takes a layer for an activation',
  'Dense',
  { units: 3, activation: { class_name: 'LeakyReLU', config: { name: 'l', alpha: 0.1 } } },
  [4],
  { kernel: [4, 3], bias: [3] },
  (x, w) => tf.leakyRelu(tf.add(tf.matMul(x, w('kernel')), w('bias')), 0.1),
);

// Convolutions
const conv1d = (x, w, ...rest) => tf.conv1d(x, w, ...rest);
keras(
  'pads causally',
  'Conv1D',
  { padding: 'causal', dilation_rate: [2], strides: [1] },
  [9, 4],
  { kernel: [3, 4, 5], bias: [5] },
  (x, w) =>
  tf.add(conv1d(tf.pad(x, [[0, 0], [4, 0], [0, 0]]), w('kernel'), 1, 'valid', 'NWC', 2), w('bias')), // biome-ignore format: one idea
);
keras(
  'pads causally with a stride',
  'Conv1D',
  { padding: 'causal', strides: 2, use_bias: false },
  [9, 4],
  { kernel: [2, 4, 5] },
  (x, w) =>
  conv1d(tf.pad(x, [[0, 0], [1, 0], [0, 0]]), w('kernel'), 2, 'valid'), // biome-ignore format: one idea
);
keras('takes channels first', 'Conv1D', { data_format: 'channels_first' }, [4, 9], { kernel: [3, 4, 5], bias: [5] }, (x, w) =>
  tf.transpose(tf.add(conv1d(tf.transpose(x, [0, 2, 1]), w('kernel'), 1, 'valid'), w('bias')), [0, 2, 1]),
);
keras('has groups', 'Conv2D', { groups: 2, kernel_size: [3, 3] }, [6, 5, 4], { kernel: [3, 3, 2, 6], bias: [6] }, (x, w) => {
  const filters = tf.split(w('kernel'), 2, 3);
  return tf.add(tf.concat(tf.split(x, 2, 3).map((part, i) => tf.conv2d(part, filters[i], 1, 'valid')), 3), w('bias')); // biome-ignore format: one idea
});
keras('is dilated', 'DepthwiseConv2D', { dilation_rate: [2, 2] }, [7, 6, 3], { depthwise_kernel: [3, 2, 3, 2], bias: [6] }, (x, w) =>
  tf.add(tf.depthwiseConv2d(x, w('depthwise_kernel'), 1, 'valid', 'NHWC', 2), w('bias')),
);
keras('has a kernel, as Keras 3 calls it', 'DepthwiseConv2D', { use_bias: false }, [7, 6, 3], { kernel: [3, 2, 3, 1] }, (x, w) =>
  tf.depthwiseConv2d(x, w('kernel'), 1, 'valid'),
);
keras(
  'takes channels first',
  'SeparableConv2D',
  { data_format: 'channels_first', padding: 'same', activation: 'softmax' },
  [3, 7, 6],
  { depthwise_kernel: [3, 3, 3, 2], pointwise_kernel: [1, 1, 6, 4], bias: [4] },
  (x, w) =>
    tf.softmax(
      tf.transpose(
        tf.add(tf.separableConv2d(tf.transpose(x, [0, 2, 3, 1]), w('depthwise_kernel'), w('pointwise_kernel'), 1, 'same'), w('bias')),
        [0, 3, 1, 2],
      ),
    ),
);
const lift = (x, axis) => tf.expandDims(x, axis);
const lifted = (x, w, point) => tf.squeeze(tf.separableConv2d(lift(x, 1), lift(w, 0), lift(point, 0), 1, 'same'), [1]);
keras(
  'is that of one row',
  'SeparableConv1D',
  { padding: 'same' },
  [9, 4],
  { depthwise_kernel: [3, 4, 2], pointwise_kernel: [1, 8, 5], bias: [5] },
  (x, w) => tf.add(lifted(x, w('depthwise_kernel'), w('pointwise_kernel')), w('bias')),
);
keras('is that of one row', 'DepthwiseConv1D', { strides: 1 }, [9, 4], { depthwise_kernel: [3, 4, 2], bias: [8] }, (x, w) =>
  tf.add(tf.squeeze(tf.depthwiseConv2d(lift(x, 1), lift(w('depthwise_kernel'), 0), 1, 'valid'), [1]), w('bias')),
);

// Normalisation along another axis than the last, where TensorFlow.js's cpu backend takes the last all the same
test('BatchNormalization: normalises along any axis', async () => {
  for (const [shape, axis] of [
    [[3, 7, 6], 1],
    [[9, 4], [1]],
    [[3, 7, 6], -2],
  ]) {
    // biome-ignore format: one case each
    const rank = shape.length + 1;
    const place = [axis].flat()[0];
    const channels = shape.at(place < 0 ? place : place - 1);
    const numbers = Object.fromEntries(['gamma', 'beta', 'moving_mean'].map((name) => [`y/${name}`, [[channels]]]));
    const variance = range(channels).map((i) => 0.5 + i / 7);
    const model = sequential([input('x', [null, ...shape]), layer('BatchNormalization', 'y', { axis, epsilon: 0.01 })]);
    const { source, tensors } = artifacts(model, { ...numbers, 'y/moving_variance': [[channels], variance] });
    const [x] = makeInputs([[2, ...shape]]);
    const along = (name) => spread(tensors[`y/${name}`], rank, place < 0 ? place + rank : place);
    const centred = tf.sub(tf.tensor(x.data, x.shape), along('moving_mean'));
    const scaled = tf.mul(tf.div(centred, tf.sqrt(tf.add(along('moving_variance'), 0.01))), along('gamma'));
    const want = tf.add(scaled, along('beta'));
    const { results } = await runOurs(source, [x]);
    const { error, where } = compareOutputs(results, { y: { data: want.dataSync() } });
    assert.ok(error <= LIMIT, `${shape}: ${error.toExponential(2)} at ${where}`);
  }
});

// Pooling, padding, cropping and upsampling in other numbers of dimensions
const axes = { GlobalAveragePooling3D: tf.mean, GlobalMaxPooling3D: tf.max };
for (const [name, reduce] of Object.entries(axes)) {
  keras('reduces all but batch and channels', name, {}, [3, 4, 5, 2], {}, (x) => reduce(x, [1, 2, 3]));
  keras('keeps its dimensions', name, { keepdims: true, data_format: 'channels_first' }, [2, 3, 4, 5], {}, (x) =>
    reduce(x, [2, 3, 4], true),
  );
}
keras('pads', 'ZeroPadding1D', { padding: [1, 2] }, [5, 4], {}, (x) => tf.pad(x, [[0, 0], [1, 2], [0, 0]])); // biome-ignore format: one case
keras('pads both sides', 'ZeroPadding1D', { padding: 2 }, [5, 4], {}, (x) => tf.pad(x, [[0, 0], [2, 2], [0, 0]])); // biome-ignore format: one case
keras('pads', 'ZeroPadding3D', { padding: [[1, 0], [0, 2], [1, 1]] }, [2, 3, 4, 2], {}, (x) => tf.pad(x, [[0, 0], [1, 0], [0, 2], [1, 1], [0, 0]])); // biome-ignore format: one case
keras('crops', 'Cropping1D', { cropping: [1, 2] }, [7, 4], {}, (x) => tf.slice(x, [0, 1, 0], [-1, 4, -1]));
keras('crops', 'Cropping3D', { cropping: [[1, 0], [0, 2], [1, 1]] }, [2, 3, 4, 2], {}, (x) => tf.slice(x, [0, 1, 0, 1, 0], [-1, 1, 1, 2, -1])); // biome-ignore format: one case
keras('repeats steps', 'UpSampling1D', { size: 3 }, [4, 2], {}, (x) => tf.gather(x, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], 1));
keras('takes channels first', 'MaxPooling1D', { pool_size: 2, strides: 2, data_format: 'channels_first' }, [4, 6], {}, (x) =>
  tf.max(tf.reshape(x, [2, 4, 3, 2]), 3),
);

// Images
keras('resizes by the centres of pixels', 'Resizing', { height: 5, width: 9 }, [7, 6, 3], {}, (x) =>
  tf.image.resizeBilinear(x, [5, 9], false, true),
);
keras('takes the nearest pixel', 'Resizing', { height: 5, width: 9, interpolation: 'nearest' }, [7, 6, 3], {}, (x) =>
  tf.image.resizeNearestNeighbor(x, [5, 9], false, true),
);
// 12 rows to 3 columns of 7 × 6: all rows, and floor(7 · 3 / 12) = 1 column, of which floor(5 / 2) lie before
keras('crops to the aspect ratio', 'Resizing', { height: 12, width: 3, crop_to_aspect_ratio: true }, [7, 6, 3], {}, (x) =>
  tf.image.resizeBilinear(tf.slice(x, [0, 0, 2, 0], [-1, 7, 1, -1]), [12, 3], false, true),
);
for (const name of [
  'RandomWidth',
  'RandomHeight',
  'RandomFlip',
  'RandomRotation',
  'RandomZoom',
  'RandomTranslation',
  'RandomContrast',
  'RandomBrightness',
])
  keras('is random only while training', name, { factor: 0.2 }, [7, 6, 3], {}, same);
for (const name of ['SpatialDropout2D', 'SpatialDropout3D', 'ActivityRegularization'])
  keras('does nothing to what it is given', name, { rate: 0.5 }, [2, 3, 4, 5], {}, same);

test('Subtract: subtracts', async () => {
  const list = [input('a'), input('b'), layer('Subtract', 'y', {}, ['a', 'b'])];
  const config = { class_name: 'Model', config: { layers: list, input_layers: [['a', 0, 0], ['b', 0, 0]], output_layers: [['y', 0, 0]] } }; // biome-ignore format: one idea
  const { source } = artifacts(config);
  const [a, b] = makeInputs([[2, 4], [2, 4]]); // biome-ignore format: one idea
  const { results } = await runOurs(source, [a, b]);
  assert.deepEqual([...results.y.data], [...a.data].map((value, i) => Math.fround(value - b.data[i]))); // biome-ignore format: one idea
});
