// What TensorFlow.js's cpu backend answers for (model, inputs), computed once per machine and kept in the user's cache.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { createRuntime, readModelFiles } from './tfjs-engine.js';

/** @typedef {import('./tfjs-engine.js').Tensor} Tensor */

const CACHE = process.env.XNNJS_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'xnnjs');

/**
 * A model as runtime.load() gives it, except that answers come from the cache where they are known. The key is the
 * hash of the model's files, the inputs' bytes and TensorFlow.js's version.
 * @param {string | Uint8Array | import('./tfjs-engine.js').ModelArtifacts} source  path of model.json, or a model in memory.
 */
export async function loadReference(source) {
  const runtime = await createRuntime({ backend: 'cpu' });
  const { hash } = await readModelFiles(source);
  const model = await runtime.load(source);

  /**
   * @param {Record<string, Float32Array | Int32Array | Tensor>} inputs
   * @returns {Promise<Record<string, Tensor>>}
   */
  async function run(inputs) {
    const key = createHash('sha256').update(`${runtime.version}\n${hash}\n`);
    for (const [name, value] of Object.entries(inputs)) {
      const { data, shape, dtype } = ArrayBuffer.isView(value) ? { data: value, shape: null, dtype: null } : value;
      key.update(`${JSON.stringify([name, dtype, shape])}\n`);
      key.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    const file = path.join(CACHE, 'references', `${key.digest('hex')}.bin`);
    const known = await read(file);
    if (known) return known;
    const outputs = await model.run(inputs);
    await write(file, outputs);
    return outputs;
  }

  return { ...model, run };
}

/**
 * @param {string} file
 * @returns {Promise<Record<string, Tensor> | undefined>}
 */
async function read(file) {
  try {
    return deserialize(await readFile(file));
  } catch {
    return undefined; // absent, or written by something that was cut short: computed again
  }
}

/**
 * @param {string} file
 * @param {unknown} value
 */
async function write(file, value) {
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}`;
  await writeFile(partial, serialize(value));
  await rename(partial, file); // tests run side by side: a file is whole or absent
}
