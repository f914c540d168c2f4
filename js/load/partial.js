// The small weights without the large ones: where in the files they are, and reading just that.
import { linkedController } from './abort.js';
import { isSmall, readWeights } from './bytes.js';
import { slicesOf } from './files.js';
import { sumBytes } from './tfjs-manifest.js';

/**
 * @typedef {import('./bytes.js').FileGroup} FileGroup
 * @typedef {import('./bytes.js').WeightPiece} WeightPiece
 * @typedef {import('./files.js').Range} Range
 * @typedef {import('./tfjs-manifest.js').WeightSpec} WeightSpec
 */

/** A gap between two ranges that is smaller than this may cost less than another request. */
const GAP_BYTES = 32 * 1024;
/** Gaps that are read as well are together at most this part of a file, or GAP_BYTES. */
const GAP_SHARE = 1 / 32;
/** Files whose size is asked for at the same time. */
const AT_ONCE = 4;

/**
 * The bytes of all small weights, by index, as they are stored. Reads no more of the files than needed, where they can be
 * read in parts and their sizes be told; else from their beginning to the last small weight.
 * @param {readonly WeightSpec[]} weights @param {readonly FileGroup[]} groups
 * @param {{ signal?: AbortSignal }} options
 * @returns {Promise<Map<number, Uint8Array>>}
 * @throws {XnnError} 'bad-model' if files are seen to have another size than the weights; what opening a file throws.
 */
export async function readSmall(weights, groups, { signal: outer }) {
  const { signal, close } = linkedController(outer);
  /** @type {Map<number, Uint8Array>} */
  const all = new Map();
  try {
    for (const group of groups) {
      for (const [weight, bytes] of await readGroup(weights, group, signal)) all.set(weight, bytes);
    }
    return all;
  } finally {
    close();
  }
}

/**
 * The small weights among the pieces of a stream, which is left when the last of them has come.
 * @param {readonly WeightSpec[]} weights @param {AsyncIterable<WeightPiece>} pieces
 * @param {{ first?: number, end?: number, toEnd?: boolean }} [options]  Only those of first ≤ index < end; toEnd: does not leave it.
 * @returns {Promise<Map<number, Uint8Array>>}
 */
export async function collectSmall(weights, pieces, { first = 0, end = weights.length, toEnd = false } = {}) {
  const collector = createCollector(weights);
  let left = weights.slice(first, end).filter(isSmall).length;
  if (left === 0 && !toEnd) return collector.all;
  for await (const piece of pieces) {
    if (!isSmall(weights[piece.weight])) continue;
    if (collector.take(piece)) left--;
    if (left === 0 && !toEnd) break;
  }
  return collector.all;
}

/** Puts small weights together from their pieces, by index. @param {readonly WeightSpec[]} weights */
export function createCollector(weights) {
  /** @type {Map<number, Uint8Array>} */
  const all = new Map();
  return {
    all,
    /** @param {WeightPiece} piece @returns {boolean} whether it was the weight's last */
    take({ weight, offset, bytes }) {
      const { byteLength } = weights[weight];
      const whole = all.get(weight) ?? new Uint8Array(byteLength);
      whole.set(bytes, offset);
      all.set(weight, whole);
      return offset + bytes.length === byteLength;
    },
  };
}

/** @param {readonly WeightSpec[]} weights @param {FileGroup} group @param {AbortSignal} signal @returns {Promise<Map<number, Uint8Array>>} */
async function readGroup(weights, group, signal) {
  const { files, first, end } = group;
  const specs = weights.slice(first, end);
  const stream = (/** @type {boolean} */ toEnd) =>
    collectSmall(weights, readWeights(weights, [group], { signal, inFlight: 1 }), { first, end, toEnd });
  if (specs.some(({ dtype }) => dtype === 'string')) return stream(false); // their length stands in the bytes
  const expected = sumBytes(specs);
  const sizes = files.length === 1 ? [expected] : await fileSizes(files, signal);
  if (sizes === undefined) return stream(false);
  if (total(sizes) === expected) {
    const found = await readRanges(weights, group, sizes, signal);
    const actual = files.length === 1 ? await files[0].size?.(signal) : expected;
    if (found !== undefined && (actual ?? expected) === expected) return found;
  }
  return stream(true); // something is wrong with the files, or with what a server says of them: this tells
}

/** @param {readonly number[]} sizes */
const total = (sizes) => sizes.reduce((sum, size) => sum + size, 0);

/** @param {readonly import('./files.js').ByteFile[]} files @param {AbortSignal} signal @returns {Promise<number[] | undefined>} */
async function fileSizes(files, signal) {
  /** @type {number[]} */
  const sizes = [];
  for (let i = 0; i < files.length; i += AT_ONCE) {
    for (const size of await Promise.all(files.slice(i, i + AT_ONCE).map((file) => file.size?.(signal)))) {
      if (size === undefined) return undefined;
      sizes.push(size);
    }
  }
  return sizes;
}

/**
 * @param {readonly WeightSpec[]} weights @param {FileGroup} group @param {readonly number[]} sizes  Of its files. @param {AbortSignal} signal
 * @returns {Promise<Map<number, Uint8Array> | undefined>}  undefined if a file is shorter than its size.
 */
async function readRanges(weights, { files, first, end }, sizes, signal) {
  /** @type {{ weight: number, from: number, to: number }[]} */
  const small = [];
  let at = 0;
  for (let weight = first; weight < end; weight++) {
    const from = at;
    at += weights[weight].byteLength;
    if (isSmall(weights[weight])) small.push({ weight, from, to: at });
  }
  const collector = createCollector(weights);
  let start = 0;
  for (const [i, file] of files.entries()) {
    const stop = start + sizes[i];
    const wanted = small
      .filter(({ from, to }) => from < stop && to > start)
      .map(({ weight, from, to }) => ({
        weight,
        offset: Math.max(0, start - from),
        from: Math.max(from, start) - start,
        to: Math.min(to, stop) - start,
      }));
    const ranges = mergeRanges(wanted, Math.max(GAP_BYTES, sizes[i] * GAP_SHARE));
    start = stop;
    if (ranges.length === 0) continue;
    let next = 0;
    let range = 0;
    for await (const bytes of slicesOf(file, ranges, signal)) {
      const { from, to } = ranges[range++];
      if (bytes.length < to - from) return undefined;
      for (; next < wanted.length && wanted[next].to <= to; next++) {
        const { weight, offset, ...part } = wanted[next];
        collector.take({ weight, offset, bytes: bytes.subarray(part.from - from, part.to - from) });
      }
    }
  }
  return collector.all;
}

/**
 * Fewer ranges, in which some gaps are read as well: the smallest ones.
 * @param {readonly Range[]} ranges  Ascending, without overlaps. @param {number} budget  Bytes of gaps.
 * @returns {Range[]}
 */
export function mergeRanges(ranges, budget) {
  const gaps = ranges.slice(1).map(({ from }, i) => from - ranges[i].to);
  const closed = new Set();
  let left = budget;
  for (const i of [...gaps.keys()].sort((a, b) => gaps[a] - gaps[b])) {
    if (gaps[i] >= GAP_BYTES || gaps[i] > left) break;
    left -= gaps[i];
    closed.add(i);
  }
  /** @type {Range[]} */
  const merged = [];
  ranges.forEach(({ from, to }, i) => {
    if (i > 0 && closed.has(i - 1)) merged[merged.length - 1].to = to;
    else merged.push({ from, to });
  });
  return merged;
}
