// Streams of bytes: piece by piece as they arrive, and whole.
import { XnnError } from '../errors.js';
import { networkError, throwIfAborted } from './abort.js';
import { asBytes } from './as-bytes.js';

/** Room for so many bytes is made before they have come: at least, at most. */
const LEAST_EXPECTED = 2 ** 16;
const MOST_EXPECTED = 2 ** 30;

/**
 * The stream is locked at once, not when the first piece is wanted: Node cancels the body of a response that is not, when it collects the
 * response as garbage.
 * @param {ReadableStream<unknown>} stream @param {AbortSignal} signal @param {string} what
 * @returns {AsyncGenerator<Uint8Array> & { whole: import('./files.js').ReadWhole }}
 */
export function readStream(stream, signal, what) {
  const locked = { reader: stream.getReader() };
  return Object.assign(readPieces(locked, signal, what), {
    /** @type {import('./files.js').ReadWhole} */
    async whole(size, onLoaded) {
      locked.reader.releaseLock();
      const reader = byteReader(stream);
      if (reader !== undefined) return readBytes(reader, signal, what, size, onLoaded);
      locked.reader = stream.getReader();
      return undefined;
    },
  });
}

/** @param {ReadableStream<unknown>} stream @returns {ReadableStreamBYOBReader | undefined}  Not in every browser, not of every stream. */
function byteReader(stream) {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}

/**
 * Ends what a reader waits for when the signal is aborted, whoever made the stream: reading then goes on as at its end.
 * @param {ReadableStreamDefaultReader<unknown> | ReadableStreamBYOBReader} reader @param {AbortSignal} signal
 */
function cancelOnAbort(reader, signal) {
  const cancel = () => {
    reader.cancel(signal.reason).catch(() => {});
  };
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  return { cancel, done: () => signal.removeEventListener('abort', cancel) };
}

/** @param {{ reader: ReadableStreamDefaultReader<unknown> }} locked @param {AbortSignal} signal @param {string} what @returns {AsyncGenerator<Uint8Array>} */
async function* readPieces(locked, signal, what) {
  const { reader } = locked; // of now, not of when the pieces were made
  const { cancel, done: settle } = cancelOnAbort(reader, signal);
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      throwIfAborted(signal);
      if (done) break;
      const bytes = asBytes(value);
      if (bytes === undefined) throw new XnnError('misuse', `${what}: the stream gives something else than bytes`);
      yield bytes;
    }
    ended = true;
  } catch (error) {
    throw networkError(error, signal, what);
  } finally {
    settle();
    if (!ended) cancel(); // Safari's streams have no asynchronous iterator that would do it
  }
}

/**
 * Into one buffer, without a copy of our own: it goes into every read and comes back.
 * @param {ReadableStreamBYOBReader} reader @param {AbortSignal} signal @param {string} what @param {number} size
 * @param {((loaded: number) => void) | undefined} onLoaded
 * @returns {Promise<Uint8Array>}
 */
async function readBytes(reader, signal, what, size, onLoaded) {
  const { cancel, done: settle } = cancelOnAbort(reader, signal);
  let bytes = roomFor(size);
  let length = 0;
  let ended = false;
  try {
    while (!ended) {
      if (length === bytes.length) bytes = withRoom(bytes, 2 * length);
      const { done, value } = await reader.read(bytes.subarray(length));
      throwIfAborted(signal);
      if (value === undefined) throw new XnnError('network', `${what}: the stream was cancelled after ${length} bytes`);
      bytes = new Uint8Array(value.buffer);
      length += value.length;
      if (!done) onLoaded?.(length);
      ended = done;
    }
    return filled(bytes, length);
  } catch (error) {
    throw networkError(error, signal, what);
  } finally {
    settle();
    if (!ended) cancel();
  }
}

/** A buffer for a file that is expected to have so many bytes: one more, so that its end is seen before there has to be more room. @param {number} size */
export const roomFor = (size) => new Uint8Array(Math.min(MOST_EXPECTED, Math.max(LEAST_EXPECTED, size)) + 1);

/** The bytes that came, in their buffer unless most of it stayed empty. @param {Uint8Array} bytes @param {number} length @returns {Uint8Array} */
export const filled = (bytes, length) => (length > bytes.length / 2 ? bytes.subarray(0, length) : bytes.slice(0, length));

/** @param {Uint8Array} bytes @param {number} room @returns {Uint8Array<ArrayBuffer>}  The same with room behind. */
export function withRoom(bytes, room) {
  const more = new Uint8Array(room);
  more.set(bytes);
  return more;
}

/** @param {import('./files.js').ByteFile} file @param {AbortSignal} signal @returns {Promise<Uint8Array>} */
export async function readAll(file, signal) {
  const stream = await file.open(signal);
  const expected = Math.min(stream.size ?? 0, MOST_EXPECTED);
  const whole = await stream.whole?.(expected);
  if (whole !== undefined) return whole;
  /** @type {Uint8Array} */
  let all = new Uint8Array(0);
  let length = 0;
  for await (const piece of stream) {
    if (length === 0) {
      all = piece; // perhaps the only one
    } else {
      if (length + piece.length > all.length)
        all = withRoom(all.subarray(0, length), Math.max(length + piece.length, 2 * length, expected));
      all.set(piece, length);
    }
    length += piece.length;
  }
  return length === all.length ? all : all.slice(0, length);
}
