// Two classifiers side by side, on the same classes and thresholds.

import { XnnError } from '../../js/index.js';

/** @import { Measure, Report, Score } from './evaluate.js' */

/**
 * One measure of both. difference: second − first; undefined where one of them has no such share.
 * @typedef {object} Change
 * @property {string} where  'all', or the slice and group as 'light: dark'.
 * @property {Measure} measure
 * @property {string} [className]
 * @property {number} [threshold]
 * @property {number | undefined} first
 * @property {number | undefined} second
 * @property {number | undefined} difference
 * @property {boolean | undefined} better  whether the second is; undefined where they are equal or cannot be compared.
 *
 * @typedef {{ changes: Change[], largest: Change[] }} Comparison  changes: all, in the order of the report; largest: those with a
 *   difference, largest first.
 */

/** Changes that are named as the largest. */
const MOST_CHANGES = 10;

/**
 * @param {Report} first
 * @param {Report} second
 * @returns {Comparison}
 * @throws {XnnError} 'misuse' if the classes or thresholds differ.
 */
export function compareReports(first, second) {
  for (const key of /** @type {const} */ (['labels', 'thresholds']))
    if (String(first[key]) !== String(second[key]))
      throw new XnnError('misuse', `teachable: the reports have different ${key}: ${first[key].join(', ')} and ${second[key].join(', ')}`);
  const changes = changesOf('all', first, second);
  for (const { slice, groups } of first.slices)
    for (const group of groups) {
      const other = second.slices
        .find((candidate) => candidate.slice === slice)
        ?.groups.find((candidate) => candidate.group === group.group);
      if (other !== undefined) changes.push(...changesOf(`${slice}: ${group.group}`, group, other));
    }
  const largest = changes.filter(({ difference }) => difference !== undefined && difference !== 0);
  return {
    changes,
    largest: largest.sort((a, b) => Math.abs(Number(b.difference)) - Math.abs(Number(a.difference))).slice(0, MOST_CHANGES),
  };
}

/** @param {string} where @param {Score} first @param {Score} second @returns {Change[]} */
function changesOf(where, first, second) {
  /** @type {Change[]} */
  const changes = [change({ where, measure: 'accuracy' }, first.accuracy, second.accuracy)];
  for (const [label, { className, rates }] of first.classes.entries())
    for (const [i, rate] of rates.entries())
      for (const measure of /** @type {const} */ (['falsePositiveRate', 'falseNegativeRate']))
        changes.push(
          change({ where, measure, className, threshold: rate.threshold }, rate[measure], second.classes[label].rates[i][measure]),
        );
  return changes;
}

/**
 * @param {Pick<Change, 'where' | 'measure' | 'className' | 'threshold'>} what
 * @param {number | undefined} first
 * @param {number | undefined} second
 * @returns {Change}
 */
function change(what, first, second) {
  if (first === undefined || second === undefined) return { ...what, first, second, difference: undefined, better: undefined };
  const difference = second - first;
  const better = difference === 0 ? undefined : difference > 0 === (what.measure === 'accuracy');
  return { ...what, first, second, difference, better };
}
