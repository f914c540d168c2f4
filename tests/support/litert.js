// LiteRT.js (@litertjs/core, TensorFlow Lite with XNNPACK in WebAssembly) in Chromium: an engine of others for TensorFlow Lite
// models. Answers come from the user's cache where they are known: then there is no need of a browser.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ByteBuffer } from 'flatbuffers';
import { ISOLATED, launchBrowser, openPage, serve } from '../browser/browser.js';
import { cached } from './cached.js';

/**
 * @typedef {{ dtype: string, shape: number[], data: Float32Array | Int32Array | Uint8Array }} Tensor
 * @typedef {Awaited<ReturnType<typeof open>>} Browser
 */

const { version } = JSON.parse(readFileSync(new URL('../../node_modules/@litertjs/core/package.json', import.meta.url), 'utf8'));
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="importmap">
  { "imports": { "@litertjs/core": "/node_modules/@litertjs/core/dist/index.js", "@litertjs/wasm-utils": "/node_modules/@litertjs/wasm-utils/dist/index.js" } }
</script>`;
const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** @param {ArrayBufferView} view */
const base64 = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** @param {boolean} relaxed */
async function open(relaxed) {
  const server = await serve({ headers: ISOLATED, routes: { '/': { type: 'text/html; charset=utf-8', body: PAGE } } });
  const browser = await launchBrowser();
  const { page } = await openPage(browser, server.url);
  await page.evaluate(async (path) => {
    const name = '@litertjs/core'; // of the page
    const litert = await import(name);
    await litert.loadLiteRt(path);
    Object.assign(globalThis, { litert });
  }, `/node_modules/@litertjs/core/wasm/${relaxed ? 'litert_wasm_internal.js' : 'litert_wasm_compat_internal.js'}`);
  return {
    page,
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** What a page does. @param {{ model: string, inputs: { name: string, dtype: string, shape: number[], data: string }[] }} task */
async function runInPage({ model, inputs }) {
  const { litert } = /** @type {any} */ (globalThis);
  const bytesOf = async (/** @type {string} */ text) =>
    (await fetch(`data:application/octet-stream;base64,${text}`)).arrayBuffer().then((buffer) => new Uint8Array(buffer));
  const textOf = (/** @type {ArrayBufferView<ArrayBuffer>} */ view) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
      reader.readAsDataURL(new Blob([view]));
    });
  const compiled = await litert.loadAndCompile(await bytesOf(model), { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  const arrays = /** @type {Record<string, any>} */ ({ float32: Float32Array, int32: Int32Array, uint8: Uint8Array });
  /** @type {Record<string, any>} */
  const given = {};
  for (const { name, dtype, shape, data } of inputs)
    given[name] = new litert.Tensor(new arrays[dtype]((await bytesOf(data)).buffer), shape);
  const results = await compiled.run(given);
  const outputs = [];
  for (const { name, dtype, shape } of compiled.getOutputDetails())
    outputs.push({ name, dtype, shape: Array.from(/** @type {number[]} */ (shape)), data: await textOf(results[name].toTypedArray()) });
  for (const tensor of [...Object.values(given), ...Object.values(results)]) tensor.delete();
  compiled.delete();
  return outputs;
}

/** @param {{ relaxed?: boolean }} [options]  relaxed: the build with relaxed SIMD, which is what pages get. */
export function createLiteRt({ relaxed = true } = {}) {
  /** @type {Promise<Browser> | undefined} */
  let opened;

  /**
   * @param {Uint8Array} model
   * @param {Record<string, Tensor>} inputs
   * @returns {Promise<Record<string, Tensor>>}
   */
  function run(model, inputs) {
    const hash = createHash('sha256').update(model).digest('hex');
    return cached(`LiteRT.js ${version} ${relaxed ? 'relaxed' : 'compat'}\n${hash}\n`, inputs, async () => {
      opened ??= open(relaxed);
      const { page } = await opened;
      const given = Object.entries(inputs).map(([name, { dtype, shape, data }]) => ({ name, dtype, shape, data: base64(data) }));
      const outputs = await page.evaluate(runInPage, { model: base64(model), inputs: given });
      return Object.fromEntries(
        outputs.map(({ name, dtype, shape, data }) => {
          const { buffer } = new Uint8Array(Buffer.from(/** @type {string} */ (data), 'base64'));
          const values = new ARRAYS[/** @type {keyof typeof ARRAYS} */ (dtype)](buffer);
          return [name, { dtype, shape, data: values }];
        }),
      );
    });
  }

  return { run, close: async () => (await opened)?.close() };
}

/**
 * A model whose outputs are other tensors: as many as it has. LiteRT.js gives nothing but outputs.
 * @param {Uint8Array} model @param {number[]} tensors
 */
export function withOutputs(model, tensors) {
  const bytes = model.slice();
  const buffer = new ByteBuffer(bytes);
  const root = buffer.readInt32(0);
  const field = (/** @type {number} */ table, /** @type {number} */ number) => table + buffer.__offset(table, 4 + 2 * number);
  const subgraphs = buffer.__vector(field(root, 2));
  const outputs = field(buffer.__indirect(subgraphs), 2);
  const length = buffer.__vector_len(outputs);
  if (length !== tensors.length) throw new Error(`the model has ${length} outputs, not ${tensors.length}`);
  tensors.forEach((tensor, i) => {
    buffer.writeInt32(buffer.__vector(outputs) + 4 * i, tensor);
  });
  return bytes;
}
