// Gets the .wasm, from wherever it is, and starts an instance.
import { XnnError } from './errors.js';
import { BUILDS } from './variants.js';
import { createCore } from './wasm.js';

/**
 * @typedef {URL | string | BufferSource | WebAssembly.Module} WasmPlace  A string is a URL, in Node also a path.
 * @typedef {WasmPlace | ((file: string) => WasmPlace)} WasmOption
 */

/** @param {URL} url */
async function compileFromDisk(url) {
  const fs = globalThis.process.getBuiltinModule('node:fs');
  try {
    return await WebAssembly.compile(await fs.promises.readFile(url));
  } catch (error) {
    throw new XnnError('network', `cannot read ${url.href}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

/** @param {URL} url */
async function compileFromNetwork(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new XnnError('network', `cannot fetch ${url.href}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
  if (!response.ok) throw new XnnError('network', `cannot fetch ${url.href}: HTTP status ${response.status}`);
  const isWasm = response.headers.get('content-type')?.startsWith('application/wasm') ?? false;
  try {
    if (isWasm && WebAssembly.compileStreaming !== undefined) return await WebAssembly.compileStreaming(response);
    return await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    throw new XnnError('network', `${url.href} is no WebAssembly module: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

/** @param {string} text @returns {URL} */
function toUrl(text) {
  if (/^[a-z][a-z\d+.-]+:/i.test(text)) return new URL(text);
  const url = globalThis.process?.getBuiltinModule?.('node:url');
  return url !== undefined ? url.pathToFileURL(text) : new URL(text, globalThis.location?.href);
}

/**
 * @param {WasmOption | undefined} option @param {import('./variants.js').Build} build
 * @returns {Promise<WebAssembly.Module>}
 */
async function compileWasm(option, build) {
  const place = (typeof option === 'function' ? option(build.file) : option) ?? build.wasm;
  if (place instanceof WebAssembly.Module) return place;
  if (place instanceof ArrayBuffer || ArrayBuffer.isView(place)) return WebAssembly.compile(/** @type {BufferSource} */ (place));
  const url = place instanceof URL ? place : toUrl(String(place));
  return url.protocol === 'file:' ? compileFromDisk(url) : compileFromNetwork(url);
}

/**
 * @param {{ variant: import('./variants.js').Variant, threads: number, wasm?: WasmOption }} options
 * @returns {Promise<{ core: import('./wasm.js').Core, terminate: () => void }>}
 */
export async function instantiate({ variant, threads, wasm }) {
  const build = threads > 1 ? BUILDS[variant].threaded : BUILDS[variant].single;
  const [compiled, factory] = await Promise.all([compileWasm(wasm, build), build.load()]);
  const module = await factory.default({
    threads,
    /** @param {WebAssembly.Imports} imports @param {(instance: WebAssembly.Instance, module: WebAssembly.Module) => void} done */
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled));
      return {};
    },
  });
  return { core: createCore(module, threads), terminate: () => module.PThread?.terminateAllThreads() };
}
