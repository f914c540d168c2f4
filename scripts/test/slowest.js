// A reporter of node --test: the files whose tests took longest, so that what belongs into *.slow.test.js is seen.
import { relative } from 'node:path';

const SHOWN = 10;

/** @param {AsyncIterable<{ type: string, data: any }>} events */
export default async function* slowest(events) {
  /** @type {Map<string, number>} seconds, by file */
  const spent = new Map();
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting !== 0 || data.file === undefined) continue;
    spent.set(data.file, (spent.get(data.file) ?? 0) + data.details.duration_ms / 1000);
  }
  const longest = [...spent].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
  yield `\nlongest: ${longest.map(([file, seconds]) => `${relative(process.cwd(), file)} ${seconds.toFixed(0)} s`).join(', ')}\n`;
}
