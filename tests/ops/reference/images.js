// Ops that rearrange and transform images: TensorFlow's SpaceToBatchND, DepthToSpace, CropAndResize and
// ImageProjectiveTransformV3.
import { as, build, flatOf, moved, number, operand } from './tensor.js';

/** @import { Tensor } from './tensor.js' */
/** @import { Op } from './elementwise.js' */

/** @param {unknown} x */
const tensor = (x) => /** @type {Tensor} */ (x);

/** Image b * N + n of the result is image n at the b-th place of the blocks. @type {Op} */
export function space_to_batch(inputs, attributes) {
  const x = tensor(inputs[0]);
  const block = operand(inputs, 1, attributes, 'block');
  const paddings = operand(inputs, 2, attributes, 'paddings');
  const [images, ...dims] = x.shape;
  const outSpace = block.map((size, i) => (dims[i] + paddings[2 * i] + paddings[2 * i + 1]) / size);
  const outShape = [images * block.reduce((n, size) => n * size, 1), ...outSpace, ...dims.slice(block.length)];
  return as(
    build(outShape, ([image, ...index]) => {
      let inBlock = Math.floor(image / images);
      const from = [...index];
      for (let i = block.length - 1; i >= 0; i--) {
        from[i] = index[i] * block[i] + (inBlock % block[i]) - paddings[2 * i];
        inBlock = Math.floor(inBlock / block[i]);
        if (from[i] < 0 || from[i] >= dims[i]) return 0;
      }
      return x.data[flatOf([image % images, ...from], x.shape)];
    }),
    x,
  );
}

/** @type {Op} */
export function batch_to_space(inputs, attributes) {
  const x = tensor(inputs[0]);
  const block = operand(inputs, 1, attributes, 'block');
  const crops = operand(inputs, 2, attributes, 'crops');
  const [many, ...dims] = x.shape;
  const images = many / block.reduce((n, size) => n * size, 1);
  const outSpace = block.map((size, i) => dims[i] * size - crops[2 * i] - crops[2 * i + 1]);
  return moved(x, [images, ...outSpace, ...dims.slice(block.length)], ([image, ...index]) => {
    const place = block.map((size, i) => index[i] + crops[2 * i] - size * Math.floor((index[i] + crops[2 * i]) / size));
    const inBlock = flatOf(place, block);
    return [inBlock * images + image, ...index.map((at, i) => (i < block.length ? Math.floor((at + crops[2 * i]) / block[i]) : at))];
  });
}

/** @type {Op} */
export function depth_to_space([input], attributes) {
  const x = tensor(input);
  const block = number(attributes, 'block');
  const [images, height, width, channels] = x.shape;
  const left = channels / (block * block);
  return moved(x, [images, height * block, width * block, left], ([n, row, column, c]) => {
    const [y, x2] = [row % block, column % block];
    const channel = number(attributes, 'order') === 0 ? (y * block + x2) * left + c : (c * block + y) * block + x2;
    return [n, Math.floor(row / block), Math.floor(column / block), channel];
  });
}

/** @type {Op} */
export function space_to_depth([input], attributes) {
  const x = tensor(input);
  const block = number(attributes, 'block');
  const [images, height, width, channels] = x.shape;
  return moved(x, [images, height / block, width / block, channels * block * block], ([n, row, column, channel]) => {
    const place = Math.floor(channel / channels);
    return [n, row * block + Math.floor(place / block), column * block + (place % block), channel % channels];
  });
}

/**
 * Bilinear: the corners' values and the weights of the far ones.
 * @param {number[]} corners  top left, top right, bottom left, bottom right @param {number} fy @param {number} fx
 * @returns {[number, number]}
 */
const mixed = ([a, b, c, d], fy, fx) => [
  (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy,
  Math.abs(a) + Math.abs(b) + Math.abs(c) + Math.abs(d),
];

/** @type {Op} */
export function crop_and_resize([image, boxes, boxIndices], attributes) {
  const x = tensor(image);
  const [, height, width, channels] = x.shape;
  const [outH, outW] = [number(attributes, 'crop_h'), number(attributes, 'crop_w')];
  const outside = Math.fround(number(attributes, 'extrapolation'));
  const n = tensor(boxes).shape[0];
  /** In TensorFlow's order, which decides ties. */
  const place = (
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {number} */ o,
    /** @type {number} */ out,
    /** @type {number} */ last,
  ) => (out > 1 ? from * last + o * (((to - from) * last) / (out - 1)) : 0.5 * (from + to) * last);
  return build([n, outH, outW, channels], ([box, row, column, c]) => {
    const [y1, x1, y2, x2] = Array.from(tensor(boxes).data).slice(4 * box, 4 * box + 4);
    const y = place(y1, y2, row, outH, height - 1);
    const at = place(x1, x2, column, outW, width - 1);
    if (!(y >= 0 && y <= height - 1 && at >= 0 && at <= width - 1)) return outside;
    const pixel = (/** @type {number} */ iy, /** @type {number} */ ix) =>
      x.data[flatOf([tensor(boxIndices).data[box], iy, ix, c], x.shape)];
    if (number(attributes, 'nearest') === 1) return pixel(Math.round(y), Math.round(at));
    const [top, bottom, left, right] = [Math.floor(y), Math.ceil(y), Math.floor(at), Math.ceil(at)];
    return mixed([pixel(top, left), pixel(top, right), pixel(bottom, left), pixel(bottom, right)], y - top, at - left);
  });
}

/** image_ops.h: MapCoordinate. @param {number} mode @param {number} at @param {number} n */
function broughtBack(mode, at, n) {
  if (mode === 0) return at;
  const limited = (/** @type {number} */ value) => Math.min(Math.max(value, 0), n - 1);
  if (mode === 3) return limited(at);
  if (n <= 1 && (at < 0 || at > n - 1)) return 0;
  if (mode === 2) {
    if (at < 0) at += n * (Math.trunc(-at / (n - 1)) + 1);
    else if (at > n - 1) at -= n * Math.trunc(at / (n - 1));
    return limited(at);
  }
  if (at < 0) {
    if (at < 2 * n) at += 2 * n * Math.trunc(-at / (2 * n));
    at = at < -n ? at + 2 * n : -at - 1;
  } else if (at > n - 1) {
    at -= 2 * n * Math.trunc(at / (2 * n));
    if (at >= n) at = 2 * n - at - 1;
  }
  return limited(at);
}

/** Half away from zero, as std::round. @param {number} x */
const rounded = (x) => Math.sign(x) * Math.round(Math.abs(x));

/** @type {Op} */
export function projective_transform([image, transforms], attributes) {
  const x = tensor(image);
  const [images, height, width, channels] = x.shape;
  const [outH, outW] = [number(attributes, 'out_h', height), number(attributes, 'out_w', width)];
  const outside = Math.fround(number(attributes, 'fill_value'));
  const mode = number(attributes, 'fill_mode');
  const all = Array.from(tensor(transforms).data);
  return build([images, outH, outW, channels], ([n, row, column, c]) => {
    const [a0, a1, a2, b0, b1, b2, c0, c1] = tensor(transforms).shape[0] === 1 ? all : all.slice(8 * n);
    const k = c0 * column + c1 * row + 1;
    if (k === 0) return outside;
    const at = broughtBack(mode, (a0 * column + a1 * row + a2) / k, width);
    const y = broughtBack(mode, (b0 * column + b1 * row + b2) / k, height);
    const pixel = (/** @type {number} */ iy, /** @type {number} */ ix) =>
      iy >= 0 && iy < height && ix >= 0 && ix < width ? x.data[flatOf([n, iy, ix, c], x.shape)] : outside;
    if (number(attributes, 'bilinear') === 0) return pixel(rounded(y), rounded(at));
    const [top, left] = [Math.floor(y), Math.floor(at)];
    return mixed([pixel(top, left), pixel(top, left + 1), pixel(top + 1, left), pixel(top + 1, left + 1)], y - top, at - left);
  });
}
