// How well a classifier does: overall, by class, by threshold, and for parts of the data, since a good mean hides who it fails.

import { XnnError } from '../../js/index.js';

/** @import { Prediction } from './predictions.js' */

/**
 * One class against the rest, at one threshold: an example is taken for the class where its probability is at least the threshold.
 * @typedef {object} Rates
 * @property {number} threshold
 * @property {number} falsePositives  of examples of other classes, taken for it.
 * @property {number} negatives  examples of other classes.
 * @property {number} falseNegatives  of its own examples, not taken for it.
 * @property {number} positives  its own examples.
 * @property {number | undefined} falsePositiveRate  falsePositives / negatives; nothing where there are no negatives.
 * @property {number | undefined} falseNegativeRate  falseNegatives / positives; nothing where there are no positives.
 *
 * @typedef {object} Score
 * @property {number} count  of examples.
 * @property {number} accuracy  the share whose most probable class is their own.
 * @property {number[][]} confusion  [class of the example][most probable class], counts in the order of the labels.
 * @property {{ className: string, rates: Rates[] }[]} classes  rates in the order of the thresholds.
 *
 * @typedef {'falsePositiveRate' | 'falseNegativeRate' | 'accuracy'} Measure
 *
 * A part of the data for which a measure is much worse than for another part of the same slice.
 * @typedef {object} Gap
 * @property {string} slice
 * @property {Measure} measure
 * @property {string} [className]  of a rate.
 * @property {number} [threshold]  of a rate.
 * @property {{ group: string, value: number, of: number }} worst  of: how many examples the value is a share of.
 * @property {{ group: string, value: number, of: number }} best
 * @property {number} gap  the difference, above 0.
 *
 * @typedef {Score & { labels: string[], thresholds: number[], slices: { slice: string, groups: (Score & { group: string })[] }[], gaps:
 *   Gap[] }} Report gaps: the largest first.
 */

/**
 * @template Input
 * @typedef {{ input: Input, label: string, flip?: boolean } & Record<string, any>} Example  label: its true class; anything else is for
 *   slices.
 */

/**
 * How the examples fall into groups: properties of theirs, or functions by name. An example without a value is in none of that slice's
 * groups.
 * @typedef {readonly string[] | Record<string, (example: Example<any>) => string | number | boolean | undefined>} Slices
 *
 * @typedef {object} EvaluateOptions
 * @property {Slices} [slices]
 * @property {readonly number[]} [thresholds]  0.5 if left out.
 * @property {number} [minExamples]  that a share must be of to count as a gap; 5 if left out.
 * @property {AbortSignal} [signal]
 * @property {(done: number) => void} [onProgress]  after each example.
 */

/** Gaps that a report names. */
const MOST_GAPS = 10;

/**
 * @template Input
 * @param {{ predict: (input: Input, flip?: boolean) => Promise<Prediction[]>, getClassLabels: () => string[] }} model  a loaded one, or a
 *   trainer.
 * @param {Iterable<Example<Input>> | AsyncIterable<Example<Input>>} examples
 * @param {EvaluateOptions} [options]
 * @returns {Promise<Report>}
 * @throws {XnnError} 'misuse' without examples, for a label that the model does not have, or bad options; 'aborted'; what predict throws.
 */
export async function evaluate(model, examples, options = {}) {
  const labels = model.getClassLabels();
  const rows = [];
  for await (const example of examples) {
    if (options.signal?.aborted)
      throw new XnnError('aborted', `teachable: aborted after ${rows.length} examples`, { cause: options.signal.reason });
    const predictions = await model.predict(example.input, example.flip);
    rows.push({ example, probabilities: predictions.map(({ probability }) => probability) });
    options.onProgress?.(rows.length);
  }
  return makeReport(labels, rows, options);
}

/** @typedef {{ example: Omit<Example<any>, 'input'>, probabilities: readonly number[] }} Row  probabilities in the order of the labels. */
/** @typedef {{ actual: number, predicted: number, probabilities: readonly number[] }} Judged  places in the labels. */

/**
 * A report of predictions that are there.
 * @param {readonly string[]} labels
 * @param {readonly Row[]} rows
 * @param {Pick<EvaluateOptions, 'slices' | 'thresholds' | 'minExamples'>} [options]
 * @returns {Report}
 */
export function makeReport(labels, rows, { slices = [], thresholds = [0.5], minExamples = 5 } = {}) {
  if (rows.length === 0) throw new XnnError('misuse', 'teachable: evaluate needs examples, there are 0');
  for (const threshold of thresholds)
    if (!(threshold >= 0 && threshold <= 1)) throw new XnnError('misuse', `teachable: a threshold is ${threshold}: 0 to 1 is possible`);
  const judged = rows.map(({ example, probabilities }, i) => {
    const actual = labels.indexOf(example.label);
    if (actual < 0)
      throw new XnnError('misuse', `teachable: example ${i} is of class "${example.label}", the model has ${labels.join(', ')}`);
    const predicted = probabilities.reduce((best, value, label) => (value > probabilities[best] ? label : best), 0);
    return { actual, predicted, probabilities };
  });
  const groupings = Object.entries(
    Array.isArray(slices) ? Object.fromEntries(slices.map((key) => [key, (/** @type {any} */ example) => example[key]])) : slices,
  );
  const sliced = groupings.map(([slice, groupOf]) => {
    /** @type {Map<string, Judged[]>} */
    const groups = new Map();
    for (const [i, { example }] of rows.entries()) {
      const value = groupOf(/** @type {any} */ (example));
      if (value === undefined || value === null) continue;
      const members = groups.get(String(value)) ?? [];
      groups.set(String(value), members);
      members.push(judged[i]);
    }
    return { slice, groups: [...groups].map(([group, members]) => ({ group, ...scoreOf(labels, members, thresholds) })) };
  });
  const report = { labels: [...labels], thresholds: [...thresholds], ...scoreOf(labels, judged, thresholds), slices: sliced };
  return {
    ...report,
    gaps: sliced
      .flatMap((slice) => gapsOf(slice, minExamples))
      .sort((a, b) => b.gap - a.gap)
      .slice(0, MOST_GAPS),
  };
}

/** @param {readonly string[]} labels @param {readonly Judged[]} judged @param {readonly number[]} thresholds @returns {Score} */
function scoreOf(labels, judged, thresholds) {
  const confusion = labels.map(() => labels.map(() => 0));
  for (const { actual, predicted } of judged) confusion[actual][predicted]++;
  const right = labels.reduce((sum, _, label) => sum + confusion[label][label], 0);
  const classes = labels.map((className, label) => {
    const own = judged.filter(({ actual }) => actual === label);
    const others = judged.filter(({ actual }) => actual !== label);
    const rates = thresholds.map((threshold) => {
      const falsePositives = others.filter(({ probabilities }) => probabilities[label] >= threshold).length;
      const falseNegatives = own.filter(({ probabilities }) => !(probabilities[label] >= threshold)).length;
      return {
        threshold,
        falsePositives,
        negatives: others.length,
        falseNegatives,
        positives: own.length,
        falsePositiveRate: others.length > 0 ? falsePositives / others.length : undefined,
        falseNegativeRate: own.length > 0 ? falseNegatives / own.length : undefined,
      };
    });
    return { className, rates };
  });
  return { count: judged.length, accuracy: right / judged.length, confusion, classes };
}

/** @param {Report['slices'][number]} slice @param {number} minExamples @returns {Gap[]} */
function gapsOf({ slice, groups }, minExamples) {
  if (groups.length < 2) return [];
  /** @type {Gap[]} */
  const gaps = [];
  /**
   * @param {Pick<Gap, 'measure' | 'className' | 'threshold'>} what
   * @param {(group: Score) => { value: number | undefined, of: number }} read
   */
  const add = (what, read) => {
    const shares = groups.flatMap((group) => {
      const { value, of } = read(group);
      return value === undefined || of < minExamples ? [] : [{ group: group.group, value, of }];
    });
    if (shares.length < 2) return;
    const sorted = shares.sort((a, b) => (what.measure === 'accuracy' ? a.value - b.value : b.value - a.value));
    const [worst, best] = [sorted[0], sorted[sorted.length - 1]];
    const gap = Math.abs(worst.value - best.value);
    if (gap > 0) gaps.push({ slice, ...what, worst, best, gap });
  };
  add({ measure: 'accuracy' }, ({ accuracy, count }) => ({ value: accuracy, of: count }));
  for (const [label, { className, rates }] of groups[0].classes.entries())
    for (const [i, { threshold }] of rates.entries()) {
      const of = (/** @type {Score} */ group) => group.classes[label].rates[i];
      add({ measure: 'falsePositiveRate', className, threshold }, (group) => ({
        value: of(group).falsePositiveRate,
        of: of(group).negatives,
      }));
      add({ measure: 'falseNegativeRate', className, threshold }, (group) => ({
        value: of(group).falseNegativeRate,
        of: of(group).positives,
      }));
    }
  return gaps;
}
