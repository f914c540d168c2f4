// The files of a model, wherever they are: each opens as a sequence of byte pieces.
import { XnnError } from '../errors.js';
import { networkError, throwIfAborted, untilAborted } from './abort.js';

/**
 * `path` is as model.json writes it. `open` may start work at once and gives the pieces in order; a piece is not changed
 * after it was given out. `size`, where it is known beforehand, is a hint: what is sent may be compressed.
 * @typedef {AsyncIterable<Uint8Array> & { size?: number }} ByteStream
 * @typedef {{ path: string, open: (signal: AbortSignal) => Promise<ByteStream> }} ByteFile
 *
 * Where a model's files are: the main one, and how to reach those that it names.
 * @typedef {{ main: ByteFile, file: (path: string) => ByteFile }} ModelFiles
 *
 * @typedef {{ fetch?: (url: string, init?: RequestInit) => Promise<Response>, requestInit?: RequestInit }} FetchOptions
 *
 * @typedef {import('./cache.js').FileCache} FileCache
 */

/** @param {unknown} value @returns {value is ArrayBuffer | SharedArrayBuffer} */
function isBuffer(value) {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

/** A view of what holds bytes; undefined if it is something else. @param {unknown} value @returns {Uint8Array | undefined} */
export function asBytes(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isBuffer(value) ? new Uint8Array(value) : undefined;
}

/** @param {ByteFile} file @param {AbortSignal} signal @returns {Promise<Uint8Array>} */
export async function readAll(file, signal) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  let length = 0;
  for await (const piece of await file.open(signal)) {
    pieces.push(piece);
    length += piece.length;
  }
  if (pieces.length === 1) return pieces[0];
  const all = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

/** @param {string} path @param {Uint8Array[]} pieces @returns {ByteFile} */
export function memoryFile(path, pieces) {
  return {
    path,
    open: async (signal) =>
      (async function* () {
        for (const piece of pieces) {
          throwIfAborted(signal);
          yield piece;
        }
      })(),
  };
}

/** @param {string} path @param {() => ReadableStream<unknown>} stream @param {number} [size] @returns {ByteFile} */
export function streamFile(path, stream, size) {
  return {
    path,
    open: async (signal) => {
      try {
        return Object.assign(readStream(stream(), signal, path), { size });
      } catch (error) {
        throw networkError(error, signal, path);
      }
    },
  };
}

/** @param {ReadableStream<unknown>} stream @param {AbortSignal} signal @param {string} what @returns {AsyncGenerator<Uint8Array>} */
export async function* readStream(stream, signal, what) {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.read(), signal);
      if (done) break;
      const bytes = asBytes(value);
      if (bytes === undefined) throw new XnnError('misuse', `${what}: the stream gives something else than bytes`);
      yield bytes;
    }
    ended = true;
  } catch (error) {
    throw networkError(error, signal, what);
  } finally {
    if (!ended) reader.cancel().catch(() => {}); // Safari's streams have no asynchronous iterator that would do it
  }
}

/** @param {URL} url  Of the model.json. @param {FetchOptions} options @param {FileCache | undefined} cache @returns {ModelFiles} */
export function urlFiles(url, options, cache) {
  /** @param {URL} from @param {string} path */
  const open = (from, path) => {
    const file = urlFile(from, path, options);
    return cache === undefined ? file : cache.wrap(from.href, file);
  };
  return {
    main: open(url, fileName(url.pathname)),
    file(path) {
      checkPath(path);
      const base = `${url.protocol}//${url.host}${url.pathname}`;
      if (URL.canParse(path, base)) return open(new URL(path, base), path);
      const failure = new XnnError('misuse', `"${path}" cannot be found beside a ${url.protocol} URL; give the weights as well`);
      return { path, open: () => Promise.reject(failure) };
    },
  };
}

/** @param {URL} url @param {string} path @param {FetchOptions} options @returns {ByteFile} */
function urlFile(url, path, { fetch = globalThis.fetch, requestInit }) {
  const what = url.href.length > 200 ? `${url.href.slice(0, 200)}…` : url.href;
  return {
    path,
    async open(signal) {
      /** @type {Response} */
      let response;
      try {
        response = await untilAborted(fetch(url.href, { ...requestInit, signal }), signal);
      } catch (error) {
        throw networkError(error, signal, what);
      }
      if (!response.ok) {
        response.body?.cancel().catch(() => {});
        throw new XnnError('network', `${what}: HTTP status ${response.status} ${response.statusText}`.trimEnd());
      }
      const size = Number(response.headers?.get('content-length') ?? 0); // of a stand-in for fetch: perhaps no headers
      if (response.body) return Object.assign(readStream(response.body, signal, what), { size });
      return memoryFile(path, [new Uint8Array(await untilAborted(response.arrayBuffer(), signal))]).open(signal);
    },
  };
}

/** Files that a page was given (an <input type=file>, a drop). @param {readonly File[]} files @returns {ModelFiles} */
export function blobFiles(files) {
  const main = pickMain(files);
  /** @param {File} file @param {string} path @returns {ByteFile} */
  const blobFile = (file, path) => streamFile(path, () => file.stream(), file.size);
  return {
    main: blobFile(main, main.name),
    file(path) {
      checkPath(path);
      // Looked for when it is read: a model can be checked without its weights.
      return {
        path,
        open: async (signal) =>
          blobFile(
            pickFile(
              files.filter((file) => file !== main),
              path,
            ),
            path,
          ).open(signal),
      };
    },
  };
}

/** @param {readonly File[]} files @param {string} path  As model.json has it; a page may know no more than its last part. */
function pickFile(files, path) {
  const exact = files.filter((file) => file.webkitRelativePath?.endsWith(`/${path}`) || file.name === path);
  const found = exact.length > 0 ? exact : files.filter((file) => file.name === fileName(path));
  if (found.length === 0) throw new XnnError('network', `none of the files given is "${path}"`);
  if (found.length > 1) throw new XnnError('misuse', `several of the files given are called "${path}"`);
  return found[0];
}

/** @param {readonly File[]} files */
function pickMain(files) {
  const models = files.filter(({ name }) => /\.(json|tflite)$/i.test(name));
  const main = models.length === 1 ? models[0] : models.find(({ name }) => name === 'model.json');
  if (main === undefined)
    throw new XnnError(
      'misuse',
      `${models.length === 0 ? 'none' : 'several'} of the ${files.length} files given is a model (model.json or .tflite)`,
    );
  return main;
}

/** @param {string} path */
export function fileName(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * A model may name files in its own folder and below, nothing else: it is not trusted.
 * @param {string} path
 */
export function checkPath(path) {
  if (/^[a-z][a-z0-9+.-]*:|^\/|\\|\0/i.test(path) || path.split('/').includes('..'))
    throw new XnnError('bad-model', `weights path ${JSON.stringify(path.slice(0, 100))} leaves the model's folder`);
}
