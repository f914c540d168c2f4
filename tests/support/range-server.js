// A server of files on 127.0.0.1 that counts what it sends, with or without HTTP ranges.
import { createServer } from 'node:http';

/**
 * @typedef {object} RangeServer
 * @property {string} url  Without a slash at the end.
 * @property {{ method: string, path: string, range?: string, status: number }[]} requests
 * @property {(pattern: RegExp) => number} sent  Bytes of bodies sent of files whose path matches; reset by forget().
 * @property {() => number} mostOpen  How many requests were answered at the same time at most.
 * @property {() => void} forget
 * @property {() => void} close
 */

/** Of a body that is sent piece by piece. */
const PIECE_BYTES = 64 * 1024;

/**
 * @param {(path: string) => Promise<Uint8Array | undefined> | Uint8Array | undefined} find
 * @param {{ ranges?: boolean, head?: boolean, headers?: Record<string, string> }} [options]  head: false: refuses HEAD.
 * @returns {Promise<RangeServer>}
 */
export async function serveRanges(find, { ranges = true, head = true, headers = {} } = {}) {
  /** @type {RangeServer['requests']} */
  let requests = [];
  /** @type {Map<string, number>} */
  let sent = new Map();
  let open = 0;
  let mostOpen = 0;
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const { range } = request.headers;
    const method = request.method ?? '';
    const start = (/** @type {number} */ status, /** @type {Record<string, string | number>} */ more = {}) => {
      requests.push({ method, path, range, status });
      response.writeHead(status, { ...headers, ...more });
    };
    mostOpen = Math.max(mostOpen, ++open);
    response.on('close', () => open--);
    const bytes = await find(path);
    if (bytes === undefined) {
      start(404);
      return response.end();
    }
    if (method === 'HEAD') {
      if (!head) start(405);
      else start(200, { 'content-length': bytes.length });
      return response.end();
    }
    const [, from, to] = (ranges && /^bytes=(\d+)-(\d+)$/.exec(range ?? '')) || [];
    if (from === undefined) {
      start(200, { 'content-length': bytes.length });
      // Slowly, so that a client that has enough can leave.
      for (let at = 0; at < bytes.length && !response.destroyed; at += PIECE_BYTES) {
        const piece = bytes.subarray(at, at + PIECE_BYTES);
        sent.set(path, (sent.get(path) ?? 0) + piece.length);
        response.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      return response.end();
    }
    if (Number(from) >= bytes.length) {
      start(416, { 'content-range': `bytes */${bytes.length}` });
      return response.end();
    }
    const part = bytes.subarray(Number(from), Number(to) + 1);
    start(206, {
      'content-length': part.length,
      'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`,
    });
    sent.set(path, (sent.get(path) ?? 0) + part.length);
    return setTimeout(() => response.end(part), 5);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    sent: (pattern) => [...sent].reduce((total, [path, bytes]) => (pattern.test(path) ? total + bytes : total), 0),
    mostOpen: () => mostOpen,
    forget() {
      requests = [];
      sent = new Map();
      mostOpen = 0;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
