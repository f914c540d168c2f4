// Files of the network kept for the next time: in the browser's Cache API, in Node in a folder. Keyed by URL, never
// compared with the server again: whoever changes a model gives it another URL.
import { XnnError } from '../errors.js';
import { asBytes } from './as-bytes.js';
import { builtin } from './disk.js';
import { blobFile, hasDisk, memoryFile, slicesOf } from './files.js';
import { readStream } from './stream.js';

/**
 * @typedef {import('./files.js').ByteFile} ByteFile
 *
 * Where bytes are kept. `get` gives undefined for what is not there.
 * @typedef {object} Store
 * @property {(url: string) => Promise<Response | Uint8Array | undefined>} get
 * @property {(url: string, pieces: Uint8Array[]) => Promise<unknown>} put
 * @property {(url: string) => Promise<unknown>} remove
 *
 * @typedef {object} FileCache
 * @property {(url: string, file: ByteFile) => ByteFile} wrap  The same file, read from the cache if it is there, else put into it once it was read to its end.
 * @property {() => Promise<void>} forget  Removes whatever was wrapped: it turned out to be broken.
 */

/**
 * @param {unknown} option  load()'s `cache`: false, true or a name (browser), or a folder (Node).
 * @returns {FileCache | undefined}
 * @throws {XnnError} 'misuse'
 */
export function createCache(option = false) {
  if (option === false) return undefined;
  if (option !== true && (typeof option !== 'string' || option === ''))
    throw new XnnError('misuse', 'cache is neither true, false nor a name');
  const { caches } = /** @type {{ caches?: CacheStorage }} */ (globalThis);
  if (hasDisk()) {
    if (option === true) throw new XnnError('misuse', 'in Node, cache is the path of a folder');
    return fileCache(folderStore(option));
  }
  return caches === undefined ? undefined : fileCache(browserStore(caches, option === true ? 'xnnjs' : option)); // absent from insecure pages
}

/** @param {Store} store @returns {FileCache} */
function fileCache(store) {
  /** @type {Set<string>} */
  const urls = new Set();
  return {
    wrap(url, file) {
      urls.add(url);
      /** @type {Promise<ByteFile> | undefined} */
      let known;
      /** Where parts of it are read from; they are not put into the cache. */
      const partial = () => {
        known ??= store
          .get(url)
          .catch(() => undefined)
          .then(async (hit) => {
            const bytes = asBytes(hit);
            if (bytes !== undefined) return memoryFile(file.path, [bytes]);
            return hit instanceof Response ? blobFile(await hit.blob(), file.path) : file;
          });
        return known;
      };
      return {
        path: file.path,
        async open(signal) {
          // A cache that fails (no quota, no permission) only makes loading slower.
          const hit = await store.get(url).catch(() => undefined);
          const bytes = asBytes(hit);
          if (bytes !== undefined) return memoryFile(file.path, [bytes]).open(signal);
          if (hit instanceof Response && hit.body) return readStream(hit.body, signal, url);
          const opened = await file.open(signal);
          return Object.assign(
            keep(opened, (pieces) => store.put(url, pieces)),
            { size: opened.size },
          );
        },
        size: async (signal) => (await partial()).size?.(signal),
        slices: async function* (ranges, signal) {
          yield* slicesOf(await partial(), ranges, signal);
        },
      };
    },
    async forget() {
      await Promise.allSettled([...urls].map((url) => store.remove(url)));
    },
  };
}

/** @param {AsyncIterable<Uint8Array>} source @param {(pieces: Uint8Array[]) => Promise<unknown>} put @returns {AsyncGenerator<Uint8Array>} */
async function* keep(source, put) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  for await (const piece of source) {
    pieces.push(piece);
    yield piece;
  }
  await put(pieces).catch(() => {});
}

/** @param {CacheStorage} caches @param {string} name @returns {Store} */
function browserStore(caches, name) {
  const opening = () => caches.open(name);
  return {
    get: async (url) => (await opening()).match(url),
    put: async (url, pieces) => (await opening()).put(url, new Response(new Blob(/** @type {BlobPart[]} */ (pieces)))),
    remove: async (url) => (await opening()).delete(url),
  };
}

/** @param {string} folder @returns {Store} */
function folderStore(folder) {
  /** @type {{ promises: { mkdir(path: string, options: object): Promise<unknown>, readFile(path: string): Promise<Uint8Array>, writeFile(path: string, data: Uint8Array[]): Promise<void>, rename(from: string, to: string): Promise<void>, rm(path: string, options: object): Promise<void> } }} */
  const { promises: fs } = builtin('node:fs');
  /** @type {{ createHash(name: string): { update(text: string): { digest(encoding: string): string } } }} */
  const { createHash } = builtin('node:crypto');
  /** @param {string} url */
  const path = (url) => `${folder}/${createHash('sha256').update(url).digest('hex')}`;
  return {
    get: (url) => fs.readFile(path(url)),
    async put(url, pieces) {
      await fs.mkdir(folder, { recursive: true });
      const unfinished = `${path(url)}.${crypto.randomUUID()}`; // renamed when complete: others may read the folder
      await fs.writeFile(unfinished, pieces);
      await fs.rename(unfinished, path(url));
    },
    remove: (url) => fs.rm(path(url), { force: true }),
  };
}
