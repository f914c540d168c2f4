// The weights' bytes: from files, in order and as they arrive, to pieces of tensors.
import { XnnError } from '../errors.js';
import { linkedController, throwIfAborted } from './abort.js';
import { sumBytes } from './tfjs-manifest.js';

/**
 * @typedef {import('./files.js').ByteFile} ByteFile
 * @typedef {import('./tfjs-manifest.js').WeightSpec} WeightSpec
 *
 * Weights first … end - 1, stored one after the other in these files as if they were one.
 * @typedef {{ files: ByteFile[], first: number, end: number }} FileGroup
 *
 * Some bytes of weight number `weight`, beginning at byte `offset` of that tensor.
 * @typedef {{ weight: number, offset: number, bytes: Uint8Array }} WeightPiece
 *
 * inFlight: how many files are fetched at the same time.
 * @typedef {{ signal?: AbortSignal, onProgress?: (progress: { loaded: number, total: number }) => void, inFlight?: number }} ReadOptions
 */

/**
 * Constants of up to so many bytes are part of the graph (the parser sees their values); larger ones are streamed. Shapes, axes and
 * paddings are int32; of floats only what is as short as src/graph.c's known values can say anything about a graph, and biases
 * are not worth waiting for.
 */
const SMALL_BYTES = 4096;
const SMALL_FLOAT_BYTES = 256;
/** Files that are fetched at the same time: the one that is read and those after it. */
const IN_FLIGHT = 4;
/** Of a file that is too long so much is read, so that the error can tell its true length. */
const EXCESS_BYTES = 64 * 1024 * 1024;

/** @param {WeightSpec} spec  Strings and what is empty have no bytes. */
export function isSmall({ dtype, byteLength }) {
  return byteLength > 0 && byteLength <= (dtype === 'float32' ? SMALL_FLOAT_BYTES : SMALL_BYTES);
}

/**
 * @param {readonly WeightSpec[]} weights
 * @param {readonly FileGroup[]} groups
 * @param {ReadOptions} options
 * @returns {AsyncGenerator<WeightPiece>}  Each weight's pieces in their order, one weight after the other: in the order of the files,
 *   but those of a group's last file before the rest where small ones are to be expected there. Together exactly the bytes of all.
 * @throws {XnnError} 'bad-model' if there are more or fewer bytes; what opening a file throws.
 */
export async function* readWeights(weights, groups, { signal: outer, onProgress, inFlight = IN_FLIGHT }) {
  const { signal, close } = linkedController(outer);
  const total = sumBytes(weights);
  let loaded = 0;
  try {
    const orders = groups.map((group) => readingOrder(weights, group));
    const opened = openAhead(
      groups.flatMap(({ files }, i) => orders[i].map((index) => files[index])),
      signal,
      inFlight,
    );
    for (const [i, group] of groups.entries()) {
      const splitter = createSplitter(weights, group);
      const sizes = group.files.map(() => 0);
      /** @type {Uint8Array[]} */
      let tail = []; // of the last file, where it came first: the weight that begins in the file before it
      for (const index of orders[i]) {
        const ahead = index > 0 && index === orders[i][0];
        for await (const bytes of await opened.next()) {
          sizes[index] += bytes.length;
          loaded += bytes.length;
          onProgress?.({ loaded, total: Math.max(loaded, total) });
          if (ahead) tail.push(bytes);
          else yield* splitter.push(bytes);
          if (splitter.excess() > EXCESS_BYTES || sizes[index] - splitter.expected > EXCESS_BYTES)
            throw wrongSize(group, sizes.slice(0, index + 1), splitter.expected);
        }
        if (!ahead || sizes[index] > splitter.expected) continue;
        const { begun, rest } = splitter.takeEnd(tail, sizes[index]);
        tail = begun;
        yield* rest;
      }
      for (const bytes of tail) yield* splitter.push(bytes);
      if (splitter.excess() > 0 || !splitter.complete()) throw wrongSize(group, sizes, splitter.expected);
    }
  } finally {
    close();
  }
}

/** Pieces of weights whose bytes are at hand are no longer than this: between two there is time to end. */
const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * The same for weights whose bytes are at hand, or made on demand.
 * @param {readonly WeightSpec[]} weights
 * @param {readonly (() => Uint8Array)[]} sources  Of each weight.
 * @param {ReadOptions} options
 * @returns {AsyncGenerator<WeightPiece>}
 */
export async function* readSources(weights, sources, { signal, onProgress }) {
  const total = sumBytes(weights);
  let loaded = 0;
  for (const [weight, source] of sources.entries()) {
    const all = source();
    for (let offset = 0; offset < all.length; offset += PIECE_BYTES) {
      throwIfAborted(signal);
      const bytes = all.subarray(offset, offset + PIECE_BYTES);
      loaded += bytes.length;
      onProgress?.({ loaded, total });
      yield { weight, offset, bytes };
    }
  }
}

/**
 * The files' indices as they are read. A model is built when its last small weight is there, and until then all others are held: the
 * last file comes first where it seems to have some. How long files are nobody knows before; they are taken to be alike.
 * @param {readonly WeightSpec[]} weights @param {FileGroup} group
 */
function readingOrder(weights, { files, first, end }) {
  const order = [...files.keys()];
  const specs = weights.slice(first, end);
  const last = specs.reduce((found, spec, i) => (isSmall(spec) ? i : found), -1);
  if (files.length < 2 || last < 0 || specs.some(({ dtype }) => dtype === 'string')) return order; // strings: no byte has a known place
  const behind = sumBytes(specs, last);
  return behind * files.length <= sumBytes(specs) ? [order.length - 1, ...order.slice(0, -1)] : order;
}

/** @param {ByteFile[]} files @param {AbortSignal} signal @param {number} inFlight */
function openAhead(files, signal, inFlight) {
  /** @type {Promise<AsyncIterable<Uint8Array>>[]} */
  const started = [];
  let index = 0;
  return {
    next() {
      while (index + started.length < files.length && started.length < inFlight) {
        const opening = files[index + started.length].open(signal);
        opening.catch(() => {}); // told when its turn comes
        started.push(opening);
      }
      index++;
      return /** @type {Promise<AsyncIterable<Uint8Array>>} */ (started.shift());
    },
  };
}

/** @param {FileGroup} group @param {number[]} sizes @param {number} expected */
function wrongSize({ files }, sizes, expected) {
  const actual = sizes.reduce((sum, size) => sum + size, 0);
  if (files.length === 1) return new XnnError('bad-model', `weights file "${files[0].path}": expected ${expected} bytes, got ${actual}`);
  const shown = sizes.slice(-8).map((size, i) => `"${files[Math.max(0, sizes.length - 8) + i].path}" (${size})`);
  return new XnnError(
    'bad-model',
    `weights files ${sizes.length > 8 ? '…, ' : ''}${shown.join(', ')}: expected ${expected} bytes in all, got ${actual}`,
  );
}

/**
 * Cuts the bytes of a group into pieces that belong to one tensor each. The bytes of string tensors are left out.
 * @param {readonly WeightSpec[]} weights @param {FileGroup} group
 */
function createSplitter(weights, { first, end: endOfGroup }) {
  let index = first;
  let end = endOfGroup;
  let offset = 0;
  let excess = 0;
  let strings = createStringSkipper(weights[first]);
  const expected = sumBytes(weights.slice(first, end));

  function skipComplete() {
    while (index < end && (weights[index].dtype === 'string' ? strings.complete() : offset === weights[index].byteLength)) {
      index++;
      offset = 0;
      strings = createStringSkipper(weights[index]);
    }
  }

  /** @param {Uint8Array} bytes @returns {Generator<WeightPiece>} */
  function* push(bytes) {
    let at = 0;
    while (at < bytes.length) {
      skipComplete();
      if (index === end) {
        excess += bytes.length - at;
        return;
      }
      if (weights[index].dtype === 'string') {
        at = strings.push(bytes, at);
        continue;
      }
      const n = Math.min(bytes.length - at, weights[index].byteLength - offset);
      const piece = { weight: index, offset, bytes: bytes.subarray(at, at + n) };
      offset += n;
      at += n;
      yield piece;
    }
  }

  return {
    expected,
    excess: () => excess,
    complete() {
      skipComplete();
      return index === end;
    },
    push,
    /**
     * Takes the last bytes of a group without strings before all others.
     * @param {readonly Uint8Array[]} chunks @param {number} length  Of them together.
     * @returns {{ begun: Uint8Array[], rest: Generator<WeightPiece> }}  begun: those of the weight that begins before them, to be pushed
     *   when all before them were.
     */
    takeEnd(chunks, length) {
      let start = expected;
      let from = endOfGroup;
      while (from > first && expected - start + weights[from - 1].byteLength <= length) start -= weights[--from].byteLength;
      end = from;
      const behind = createSplitter(weights, { files: [], first: from, end: endOfGroup });
      const { head, rest } = cut(chunks, length - (expected - start));
      return {
        begun: head,
        rest: (function* () {
          for (const bytes of rest) yield* behind.push(bytes);
        })(),
      };
    },
  };
}

/** @param {readonly Uint8Array[]} chunks @param {number} at */
function cut(chunks, at) {
  /** @type {{ head: Uint8Array[], rest: Uint8Array[] }} */
  const parts = { head: [], rest: [] };
  for (const bytes of chunks) {
    if (at > 0) parts.head.push(bytes.subarray(0, at));
    if (bytes.length > at) parts.rest.push(bytes.subarray(Math.max(0, at)));
    at -= bytes.length;
  }
  return parts;
}

/**
 * Walks over a string tensor: for each element a little-endian uint32, then so many bytes.
 * @param {WeightSpec | undefined} spec
 */
function createStringSkipper(spec) {
  let left = spec?.dtype === 'string' ? (spec.shape.includes(0) ? 0 : spec.shape.reduce((product, size) => product * size, 1)) : 0;
  let headerBytes = 0;
  let length = 0;
  return {
    complete: () => left === 0,
    /** @param {Uint8Array} bytes @param {number} at @returns {number} where the walk stopped */
    push(bytes, at) {
      while (at < bytes.length && left > 0) {
        if (headerBytes < 4) {
          length += bytes[at++] * 2 ** (8 * headerBytes++);
        } else {
          const n = Math.min(length, bytes.length - at);
          length -= n;
          at += n;
        }
        if (headerBytes === 4 && length === 0) {
          left--;
          headerBytes = 0;
        }
      }
      return at;
    },
  };
}
