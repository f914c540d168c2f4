// Takes the .wasm from where the user says it is, and starts an instance with its threads.

import { XnnError } from './errors.js';
import { findBuild } from './variants.js';
import { createCore } from './wasm.js';
import { compileBytes, compileUrl } from './wasm-file.js';

/**
 * @typedef {URL | string | BufferSource | WebAssembly.Module} WasmPlace  A string is a URL, in Node also a path.
 * @typedef {WasmPlace | ((file: string) => WasmPlace)} WasmOption  The function is given the file's name, such as 'xnnjs-simd.wasm'.
 *
 * @typedef {{ core: import('./wasm.js').Core, threads: number, terminate: () => void }} Engine
 */

/** Threads cannot be had here, though there is shared memory: a page's content security policy forbids workers, say. */
class ThreadFailure extends Error {}

/** @param {string} text @returns {URL} */
function toUrl(text) {
  const { process, document, location } = /** @type {{ process?: NodeJS.Process, document?: Document, location?: Location }} */ (
    globalThis
  );
  // A scheme has two letters at least: C:\ is a path.
  const url = /^[a-z][a-z\d+.-]+:/i.test(text) ? undefined : process?.getBuiltinModule?.('node:url');
  if (url !== undefined) return url.pathToFileURL(text);
  const base = document?.baseURI ?? location?.href;
  if (!URL.canParse(text, base)) throw new XnnError('misuse', `the wasm option "${text}" is no URL`);
  return new URL(text, base);
}

/** @param {unknown} value @returns {value is BufferSource} */
const isBytes = (value) => ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === '[object ArrayBuffer]';

/**
 * @param {WasmOption | undefined} option @param {import('./variants.js').Build} build
 * @returns {Promise<{ compiled: WebAssembly.Module, where: string }>}
 */
async function compileWasm(option, build) {
  const place = (typeof option === 'function' ? option(build.file) : option) ?? build.wasm;
  if (Object.prototype.toString.call(place) === '[object WebAssembly.Module]')
    return { compiled: /** @type {WebAssembly.Module} */ (place), where: 'the WebAssembly.Module given' };
  if (isBytes(place)) {
    const where = `the wasm option, ${place.byteLength} bytes,`;
    return { compiled: await compileBytes(place, where, 'misuse'), where };
  }
  if (!(place instanceof URL) && typeof place !== 'string')
    throw new XnnError(
      'misuse',
      `the wasm option is ${String(place)}: a URL, a path, bytes, a WebAssembly.Module or a function that gives one is possible`,
    );
  const url = place instanceof URL ? place : toUrl(place);
  return { compiled: await compileUrl(url), where: url.href };
}

/**
 * A .wasm only works with the JavaScript that was linked with it: the names between them are numbered anew each time.
 * @param {WebAssembly.Module} compiled @param {string} where @param {string} expected @param {string} file
 */
function checkBuild(compiled, where, expected, file) {
  const [section] = WebAssembly.Module.customSections(compiled, 'xnnjs');
  const found = section === undefined ? '' : new TextDecoder().decode(section);
  if (found === expected) return;
  const name = found.split(' ')[0];
  if (found === '') throw new XnnError('misuse', `${where} is not ${file} of xnnjs`);
  if (name !== expected.split(' ')[0]) throw new XnnError('misuse', `${where} is xnnjs-${name}.wasm, ${file} is needed`);
  throw new XnnError('misuse', `${where} and the .js files of xnnjs are of different versions: clear the cache, or check the wasm option`);
}

/**
 * Starts the workers of the threads, which load their script while the module is on its way.
 * @param {import('./variants.js').Build} build @param {number} count
 * @throws {ThreadFailure}
 */
function startWorkers(build, count) {
  /** @type {any[]} */
  const workers = [];
  let started = false;
  let refuse = (/** @type {ThreadFailure} */ _error) => {};
  const failure = new Promise((_, reject) => {
    refuse = reject;
  });
  failure.catch(() => {}); // told to whoever asks
  const pool = {
    /** Rejects if one of them does not start. @type {Promise<never>} */
    failure: /** @type {any} */ (failure),
    /** One after the other. */
    next: () => waiting.shift(),
    onError(/** @type {any} */ error) {
      if (started) throw error; // our own bug: nobody waits for it
      refuse(new ThreadFailure(`a thread does not start: ${error?.message ?? 'its worker was refused'}`));
    },
    onStarted() {
      started = true;
    },
    terminate() {
      for (const worker of workers.splice(0)) worker.terminate();
    },
  };
  // Node has no global Worker; Deno and Bun, which have one, give threads Node's way, as the glue takes them for Node.
  const Worker = globalThis.process?.getBuiltinModule?.('node:worker_threads').Worker ?? globalThis.Worker;
  try {
    while (workers.length < count) {
      const worker = build.startThread?.(Worker);
      workers.push(worker);
      if (worker.on === undefined) worker.onerror = pool.onError;
      else worker.on('error', pool.onError);
    }
  } catch (error) {
    pool.terminate();
    throw new ThreadFailure(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const waiting = [...workers];
  return pool;
}

/**
 * @param {import('./variants.js').Glue} glue @param {WebAssembly.Module} compiled @param {number} threads
 * @param {ReturnType<typeof startWorkers>} workers
 * @returns {Promise<Engine>}
 */
async function start(glue, compiled, threads, workers) {
  try {
    const module = await new Promise((resolve, reject) => {
      workers.failure.catch(reject);
      const options = {
        threads,
        /** @param {WebAssembly.Imports} imports @param {(instance: WebAssembly.Instance, module: WebAssembly.Module) => void} done */
        instantiateWasm(imports, done) {
          WebAssembly.instantiate(compiled, imports)
            .then((instance) => done(instance, compiled))
            .catch(reject);
          return {};
        },
        createThread: workers.next,
        onThreadError: workers.onError,
      };
      glue.default(options).then(resolve, reject);
    });
    workers.onStarted();
    return { core: createCore(module, threads), threads, terminate: workers.terminate };
  } catch (error) {
    // Where address space is short, as on some phones, the 4 GB that shared memory reserves are too much.
    if (threads > 1 && error instanceof RangeError) throw new ThreadFailure(error.message, { cause: error });
    if (error instanceof RangeError) throw new XnnError('out-of-memory', `no memory for the engine: ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * @param {{ variant: import('./variants.js').Variant, threads: number, wasm?: WasmOption }} options
 * @returns {Promise<Engine>}  With one thread where more do not start.
 */
export async function instantiate({ variant, threads, wasm }) {
  const build = findBuild(variant, threads);
  try {
    const workers = startWorkers(build, threads - 1);
    try {
      const [{ compiled, where }, glue] = await Promise.all([compileWasm(wasm, build), build.load()]);
      checkBuild(compiled, where, glue.build, build.file);
      return await start(glue, compiled, threads, workers);
    } catch (error) {
      workers.terminate();
      throw error;
    }
  } catch (error) {
    if (!(error instanceof ThreadFailure)) throw error;
    return instantiate({ variant, threads: 1, wasm });
  }
}
