// The trainer of a classifier's head, in WebAssembly (kernels/standalone/train_head.h).
import { XnnError } from '../errors.js';
import { standalone } from '../standalone.js';

/** Changes with kernels/standalone/train_head.h. */
const ABI = 1;
const instantiate = standalone(new URL('../../dist/xnnjs-train.wasm', import.meta.url), ABI);

/** Addresses are of 32 bits; a trainer this large is a mistake. */
const MOST_BYTES = 2 ** 32 - 2 ** 20;
const RESULT_BYTES = 16;

/**
 * Weights of Dense(hidden, relu) and Dense(classes, softmax, no bias), as TensorFlow.js has them.
 * @typedef {object} HeadWeights
 * @property {Float32Array} kernel  [features, hidden]
 * @property {Float32Array} bias  [hidden]
 * @property {Float32Array} classKernel  [hidden, classes]
 *
 * @typedef {object} HeadShape
 * @property {number} features
 * @property {number} hidden
 * @property {number} classes
 *
 * @typedef {{ loss: number, accuracy: number }} HeadScore  the mean of the cross-entropy, and the share of examples that have the right
 *   class.
 *
 * @typedef {object} Head
 * @property {(order: Uint32Array, options: { batchSize: number, learningRate: number, dropout: number }) => HeadScore} train  A step of
 *   Adam for every batchSize of the examples that `order` lists. The score is that of each batch before its step, with dropout.
 * @property {(order: Uint32Array) => HeadScore} evaluate  without dropout.
 * @property {() => HeadWeights} weights  copies.
 * @property {(weights: HeadWeights) => void} setWeights
 * @property {() => { first: HeadWeights, second: HeadWeights }} moments  Adam's, copies.
 */

/**
 * @param {object} options
 * @param {HeadShape} options.shape
 * @param {readonly Float32Array[]} options.examples  [features] each.
 * @param {readonly number[]} options.labels  of the examples: 0 … classes − 1.
 * @param {number} options.batchSize  the largest that will be trained with.
 * @param {number} [options.seed]  of dropout.
 * @returns {Promise<Head>}  Weights are zeros.
 * @throws {XnnError} 'bad-shape', 'misuse', 'out-of-memory'; what standalone() throws.
 */
export async function createHead({ shape, examples, labels, batchSize, seed = 0 }) {
  const { features, hidden, classes } = shape;
  for (const [name, value] of Object.entries({ ...shape, batchSize }))
    if (!(Number.isInteger(value) && value > 0))
      throw new XnnError('misuse', `train: ${name} is ${value}: a whole number from 1 on is possible`);
  if (labels.length !== examples.length) throw new XnnError('bad-shape', `train: ${examples.length} examples have ${labels.length} labels`);
  for (const [i, example] of examples.entries()) {
    if (example.length !== features) throw new XnnError('bad-shape', `train: example ${i} has ${example.length} features, not ${features}`);
    if (!(Number.isInteger(labels[i]) && labels[i] >= 0 && labels[i] < classes))
      throw new XnnError('misuse', `train: example ${i} has label ${labels[i]}; there are ${classes} classes`);
  }
  const { call, base, reserve } = await instantiate();
  const count = examples.length;
  const sizes = /** @type {const} */ ([features, hidden, classes, count, batchSize]);
  const [hiddenStride, classStride, featureStride] = [roundUp(hidden, 8), roundUp(classes, 4), roundUp(features, 4)];
  const bytes = 4 * (3 * hiddenStride * (features + 1 + classStride) + count * (featureStride + 2)); // about; the module counts in 32 bits
  if (bytes > MOST_BYTES)
    throw new XnnError('out-of-memory', `train: ${features} features, ${hidden} units and ${count} examples need ${bytes} bytes`);
  const orderAt = base + RESULT_BYTES;
  const blockAt = roundUp(orderAt + 4 * count, 16);
  reserve(blockAt + (call.head_bytes(...sizes) >>> 0));
  const head = call.head_create(blockAt, ...sizes, seed) >>> 0;
  const buffer = reserve(0); // nothing grows from here on

  const floats = (/** @type {number} */ address, /** @type {number} */ length) => new Float32Array(buffer, address >>> 0, length);
  const parameters = hiddenStride * (features + 1 + classStride);
  const at = call.head_examples(head);
  for (const [i, example] of examples.entries()) floats((at >>> 0) + 4 * i * featureStride, features).set(example);
  new Uint32Array(buffer, call.head_labels(head) >>> 0, count).set(labels);

  /** @param {Float32Array} block @returns {HeadWeights} */
  function unpad(block) {
    const rows = (/** @type {number} */ from, /** @type {number} */ n, /** @type {number} */ width, /** @type {number} */ stride) => {
      const values = new Float32Array(n * width);
      for (let i = 0; i < n; i++) values.set(block.subarray(from + i * stride, from + i * stride + width), i * width);
      return values;
    };
    const biasAt = features * hiddenStride;
    return {
      kernel: rows(0, features, hidden, hiddenStride),
      bias: rows(biasAt, 1, hidden, hiddenStride),
      classKernel: rows(biasAt + hiddenStride, hidden, classes, classStride),
    };
  }

  /** @param {Uint32Array} order @param {(n: number) => void} compute @returns {HeadScore} */
  function scored(order, compute) {
    const n = order.length;
    if (n === 0 || n > count) throw new XnnError('misuse', `train: ${n} of ${count} examples were listed`);
    for (const index of order) if (index >= count) throw new XnnError('misuse', `train: example ${index} was listed; there are ${count}`);
    new Uint32Array(buffer, orderAt, n).set(order);
    compute(n);
    const [loss, right] = new Float64Array(buffer, base, 2);
    return { loss: loss / n, accuracy: right / n };
  }

  return {
    train(order, { batchSize: size, learningRate, dropout }) {
      if (!(Number.isInteger(size) && size > 0 && size <= batchSize))
        throw new XnnError('misuse', `train: batchSize is ${size}; 1 to ${batchSize} is possible`);
      if (!(learningRate > 0 && learningRate < Infinity))
        throw new XnnError('misuse', `train: learningRate is ${learningRate}: a positive number is possible`);
      if (!(dropout >= 0 && dropout < 1))
        throw new XnnError('misuse', `train: dropout is ${dropout}: 0 or more and less than 1 is possible`);
      return scored(order, (n) => call.head_train(head, orderAt, n, size, learningRate, dropout, base));
    },
    evaluate: (order) => scored(order, (n) => call.head_evaluate(head, orderAt, n, base)),
    weights: () => unpad(floats(call.head_parameters(head), parameters)),
    setWeights({ kernel, bias, classKernel }) {
      const block = floats(call.head_parameters(head), parameters);
      const put = (
        /** @type {Float32Array} */ values,
        /** @type {number} */ to,
        /** @type {number} */ n,
        /** @type {number} */ width,
        /** @type {number} */ stride,
      ) => {
        if (values.length !== n * width)
          throw new XnnError('bad-shape', `train: ${values.length} weights were given, [${n}, ${width}] needs ${n * width}`);
        for (let i = 0; i < n; i++) block.set(values.subarray(i * width, (i + 1) * width), to + i * stride);
      };
      put(kernel, 0, features, hidden, hiddenStride);
      put(bias, features * hiddenStride, 1, hidden, hiddenStride);
      put(classKernel, (features + 1) * hiddenStride, hidden, classes, classStride);
    },
    moments() {
      const first = call.head_moments(head) >>> 0;
      return { first: unpad(floats(first, parameters)), second: unpad(floats(first + 4 * roundUp(parameters, 4), parameters)) };
    },
  };
}

/** @param {number} n @param {number} to */
const roundUp = (n, to) => Math.ceil(n / to) * to;
