// What Chromium's fake camera shows: a .y4m video of photographs, made anew for a test.
import { writeFile } from 'node:fs/promises';
import { cutFrame } from '../support/frames.js';
import { readPhotos } from '../support/photos.js';

/** @import { RgbaImage } from '../../js/image/crop.js' */

export const SIZE = { width: 640, height: 480 };
export const FRAMES_PER_SECOND = 15;

/** A woman who looks at the camera, no hand to be seen; and one who bites her finger. Middles and widths by eye, in pixels of the photographs. */
const SCENES = {
  away: { photo: 5, x: 870, y: 500, width: 640 },
  touching: { photo: 1, x: 400, y: 420, width: 800 },
};
/** @typedef {keyof typeof SCENES} Scene */

/** @param {Scene} scene @returns {Promise<RgbaImage>} */
export async function sceneImage(scene) {
  const { photo, x, y, width } = SCENES[scene];
  const region = { xCenter: x, yCenter: y, width, height: (width * SIZE.height) / SIZE.width };
  return cutFrame((await readPhotos())[photo].image, region, SIZE);
}

/**
 * One scene after another, over and over.
 * @param {string} file @param {[scene: Scene, seconds: number][]} scenes
 */
export async function writeVideo(file, scenes) {
  const { width, height } = SIZE;
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`)];
  for (const [scene, seconds] of scenes) {
    const frame = Buffer.concat([Buffer.from('FRAME\n'), toPlanes(await sceneImage(scene))]);
    for (let i = 0; i < seconds * FRAMES_PER_SECOND; i++) parts.push(frame);
  }
  await writeFile(file, Buffer.concat(parts));
}

/** RGB to Y, Cb and Cr of full range, colour at half the size (JFIF). @param {RgbaImage} image */
function toPlanes({ width, height, data }) {
  const luma = Buffer.alloc(width * height);
  const [blue, red] = [Buffer.alloc(luma.length / 4), Buffer.alloc(luma.length / 4)];
  for (let i = 0; i < luma.length; i++) luma[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  for (let y = 0; y < height; y += 2)
    for (let x = 0; x < width; x += 2) {
      const at = 4 * (y * width + x);
      const corners = [at, at + 4, at + 4 * width, at + 4 * width + 4];
      const [r, g, b] = [0, 1, 2].map((channel) => corners.reduce((sum, corner) => sum + data[corner + channel], 0) / 4);
      const to = (y / 2) * (width / 2) + x / 2;
      blue[to] = 128 - 0.168736 * r - 0.331264 * g + 0.5 * b;
      red[to] = 128 + 0.5 * r - 0.418688 * g - 0.081312 * b;
    }
  return Buffer.concat([luma, blue, red]);
}
