// Files from the network or, in Node, from the disk.

import { XnnError } from '../../js/index.js';

/** @typedef {{ fetch?: (url: string, init?: RequestInit) => Promise<Response>, requestInit?: RequestInit, signal?: AbortSignal }} FetchOptions */

/**
 * @param {string | URL} url  In Node a path, too.
 * @param {FetchOptions} options
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {XnnError} 'network', 'aborted'
 */
export async function readBytes(url, { fetch = globalThis.fetch, requestInit, signal }) {
  try {
    const disk = /** @type {any} */ (globalThis).process?.getBuiltinModule?.('node:fs');
    const isRemote = /^(https?|data|blob):/i.test(String(url));
    if (disk !== undefined && !isRemote)
      return new Uint8Array(await disk.promises.readFile(String(url).startsWith('file:') ? new URL(url) : url, { signal }));
    const response = await fetch(String(url), { ...requestInit, ...(signal && { signal }) });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (signal?.aborted === true) throw new XnnError('aborted', `${url}: the load was aborted`, { cause: error });
    throw new XnnError('network', `${url}: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
}

/** @param {string | URL} url @param {FetchOptions} options */
export const readText = async (url, options) => new TextDecoder().decode(await readBytes(url, options));
