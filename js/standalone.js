// Small modules beside the engine (kernels/standalone/): C without a library, one instance for each user, who lays out its memory.
import { XnnError } from './errors.js';
import { needSimd } from './simd.js';
import { compileUrl } from './wasm-file.js';

const PAGE = 65536;

/**
 * @typedef {object} Standalone
 * @property {Record<string, (...args: number[]) => number>} call  What the module exports. Addresses of 2 GB and more come back negative.
 * @property {number} base  The first address that is the user's, a multiple of 16. All behind it is, and stays as it was left.
 * @property {(end: number) => ArrayBuffer} reserve  The memory, in which the addresses below `end` are. Views of an earlier one are
 *   void. Throws an XnnError 'out-of-memory', and leaves all as it was.
 */

/**
 * @param {URL} url  A literal new URL('…/dist/xnnjs-NAME.wasm', import.meta.url), which bundlers find.
 * @param {number} abi  What the module's abi() has to return: a .wasm that a cache kept is of another version.
 * @returns {() => Promise<Standalone>}  Compiles at the first call and makes an instance at each. Throws XnnErrors: 'unsupported' without
 *   WebAssembly SIMD, 'network' if the file is not there or no module, 'misuse' if it is of another version, 'out-of-memory'.
 */
export function standalone(url, abi) {
  /** @type {Promise<WebAssembly.Module> | undefined} */
  let compiled;
  return async () => {
    needSimd();
    compiled ??= compileUrl(url);
    let module;
    try {
      module = await compiled;
    } catch (error) {
      compiled = undefined; // the network may be back at the next call
      throw error;
    }
    return start(module, url, abi);
  };
}

/** @param {WebAssembly.Module} module @param {URL} url @param {number} abi @returns {Promise<Standalone>} */
async function start(module, url, abi) {
  /** @type {any} */
  let exports;
  try {
    ({ exports } = await WebAssembly.instantiate(module));
  } catch (error) {
    if (error instanceof RangeError) throw new XnnError('out-of-memory', `no memory for ${url.href}: ${error.message}`, { cause: error });
    throw error;
  }
  const { memory, __heap_base: heapBase, ...call } = exports;
  const found = call.abi?.();
  if (found !== abi)
    throw new XnnError(
      'misuse',
      `${url.href} is of another version than the .js files of xnnjs (${found}, ${abi} is needed): clear the cache`,
    );
  return {
    call,
    base: Math.ceil(heapBase.value / 16) * 16,
    reserve(end) {
      const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
      if (missing > 0) {
        try {
          memory.grow(missing);
        } catch (error) {
          throw new XnnError('out-of-memory', `no memory: ${end} bytes are needed, there are ${memory.buffer.byteLength}`, {
            cause: error,
          });
        }
      }
      return memory.buffer;
    },
  };
}
