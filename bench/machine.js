// What others take of the processors meanwhile, as Linux counts it in /proc (in ticks of 10 ms).
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** @typedef {{ all: number, busy: number, own: number }} Ticks  own: of this process and of those that it has started. */

/** @returns {Ticks | undefined}  Undefined where there is no /proc. */
export function readTicks() {
  let first;
  try {
    first = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0];
  } catch {
    return undefined;
  }
  // user nice system idle iowait irq softirq steal; guests are in user
  const ticks = first.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  /** @type {Map<number, { parent: number, ticks: number }>} */
  const processes = new Map();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const text = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // the name before may have spaces
      processes.set(Number(entry), { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // it has ended since
    }
  }
  let own = 0;
  for (const [id, { ticks: used }] of processes) {
    let at = id;
    while (at > 1 && at !== process.pid) at = processes.get(at)?.parent ?? 0;
    if (at === process.pid) own += used;
  }
  return { all, busy: all - ticks[3] - ticks[4], own };
}

/** How many processors others kept busy. @param {Ticks | undefined} before @param {Ticks | undefined} after */
export function foreignLoad(before, after) {
  if (before === undefined || after === undefined) return 0;
  const foreign = after.busy - before.busy - (after.own - before.own);
  return Math.max(0, (foreign / Math.max(1, after.all - before.all)) * availableParallelism());
}
