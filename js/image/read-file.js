// Picture files in Node, decoded by sharp, which users install where they want it.
import { XnnError } from '../errors.js';

/** @import { RgbaImage } from './crop.js' */

/** Node's way to a package that may be missing, which no bundler follows. @returns {any} */
function requireSharp() {
  const { createRequire } = globalThis.process?.getBuiltinModule?.('node:module') ?? {};
  if (createRequire === undefined)
    throw new XnnError('unsupported', 'image: readImage() is for Node; in a page, an HTMLImageElement or ImageBitmap decodes the file');
  try {
    return createRequire(import.meta.url)('sharp');
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new XnnError('unsupported', `image: readImage() decodes with sharp, which is not there: npm install sharp (${reason})`, {
      cause: error,
    });
  }
}

/**
 * Decodes a picture in Node: JPEG, PNG, WebP, AVIF, GIF (the first picture), TIFF, SVG.
 * @param {string | URL | Uint8Array} file  A path, a file: URL, or the file's bytes.
 * @returns {Promise<RgbaImage>}  For toTensor() and the pipelines: upright, as the camera's orientation says; sRGB.
 * @throws {XnnError} 'unsupported' without the package sharp, or in a browser; 'network' if the file cannot be read or decoded;
 *   'misuse' if bytes cannot be decoded or it is neither.
 */
export async function readImage(file) {
  const isBytes = file instanceof Uint8Array;
  if (!isBytes && typeof file !== 'string' && !(file instanceof URL && file.protocol === 'file:'))
    throw new XnnError('misuse', `image: readImage() takes a path, a file: URL or bytes, got ${String(file)}`);
  const sharp = requireSharp();
  const input = file instanceof URL ? globalThis.process.getBuiltinModule('node:url').fileURLToPath(file) : file;
  try {
    const { data, info } = await sharp(input).rotate().toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const what = isBytes ? `${file.length} bytes` : String(file);
    throw new XnnError(isBytes ? 'misuse' : 'network', `image: cannot decode ${what}: ${reason}`, { cause: error });
  }
}
