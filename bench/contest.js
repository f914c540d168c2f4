// One model on all engines, interleaved: in every round each contestant has a turn, in an order that rotates, so that a machine that
// gets slower gets slower for all. And so in several fresh pages of each: one page in some is 1.3 to 2.4 times slower for its whole life.
import { compareOutputs } from '../tests/support/agreement.js';
import { foreignLoad, readTicks } from './machine.js';
import { median } from './statistics.js';

/**
 * @typedef {{ label: string, engine: string, threads: number, task: import('./contestant.js').Task }} Entry
 * @typedef {{ page: number, round: number, times: number[], foreign: number }} Turn  foreign: processors that others kept busy.
 * @typedef {Entry & { turns: Turn[], firstMs: number[], note?: string, difference: number, error?: string }} Result
 *   firstMs: of each page, from the import of the engine to its first result. difference: from the first entry's outputs,
 *   max|a − b| / max|b|.
 *
 * @typedef {object} Plan
 * @property {number} pages
 * @property {number} rounds
 * @property {number} turnMs  At least one run.
 * @property {number} warmMs
 * @property {number} repeats  At most so many of a turn during which others used the processors.
 */

const CLEAN = 0.15; // processors of others: from here on a turn is repeated
const PAUSE_MS = 300;

/** @param {{ foreign: number }} turn */
export const isClean = ({ foreign }) => foreign <= CLEAN;

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The cleanest of some turns. @param {import('./environments/index.js').Handle} handle @param {number} runs @param {number} repeats */
async function takeTurn(handle, runs, repeats) {
  let best = { times: /** @type {number[]} */ ([]), foreign: Infinity };
  for (let i = 0; i <= repeats && !isClean(best); i++) {
    if (i > 0) await pause(PAUSE_MS * i);
    const before = readTicks();
    const times = await handle.call('time', runs);
    const foreign = foreignLoad(before, readTicks());
    if (foreign < best.foreign) best = { times, foreign };
  }
  return best;
}

/** @param {import('./contestant.js').Answer} answer */
const outputsOf = (answer) => Object.fromEntries(answer.map(([name, data]) => [name, { data }]));

/**
 * By names where both have the same ones, else in their order. @param {import('./contestant.js').Answer} answer
 * @param {import('./contestant.js').Answer} expected
 */
function differenceOf(answer, expected) {
  const names = new Set(expected.map(([name]) => name));
  if (answer.length !== expected.length) return Infinity;
  const named = answer.every(([name]) => names.has(name));
  const actual = named ? answer : answer.map(([, data], i) => /** @type {[string, number[]]} */ ([expected[i][0], data]));
  return compareOutputs(outputsOf(actual), outputsOf(expected)).error;
}

/** @param {unknown} error @param {string[]} [problems] */
const textOf = (error, problems = []) => [String(error), ...problems].join(' ').replace(/\s+/g, ' ').slice(0, 300);

/**
 * @param {import('./environments/index.js').OpenEnvironment} environment
 * @param {readonly Entry[]} entries
 * @param {Plan} plan
 * @returns {Promise<Result[]>}  Those that failed have an error.
 */
export async function contest(environment, entries, { pages, rounds, turnMs, warmMs, repeats }) {
  /** @type {Result[]} */
  const records = entries.map((entry) => ({ ...entry, turns: [], firstMs: [], difference: 0 }));
  for (let page = 0; page < pages; page++) {
    /** @type {{ record: Result, handle: import('./environments/index.js').Handle, runs: number }[]} */
    const live = [];
    /**
     * Of a contestant that fails the others know nothing. @param {Result} record
     * @param {import('./environments/index.js').Handle} handle @param {() => Promise<void>} work
     */
    const guard = async (record, handle, work) => {
      if (record.error !== undefined) return;
      try {
        await work();
      } catch (error) {
        record.error = textOf(error, handle.problems);
      }
    };
    try {
      for (const record of rotated(records, page)) {
        if (record.error !== undefined) continue;
        const handle = await environment.open();
        const contestant = { record, handle, runs: 1 };
        live.push(contestant);
        await guard(record, handle, async () => {
          const { note, firstMs } = await handle.call('start', record.task);
          record.note = note;
          record.firstMs.push(firstMs);
        });
      }
      for (const contestant of live)
        await guard(contestant.record, contestant.handle, async () => {
          const ms = await contestant.handle.call('warm', warmMs);
          contestant.runs = Math.max(1, Math.round(turnMs / ms));
        });
      for (let round = 0; round < rounds; round++)
        for (const { record, handle, runs } of rotated(live, round))
          await guard(record, handle, async () => {
            record.turns.push({ page, round, ...(await takeTurn(handle, runs, repeats)) });
          });
      /** @type {import('./contestant.js').Answer | undefined} */
      let expected;
      for (const record of records) {
        const handle = live.find((item) => item.record === record)?.handle;
        if (handle === undefined) continue;
        await guard(record, handle, async () => {
          const answer = await handle.call('answer');
          expected ??= answer;
          record.difference = Math.max(record.difference, differenceOf(answer, expected));
        });
      }
    } finally {
      for (const { handle } of live) await handle.close();
    }
  }
  return records;
}

/** @template T @param {readonly T[]} list @param {number} by */
const rotated = (list, by) => list.map((_, i) => list[(i + by) % list.length]);

/** @param {Result} record */
export function summary({ turns, firstMs }) {
  const times = turns.flatMap((turn) => turn.times);
  const byPage = [...new Set(turns.map(({ page }) => page))].map((page) =>
    median(turns.filter((turn) => turn.page === page).flatMap((turn) => turn.times)),
  );
  return {
    median: median(times),
    min: Math.min(...times),
    firstMs: median(firstMs),
    spread: Math.max(...byPage) / Math.min(...byPage), // of the slowest page to the fastest
    clean: turns.filter(isClean).length,
    turns: turns.length,
  };
}

/** How many times as long as ours a peer took: the median over rounds of the turns' medians. @param {Result} peer @param {Result} ours */
export function ratio(peer, ours) {
  const ratios = peer.turns.flatMap((turn) => {
    const own = ours.turns.find(({ page, round }) => page === turn.page && round === turn.round);
    return own === undefined ? [] : [median(turn.times) / median(own.times)];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}
