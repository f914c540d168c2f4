// tfjs-converter's op list "convolution".
import { badNode, boolAttr, intAttr, stringAttr, unsupportedNode } from '../tfjs-attrs.js';
import { channelsFirst, depthRowsColumns, inNhwc, ints, pooling, samePadding, window2d } from './attrs.js';
import { withFused } from './fused.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').Attributes} Attributes
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const convolutionOps = [
  ['Conv1D', { inputs: [2, 2], float: true, emit: conv1d }],
  ['Conv2D', { inputs: [2, 2], float: true, emit: convolution(false) }],
  ['_FusedConv2D', { inputs: [2, 4], float: true, emit: convolution(false) }],
  ['DepthwiseConv2d', { inputs: [2, 2], float: true, emit: convolution(true) }],
  ['DepthwiseConv2dNative', { inputs: [2, 2], float: true, emit: convolution(true) }],
  ['FusedDepthwiseConv2dNative', { inputs: [2, 4], float: true, emit: convolution(true) }],
  ['Conv2DBackpropInput', { inputs: [3, 3], float: true, emit: transposed }],
  ['Conv3D', { op: 'conv3d', inputs: [2, 2], float: true, attrs: ({ node }) => window3d(node, true) }],
  ['Dilation2D', { op: 'dilation2d', inputs: [2, 2], float: true, attrs: ({ node }) => window2d(node, 'rates') }],
  [
    'MaxPool',
    { inputs: [1, 1], float: true, emit: (view) => inNhwc(view, view.use(0), (x) => view.add('max_pool2d', [x], pooling(view))) },
  ],
  [
    'AvgPool',
    { inputs: [1, 1], float: true, emit: (view) => inNhwc(view, view.use(0), (x) => view.add('avg_pool2d', [x], pooling(view))) },
  ],
  ['MaxPool3D', { op: 'max_pool3d', inputs: [1, 1], float: true, attrs: pooling3d }],
  ['AvgPool3D', { op: 'avg_pool3d', inputs: [1, 1], float: true, attrs: pooling3d }],
  [
    'MaxPoolWithArgmax',
    {
      inputs: [1, 1],
      float: true,
      emit: (view) => {
        const window = pooling(view);
        const include_batch = boolAttr(view.node, 'include_batch_in_index', false) ? 1 : 0;
        return [view.add('max_pool2d', [view.use(0)], window), view.add('max_pool_argmax', [view.use(0)], { ...window, include_batch })];
      },
    },
  ],
];

/** A convolution and what is fused into it, if anything. @param {boolean} depthwise @returns {(view: NodeView) => string} */
function convolution(depthwise) {
  return (view) => {
    const { node } = view;
    const window = window2d(node, 'dilations');
    if (channelsFirst(node) && view.inputs.length === 4) unsupportedNode(node, 'a slope for each channel with data_format NCHW');
    return inNhwc(view, view.use(0), (x) => {
      const filter = view.use(1);
      return withFused(view, true, (bias) => {
        const rest = bias === undefined ? [] : [bias];
        if (view.isConstant(view.inputs[1])) return view.add(depthwise ? 'depthwise_conv2d' : 'conv2d', [x, filter, ...rest], window);
        return view.add('conv2d_dynamic', [x, depthwise ? grouped(view, filter) : filter, ...rest], window);
      });
    });
  };
}

/** A depthwise filter [KH,KW,C,M] as that of a convolution of C groups, [KH,KW,1,C*M]. @param {NodeView} view @param {string} filter */
function grouped(view, filter) {
  const sides = view.add('slice', [view.add('shape', [filter])], { axes: [0], begin: [0], size: [2] });
  return view.add('reshape', [filter, view.add('concat', [sides, view.literal('int32', [1, -1])], { axis: 0 })]);
}

/** x [N,W,C], filter [KW,C,OC]. @param {NodeView} view */
function conv1d(view) {
  const { node } = view;
  const format = stringAttr(node, 'data_format', 'NWC').toUpperCase();
  if (format !== 'NWC') unsupportedNode(node, `data_format ${JSON.stringify(format.slice(0, 20))}`);
  const [stride, dilation] = [intAttr(node, 'stride', 1), intAttr(node, 'dilation', 1)];
  if (stride < 1 || dilation < 1) badNode(node, `stride ${stride} and dilation ${dilation} must be positive`);
  const x = view.add('expand_dims', [view.use(0)], { axis: 1 });
  const filter = view.add('expand_dims', [view.use(1)], { axis: 0 });
  const y = view.add(view.isConstant(view.inputs[1]) ? 'conv2d' : 'conv2d_dynamic', [x, filter], {
    stride_h: 1,
    stride_w: stride,
    dilation_h: 1,
    dilation_w: dilation,
    padding: samePadding(node),
    pad_top: 0,
    pad_bottom: 0,
    pad_left: 0,
    pad_right: 0,
  });
  return view.add('squeeze', [y], { axes: [1] });
}

/** Inputs: shape of the result, filter, x. A shape that is computed is the one that the padding gives. @param {NodeView} view */
function transposed(view) {
  const { node } = view;
  const window = window2d(node, 'dilations');
  const shape = view.values(0) === undefined ? undefined : ints(view, 0, 'the shape');
  if (shape !== undefined && shape.length !== 4) badNode(node, `the shape [${shape}] has ${shape.length} dimensions, not 4`);
  if (!view.isConstant(view.inputs[1]))
    unsupportedNode(node, `input 1 ("${view.inputs[1]}") is computed at run time, only a constant is supported`);
  const [out_h, out_w] = shape === undefined ? [0, 0] : shape.slice(channelsFirst(node) ? 2 : 1);
  return inNhwc(view, view.use(2), (x) => view.add('conv2d_transpose', [x, view.use(1)], { ...window, out_h, out_w, filter_layout: 0 }));
}

/** @param {import('../tfjs-attrs.js').ForeignNode} node @param {boolean} dilates @returns {Attributes} */
function window3d(node, dilates) {
  const [stride_d, stride_h, stride_w] = depthRowsColumns(node, 'strides');
  const [dilation_d, dilation_h, dilation_w] = dilates ? depthRowsColumns(node, 'dilations', [1, 1, 1, 1, 1]) : [1, 1, 1];
  return { stride_d, stride_h, stride_w, dilation_d, dilation_h, dilation_w, padding: samePadding(node) };
}

/** @param {NodeView} view @returns {Attributes} */
function pooling3d({ node }) {
  const [kernel_d, kernel_h, kernel_w] = depthRowsColumns(node, 'ksize');
  return { kernel_d, kernel_h, kernel_w, ...window3d(node, false) };
}
