// Examples by class → a trained head: which are held back, epoch after epoch, and when it is enough.

import { XnnError } from '../../js/index.js';
import { createHead } from '../../js/train/head.js';
import { createRandom, shuffle } from './random.js';

/** @import { HeadShape, HeadWeights } from '../../js/train/head.js' */

/**
 * @typedef {object} Epoch  loss: mean cross-entropy; accuracy: share. Those of training are with dropout, and of the weights as they
 *   change.
 * @property {number} epoch  from 1 on.
 * @property {number} loss
 * @property {number} accuracy
 * @property {number | undefined} validationLoss  nothing where no example is held back.
 * @property {number | undefined} validationAccuracy
 * @property {number} epochs  at most.
 *
 * @typedef {object} TrainOptions
 * @property {number} [epochs]  at most; 50 if left out.
 * @property {number} [batchSize]  16 if left out.
 * @property {number} [learningRate]  0.001 if left out.
 * @property {number} [hiddenUnits]  100 if left out.
 * @property {number} [dropout]  share of the hidden units that a step leaves out.
 * @property {number} [validationShare]  of each class, held back; 0.15 if left out, at least one example of a class that has two.
 * @property {number} [patience]  epochs without a lower validation loss before it ends; 10 if left out, Infinity: never. The weights of
 *   the lowest one stay.
 * @property {number} [seed]  the same examples and seed give the same bits, in every engine; 1 if left out.
 * @property {(epoch: Epoch) => void} [onEpoch]
 * @property {AbortSignal} [signal]  ends it with an XnnError 'aborted'; what was trained before stays.
 *
 * @typedef {object} Training
 * @property {HeadWeights} weights
 * @property {HeadShape} shape
 * @property {number} dropout
 * @property {Epoch[]} history
 * @property {number} bestEpoch  whose weights these are.
 * @property {{ training: number, validation: number }} counts  of examples.
 */

/** The page gets its turn after so long. */
const TURN_MS = 12;

/**
 * @param {readonly (readonly Float32Array[])[]} classes  examples of each.
 * @param {number} share
 * @param {() => number} random
 * @returns {{ training: [label: number, example: Float32Array][], validation: [label: number, example: Float32Array][] }}
 */
export function splitExamples(classes, share, random) {
  /** @type {ReturnType<typeof splitExamples>} */
  const parts = { training: [], validation: [] };
  for (const [label, examples] of classes.entries()) {
    const held = Math.min(Math.ceil(share * examples.length), examples.length - 1);
    for (const [i, example] of shuffle([...examples], random).entries())
      parts[i < examples.length - held ? 'training' : 'validation'].push([label, example]);
  }
  return parts;
}

/**
 * @param {readonly (readonly Float32Array[])[]} classes  examples of each.
 * @param {TrainOptions} options
 * @returns {Promise<Training>}
 * @throws {XnnError} 'misuse' for fewer than two classes, a class without examples, or bad options; 'aborted'; 'out-of-memory'.
 */
export async function trainHead(classes, options) {
  const { epochs = 50, batchSize = 16, learningRate = 1e-3, hiddenUnits = 100, dropout = 0 } = options;
  const { validationShare = 0.15, patience = 10, seed = 1, onEpoch, signal } = options;
  throwIfAborted(signal);
  if (classes.length < 2) throw new XnnError('misuse', `teachable: ${classes.length} classes have examples; training needs two at least`);
  if (!(Number.isInteger(epochs) && epochs > 0))
    throw new XnnError('misuse', `teachable: epochs is ${epochs}: a whole number from 1 on is possible`);
  if (!(validationShare >= 0 && validationShare < 1))
    throw new XnnError('misuse', `teachable: validationShare is ${validationShare}: 0 or more and less than 1 is possible`);
  if (!(patience > 0)) throw new XnnError('misuse', `teachable: patience is ${patience}: a number above 0 is possible`);
  const random = createRandom(seed);
  const { training, validation } = splitExamples(classes, validationShare, random);
  const all = [...training, ...validation];
  const shape = { features: all[0][1].length, hidden: hiddenUnits, classes: classes.length };
  const head = await createHead({
    shape,
    examples: all.map(([, example]) => example),
    labels: all.map(([label]) => label),
    batchSize,
    seed,
  });
  head.setWeights(initialWeights(shape, random));
  const order = Uint32Array.from(training, (_, i) => i);
  const held = Uint32Array.from(validation, (_, i) => training.length + i);

  /** @type {Epoch[]} */
  const history = [];
  let best = { loss: Infinity, epoch: 0, weights: head.weights() };
  let turn = performance.now();
  for (let epoch = 1; epoch <= epochs && epoch - best.epoch <= patience; epoch++) {
    const { loss, accuracy } = head.train(shuffle(order, random), { batchSize, learningRate, dropout });
    if (!Number.isFinite(loss))
      throw new XnnError('misuse', `teachable: the loss of epoch ${epoch} is ${loss}: a lower learningRate than ${learningRate} may help`);
    const { loss: validationLoss, accuracy: validationAccuracy } =
      held.length > 0 ? head.evaluate(held) : { loss: undefined, accuracy: undefined };
    history.push({ epoch, loss, accuracy, validationLoss, validationAccuracy, epochs });
    // Without examples that are held back, the last weights are the best.
    if (validationLoss === undefined) best = { loss, epoch, weights: best.weights };
    else if (validationLoss < best.loss) best = { loss: validationLoss, epoch, weights: head.weights() };
    onEpoch?.(history[history.length - 1]);
    throwIfAborted(signal);
    if (performance.now() - turn > TURN_MS) {
      await pageTurn();
      turn = performance.now();
    }
    throwIfAborted(signal);
  }
  return {
    weights: held.length > 0 ? best.weights : head.weights(),
    shape,
    dropout,
    history,
    bestEpoch: best.epoch,
    counts: { training: training.length, validation: validation.length },
  };
}

/** Uniform, of the variance 1 / inputs (Keras's VarianceScaling): square roots are the same in every engine, normal numbers are not. */
function initialWeights(/** @type {HeadShape} */ { features, hidden, classes }, /** @type {() => number} */ random) {
  const uniform = (/** @type {number} */ inputs, /** @type {number} */ units) =>
    Float32Array.from({ length: inputs * units }, () => Math.sqrt(3 / inputs) * (2 * random() - 1));
  return { kernel: uniform(features, hidden), bias: new Float32Array(hidden), classKernel: uniform(hidden, classes) };
}

/** @param {AbortSignal} [signal] */
function throwIfAborted(signal) {
  if (signal?.aborted) throw new XnnError('aborted', 'teachable: the training was aborted', { cause: signal.reason });
}

/** Browsers make nested timers wait four milliseconds, but not messages. @returns {Promise<void>} */
const pageTurn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
