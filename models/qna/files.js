// A text file, from the network or, in Node, from the disk.

import { XnnError } from '../../js/index.js';

/** @typedef {{ fetch?: (url: string, init?: RequestInit) => Promise<Response>, requestInit?: RequestInit, signal?: AbortSignal }} FetchOptions */

/**
 * @param {string | URL} url  In Node a path, too.
 * @param {FetchOptions} options
 * @returns {Promise<string>}
 * @throws {XnnError} 'network', 'aborted'
 */
export async function readText(url, { fetch = globalThis.fetch, requestInit, signal }) {
  try {
    const disk = /** @type {any} */ (globalThis).process?.getBuiltinModule?.('node:fs');
    const isRemote = /^(https?|data|blob):/i.test(String(url));
    if (disk !== undefined && !isRemote)
      return await disk.promises.readFile(typeof url === 'string' && url.startsWith('file:') ? new URL(url) : url, {
        encoding: 'utf8',
        signal,
      });
    const response = await fetch(String(url), { ...requestInit, ...(signal && { signal }) });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return await response.text();
  } catch (error) {
    if (signal?.aborted === true) throw new XnnError('aborted', `${url}: the load was aborted`, { cause: error });
    throw new XnnError('network', `${url}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}
