// Teachable Machine's work, ours beside its clients' way on tfjs-backend-wasm, in turns in one process: prediction and training. Runs in
// Node and in pages.

/**
 * @typedef {object} Setting
 * @property {any} tf  TensorFlow.js on its wasm backend.
 * @property {typeof import('../../models/teachable/index.js')} teachable
 * @property {import('../../js/index.js').Runtime} runtime
 * @property {import('../../tests/support/tfjs-engine.js').ModelArtifacts} artifacts  of an image export, 224, RGB.
 * @property {any} picture  what both predict from.
 * @property {(picture: any) => any} drawn  what the client makes of it before fromPixels.
 * @property {number} rounds
 *
 * @typedef {{ ours: number[], peer: number[], apart: number }} Timed  ms of each round; apart: largest difference of the results.
 */

const LABELS = ['a', 'b', 'c'];
/** Runs before any count: V8 compiles what is hot. */
const WARM = 20;
/** Of a round, the least of so many counts. */
const REPEATS = 5;

/** @param {Setting} setting @returns {Promise<Timed>} */
export async function timePredictions({ tf, teachable, runtime, artifacts, picture, drawn, rounds }) {
  const ours = await teachable.loadImage(artifacts, { labels: LABELS }, { runtime: /** @type {any} */ (runtime) });
  const model = await tf.loadLayersModel({ load: async () => artifacts });
  /**
   * capture and predict of @teachablemachine/image: fromPixels, the square, / 127 − 1, the layers model.
   * @returns {Promise<Float32Array>}
   */
  const predictPeer = async () => {
    const logits = tf.tidy(() => {
      const pixels = tf.browser.fromPixels(drawn(picture));
      const square = tf.expandDims(tf.slice(pixels, [0, 0, 0], [224, 224, 3]));
      return model.predict(tf.sub(tf.div(tf.cast(square, 'float32'), tf.scalar(127)), tf.scalar(1)));
    });
    const values = await logits.data();
    const copy = Float32Array.from(values);
    logits.dispose();
    return copy;
  };
  const predictOurs = async () => (await ours.predict(picture)).map(({ probability }) => probability);
  const [a, b] = [await predictOurs(), await predictPeer()];
  const apart = Math.max(...a.map((value, i) => Math.abs(value - b[i])));
  for (let i = 0; i < WARM; i++) {
    await predictOurs();
    await predictPeer();
  }
  const times = await turns(rounds, REPEATS, predictOurs, predictPeer);
  ours.dispose();
  model.dispose();
  return { ...times, apart };
}

/**
 * Two classes of 50 examples, 15 of a hundred held back, batches of 16. Features as they are: embedding is prediction without the head.
 * @param {Pick<Setting, 'tf' | 'rounds'> & { trainHead: typeof import('../../models/teachable/training.js').trainHead }} setting
 * @param {{ features: number, dropout: number, epochs: number, peerEpochs: number }} head  peerEpochs: fewer, its time is scaled.
 * @returns {Promise<Omit<Timed, 'apart'>>}  of `epochs`.
 */
export async function timeTraining({ tf, trainHead, rounds }, { features, dropout, epochs, peerEpochs }) {
  const classes = [0, 1].map((label) =>
    Array.from({ length: 50 }, () => Float32Array.from({ length: features }, (_, i) => Math.random() + (i % 2 === label ? 0.1 : 0))),
  );
  const [training, held] = [classes.flatMap((list) => list.slice(0, 42)), classes.flatMap((list) => list.slice(42))];
  const tensors = (/** @type {Float32Array[]} */ list) => ({
    x: tf.tensor2d(Float32Array.from(list.flatMap((example) => [...example])), [list.length, features]),
    y: tf.cast(
      tf.oneHot(
        tf.tensor1d(
          list.map((_, i) => (i < list.length / 2 ? 0 : 1)),
          'int32',
        ),
        2,
      ),
      'float32',
    ),
  });
  const [train, validation] = [tensors(training), tensors(held)];
  const ours = () => trainHead(classes, { epochs, dropout, patience: Infinity });
  const peer = async () => {
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 100, activation: 'relu', inputShape: [features] }));
    if (dropout > 0) model.add(tf.layers.dropout({ rate: dropout }));
    model.add(tf.layers.dense({ units: 2, activation: 'softmax', useBias: false }));
    model.compile({ optimizer: tf.train.adam(1e-3), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    await model.fit(train.x, train.y, { epochs: peerEpochs, batchSize: 16, validationData: [validation.x, validation.y], verbose: 0 });
    model.dispose();
  };
  await ours();
  const times = await turns(rounds, 1, ours, peer);
  tf.dispose([train, validation]);
  return { ours: times.ours, peer: times.peer.map((ms) => (ms * epochs) / peerEpochs) };
}

/** @param {number} rounds @param {number} repeats @param {() => Promise<unknown>} ours @param {() => Promise<unknown>} peer */
async function turns(rounds, repeats, ours, peer) {
  const least = async (/** @type {() => Promise<unknown>} */ work) => {
    let best = Infinity;
    for (let i = 0; i < repeats; i++) {
      const began = performance.now();
      await work();
      best = Math.min(best, performance.now() - began);
    }
    return best;
  };
  const times = { ours: /** @type {number[]} */ ([]), peer: /** @type {number[]} */ ([]) };
  for (let round = 0; round < rounds; round++) {
    const sides = /** @type {const} */ (['ours', 'peer']);
    for (const side of round % 2 ? [...sides].reverse() : sides) times[side].push(await least(side === 'ours' ? ours : peer));
  }
  return times;
}
