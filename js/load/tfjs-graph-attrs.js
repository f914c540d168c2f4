// Attributes that several TensorFlow ops share, as ours: windows, paddings, and small constants read as numbers.
import { badNode, intsAttr, stringAttr, unsupportedNode } from './tfjs-attrs.js';

/**
 * @typedef {import('./tfjs-attrs.js').ForeignNode} ForeignNode
 * @typedef {import('./tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('./tfjs-graph-ops.js').Attributes} Attributes
 */

/** XJ_LIST_MAX of src/xj.h: the longest list an attribute can hold. */
const LIST_MAX = 16;
/** XJ_PADDING_… of src/op.h */
const PADDING_EXPLICIT = 0;
const PADDING_SAME = 1;

/** Only channels last. @param {ForeignNode} node @returns {Attributes} no attributes */
export function nhwc(node) {
  const format = stringAttr(node, 'data_format', 'NHWC').toUpperCase();
  if (format === 'NCHW') unsupportedNode(node, 'data_format NCHW');
  if (format !== 'NHWC') badNode(node, `unknown data_format ${JSON.stringify(format.slice(0, 20))}`);
  return {};
}

/** @param {NodeView} view */
export const convolution = ({ node }) => window2d(node, true);
/** @param {NodeView} view */
export const depthwise = convolution;

/** @param {NodeView} view */
export function pooling({ node }) {
  const [kernel_h, kernel_w] = rowsAndColumns(node, 'ksize', undefined);
  return { kernel_h, kernel_w, ...window2d(node, false) };
}

/** WINDOW of src/ops.def. @param {ForeignNode} node @param {boolean} dilates @returns {Attributes} */
function window2d(node, dilates) {
  nhwc(node);
  const [stride_h, stride_w] = rowsAndColumns(node, 'strides', undefined);
  const [dilation_h, dilation_w] = dilates ? rowsAndColumns(node, 'dilations', [1, 1, 1, 1]) : [1, 1];
  return { stride_h, stride_w, dilation_h, dilation_w, ...padding(node) };
}

/** The middle two of [batch, rows, columns, channels]. @param {ForeignNode} node @param {string} name @param {number[] | undefined} missing */
function rowsAndColumns(node, name, missing) {
  const values = intsAttr(node, name, missing ?? []);
  if (values.length === 0 && missing === undefined) badNode(node, `has no ${name}`);
  if (values.length !== 4) badNode(node, `${name} has ${values.length} values, not 4`);
  if (values.some((value) => value < 1)) badNode(node, `${name} [${values}] must be positive`);
  if (values[0] !== 1 || values[3] !== 1) unsupportedNode(node, `${name} [${values}] over batch or channels`);
  return [values[1], values[2]];
}

/** @param {ForeignNode} node @returns {Attributes} */
function padding(node) {
  const kind = stringAttr(node, 'padding', '').toUpperCase();
  let pads = [0, 0, 0, 0, 0, 0, 0, 0];
  if (kind === 'EXPLICIT') {
    pads = intsAttr(node, 'explicit_paddings', []);
    if (pads.length !== 8 || pads.some((pad) => pad < 0)) badNode(node, `explicit_paddings [${pads.slice(0, LIST_MAX)}] are not 8 counts`);
    if (pads[0] + pads[1] + pads[6] + pads[7] > 0) unsupportedNode(node, `explicit_paddings [${pads}] over batch or channels`);
  } else if (kind !== 'SAME' && kind !== 'VALID') badNode(node, `unknown padding ${JSON.stringify(kind.slice(0, 20))}`);
  const [, , pad_top, pad_bottom, pad_left, pad_right] = pads;
  return { padding: kind === 'SAME' ? PADDING_SAME : PADDING_EXPLICIT, pad_top, pad_bottom, pad_left, pad_right };
}

/** Paddings of all axes: before and after in turn. @param {NodeView} view */
export function explicitPaddings(view) {
  const paddings = ints(view, 1, 'the paddings');
  const shape = view.constantShape(1);
  if (shape !== undefined && (shape.length !== 2 || shape[1] !== 2)) badNode(view.node, `the paddings have shape [${shape}], not [rank,2]`);
  if (paddings.some((pad) => pad < 0)) badNode(view.node, `negative paddings [${paddings}]`);
  return paddings;
}

/** A constant input as a list of integers. @param {NodeView} view @param {number} input @param {string} what @returns {number[]} */
export function ints({ node, constant }, input, what) {
  const values = constant(input);
  if (!(values instanceof Int32Array)) badNode(node, `${what} are no integers`);
  if (values.length > LIST_MAX) unsupportedNode(node, `${what} have ${values.length} values, at most ${LIST_MAX} are supported`);
  return [...values];
}

/** A constant input as one number. @param {NodeView} view @param {number} input @returns {number} */
export function number({ node, constant }, input) {
  const values = constant(input);
  if (values.length === 1) return values[0];
  return unsupportedNode(node, `input ${input} has ${values.length} values, only one is supported`);
}
