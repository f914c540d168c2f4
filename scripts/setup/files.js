import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SetupError } from './errors.js';

/**
 * @param {string} path
 * @returns {Promise<string>}
 */
export async function sha256(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * @param {string} text
 * @returns {string}  Enough of the hash to name a folder.
 */
export function shortHash(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

/**
 * @param {string} path
 * @param {{ name: string, version: string, sha256: string }} pinned
 */
export async function checkHash(path, pinned) {
  const found = await sha256(path);
  if (found === pinned.sha256) return;
  rmSync(path, { force: true });
  throw new SetupError(
    `${pinned.name} ${pinned.version} was downloaded with sha256 ${found.slice(0, 16)}… but scripts/setup/versions.js expects ` +
      `${pinned.sha256.slice(0, 16)}…: run set-up again, and if it repeats do not trust the mirror`,
  );
}

/**
 * Fills a folder once: in a temporary place first, so that one that exists is always whole.
 * @param {string} folder
 * @param {(temporary: string) => Promise<void>} fill
 */
export async function fillFolder(folder, fill) {
  if (existsSync(folder)) return;
  const temporary = `${folder}.tmp`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  await fill(temporary);
  renameSync(temporary, folder);
}

/**
 * Writes a file whole or not at all, and leaves one alone that has this content already.
 * @param {string} path
 * @param {string | Uint8Array} content
 * @returns {boolean}  Whether it changed.
 */
export function writeIfChanged(path, content) {
  const bytes = Buffer.from(content);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return false;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, path);
  return true;
}
