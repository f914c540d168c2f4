// tfjs-converter's op list "image".
import { badNode, boolAttr, floatAttr, stringAttr } from '../tfjs-attrs.js';
import { ints, number, ofIntegers } from './attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').Attributes} Attributes
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const imageOps = [
  ['ResizeBilinear', { inputs: [2, 2], numeric: true, emit: (view) => resize(view, 'resize_bilinear', inFloat(view)) }],
  ['ResizeNearestNeighbor', { inputs: [2, 2], numeric: true, emit: resizeNearest }],
  ['CropAndResize', { op: 'crop_and_resize', inputs: [4, 4], tensors: [0, 3], attrs: crop }],
  ['ImageProjectiveTransformV3', { op: 'projective_transform', inputs: [4, 4], tensors: [0, 2], attrs: transform }],
];

/** What is resized becomes float32 as in TensorFlow. @param {NodeView} view */
function inFloat(view) {
  return ofIntegers(view.node) ? view.add('cast', [view.use(0)], { dtype: 0 }) : view.use(0);
}

/** @param {NodeView} view */
function resizeNearest(view) {
  const y = resize(view, 'resize_nearest', inFloat(view));
  return ofIntegers(view.node) ? view.add('cast', [y], { dtype: 1 }) : y;
}

/** @param {NodeView} view @param {string} op @param {string} x */
function resize(view, op, x) {
  const { node } = view;
  const how = {
    align_corners: boolAttr(node, 'align_corners', false) ? 1 : 0,
    half_pixel: boolAttr(node, 'half_pixel_centers', false) ? 1 : 0,
  };
  if (view.values(1) === undefined) return view.add(op, [x, view.use(1)], how);
  const [out_h, out_w] = sides(view, 1);
  return view.add(op, [x], { out_h, out_w, ...how });
}

/** Height and width from a constant. @param {NodeView} view @param {number} input */
function sides(view, input) {
  const size = ints(view, input, 'the size');
  if (size.length !== 2 || size.some((side) => side < 1)) badNode(view.node, `cannot resize to [${size}]`);
  return size;
}

/** A mode's place among those that are known. @param {NodeView} view @param {string} name @param {string[]} modes */
function mode({ node }, name, modes) {
  const given = stringAttr(node, name, modes[0]).toUpperCase();
  const place = modes.indexOf(given);
  return place >= 0 ? place : badNode(node, `unknown ${name} ${JSON.stringify(given.slice(0, 20))}`);
}

/** @param {NodeView} view @returns {Attributes} */
function crop(view) {
  const [crop_h, crop_w] = sides(view, 3);
  const nearest = mode(view, 'method', ['BILINEAR', 'NEAREST']);
  return { crop_h, crop_w, nearest, extrapolation: floatAttr(view.node, 'extrapolation_value', 0) };
}

/** @param {NodeView} view @returns {Attributes} */
function transform(view) {
  const [out_h, out_w] = sides(view, 2);
  const bilinear = mode(view, 'interpolation', ['NEAREST', 'BILINEAR']);
  const fill_mode = mode(view, 'fill_mode', ['CONSTANT', 'REFLECT', 'WRAP', 'NEAREST']);
  return { out_h, out_w, bilinear, fill_mode, fill_value: number(view, 3) };
}
