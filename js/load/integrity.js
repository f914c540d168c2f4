// Hashes that the caller expects of a model's files.
import { XnnError } from '../errors.js';
import { untilAborted } from './abort.js';
import { memoryFile } from './files.js';
import { readAll } from './stream.js';
import { show } from './tfjs-manifest.js';

/**
 * The expected hashes, by path. Each path must be one that the model has: a mistyped one would check nothing.
 * @param {unknown} integrity  { [path]: 'sha256-<base64>' }
 * @returns {Map<string, string>}
 * @throws {XnnError} 'misuse'
 */
export function readIntegrity(integrity) {
  if (integrity === undefined) return new Map();
  if (typeof integrity !== 'object' || integrity === null) throw new XnnError('misuse', 'integrity is no object');
  const hashes = new Map(Object.entries(integrity));
  for (const [path, hash] of hashes) {
    if (typeof hash !== 'string' || !/^sha256-[A-Za-z0-9+/]{43}=$/.test(hash))
      throw new XnnError('misuse', `integrity of "${path}" is not 'sha256-<base64>': ${show(hash)}`);
  }
  if (hashes.size > 0 && globalThis.crypto?.subtle === undefined)
    throw new XnnError('misuse', 'integrity needs crypto.subtle, which browsers have in secure contexts (https:) only');
  return hashes;
}

/** @param {ReadonlyMap<string, string>} hashes @param {readonly string[]} paths  Those that the model has. */
export function checkIntegrityPaths(hashes, paths) {
  const known = new Set(paths);
  for (const path of hashes.keys()) {
    if (!known.has(path)) throw new XnnError('misuse', `integrity: the model has no file "${path}"`);
  }
}

/**
 * The same file, whose bytes are given out only once they were found to be the right ones.
 * @param {import('./files.js').ByteFile} file @param {ReadonlyMap<string, string>} hashes
 * @returns {import('./files.js').ByteFile}
 */
export function verified(file, hashes) {
  const expected = hashes.get(file.path);
  if (expected === undefined) return file;
  return {
    path: file.path,
    async open(signal) {
      const bytes = await readAll(file, signal);
      const digest = await untilAborted(crypto.subtle.digest('SHA-256', /** @type {BufferSource} */ (bytes)), signal);
      const actual = `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
      if (actual !== expected) throw new XnnError('integrity', `"${file.path}" has hash ${actual}, expected ${expected}`);
      return memoryFile(file.path, [bytes]).open(signal);
    },
  };
}
