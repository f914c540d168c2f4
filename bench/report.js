// What a comparison found, as Markdown.
import { ratio, summary } from './contest.js';
import { markdown } from './markdown.js';

/**
 * @typedef {import('./contest.js').Result} Result
 * @typedef {import('./run.js').Results} Results
 */

/** Larger than what float32 in another order and relaxed SIMD leave: the engine computed something else. */
const WRONG = 1e-3;

/** Three figures. @param {number} ms */
export const figures = (ms) => (ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2));

/** What a peer is compared with: ours of as many threads. @param {readonly Result[]} records @param {number} threads */
const oursOf = (records, threads) =>
  records.find((record) => record.engine === 'xnnjs' && record.threads === threads && record.error === undefined);

/** @param {readonly Result[]} records */
export const finished = (records) => records.filter(({ error, turns }) => error === undefined && turns.length > 0);

/** The columns of a table: engines of one number of threads, which some model has. @param {Results} results @param {number} threads */
function columnsOf({ models }, threads) {
  return [
    ...new Set(models.flatMap(({ records }) => finished(records)).flatMap((item) => (item.threads === threads ? [item.engine] : []))),
  ];
}

/** @param {Results} results @param {string} engine */
function titleOf({ models, versions }, engine) {
  const notes = new Set(models.flatMap(({ records }) => records.flatMap((item) => (item.engine === engine ? (item.note ?? []) : []))));
  return [engine, versions[engine], ...notes].filter((text) => text !== undefined).join(' ');
}

/** @param {Results} results @param {(record: Result, records: Result[]) => string} cell @param {number} threads */
function table(results, cell, threads) {
  const columns = columnsOf(results, threads);
  const rows = results.models.map(({ name, records }) => [
    name,
    ...columns.map((engine) => {
      const record = finished(records).find((item) => item.engine === engine && item.threads === threads);
      return record === undefined ? '' : cell(record, records);
    }),
  ]);
  return markdown(['', ...columns.map((engine) => titleOf(results, engine))], rows);
}

/** median (least), and of a peer how many times as long as ours @param {Result} record @param {Result[]} records */
function timeCell(record, records) {
  const { median, min } = summary(record);
  const ours = oursOf(records, record.threads);
  const times = ours === undefined || ours === record ? undefined : ratio(record, ours);
  return `${figures(median)} (${figures(min)})${times === undefined ? '' : ` ${times.toFixed(2)}×`}`;
}

/** @param {Results} results @param {{ pages: number, rounds: number }} plan */
function notes({ environment, models }, { pages, rounds }) {
  const records = models.flatMap(({ name, records: list }) => list.map((record) => ({ name, record })));
  const done = records.filter(({ record }) => finished([record]).length > 0).map((item) => ({ ...item, ...summary(item.record) }));
  const [clean, turns] = [done.reduce((n, item) => n + item.clean, 0), done.reduce((n, item) => n + item.turns, 0)];
  const lines = [
    `${pages} pages of each engine, ${rounds} rounds in each; ${clean} of ${turns} turns were clean, the others after repetition still ` +
      `shared the processors.`,
  ];
  if (environment.startsWith('Chromium'))
    lines.push('First results are those under a driver, which copies every file below 20 MB: npm run bench:load has them without one.');
  const farthest = [...done].sort((a, b) => b.record.difference - a.record.difference)[0];
  if (farthest !== undefined)
    lines.push(
      `Largest difference from the first engine's outputs, max|a − b| / max|b|: ${farthest.record.difference.toExponential(1)} ` +
        `(${farthest.name}, ${farthest.record.label}).`,
    );
  for (const { name, record } of done)
    if (record.difference > WRONG)
      lines.push(`**${name}, ${record.label} computes something else: ${record.difference.toExponential(1)}.**`);
  for (const { name, record, spread } of done.filter((item) => item.spread >= 1.25))
    lines.push(`${name}, ${record.label}: the slowest page took ${spread.toFixed(2)} times as long as the fastest.`);
  for (const { name, record } of records) if (record.error !== undefined) lines.push(`${name}, ${record.label} failed: ${record.error}`);
  return lines.map((line) => `- ${line}`).join('\n');
}

/** @param {Results} results @param {{ pages: number, rounds: number }} plan */
export function makeReport(results, plan) {
  const threads = [...new Set(results.models.flatMap(({ records }) => records.map((record) => record.threads)))];
  const parts = threads.flatMap((n) => {
    const count = `${n} thread${n === 1 ? '' : 's'}`;
    return [
      `### ${results.environment}, ${count}: ms of a run, median (least), and how many times as long as xnnjs`,
      table(results, timeCell, n),
      `### ${results.environment}, ${count}: ms from the start of the engine to the first result`,
      table(results, (record) => summary(record).firstMs.toFixed(0), n),
    ];
  });
  return [...parts, notes(results, plan), ''].join('\n\n');
}
