// Reports of predictions whose rates are counted by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareReports, drawComparison, drawReport, evaluate } from '../../models/teachable/main.js';

const LABELS = ['hand', 'none'];
/** A model that predicts what its input says. */
const echo = {
  getClassLabels: () => LABELS,
  predict: async (/** @type {number} */ hand) => [
    { className: 'hand', probability: hand },
    { className: 'none', probability: 1 - hand },
  ],
};

/** probability of hand, class, light */
const ROWS = /** @type {const} */ ([
  [0.9, 'hand', 'day'],
  [0.8, 'hand', 'day'],
  [0.7, 'hand', 'day'],
  [0.6, 'hand', 'day'],
  [0.3, 'hand', 'day'],
  [0.2, 'none', 'day'],
  [0.1, 'none', 'day'],
  [0.4, 'none', 'day'],
  [0.55, 'none', 'day'],
  [0.9, 'hand', 'night'],
  [0.45, 'hand', 'night'],
  [0.4, 'hand', 'night'],
  [0.1, 'hand', 'night'],
  [0.65, 'none', 'night'],
  [0.75, 'none', 'night'],
  [0.2, 'none', 'night'],
]);
const EXAMPLES = ROWS.map(([input, label, light]) => ({ input, label, light, person: undefined }));

test('evaluate: accuracy, confusion and rates are those counted by hand', async () => {
  const report = await evaluate(echo, EXAMPLES, { slices: ['light', 'person'], thresholds: [0.5, 0.7], minExamples: 1 });
  assert.deepEqual(report.labels, LABELS);
  // right: day .9 .8 .7 .6 | .2 .1 .4; night .9 | .2
  assert.equal(report.count, 16);
  assert.equal(report.accuracy, 9 / 16);
  assert.deepEqual(report.confusion, [
    [5, 4],
    [3, 4],
  ]);
  const [hand, none] = report.classes;
  assert.deepEqual(hand, {
    className: 'hand',
    rates: [
      {
        threshold: 0.5,
        falsePositives: 3,
        negatives: 7,
        falseNegatives: 4,
        positives: 9,
        falsePositiveRate: 3 / 7,
        falseNegativeRate: 4 / 9,
      },
      {
        threshold: 0.7,
        falsePositives: 1,
        negatives: 7,
        falseNegatives: 5,
        positives: 9,
        falsePositiveRate: 1 / 7,
        falseNegativeRate: 5 / 9,
      },
    ],
  });
  // none at 0.7 means hand at 0.3 or less: day .3 is a false positive, night .1; .4, .55, .65, .75 are missed
  assert.deepEqual([none.rates[1].falsePositives, none.rates[1].falseNegatives], [2, 4]);

  assert.deepEqual(
    report.slices.map(({ slice, groups }) => [slice, groups.map(({ group, count }) => [group, count])]),
    [
      [
        'light',
        [
          ['day', 9],
          ['night', 7],
        ],
      ],
      ['person', []],
    ],
  );
  const [day, night] = report.slices[0].groups;
  assert.equal(day.accuracy, 7 / 9);
  assert.equal(night.accuracy, 2 / 7);
  assert.deepEqual(night.confusion, [
    [1, 3],
    [2, 1],
  ]);
  const rates = (/** @type {typeof day} */ group) => group.classes[0].rates[0];
  assert.deepEqual([rates(day).falsePositiveRate, rates(day).falseNegativeRate], [1 / 4, 1 / 5]);
  assert.deepEqual([rates(night).falsePositiveRate, rates(night).falseNegativeRate], [2 / 3, 3 / 4]);

  // The largest: misses of hand at 0.5, 0.75 − 0.2.
  assert.deepEqual(report.gaps[0], {
    slice: 'light',
    measure: 'falseNegativeRate',
    className: 'hand',
    threshold: 0.5,
    worst: { group: 'night', value: 3 / 4, of: 4 },
    best: { group: 'day', value: 1 / 5, of: 5 },
    gap: 3 / 4 - 1 / 5,
  });
  const accuracy = report.gaps.find(({ measure }) => measure === 'accuracy');
  assert.deepEqual([accuracy?.worst.group, accuracy?.gap], ['night', 7 / 9 - 2 / 7]);
  assert.ok(report.gaps.every(({ gap }, i) => i === 0 || gap <= report.gaps[i - 1].gap));
});

test('evaluate: shares of few examples are no gaps, and groups come from functions too', async () => {
  const few = await evaluate(echo, EXAMPLES, { slices: ['light'] }); // 5 at least: night has 4 and 3
  assert.deepEqual(
    few.gaps.map(({ measure }) => measure),
    ['accuracy'],
  );
  const report = await evaluate(echo, EXAMPLES, { slices: { sure: ({ input }) => Math.abs(input - 0.5) > 0.3 }, minExamples: 1 });
  assert.deepEqual(
    report.slices[0].groups.map(({ group, count }) => [group, count]),
    [
      ['true', 5],
      ['false', 11],
    ],
  );
});

test('evaluate: examples may come one after another, and what does not fit is an error', async () => {
  let done = 0;
  const report = await evaluate(
    echo,
    (async function* () {
      yield* EXAMPLES;
    })(),
    { onProgress: (count) => (done = count) },
  );
  assert.deepEqual([done, report.count], [16, 16]);
  await assert.rejects(evaluate(echo, []), { code: 'misuse', message: 'teachable: evaluate needs examples, there are 0' });
  await assert.rejects(evaluate(echo, [{ input: 1, label: 'foot' }]), {
    code: 'misuse',
    message: 'teachable: example 0 is of class "foot", the model has hand, none',
  });
  await assert.rejects(evaluate(echo, EXAMPLES, { thresholds: [1.5] }), { code: 'misuse', message: /a threshold is 1.5/ });
  await assert.rejects(evaluate(echo, EXAMPLES, { signal: AbortSignal.abort() }), { code: 'aborted' });
});

test('compareReports: differences are second − first, and say which is better', async () => {
  const options = { slices: ['light'], thresholds: [0.5] };
  const first = await evaluate(echo, EXAMPLES, options);
  const bold = { ...echo, predict: (/** @type {number} */ hand) => echo.predict(Math.min(1, hand + 0.15)) };
  const second = await evaluate(bold, EXAMPLES, options);
  const { changes, largest } = compareReports(first, second);
  const find = (/** @type {string} */ where, /** @type {string} */ measure) =>
    changes.find((change) => change.where === where && change.measure === measure && (change.className ?? 'hand') === 'hand');
  // + 0.15: night .45 and .4 are hands now, day .4 (none) becomes one: right 9 + 2 − 1
  assert.deepEqual(find('all', 'accuracy'), {
    where: 'all',
    measure: 'accuracy',
    first: 9 / 16,
    second: 10 / 16,
    difference: 1 / 16,
    better: true,
  });
  assert.deepEqual([find('light: night', 'falseNegativeRate')?.second, find('light: night', 'falseNegativeRate')?.better], [1 / 4, true]);
  assert.deepEqual([find('light: day', 'falsePositiveRate')?.second, find('light: day', 'falsePositiveRate')?.better], [2 / 4, false]);
  assert.equal(find('light: night', 'falsePositiveRate')?.better, undefined);
  // Of two classes one's misses are the other's false alarms.
  assert.deepEqual(
    largest.slice(0, 2).map(({ where, measure, className, difference }) => [where, measure, className, difference]),
    [
      ['light: night', 'falseNegativeRate', 'hand', -1 / 2],
      ['light: night', 'falsePositiveRate', 'none', -1 / 2],
    ],
  );
  const other = await evaluate(echo, EXAMPLES, { thresholds: [0.6] });
  assert.throws(() => compareReports(first, other), {
    code: 'misuse',
    message: 'teachable: the reports have different thresholds: 0.5 and 0.6',
  });
});

test('drawReport: the picture has a title, says its numbers in words, and escapes names', async () => {
  const labels = ['<hand> & "face"', 'none'];
  const model = {
    getClassLabels: () => labels,
    predict: async (/** @type {number} */ p) => [p, 1 - p].map((probability, i) => ({ className: labels[i], probability })),
  };
  const examples = EXAMPLES.map((example) => ({ ...example, label: labels[LABELS.indexOf(example.label)] }));
  const report = await evaluate(model, examples, { slices: ['light'], thresholds: [0.5, 0.7], minExamples: 1 });
  const svg = drawReport(report, { title: 'Hands & faces' });
  assert.match(svg, /^<svg [^>]*role="img"[^>]*><title>Hands &#38; faces<\/title><desc>56\.3 % of 16 examples are right\./);
  assert.match(svg, /&#60;hand&#62; &#38; &#34;face&#34;: 42\.9 % false alarms, 44\.4 % misses\./);
  assert.match(svg, /misses of &#60;hand&#62; &#38; &#34;face&#34; at 0\.5: 75 % for light night, 20 % for day/);
  assert.doesNotMatch(svg, /<hand>|undefined|NaN/);
  // As XML: every element is closed, and every attribute quoted.
  /** @type {string[]} */
  const open = [];
  for (const [, close, name, , empty] of svg.matchAll(/<(\/?)(\w+)((?: [\w-]+="[^"<]*")*)(\/?)>/g)) {
    if (close === '/') assert.equal(open.pop(), name);
    else if (empty === '') open.push(name);
  }
  assert.deepEqual(open, []);
  assert.equal(svg.match(/</g)?.length, [...svg.matchAll(/<\/?\w+(?: [\w-]+="[^"<]*")*\/?>/g)].length);
  // A cell of the confusion matrix for each pair, with its count.
  for (const count of [5, 4, 3]) assert.match(svg, new RegExp(`text-anchor="middle">${count}</text>`));
  assert.throws(() => drawReport(report, { threshold: 0.6 }), {
    code: 'misuse',
    message: 'teachable: the report has no threshold 0.6, only 0.5, 0.7',
  });
  const both = drawComparison([
    { name: 'first', report },
    { name: 'second', report },
  ]);
  assert.match(both, /first: 56\.3 % of 16 examples right.*second: 56\.3 %/);
  assert.throws(() => drawComparison([]), { code: 'misuse' });
});
