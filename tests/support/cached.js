// Answers that take long, computed once per machine and kept in the user's cache.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';

const CACHE = process.env.XNNJS_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'xnnjs');

/** @typedef {ArrayBufferView & ArrayLike<number> | { shape: readonly number[], dtype?: string, data: ArrayBufferView & ArrayLike<number> }} Input */

/**
 * @template T
 * @param {string} by  Who computes, in which version, and what: all that the answer depends on but the inputs.
 * @param {Record<string, Input>} inputs
 * @param {() => T | Promise<T>} compute
 * @returns {Promise<T>}
 */
export async function cached(by, inputs, compute) {
  const key = createHash('sha256').update(by);
  for (const [name, value] of Object.entries(inputs)) {
    const { data, shape, dtype } = 'data' in value ? value : { data: value, shape: null, dtype: null };
    key.update(`${JSON.stringify([name, dtype, shape])}\n`);
    key.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const file = path.join(CACHE, 'references', `${key.digest('hex')}.bin`);
  try {
    return deserialize(await readFile(file));
  } catch {
    // absent, or written by something that was cut short: computed
  }
  const answer = await compute();
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}`;
  await writeFile(partial, serialize(answer));
  await rename(partial, file); // tests run side by side: a file is whole or absent
  return answer;
}
