// What rows of several families share: small constants read as numbers, types, windows, layouts.
import { badNode, intsAttr, stringAttr, typeAttr, unsupportedNode } from '../tfjs-attrs.js';

/**
 * @typedef {import('../tfjs-attrs.js').ForeignNode} ForeignNode
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').Attributes} Attributes
 * @typedef {import('../tfjs-graph-ops.js').OpRow} OpRow
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** As many inputs or outputs as a node may have. */
export const MANY = 4096;
/** XJ_LIST_MAX of src/xj.h: the longest list an attribute can hold. */
export const LIST_MAX = 16;
/** XJ_PADDING_… of src/op.h */
const PADDING_EXPLICIT = 0;
const PADDING_SAME = 1;

/** xj_dtype of a TensorFlow type. tfjs holds all integers as int32. @type {ReadonlyMap<string, number>} */
const TYPES = new Map([
  ['FLOAT', 0],
  ['HALF', 0],
  ['DOUBLE', 0],
  ['INT32', 1],
  ['INT64', 1],
  ['INT16', 1],
  ['INT8', 1],
  ['UINT8', 1],
  ['UINT16', 1],
  ['BOOL', 2],
]);
/** @type {('float32' | 'int32' | 'bool')[]} */
const DTYPES = ['float32', 'int32', 'bool'];

/**
 * Rows that differ in nothing but the two ops' names.
 * @param {Omit<OpRow, 'op'>} row @param {Record<string, string>} names  Foreign op → ours.
 * @returns {OpRows}
 */
export function rows(row, names) {
  return Object.entries(names).map(([foreign, op]) => [foreign, { ...row, op }]);
}

/** The number of our dtype. @param {ForeignNode} node @param {string} name @param {string} missing */
export function dtypeNumber(node, name, missing) {
  const type = typeAttr(node, name, missing);
  return TYPES.get(type) ?? unsupportedNode(node, `${name} is ${type}`);
}

/** @param {ForeignNode} node @param {string} name @param {string} missing */
export function dtypeName(node, name, missing) {
  return DTYPES[dtypeNumber(node, name, missing)];
}

/** Whether a node works on integers. @param {ForeignNode} node @param {string} [name] */
export function ofIntegers(node, name = 'T') {
  return TYPES.get(typeAttr(node, name, 'FLOAT')) === 1;
}

// ---- constants as attributes ----

/** A constant input as a list of integers. @param {NodeView} view @param {number} input @param {string} what @returns {number[]} */
export function ints({ node, constant }, input, what) {
  const values = constant(input);
  if (!(values instanceof Int32Array)) badNode(node, `${what} are no integers`);
  if (values.length > LIST_MAX) unsupportedNode(node, `${what} have ${values.length} values, at most ${LIST_MAX} are supported`);
  return [...values];
}

/** A constant input as one integer. @param {NodeView} view @param {number} input @param {string} what @returns {number} */
export function int(view, input, what) {
  const values = ints(view, input, what);
  return values.length === 1 ? values[0] : badNode(view.node, `${what}: needs one, has ${values.length}`);
}

/** A constant input as one number. @param {NodeView} view @param {number} input @returns {number} */
export function number({ node, constant }, input) {
  const values = constant(input);
  if (values.length === 1) return values[0];
  return unsupportedNode(node, `input ${input} has ${values.length} values, only one is supported`);
}

/** @param {NodeView} view @param {number} input */
export function axis(view, input) {
  return int(view, input, 'the axis');
}

// ---- windows ----

/** Where rows, columns and channels stand in a tensor of four dimensions. */
const LAYOUTS = { NHWC: { rows: 1, columns: 2, channels: 3 }, NCHW: { rows: 2, columns: 3, channels: 1 } };
/** To channels last, and back. */
const TO_NHWC = [0, 2, 3, 1];
const TO_NCHW = [0, 3, 1, 2];

/** @param {ForeignNode} node @returns {'NHWC' | 'NCHW'} */
function layoutOf(node) {
  const format = stringAttr(node, 'data_format', 'NHWC').toUpperCase();
  if (format === 'NHWC' || format === 'NCHW') return format;
  return badNode(node, `unknown data_format ${JSON.stringify(format.slice(0, 20))}`);
}

/** @param {ForeignNode} node */
export function channelsFirst(node) {
  return layoutOf(node) === 'NCHW';
}

/**
 * Computes in NHWC what a node may have in NCHW.
 * @param {NodeView} view @param {string} x @param {(x: string) => string} compute
 */
export function inNhwc(view, x, compute) {
  if (!channelsFirst(view.node)) return compute(x);
  return view.add('transpose', [compute(view.add('transpose', [x], { perm: TO_NHWC }))], { perm: TO_NCHW });
}

/**
 * WINDOW of src/ops.def.
 * @param {ForeignNode} node
 * @param {string} [dilations]  The attribute that has them.
 * @returns {Attributes}
 */
export function window2d(node, dilations) {
  const [stride_h, stride_w] = rowsAndColumns(node, 'strides', undefined);
  const [dilation_h, dilation_w] = dilations === undefined ? [1, 1] : rowsAndColumns(node, dilations, [1, 1, 1, 1]);
  return { stride_h, stride_w, dilation_h, dilation_w, ...padding(node) };
}

/** @param {NodeView} view @returns {Attributes} */
export function pooling({ node }) {
  const [kernel_h, kernel_w] = rowsAndColumns(node, 'ksize', undefined);
  return { kernel_h, kernel_w, ...window2d(node) };
}

/** @param {ForeignNode} node @param {string} name @param {number[] | undefined} missing */
function rowsAndColumns(node, name, missing) {
  const values = sizes(node, name, missing, 4);
  const { rows, columns, channels } = LAYOUTS[layoutOf(node)];
  if (values[0] !== 1 || values[channels] !== 1) unsupportedNode(node, `${name} [${values}] over batch or channels`);
  return [values[rows], values[columns]];
}

/** @param {ForeignNode} node @param {string} name @param {number[] | undefined} missing @param {number} count */
function sizes(node, name, missing, count) {
  const values = intsAttr(node, name, missing ?? []);
  if (values.length === 0 && missing === undefined) badNode(node, `has no ${name}`);
  if (values.length !== count) badNode(node, `${name} has ${values.length} values, not ${count}`);
  if (values.some((value) => value < 1)) badNode(node, `${name} [${values}] must be positive`);
  return values;
}

/** @param {ForeignNode} node @returns {Attributes} */
function padding(node) {
  const kind = paddingKind(node, ['SAME', 'VALID', 'EXPLICIT']);
  if (kind !== 'EXPLICIT')
    return { padding: kind === 'SAME' ? PADDING_SAME : PADDING_EXPLICIT, pad_top: 0, pad_bottom: 0, pad_left: 0, pad_right: 0 };
  const pads = intsAttr(node, 'explicit_paddings', []);
  if (pads.length !== 8 || pads.some((pad) => pad < 0)) badNode(node, `explicit_paddings [${pads.slice(0, LIST_MAX)}] are not 8 counts`);
  const { rows, columns, channels } = LAYOUTS[layoutOf(node)];
  const [top, left] = [2 * rows, 2 * columns];
  if (pads[0] + pads[1] + pads[2 * channels] + pads[2 * channels + 1] > 0)
    unsupportedNode(node, `explicit_paddings [${pads}] over batch or channels`);
  return { padding: PADDING_EXPLICIT, pad_top: pads[top], pad_bottom: pads[top + 1], pad_left: pads[left], pad_right: pads[left + 1] };
}

/** @param {ForeignNode} node @param {string[]} kinds */
function paddingKind(node, kinds) {
  const kind = stringAttr(node, 'padding', '').toUpperCase();
  return kinds.includes(kind) ? kind : badNode(node, `unknown padding ${JSON.stringify(kind.slice(0, 20))}`);
}

/** SAME or VALID as XJ_PADDING_… @param {ForeignNode} node */
export function samePadding(node) {
  return paddingKind(node, ['SAME', 'VALID']) === 'SAME' ? PADDING_SAME : PADDING_EXPLICIT;
}

/** The middle three of [batch, depth, rows, columns, channels]. @param {ForeignNode} node @param {string} name @param {number[]} [missing] */
export function depthRowsColumns(node, name, missing) {
  const format = stringAttr(node, 'data_format', 'NDHWC').toUpperCase();
  if (format !== 'NDHWC') unsupportedNode(node, `data_format ${JSON.stringify(format.slice(0, 20))}`);
  const values = sizes(node, name, missing, 5);
  if (values[0] !== 1 || values[4] !== 1) unsupportedNode(node, `${name} [${values}] over batch or channels`);
  return values.slice(1, 4);
}
