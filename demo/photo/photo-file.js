// Photographs on disk ↔ RGBA pixels, through sharp.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

/** @import { RgbaImage } from '../../js/image/crop.js' */

/**
 * @param {string} file  anything sharp reads.
 * @returns {Promise<RgbaImage>}  upright: the camera's orientation is applied; sRGB.
 */
export async function readPhoto(file) {
  try {
    const { data, info } = await sharp(file).rotate().toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw new Error(`cannot read ${file}: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * @param {string} file  .png, or .jpg for anything else; its folder is made.
 * @param {RgbaImage} image
 * @param {string} overlay  an SVG of the image's size, drawn on it.
 */
export async function writePhoto(file, { width, height, data }, overlay) {
  await mkdir(path.dirname(file), { recursive: true });
  const picture = sharp(data, { raw: { width, height, channels: 4 } }).composite([{ input: Buffer.from(overlay) }]);
  const encoded = path.extname(file) === '.png' ? picture.png() : picture.removeAlpha().jpeg({ quality: 90 });
  await encoded.toFile(file);
}
