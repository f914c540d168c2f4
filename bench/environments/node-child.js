// The process of a contestant; its parent is node.js.
import { readFile } from 'node:fs/promises';
import { createContestant } from '../contestant.js';

const read = async (/** @type {string} */ url) => new Uint8Array(await readFile(new URL(url))).buffer;
const contestant = /** @type {Record<string, (argument: any) => unknown>} */ (
  createContestant('node', new URL('../..', import.meta.url).href, read)
);
process.on('message', async (/** @type {{ method: string, argument: unknown }} */ { method, argument }) => {
  try {
    process.send?.({ result: await contestant[method](argument) });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
