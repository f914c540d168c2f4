// What the image kernel should compute, pixel by pixel in double, from the definition: a value is the integral of the picture, whose
// pixels are squares of one colour, over a box around a point.

/** @import { RgbaImage } from '../../js/image/crop.js' */
/** @import { Sampling } from '../../js/image/kernel.js' */

/**
 * Component k of the pixel x, y, which may lie outside.
 * @param {RgbaImage} image @param {number} x @param {number} y @param {number} k @param {Pick<Sampling, 'border' | 'color'>} options
 */
function pixel({ width, height, stride = width * 4, data }, x, y, k, { border, color }) {
  if (border === 'color' && (x < 0 || y < 0 || x >= width || y >= height)) return color[k];
  const [column, row] = [standIn(x, width, border), standIn(y, height, border)];
  return data[row * stride + column * 4 + k];
}

/** @param {number} i @param {number} n @param {string} border */
function standIn(i, n, border) {
  if (border !== 'reflect') return Math.min(Math.max(i, 0), n - 1);
  let inside = i;
  while (inside < 0 || inside >= n) inside = inside < 0 ? -1 - inside : 2 * n - 1 - inside; // one mirror after the other
  return inside;
}

/** How long the part of pixel i within [low, high] is. @param {number} i @param {number} low @param {number} high */
const shared = (i, low, high) => Math.max(0, Math.min(i + 1, high) - Math.max(i, low));

/**
 * Mean over the box of `width` × `height` pixels around x, y: of 1 × 1, that is bilinear interpolation.
 * @param {RgbaImage} image @param {{ x: number, y: number, width: number, height: number, k: number }} box @param {Sampling} options
 */
function mean(image, { x, y, width, height, k }, options) {
  let sum = 0;
  for (let row = Math.floor(y - height / 2); row < y + height / 2; row++)
    for (let column = Math.floor(x - width / 2); column < x + width / 2; column++) {
      const part = shared(column, x - width / 2, x + width / 2) * shared(row, y - height / 2, y + height / 2);
      if (part > 0) sum += part * pixel(image, column, row, k, options);
    }
  return sum / (width * height);
}

/**
 * R, G and B around one point of the tensor, c and r in its columns and rows: (0.5, 0.5) is the middle of its first value.
 * @param {RgbaImage} image @param {Sampling} options @param {number} c @param {number} r @param {{ width: number, height: number }} box
 */
function colorAt(image, options, c, r, box) {
  const { region, columns, rows, flip } = options;
  const { xCenter, yCenter, rotation = 0 } = region;
  const u = (c / columns - 0.5) * region.width * (flip ? -1 : 1);
  const v = (r / rows - 0.5) * region.height;
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const [x, y] = [xCenter + u * cos - v * sin, yCenter + u * sin + v * cos];
  return [0, 1, 2].map((k) => mean(image, { x, y, ...box, k }, options));
}

/** @param {RgbaImage} image @param {Sampling} options @param {number} c @param {number} r */
function colorOf(image, options, c, r) {
  const { region, columns, rows, filter, border } = options;
  const [across, down] = [region.width / columns, region.height / rows];
  if (filter === 'bilinear') return colorAt(image, options, c + 0.5, r + 0.5, { width: 1, height: 1 });
  const turned = Math.abs(Math.sin(region.rotation ?? 0)) > 1e-9;
  if (!turned && border !== 'reflect')
    return colorAt(image, options, c + 0.5, r + 0.5, { width: Math.max(1, across), height: Math.max(1, down) });
  // Documented: the mean of bilinear samples at most a pixel apart.
  const [n, m] = [across, down].map((step) => Math.min(64, Math.max(1, Math.ceil(step - 1e-9))));
  const sum = [0, 0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++)
      for (const [k, value] of colorAt(image, options, c + (i + 0.5) / n, r + (j + 0.5) / m, { width: 1, height: 1 }).entries())
        sum[k] += value;
  return sum.map((value) => value / (n * m));
}

/**
 * @param {RgbaImage} image @param {Sampling} options
 * @returns {number[]}  [rows, columns, channels]; whole numbers are not rounded.
 */
export function sampleNaively(image, options) {
  const { columns, rows, channels, bgr, grey, scale, offset } = options;
  const values = [];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const rgb = colorOf(image, options, c, r);
      const sum = rgb[0] * grey[0] + rgb[1] * grey[1] + rgb[2] * grey[2];
      const list = channels === 1 ? [sum] : bgr ? [rgb[2], rgb[1], rgb[0]] : rgb;
      values.push(...list.map((value, k) => value * scale[k] + offset[k]));
    }
  return values;
}

/** The mean over the rotated box itself, by 24 × 24 points in it. @param {RgbaImage} image @param {Sampling} options */
export function averageDensely(image, options) {
  const { columns, rows } = options;
  const [n, values] = [24, /** @type {number[]} */ ([])];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const sum = [0, 0, 0];
      for (let i = 0; i < n * n; i++) {
        const at = [c + ((i % n) + 0.5) / n, r + (Math.floor(i / n) + 0.5) / n];
        // A box of next to nothing is the pixel itself.
        const rgb = colorAt(image, options, at[0], at[1], { width: 1e-6, height: 1e-6 });
        for (const k of [0, 1, 2]) sum[k] += rgb[k] / (n * n);
      }
      values.push(...sum);
    }
  return values;
}
