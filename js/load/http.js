// Files of the network, whole and in parts.
import { XnnError } from '../errors.js';
import { networkError, throwIfAborted, untilAborted } from './abort.js';
import { checkPath, concat, cutOut, fileName, memoryFile } from './files.js';
import { readStream } from './stream.js';

/**
 * @typedef {import('./files.js').ByteFile} ByteFile
 * @typedef {import('./files.js').Range} Range
 * @typedef {import('./cache.js').FileCache} FileCache
 *
 * @typedef {{ fetch?: (url: string, init?: RequestInit) => Promise<Response>, requestInit?: RequestInit }} FetchOptions
 */

/** Ranges of a file that are fetched at the same time. */
const IN_FLIGHT = 4;

/** @param {URL} url  Of the model.json. @param {FetchOptions} options @param {FileCache | undefined} cache @returns {import('./files.js').ModelFiles} */
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
  /** @type {number | undefined} Length of the file, once an answer has told it. */
  let length;

  /** @param {RequestInit} init @param {AbortSignal} signal */
  async function request(init, signal) {
    try {
      return await untilAborted(fetch(url.href, { ...requestInit, ...init, signal }), signal);
    } catch (error) {
      throw networkError(error, signal, what);
    }
  }

  /** @param {string} bytes */
  function ranged(bytes) {
    const headers = new Headers(requestInit?.headers);
    headers.set('range', `bytes=${bytes}`);
    return headers;
  }

  /** @param {Response} response @param {AbortSignal} signal @returns {Promise<import('./files.js').ByteStream>} */
  async function bodyOf(response, signal) {
    const size = Number(response.headers?.get('content-length') ?? 0); // of a stand-in for fetch: perhaps no headers
    if (response.body) return Object.assign(readStream(response.body, signal, what), { size });
    return memoryFile(path, [new Uint8Array(await untilAborted(response.arrayBuffer(), signal))]).open(signal);
  }

  /** @param {Response} response */
  function statusError(response) {
    cancel(response);
    return new XnnError('network', `${what}: HTTP status ${response.status} ${response.statusText}`.trimEnd());
  }

  /** @param {AbortSignal} signal */
  async function open(signal) {
    const response = await request({}, signal);
    if (!response.ok) throw statusError(response);
    return bodyOf(response, signal);
  }

  /**
   * @param {Range} range @param {AbortSignal} signal
   * @returns {Promise<Uint8Array | AsyncIterable<Uint8Array> | undefined>}  The range; or all of the file, from a server that
   *   takes no notice of ranges; or undefined where asking for a range led to nothing.
   */
  async function fetchRange({ from, to }, signal) {
    try {
      const response = await request({ headers: ranged(`${from}-${to - 1}`) }, signal);
      if (response.status === 416) {
        cancel(response);
        return new Uint8Array(0); // the file ends before it
      }
      if (!response.ok) throw statusError(response);
      if (response.status !== 206) return bodyOf(response, signal);
      // Other origins show the header only where they say so.
      const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
      if (first !== undefined && Number(first) !== from) {
        cancel(response);
        return undefined;
      }
      if (total !== undefined && total !== '*') length = Number(total);
      /** @type {Uint8Array[]} */
      const pieces = [];
      let left = to - from;
      for await (const piece of await bodyOf(response, signal)) {
        pieces.push(piece);
        left -= piece.length;
        if (left < 0) return undefined;
      }
      return concat(pieces);
    } catch (error) {
      throwIfAborted(signal);
      // A browser may refuse to ask another origin for a range, or be unable to decode a part of a compressed body.
      if (error instanceof XnnError && error.cause !== undefined) return undefined;
      throw error;
    }
  }

  return {
    path,
    open,
    async size(signal) {
      if (length !== undefined) return length;
      /** @type {Response} */
      let response;
      try {
        // With a range, since fetch then forbids the server to compress, which would hide the length.
        response = await request({ method: 'HEAD', headers: ranged('0-') }, signal);
      } catch {
        throwIfAborted(signal);
        return undefined;
      }
      if (response.status === 404 || response.status === 410) throw statusError(response);
      cancel(response);
      const text = response.headers?.get('content-length') ?? '';
      const plain = ['', 'identity'].includes(response.headers?.get('content-encoding') ?? '');
      return response.ok && plain && /^\d+$/.test(text) ? Number(text) : undefined;
    },
    async *slices(ranges, signal) {
      /** @type {ReturnType<typeof fetchRange>[]} */
      const started = [];
      for (let i = 0; i < ranges.length; i++) {
        const most = i === 0 ? 1 : IN_FLIGHT; // the first answer tells whether the server knows ranges
        while (started.length < most && i + started.length < ranges.length) {
          const fetching = fetchRange(ranges[i + started.length], signal);
          fetching.catch(() => {}); // told when its turn comes
          started.push(fetching);
        }
        const got = await started.shift();
        if (got instanceof Uint8Array) {
          yield got;
          continue;
        }
        yield* cutOut(got === undefined ? open(signal) : Promise.resolve(got), ranges.slice(i));
        return;
      }
    },
  };
}

/** @param {Response} response */
function cancel(response) {
  response.body?.cancel().catch(() => {});
}
