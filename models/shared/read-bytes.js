// A whole file from where a user says it is.

import { XnnError } from '../../js/index.js';

/** @typedef {{ fetch?: (url: string, init?: RequestInit) => Promise<Response>, requestInit?: RequestInit, signal?: AbortSignal }} ReadOptions */

/**
 * @param {string | URL | Blob} source  a URL, in Node also a path, or a file that a page was given.
 * @param {ReadOptions} [options]
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {XnnError} 'network', 'aborted'
 */
export async function readBytes(source, { fetch = globalThis.fetch, requestInit, signal } = {}) {
  try {
    signal?.throwIfAborted();
    if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer());
    const disk = diskPath(source);
    if (disk !== undefined) return new Uint8Array(await builtin('node:fs/promises').readFile(disk, { signal }));
    const response = await fetch(String(source), { ...requestInit, ...(signal && { signal }) });
    if (!response.ok) throw new XnnError('network', `${source}: the server answers ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof XnnError) throw error;
    if (signal?.aborted) throw new XnnError('aborted', `reading ${named(source)} was aborted`, { cause: error });
    throw new XnnError('network', `${named(source)} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** @param {string | URL | Blob} source @param {ReadOptions} [options] @returns {Promise<string>}  of UTF-8. */
export const readText = async (source, options) => new TextDecoder().decode(await readBytes(source, options));

/** @param {string | URL | Blob} source @param {ReadOptions} [options] @returns {Promise<unknown>} */
export async function readJson(source, options) {
  return parseJson(await readBytes(source, options), named(source));
}

/** @param {Uint8Array} bytes @param {string} name @returns {unknown} */
export function parseJson(bytes, name) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const hint = bytes[0] === 60 ? ' (it looks like a web page)' : '';
    throw new XnnError('bad-model', `${name} is no JSON${hint}`, { cause: error });
  }
}

/**
 * A file beside another one.
 * @param {string | URL} file @param {string} name
 * @returns {string | URL}  in Node a path beside a path.
 */
export function beside(file, name) {
  if (file instanceof URL) return new URL(name, file);
  const end = /[?#]/.exec(file)?.index ?? file.length;
  const whole = diskPath(file) === undefined ? file.slice(0, end) : file;
  return whole.slice(0, Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\')) + 1) + name;
}

/** What is read from the disk, in Node. @param {string | URL} source @returns {string | URL | undefined} */
function diskPath(source) {
  const { process } = /** @type {any} */ (globalThis);
  if (typeof process?.getBuiltinModule !== 'function' || process.type === 'renderer') return undefined;
  const text = String(source);
  if (text.startsWith('file:')) return new URL(text);
  return /^[a-z][a-z0-9+.-]+:/i.test(text) ? undefined : text; // a scheme has two letters at least: C:\ is a path
}

/** @param {Uint8Array[]} pieces @returns {Uint8Array<ArrayBuffer>} */
export function joinBytes(pieces) {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** @param {string} name @returns {any} */
const builtin = (name) => /** @type {any} */ (globalThis).process.getBuiltinModule(name);

/** @param {string | URL | Blob} source @returns {string} */
function named(source) {
  if (source instanceof Blob) return 'name' in source ? String(source.name) : 'a file';
  return String(source).slice(0, 200);
}
