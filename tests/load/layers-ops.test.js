// Every layer class of tfjs-layers' registry against tfjs-layers itself on its cpu backend.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { rejectsWith } from './helpers.js';
import { agrees, artifactsOf, build, input, layer, makeInputs, modelOf, seedWeights } from './layers-helpers.js';

const L = tfl.layers;
const IMAGE = [null, 7, 6, 3];
const FIRST = [null, 3, 7, 6];
const VOLUME = [null, 4, 6, 5, 2];
const SERIES = [null, 9, 4];
const channelsFirst = 'channelsFirst';

/**
 * Cases of a class: what makes the layer, the shapes of its inputs, and options of makeInputs.
 * @type {Record<string, [make: () => object, shapes?: (number | null)[][], options?: object][]>}
 */
const CASES = {
  Dense: [
    [() => L.dense({ units: 5 }), [[null, 7]]],
    [() => L.dense({ units: 5, activation: 'relu', useBias: false }), [[null, 7]]],
    [() => L.dense({ units: 3, activation: 'softmax' }), [[null, 4, 6]]],
    [() => L.dense({ units: 3, activation: 'tanh' }), [[2, 2, 3, 4]]],
  ],
  Activation: [
    ...['elu', 'selu', 'relu', 'relu6', 'linear', 'sigmoid', 'hardSigmoid', 'softplus', 'softsign', 'tanh', 'softmax'].map(activation),
    ...['logSoftmax', 'gelu', 'gelu_new', 'mish', 'swish'].map(activation),
  ],
  ReLU: [
    [() => L.reLU(), [IMAGE]],
    [() => L.reLU({ maxValue: 6 }), [IMAGE], { range: [-9, 9] }],
    [() => L.reLU({ maxValue: 0.5 }), [IMAGE]],
  ],
  LeakyReLU: [
    [() => L.leakyReLU(), [IMAGE]],
    [() => L.leakyReLU({ alpha: 0.1 }), [SERIES]],
  ],
  PReLU: [
    [() => L.prelu(), [[null, 7]]],
    [() => L.prelu(), [IMAGE]],
    [() => L.prelu({ sharedAxes: [1, 2] }), [IMAGE]],
    [() => L.prelu({ sharedAxes: [2] }), [IMAGE]],
    [() => L.prelu({ sharedAxes: [1, 2, 3] }), [IMAGE]],
  ],
  ELU: [[() => L.elu(), [IMAGE]]],
  ThresholdedReLU: [
    [() => L.thresholdedReLU(), [IMAGE], { range: [-3, 3] }],
    [() => L.thresholdedReLU({ theta: 0.25 }), [IMAGE]],
  ],
  Softmax: [
    [() => L.softmax(), [[null, 7]]],
    [() => L.softmax({ axis: -1 }), [IMAGE]],
    [() => L.softmax({ axis: [1, 2] }), [IMAGE]],
  ],
  Conv1D: [
    [() => L.conv1d({ filters: 5, kernelSize: 3 }), [SERIES]],
    [() => L.conv1d({ filters: 5, kernelSize: 4, strides: 2, padding: 'same', activation: 'relu' }), [SERIES]],
    [() => L.conv1d({ filters: 2, kernelSize: 3, dilationRate: 2, useBias: false }), [SERIES]],
  ],
  Conv2D: [
    [() => L.conv2d({ filters: 5, kernelSize: 3 }), [IMAGE]],
    [() => L.conv2d({ filters: 4, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'relu' }), [IMAGE]],
    [() => L.conv2d({ filters: 4, kernelSize: 3, dilationRate: [2, 1], useBias: false, activation: 'softmax' }), [IMAGE]],
    [() => L.conv2d({ filters: 4, kernelSize: 3, dataFormat: channelsFirst, activation: 'relu6' }), [FIRST]],
    [() => L.conv2d({ filters: 4, kernelSize: 3, dataFormat: channelsFirst, activation: 'softmax' }), [FIRST]],
  ],
  Conv3D: [
    [() => L.conv3d({ filters: 3, kernelSize: 2 }), [VOLUME]],
    [() => L.conv3d({ filters: 3, kernelSize: [2, 3, 3], strides: [1, 2, 2], padding: 'same', activation: 'relu' }), [VOLUME]],
    [() => L.conv3d({ filters: 3, kernelSize: 2, dataFormat: channelsFirst, useBias: false }), [[null, 2, 4, 6, 5]]],
  ],
  Conv2DTranspose: [
    [() => L.conv2dTranspose({ filters: 4, kernelSize: 3 }), [IMAGE]],
    [() => L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }), [IMAGE]],
    [() => L.conv2dTranspose({ filters: 2, kernelSize: [2, 4], strides: [3, 2], useBias: false }), [IMAGE]],
    [() => L.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, dataFormat: channelsFirst }), [FIRST]],
  ],
  Conv3DTranspose: [
    [() => L.conv3dTranspose({ filters: 3, kernelSize: 3 }), [[null, 2, 3, 4, 2]]],
    [() => L.conv3dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }), [[null, 2, 3, 4, 2]]],
    [() => L.conv3dTranspose({ filters: 2, kernelSize: [1, 4, 2], strides: [2, 2, 3], useBias: false }), [[null, 2, 3, 2, 2]]],
    [() => L.conv3dTranspose({ filters: 2, kernelSize: 4, strides: 2, padding: 'same', dataFormat: channelsFirst }), [[null, 2, 2, 3, 2]]],
  ],
  DepthwiseConv2D: [
    [() => L.depthwiseConv2d({ kernelSize: 3 }), [IMAGE]],
    [() => L.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same', activation: 'relu6' }), [IMAGE]],
    [() => L.depthwiseConv2d({ kernelSize: [2, 3], useBias: false, dataFormat: channelsFirst }), [FIRST]],
  ],
  SeparableConv2D: [
    [() => L.separableConv2d({ filters: 5, kernelSize: 3 }), [IMAGE]],
    [() => L.separableConv2d({ filters: 5, kernelSize: 3, depthMultiplier: 2, padding: 'same', strides: 2, activation: 'relu' }), [IMAGE]],
    [() => L.separableConv2d({ filters: 5, kernelSize: 3, dilationRate: 2, useBias: false }), [IMAGE]],
    [() => L.separableConv2d({ filters: 5, kernelSize: 3, useBias: false, dataFormat: channelsFirst }), [FIRST]],
  ],
  Cropping2D: [
    [() => L.cropping2D({ cropping: [[1, 2], [0, 3]] }), [IMAGE]], // biome-ignore format: one case
    [() => L.cropping2D({ cropping: [[2, 0], [1, 1]], dataFormat: channelsFirst }), [FIRST]], // biome-ignore format: one case
  ],
  UpSampling2D: [
    [() => L.upSampling2d({}), [IMAGE]],
    [() => L.upSampling2d({ size: [3, 2], interpolation: 'bilinear' }), [IMAGE]],
    [() => L.upSampling2d({ size: [2, 3], dataFormat: channelsFirst }), [FIRST]],
    [() => L.upSampling2d({ size: [2, 3] }), [[null, null, 6, 3]]],
  ],
  ZeroPadding2D: [
    [() => L.zeroPadding2d({}), [IMAGE]],
    [() => L.zeroPadding2d({ padding: [[1, 2], [0, 3]] }), [IMAGE]], // biome-ignore format: one case
    [() => L.zeroPadding2d({ padding: [2, 1], dataFormat: channelsFirst }), [FIRST]],
  ],
  ...pools(1, [SERIES], [], { poolSize: 3, strides: 2 }),
  ...pools(2, [IMAGE], [FIRST], { poolSize: [3, 2], strides: [2, 1] }),
  ...pools(3, [VOLUME], [[null, 2, 4, 6, 5]], { poolSize: [2, 3, 2], strides: [1, 2, 2] }),
  GlobalAveragePooling1D: [[() => L.globalAveragePooling1d(), [SERIES]]],
  GlobalMaxPooling1D: [[() => L.globalMaxPooling1d(), [SERIES]]],
  GlobalAveragePooling2D: [
    [() => L.globalAveragePooling2d({}), [IMAGE]],
    [() => L.globalAveragePooling2d({ dataFormat: channelsFirst }), [FIRST]],
  ],
  GlobalMaxPooling2D: [
    [() => L.globalMaxPooling2d({}), [IMAGE]],
    [() => L.globalMaxPooling2d({ dataFormat: channelsFirst }), [FIRST]],
  ],
  BatchNormalization: [
    [() => L.batchNormalization({}), [IMAGE]],
    [() => L.batchNormalization({ scale: false, epsilon: 0.1 }), [[null, 7]]],
    [() => L.batchNormalization({ center: false }), [SERIES]],
  ],
  LayerNormalization: [
    [() => L.layerNormalization({}), [IMAGE]],
    [() => L.layerNormalization({ axis: [2, 3], epsilon: 0.01 }), [IMAGE]],
    [() => L.layerNormalization({ axis: -1, scale: false }), [SERIES]],
    [() => L.layerNormalization({ axis: -1, center: false }), [SERIES]],
    [() => L.layerNormalization({ axis: 1 }), [SERIES]],
    [() => L.layerNormalization({ axis: [1, 3], center: false }), [IMAGE]],
  ],
  Flatten: [
    [() => L.flatten(), [IMAGE]],
    [() => L.flatten({ dataFormat: channelsFirst }), [FIRST]],
    [() => L.flatten(), [[2, 3, 4]]],
  ],
  Reshape: [
    [() => L.reshape({ targetShape: [6, 21] }), [IMAGE]],
    [() => L.reshape({ targetShape: [-1, 9, 2] }), [IMAGE]],
    [() => L.reshape({ targetShape: [2, null] }), [[null, null, 4]], { batch: 2 }],
  ],
  Permute: [[() => L.permute({ dims: [3, 1, 2] }), [IMAGE]]],
  RepeatVector: [[() => L.repeatVector({ n: 3 }), [[null, 5]]]],
  Masking: [
    [() => L.masking(), [SERIES], { dtypes: ['float32'], zeros: true }],
    [() => L.masking({ maskValue: -2 }), [SERIES]],
  ],
  Embedding: [
    [() => L.embedding({ inputDim: 11, outputDim: 4 }), [[null, 6]], { dtypes: ['int32'], range: [0, 11] }],
    [() => L.embedding({ inputDim: 11, outputDim: 4, inputLength: 6, maskZero: true }), [[null, 6]], { range: [0, 10.9] }],
  ],
  ...merges({ Add: L.add, Multiply: L.multiply, Average: L.average, Maximum: L.maximum, Minimum: L.minimum }),
  Concatenate: [
    [() => L.concatenate(), [SERIES, SERIES, [null, 9, 2]]],
    [() => L.concatenate({ axis: 1 }), [SERIES, [null, 3, 4]]],
  ],
  Dot: [
    [() => L.dot({ axes: 1 }), [[null, 5], [null, 5]]], // biome-ignore format: one case
    [() => L.dot({ axes: -1, normalize: true }), [[null, 5], [null, 5]]], // biome-ignore format: one case
    [() => L.dot({ axes: 2 }), [[null, 3, 5], [null, 4, 5]]], // biome-ignore format: one case
    [() => L.dot({ axes: [1, 2], normalize: true }), [[null, 5, 3], [null, 4, 5]]], // biome-ignore format: one case
    [() => L.dot({ axes: [2, 1] }), [[null, 3, 5], [null, 5]]], // biome-ignore format: one case
    [() => L.dot({ axes: [1, 2] }), [[null, 5], [null, 4, 5]]], // biome-ignore format: one case
    [() => L.dot({ axes: [1, 1] }), [[null, 5], [null, 5, 4]]], // biome-ignore format: one case
  ],
  ...identities({
    Dropout: () => L.dropout({ rate: 0.5 }),
    SpatialDropout1D: () => L.spatialDropout1d({ rate: 0.5 }),
    GaussianNoise: () => L.gaussianNoise({ stddev: 1 }),
    GaussianDropout: () => L.gaussianDropout({ rate: 0.5 }),
    AlphaDropout: () => L.alphaDropout({ rate: 0.5 }),
  }),
  TimeDistributed: [
    [() => L.timeDistributed({ layer: L.dense({ units: 3, activation: 'relu' }) }), [SERIES]],
    [() => L.timeDistributed({ layer: L.conv2d({ filters: 2, kernelSize: 2 }) }), [[null, 3, 4, 5, 2]]],
    [() => L.timeDistributed({ layer: L.flatten() }), [[null, 3, 4, 5]]],
    [() => L.timeDistributed({ layer: L.batchNormalization() }), [[2, 3, 4]]],
  ],
  Rescaling: [
    [() => L.rescaling({ scale: 1 / 127.5, offset: -1 }), [IMAGE], { range: [0, 255] }],
    [() => L.rescaling({ scale: 2 }), [IMAGE], { dtypes: ['int32'], range: [0, 255] }],
  ],
  CenterCrop: [
    [() => L.centerCrop({ height: 4, width: 3 }), [IMAGE], { eager: true }],
    [() => L.centerCrop({ height: 7, width: 5 }), [IMAGE], { eager: true }],
    [() => L.centerCrop({ height: 1, width: 2 }), [[null, 10, 9, 2]], { eager: true }],
    [() => L.centerCrop({ height: 9, width: 3 }), [IMAGE], { eager: true }],
  ],
  CategoryEncoding: [
    [() => L.categoryEncoding({ numTokens: 6, outputMode: 'multiHot' }), [[null, 4]], { range: [0, 5.9], eager: true }],
    [() => L.categoryEncoding({ numTokens: 6, outputMode: 'count' }), [[null, 4]], { dtypes: ['int32'], range: [0, 6], eager: true }],
    [() => L.categoryEncoding({ numTokens: 6, outputMode: 'oneHot' }), [[null, 1]], { dtypes: ['int32'], range: [0, 6], eager: true }],
    [() => L.categoryEncoding({ numTokens: 6, outputMode: 'int' }), [[null, 4]], { range: [0, 5.9], eager: true }],
  ],
};

/** Classes whose tests are elsewhere. */
const ELSEWHERE = {
  ...{ InputLayer: 'layers', Model: 'layers', Functional: 'layers', Sequential: 'layers' },
  ...{ RandomWidth: 'layers-keras', Resizing: 'layers-keras' },
};

const UNSUPPORTED = [
  ...['RNN', 'SimpleRNN', 'SimpleRNNCell', 'GRU', 'GRUCell', 'LSTM', 'LSTMCell', 'StackedRNNCells', 'Bidirectional'],
  ...['ConvLSTM2D', 'ConvLSTM2DCell'],
];

/** CategoryEncoding writes its output's shape over its input's: the layer alone, and the config repaired. */
async function eagerly(model, made, [shape]) {
  const saved = await artifactsOf(model);
  saved.modelTopology.config.layers[0].config.batch_input_shape = shape;
  return { artifacts: saved, predict: (x) => made.apply(x) };
}

function activation(name) {
  return [() => L.activation({ activation: name }), [[null, 3, 7]], { range: [-4, 4] }];
}

function pools(rank, last, first, { poolSize, strides }) {
  const cases = (make) => [
    [() => make({ poolSize: 2 }), last],
    [() => make({ poolSize, strides, padding: 'same' }), last],
    ...first.map((shape) => [() => make({ poolSize, strides, dataFormat: channelsFirst }), [shape]]),
  ];
  return {
    [`MaxPooling${rank}D`]: cases(L[`maxPooling${rank}d`]),
    [`AveragePooling${rank}D`]: cases(L[`averagePooling${rank}d`]),
  };
}

function merges(makers) {
  return Object.fromEntries(
    Object.entries(makers).map(([name, make]) => [
      name,
      [
        [() => make(), [SERIES, SERIES]],
        [() => make(), [SERIES, SERIES, [null, 1, 4]]],
        [() => make(), [[2, 9, 4], [2, 4]]], // biome-ignore format: one case
      ],
    ]),
  );
}

function identities(makers) {
  return Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, [[make, [SERIES]]]]));
}

for (const [className, cases] of Object.entries(CASES)) {
  test(`${className}: agrees with tfjs-layers`, async (t) => {
    let worst = 0;
    for (const [make, shapes, { dtypes, zeros, eager, ...options } = {}] of cases) {
      const made = make();
      assert.equal(made.getClassName(), className);
      const model = seedWeights(modelOf(made, structuredClone(shapes), dtypes));
      const inputs = makeInputs(shapes, { dtypes, ...options });
      if (zeros) for (const { data, shape } of inputs) data.fill(0, 0, 3 * shape.at(-1));
      try {
        worst = Math.max(worst, await agrees(model, inputs, eager ? await eagerly(model, made, shapes) : {}));
      } catch (error) {
        error.message = `${JSON.stringify(made.getConfig())} of ${JSON.stringify(shapes)}: ${error.message}`;
        throw error;
      }
      model.dispose();
    }
    t.diagnostic(`${className}: largest error ${worst.toExponential(2)} of max|b|`);
  });
}

for (const className of UNSUPPORTED) {
  test(`${className}: is unsupported by name`, () => {
    const config = { class_name: 'Sequential', config: { layers: [input('x', [null, 3, 4]), layer(className, 'given')] } };
    rejectsWith(() => build(config), 'unsupported', new RegExp(`${className} \\(layer "given"\\)`), 'given');
  });
}

test('registry: every layer class of tfjs-layers has cases or is unsupported by name', () => {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const classes = Object.keys(classNameMap).filter((name) => typeof classNameMap[name][0].prototype.countParams === 'function');
  assert.ok(classes.length > 60);
  assert.deepEqual(
    classes.filter((name) => !(name in CASES) && !(name in ELSEWHERE) && !UNSUPPORTED.includes(name)),
    [],
  );
});

test('registry: every activation of tfjs-layers has a case', () => {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const names = Object.keys(classNameMap).filter(
    (name) => /^[a-z]/.test(name) && typeof classNameMap[name][0].prototype.apply === 'function',
  );
  const tested = CASES.Activation.map(([make]) => make().getConfig().activation);
  assert.ok(names.length > 12);
  assert.deepEqual(names.filter((name) => !tested.includes(name)), []); // biome-ignore format: one idea
});
