// What the three trainers share: examples by class, training, prediction, export. They differ in how an input becomes features.

import { XnnError } from '../../js/index.js';
import { artifactsOf, headLayers } from './export.js';
import { createNeighbours } from './knn.js';
import { bestPredictions, namePredictions } from './predictions.js';
import { trainHead } from './training.js';

/** @import { Engine } from '../shared/engine.js' */
/** @import { Base } from './base.js' */
/** @import { Export } from './export.js' */
/** @import { Prediction } from './predictions.js' */
/** @import { TrainOptions, Training } from './training.js' */

/**
 * @typedef {{ mode?: 'head' | 'knn', k?: number } & TrainOptions} TrainerOptions  knn: the nearest of the examples vote, nothing is
 *   trained.
 *
 * @typedef {{ name?: string, timeStamp?: string }} ExportOptions  name of the model; timeStamp: ISO 8601, now if left out.
 *
 * @typedef {Omit<Training, 'weights' | 'shape' | 'dropout'> & { mode: 'head' | 'knn' }} TrainingReport
 */

/**
 * @template Input
 * @typedef {object} Trainer
 * @property {(className: string, input: Input, flip?: boolean) => Promise<number>} addExample  how many examples the class has now.
 * @property {(className?: string) => void} removeExamples  of one class, or all; what was trained stays.
 * @property {() => Record<string, number>} countExamples
 * @property {(options?: TrainerOptions) => Promise<TrainingReport>} train  Throws an XnnError: 'misuse' for fewer than two classes, bad
 *   options or a training under way; 'aborted'; 'out-of-memory'.
 * @property {(input: Input, flip?: boolean) => Promise<Prediction[]>} predict  of what was trained last.
 * @property {(input: Input, count?: number, flip?: boolean) => Promise<Prediction[]>} predictTopK
 * @property {() => string[]} getClassLabels  in the order in which classes got their first example, or as `labels` says.
 * @property {(options?: ExportOptions) => Promise<Export>} export  'misuse' before training, and of neighbours, which no layer stands
 *   for.
 * @property {() => void} dispose
 */

/**
 * @template Input
 * @param {object} parts
 * @param {Engine['load']} parts.load
 * @param {() => void} parts.release
 * @param {readonly string[]} [parts.labels]  of all classes, in their order.
 * @param {Base} [parts.base]  that is exported with the head.
 * @param {(input: Input, flip: boolean) => Promise<Float32Array>} parts.embed  features, its own array each time.
 * @param {TrainOptions} [parts.defaults]  what train() does with where it is not told.
 * @param {(head: Base, labels: string[], options: Required<ExportOptions>) => Export | Promise<Export>} parts.write
 * @returns {Trainer<Input>}
 */
export function createTrainer({ load, release, labels = [], base, embed, defaults, write }) {
  /** @type {Map<string, Float32Array[]>} */
  const examples = new Map(labels.map((label) => [label, []]));
  /**
   * @type {{ labels: string[], head: Base | undefined, compute: (features: Float32Array) => Promise<ArrayLike<number>>, dispose: () =>
   *   void } | undefined}
   */
  let trained;
  let busy = false;
  let disposed = false;
  const use = () => {
    if (disposed) throw new XnnError('misuse', 'teachable: the trainer was disposed');
  };

  /** @param {string[]} names @param {Float32Array[][]} classes @param {TrainerOptions} options */
  async function trainLayers(names, classes, options) {
    const training = await trainHead(classes, { ...defaults, ...options });
    const head = headLayers(training.weights, training.shape, { dropout: training.dropout, base });
    const model = await load(artifactsOf(head, 'sequential_head'));
    const [input, output] = [model.inputs[0].name, model.outputs[0].name];
    const compute = async (/** @type {Float32Array} */ features) => {
      const { [output]: result } = await model.run({ [input]: { dtype: 'float32', shape: [1, features.length], data: features } });
      return /** @type {Float32Array} */ (result.data);
    };
    const { history, bestEpoch, counts } = training;
    return { trained: { labels: names, head, compute, dispose: () => model.dispose() }, report: { history, bestEpoch, counts } };
  }

  /** @param {string[]} names @param {Float32Array[][]} classes @param {TrainerOptions} options */
  function keepNeighbours(names, classes, options) {
    const vote = createNeighbours(classes, options.k);
    const counts = { training: classes.reduce((sum, { length }) => sum + length, 0), validation: 0 };
    return {
      trained: { labels: names, head: undefined, compute: async (/** @type {Float32Array} */ features) => vote(features), dispose() {} },
      report: { history: [], bestEpoch: 0, counts },
    };
  }

  /** @param {Input} input @param {boolean} [flip] */
  const predict = async (input, flip = false) => {
    use();
    if (trained === undefined) throw new XnnError('misuse', 'teachable: predict before train');
    const { labels: names, compute } = trained;
    return namePredictions(names, await compute(await embed(input, flip)));
  };

  return {
    async addExample(className, input, flip = false) {
      use();
      if (typeof className !== 'string' || className === '') throw new XnnError('misuse', 'teachable: a class needs a name');
      const features = await embed(input, flip);
      const list = examples.get(className) ?? [];
      examples.set(className, list);
      list.push(features);
      return list.length;
    },
    removeExamples(className) {
      if (className === undefined) examples.clear();
      else examples.delete(className);
      for (const label of labels) if (!examples.has(label)) examples.set(label, []);
    },
    countExamples: () => Object.fromEntries([...examples].map(([label, { length }]) => [label, length])),
    async train(options = {}) {
      use();
      const { mode = 'head' } = options;
      if (mode !== 'head' && mode !== 'knn') throw new XnnError('misuse', `teachable: mode is ${mode}: 'head' or 'knn' is possible`);
      if (busy) throw new XnnError('misuse', 'teachable: train while training');
      const empty = [...examples].filter(([, { length }]) => length === 0).map(([label]) => label);
      if (empty.length > 0) throw new XnnError('misuse', `teachable: no examples of ${empty.join(', ')}`);
      busy = true;
      try {
        const [names, classes] = [[...examples.keys()], [...examples.values()].map((list) => [...list])];
        const { trained: next, report } = await (mode === 'knn' ? keepNeighbours : trainLayers)(names, classes, options);
        if (disposed) {
          next.dispose();
          use();
        }
        trained?.dispose();
        trained = next;
        return { mode, ...report };
      } finally {
        busy = false;
      }
    },
    predict,
    predictTopK: async (input, count = 3, flip = false) => bestPredictions(await predict(input, flip), count),
    getClassLabels: () => trained?.labels.slice() ?? [...examples.keys()],
    async export({ name = 'untitled', timeStamp = new Date().toISOString() } = {}) {
      use();
      if (trained === undefined) throw new XnnError('misuse', 'teachable: export before train');
      if (trained.head === undefined) throw new XnnError('misuse', "teachable: neighbours cannot be exported: train with mode 'head'");
      return write(trained.head, [...trained.labels], { name, timeStamp });
    },
    dispose() {
      disposed = true;
      trained?.dispose();
      release();
    },
  };
}
