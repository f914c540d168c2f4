// Files of a disk, in Node. Without an import: these modules are also served to browsers as they are.
import { XnnError } from '../errors.js';
import { networkError, throwIfAborted } from './abort.js';
import { checkPath } from './files.js';
import { filled, roomFor, withRoom } from './stream.js';

/** How much is read at once: as a piece, and of what is read whole. */
const CHUNK_BYTES = 256 * 1024;
const STRIDE_BYTES = 8 * 1024 * 1024;

/**
 * What is used of node:fs, node:path and node:url.
 * @typedef {{ read(buffer: Uint8Array, offset: number, length: number, position: number | null): Promise<{ bytesRead: number }>, close(): Promise<void> }} FileHandle
 * @typedef {{ promises: { open(path: string, flags: 'r'): Promise<FileHandle>, stat(path: string): Promise<{ size: number }> } }} FileSystem
 * @typedef {{ resolve(...parts: string[]): string, dirname(path: string): string, basename(path: string): string }} Paths
 * @typedef {{ fileURLToPath(url: URL): string }} Urls
 */

/** A module of Node's. @param {string} name @returns {any} */
export function builtin(name) {
  const { process } = /** @type {any} */ (globalThis);
  if (typeof process?.getBuiltinModule !== 'function') throw new XnnError('misuse', 'files can only be read in Node, from 20.16 on');
  return process.getBuiltinModule(name);
}

/** @param {string | URL} source  A path (relative to the current folder) or a file: URL. @returns {import('./files.js').ModelFiles} */
export function diskFiles(source) {
  /** @type {Paths} */
  const paths = builtin('node:path');
  let main;
  try {
    main = paths.resolve(typeof source === 'string' ? source : /** @type {Urls} */ (builtin('node:url')).fileURLToPath(source));
  } catch (error) {
    throw new XnnError('misuse', `${source} is no path of a file`, { cause: error });
  }
  const folder = paths.dirname(main);
  return {
    main: diskFile(main, paths.basename(main)),
    file(path) {
      checkPath(path);
      return diskFile(paths.resolve(folder, path), path);
    },
  };
}

/** @param {string} full @param {string} path @returns {import('./files.js').ByteFile} */
function diskFile(full, path) {
  return {
    path,
    async open(signal) {
      const { size } = await fileSystem()
        .promises.stat(full)
        .catch(() => ({ size: undefined })); // a pipe has none, a missing file fails below
      /** @type {import('./files.js').ReadWhole} */
      const whole = (expected, onLoaded) => readWhole(full, signal, expected, onLoaded);
      return Object.assign(readFile(full, signal), { size, whole });
    },
    async size(signal) {
      try {
        return (await fileSystem().promises.stat(full)).size;
      } catch (error) {
        throw diskError(error, signal, full);
      }
    },
    slices: (ranges, signal) => readSlices(full, ranges, signal),
  };
}

/** @returns {FileSystem} */
const fileSystem = () => builtin('node:fs');

/** @param {unknown} error @param {AbortSignal} signal @param {string} path */
function diskError(error, signal, path) {
  if (/** @type {{ code?: unknown }} */ (error).code === 'ENOENT')
    return new XnnError('network', `no such file: ${path}`, { cause: error });
  return networkError(error, signal, path);
}

/** @param {string} path @param {readonly import('./files.js').Range[]} ranges @param {AbortSignal} signal @returns {AsyncGenerator<Uint8Array>} */
async function* readSlices(path, ranges, signal) {
  /** @type {FileHandle | undefined} */
  let handle;
  try {
    handle = await fileSystem().promises.open(path, 'r');
    for (const { from, to } of ranges) {
      throwIfAborted(signal);
      const bytes = new Uint8Array(to - from);
      let length = 0;
      for (let read = 1; read > 0 && length < bytes.length; length += read)
        read = (await handle.read(bytes, length, bytes.length - length, from + length)).bytesRead;
      yield bytes.subarray(0, length);
    }
  } catch (error) {
    throw diskError(error, signal, path);
  } finally {
    await handle?.close();
  }
}

/** @param {string} path @param {AbortSignal} signal @returns {AsyncGenerator<Uint8Array>} */
async function* readFile(path, signal) {
  /** @type {FileHandle | undefined} */
  let handle;
  try {
    handle = await fileSystem().promises.open(path, 'r');
    for (;;) {
      throwIfAborted(signal);
      const chunk = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } catch (error) {
    throw diskError(error, signal, path);
  } finally {
    await handle?.close();
  }
}

/** @param {string} path @param {AbortSignal} signal @param {number} size  As expected. @param {((loaded: number) => void) | undefined} onLoaded */
async function readWhole(path, signal, size, onLoaded) {
  /** @type {FileHandle | undefined} */
  let handle;
  try {
    handle = await fileSystem().promises.open(path, 'r');
    let bytes = roomFor(size);
    for (let length = 0; ; ) {
      throwIfAborted(signal);
      if (length === bytes.length) bytes = withRoom(bytes, 2 * length);
      const { bytesRead } = await handle.read(bytes, length, Math.min(STRIDE_BYTES, bytes.length - length), null);
      if (bytesRead === 0) return filled(bytes, length);
      length += bytesRead;
      onLoaded?.(length);
    }
  } catch (error) {
    throw diskError(error, signal, path);
  } finally {
    await handle?.close();
  }
}
