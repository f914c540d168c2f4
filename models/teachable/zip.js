// Exports as zip files, by fflate (dist/zip.js, fetched only then).

import { XnnError } from '../../js/index.js';

/** Far more than any export: a file that claims more is not unpacked. */
const MOST_BYTES = 2 ** 29;

async function library() {
  try {
    return await import('../../dist/zip.js');
  } catch (error) {
    throw new XnnError('network', 'dist/zip.js of xnnjs cannot be fetched', { cause: error });
  }
}

/** @param {Uint8Array} bytes */
export const isZip = (bytes) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Map<string, Uint8Array>>}  the files by their name without folders.
 * @throws {XnnError} 'bad-model' if it is no zip file, is broken, or has more than 512 MB in it.
 */
export async function unpack(bytes) {
  const { unzipSync } = await library();
  let total = 0;
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  try {
    const entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (/(^|\/)(__MACOSX|\.)/.test(name) || name.endsWith('/')) return false;
        total += originalSize;
        if (total > MOST_BYTES) throw new XnnError('bad-model', `the zip file holds more than ${MOST_BYTES} bytes`);
        return true;
      },
    });
    for (const [name, content] of Object.entries(entries)) files.set(name.slice(name.lastIndexOf('/') + 1), content);
  } catch (error) {
    if (error instanceof XnnError) throw error;
    throw new XnnError('bad-model', `the zip file is broken: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  return files;
}

/**
 * @param {Record<string, Uint8Array>} files
 * @returns {Promise<Uint8Array<ArrayBuffer>>}  not compressed, as weights do not get smaller; without the time, so that the same files
 *   give the same bytes.
 */
export async function pack(files) {
  const { zipSync } = await library();
  return new Uint8Array(zipSync(files, { level: 0, mtime: '1980-01-01T00:00:00' }));
}
