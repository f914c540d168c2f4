// The files of a model, wherever they are: each opens as a sequence of byte pieces.
import { XnnError } from '../errors.js';
import { networkError, throwIfAborted, untilAborted } from './abort.js';
import { readStream } from './stream.js';

/**
 * Bytes from ≤ index < to of a file.
 * @typedef {{ from: number, to: number }} Range
 *
 * `path` is as model.json writes it. `open` may start work at once and gives the pieces in order; a piece is not changed
 * after it was given out. A stream's `size`, where it is known beforehand, is a hint: what is sent may be compressed. `whole`, instead of
 * the pieces, reads all into one place, and tells how far it is; undefined where that cannot be done: then the pieces are still there.
 * Where a part of the file can be had without the rest: `size` is its length, undefined if it cannot be told; `slices` gives
 * the bytes of each range, in the order of the ranges, which ascend, and fewer where the file ends.
 * @typedef {(size: number, onLoaded?: (loaded: number) => void) => Promise<Uint8Array | undefined>} ReadWhole  size: as expected.
 * @typedef {AsyncIterable<Uint8Array> & { size?: number, whole?: ReadWhole }} ByteStream
 * @typedef {object} ByteFile
 * @property {string} path
 * @property {(signal: AbortSignal) => Promise<ByteStream>} open
 * @property {(signal: AbortSignal) => Promise<number | undefined>} [size]
 * @property {(ranges: readonly Range[], signal: AbortSignal) => AsyncIterable<Uint8Array>} [slices]
 *
 * Where a model's files are: the main one, and how to reach those that it names.
 * @typedef {{ main: ByteFile, file: (path: string) => ByteFile }} ModelFiles
 */

/** Whether plain paths mean files here. */
export function hasDisk() {
  const { process } = /** @type {any} */ (globalThis);
  return typeof process?.versions?.node === 'string' && process.type !== 'renderer';
}

/** @param {Uint8Array[]} pieces @returns {Uint8Array}  A view where there is one piece. */
export function concat(pieces) {
  if (pieces.length === 1) return pieces[0];
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

/** @param {string} path @param {Uint8Array[]} pieces @returns {ByteFile} */
export function memoryFile(path, pieces) {
  const open = async (/** @type {AbortSignal} */ signal) =>
    (async function* () {
      for (const piece of pieces) {
        throwIfAborted(signal);
        yield piece;
      }
    })();
  return {
    path,
    open,
    size: async () => pieces.reduce((sum, { length }) => sum + length, 0),
    slices: (ranges, signal) => cutOut(open(signal), ranges),
  };
}

/** @param {ByteFile} file @param {readonly Range[]} ranges @param {AbortSignal} signal @returns {AsyncIterable<Uint8Array>}  As its `slices`. */
export function slicesOf(file, ranges, signal) {
  return file.slices?.(ranges, signal) ?? cutOut(file.open(signal), ranges);
}

/**
 * Ranges out of a file that only comes as a whole, which is read as far as needed.
 * @param {Promise<AsyncIterable<Uint8Array>>} source @param {readonly Range[]} ranges
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* cutOut(source, ranges) {
  let at = 0;
  let index = 0;
  /** @type {Uint8Array[]} */
  let pieces = [];
  for await (const piece of await source) {
    for (; index < ranges.length && ranges[index].from < at + piece.length; index++) {
      const { from, to } = ranges[index];
      pieces.push(piece.subarray(Math.max(0, from - at), Math.min(piece.length, to - at)));
      if (to > at + piece.length) break;
      yield concat(pieces);
      pieces = [];
    }
    at += piece.length;
    if (index === ranges.length) return;
  }
  for (; index < ranges.length; index++) {
    yield concat(pieces);
    pieces = [];
  }
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

/** @param {Blob} blob @param {string} path @returns {ByteFile} */
export function blobFile(blob, path) {
  return {
    ...streamFile(path, () => blob.stream(), blob.size),
    size: async () => blob.size,
    slices: async function* (ranges, signal) {
      for (const { from, to } of ranges) {
        try {
          yield new Uint8Array(await untilAborted(blob.slice(from, to).arrayBuffer(), signal));
        } catch (error) {
          throw networkError(error, signal, path);
        }
      }
    },
  };
}

/** Files that a page was given (an <input type=file>, a drop). @param {readonly File[]} files @returns {ModelFiles} */
export function blobFiles(files) {
  const main = pickMain(files);
  const others = files.filter((file) => file !== main);
  return {
    main: blobFile(main, main.name),
    file(path) {
      checkPath(path);
      // Looked for when it is read: a model can be checked without its weights.
      const pick = () => blobFile(pickFile(others, path), path);
      return {
        path,
        open: async (signal) => pick().open(signal),
        size: async (signal) => pick().size?.(signal),
        slices: async function* (ranges, signal) {
          yield* slicesOf(pick(), ranges, signal);
        },
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
