// Convolutions, pooling, matmuls, normalisation: [title, op, inputs, attributes, constants, expected nodes].
import { attr } from '../helpers.js';

export const window = {
  stride_h: 1,
  stride_w: 1,
  dilation_h: 1,
  dilation_w: 1,
  padding: 0,
  pad_top: 0,
  pad_bottom: 0,
  pad_left: 0,
  pad_right: 0,
};
export const valid = { strides: attr.ints(1, 1, 1, 1), padding: attr.s('VALID') };
const filter = { w: ['float32', [3, 3, 4, 5]], b: ['float32', [5]] };
const nchw = { ...valid, data_format: attr.s('NCHW') };
const same3d = { strides: attr.ints(1, 2, 3, 4, 1), padding: attr.s('SAME') };
const stride3d = { stride_d: 2, stride_h: 3, stride_w: 4, dilation_d: 1, dilation_h: 1, dilation_w: 1, padding: 1 };
const matrix = { w: ['float32', [4, 5]], b: ['float32', [5]], wide: ['float32', [1, 5]], cube: ['float32', [2, 4, 5]] };
const plain = { transpose_a: 0, transpose_b: 0 };

const dilated = { padding: attr.s('VALID'), stride: attr.i(2), dilation: attr.i(3) };
const size = { size: ['int32', [4], [1, 16, 24, 4]], w: filter.w };

export const rows = [
  ['has a filter that is computed', 'Conv2D', ['x', 'z'], valid, {}, [['conv2d_dynamic', ['x', 'z'], window]]],
  [
    'adds a bias that is computed',
    '_FusedConv2D',
    ['x', 'w', 'z'],
    { ...valid, fused_ops: attr.strings('BiasAdd', 'Relu') },
    filter,
    [
      ['conv2d', ['x', 'w'], window],
      ['add', ['y:conv2d.0', 'z'], {}],
      ['relu', ['y:add.1'], {}],
    ],
  ],
  [
    'knows both gelus',
    '_FusedConv2D',
    ['x', 'w'],
    { ...valid, fused_ops: attr.strings('GeluApproximate') },
    filter,
    [
      ['conv2d', ['x', 'w'], window],
      ['gelu', ['y:conv2d.0'], { approximate: 1 }],
    ],
  ],
  [
    'of channels first is transposed twice',
    'Conv2D',
    ['x', 'w'],
    { ...nchw, strides: attr.ints(1, 1, 2, 3), dilations: attr.ints(1, 1, 4, 5) },
    filter,
    [
      ['transpose', ['x'], { perm: [0, 2, 3, 1] }],
      ['conv2d', ['y:transpose.0', 'w'], { ...window, stride_h: 2, stride_w: 3, dilation_h: 4, dilation_w: 5 }],
      ['transpose', ['y:conv2d.1'], { perm: [0, 3, 1, 2] }],
    ],
  ],
  [
    'of channels first has its paddings in that order',
    '_FusedConv2D',
    ['x', 'w', 'b'],
    {
      ...nchw,
      padding: attr.s('EXPLICIT'),
      explicit_paddings: attr.ints(0, 0, 0, 0, 1, 2, 3, 4),
      fused_ops: attr.strings('BiasAdd', 'Relu'),
    },
    filter,
    [
      ['transpose', ['x'], { perm: [0, 2, 3, 1] }],
      ['conv2d', ['y:transpose.0', 'w', 'b'], { ...window, pad_top: 1, pad_bottom: 2, pad_left: 3, pad_right: 4 }],
      ['relu', ['y:conv2d.1'], {}],
      ['transpose', ['y:relu.2'], { perm: [0, 3, 1, 2] }],
    ],
  ],
  ['is an older name', 'DepthwiseConv2d', ['x', 'w'], valid, filter, [['depthwise_conv2d', ['x', 'w'], window]]],
  [
    'of a computed filter is a convolution of groups',
    'DepthwiseConv2dNative',
    ['x', 'z'],
    valid,
    {},
    [
      ['shape', ['z'], {}],
      ['slice', ['y:shape.0'], { axes: [0], begin: [0], size: [2] }],
      ['concat', ['y:slice.1', ':literal.0'], { axis: 0 }],
      ['reshape', ['z', 'y:concat.2'], {}],
      ['conv2d_dynamic', ['x', 'y:reshape.3'], window],
    ],
  ],
  [
    'has rows of one',
    'Conv1D',
    ['x', 'w'],
    { padding: attr.s('SAME'), stride: attr.i(2) },
    { w: ['float32', [3, 4, 5]] },
    [
      ['expand_dims', ['x'], { axis: 1 }],
      ['expand_dims', ['w'], { axis: 0 }],
      ['conv2d', ['y:expand_dims.0', 'y:expand_dims.1'], { ...window, stride_w: 2, padding: 1 }],
      ['squeeze', ['y:conv2d.2'], { axes: [1] }],
    ],
  ],
  [
    'has a filter that is computed',
    'Conv1D',
    ['x', 'z'],
    dilated,
    {},
    [
      ['expand_dims', ['x'], { axis: 1 }],
      ['expand_dims', ['z'], { axis: 0 }],
      ['conv2d_dynamic', ['y:expand_dims.0', 'y:expand_dims.1'], { ...window, stride_w: 2, dilation_w: 3 }],
      ['squeeze', ['y:conv2d_dynamic.2'], { axes: [1] }],
    ],
  ],
  [
    'has the size of its shape',
    'Conv2DBackpropInput',
    ['size', 'w', 'x'],
    { strides: attr.ints(1, 2, 3, 1), padding: attr.s('SAME') },
    size,
    [['conv2d_transpose', ['x', 'w'], { ...window, stride_h: 2, stride_w: 3, padding: 1, out_h: 16, out_w: 24, filter_layout: 0 }]],
  ],
  [
    'whose shape is computed has that which the padding gives',
    'Conv2DBackpropInput',
    ['z', 'w', 'x'],
    valid,
    size,
    [['conv2d_transpose', ['x', 'w'], { ...window, out_h: 0, out_w: 0, filter_layout: 0 }]],
  ],
  [
    'of channels first has its size last',
    'Conv2DBackpropInput',
    ['size', 'w', 'x'],
    nchw,
    { size: ['int32', [4], [1, 4, 16, 24]], w: filter.w },
    [
      ['transpose', ['x'], { perm: [0, 2, 3, 1] }],
      ['conv2d_transpose', ['y:transpose.0', 'w'], { ...window, out_h: 16, out_w: 24, filter_layout: 0 }],
      ['transpose', ['y:conv2d_transpose.1'], { perm: [0, 3, 1, 2] }],
    ],
  ],
  [
    'has three strides and dilations',
    'Conv3D',
    ['x', 'w'],
    { ...same3d, dilations: attr.ints(1, 1, 2, 3, 1) },
    { w: ['float32', [2, 2, 2, 4, 5]] },
    [['conv3d', ['x', 'w'], { ...stride3d, dilation_h: 2, dilation_w: 3 }]],
  ],
  ...['Max', 'Avg'].map((kind) => [
    'has a kernel of three',
    `${kind}Pool3D`,
    ['x'],
    { ...same3d, ksize: attr.ints(1, 2, 3, 4, 1) },
    {},
    [[`${kind.toLowerCase()}_pool3d`, ['x'], { kernel_d: 2, kernel_h: 3, kernel_w: 4, ...stride3d }]],
  ]),
  ...['Max', 'Avg'].map((kind) => [
    'of channels first is transposed twice',
    `${kind}Pool`,
    ['x'],
    { ...nchw, ksize: attr.ints(1, 1, 2, 3) },
    {},
    [
      ['transpose', ['x'], { perm: [0, 2, 3, 1] }],
      [`${kind.toLowerCase()}_pool2d`, ['y:transpose.0'], { ...window, kernel_h: 2, kernel_w: 3 }],
      ['transpose', [`y:${kind.toLowerCase()}_pool2d.1`], { perm: [0, 3, 1, 2] }],
    ],
  ]),
  [
    'has its dilations as rates',
    'Dilation2D',
    ['x', 'w'],
    { strides: attr.ints(1, 2, 2, 1), rates: attr.ints(1, 3, 4, 1), padding: attr.s('SAME') },
    { w: ['float32', [3, 3, 4]] },
    [['dilation2d', ['x', 'w'], { ...window, stride_h: 2, stride_w: 2, dilation_h: 3, dilation_w: 4, padding: 1 }]],
  ],

  [
    'of two computed sides',
    'MatMul',
    ['x', 'z'],
    { transpose_a: attr.b(true) },
    {},
    [['batch_matmul', ['x', 'z'], { ...plain, transpose_a: 1 }]],
  ],
  [
    'of a transposed left side',
    'MatMul',
    ['x', 'w'],
    { transpose_a: attr.b(true) },
    matrix,
    [['batch_matmul', ['x', 'w'], { ...plain, transpose_a: 1 }]],
  ],
  ...['BatchMatMul', 'BatchMatMulV2'].flatMap((op) => [
    [
      'has its own names for transposes',
      op,
      ['x', 'z'],
      { adj_x: attr.b(true), adj_y: attr.b(true) },
      {},
      [['batch_matmul', ['x', 'z'], { transpose_a: 1, transpose_b: 1 }]],
    ],
    ['of constants of rank 3', op, ['x', 'cube'], {}, matrix, [['batch_matmul', ['x', 'cube'], plain]]],
    ['of a constant matrix is a layer', op, ['x', 'w'], { adj_y: attr.b(true) }, matrix, [['dense', ['x', 'w'], { transpose_b: 1 }]]],
  ]),
  [
    'of computed sides has its bias added',
    '_FusedMatMul',
    ['x', 'z', 'b'],
    { fused_ops: attr.strings('BiasAdd', 'Relu6') },
    matrix,
    [
      ['batch_matmul', ['x', 'z'], plain],
      ['add', ['y:batch_matmul.0', 'b'], {}],
      ['relu6', ['y:add.1'], {}],
    ],
  ],
  [
    'has a bias of two dimensions added',
    '_FusedMatMul',
    ['x', 'w', 'wide'],
    { fused_ops: attr.strings('BiasAdd') },
    matrix,
    [
      ['dense', ['x', 'w'], { transpose_b: 0 }],
      ['add', ['y:dense.0', 'wide'], {}],
    ],
  ],
  [
    'takes its permutation from a constant',
    'Transpose',
    ['x', 'p'],
    {},
    { p: ['int32', [4], [0, 3, 1, 2]] },
    [['transpose', ['x'], { perm: [0, 3, 1, 2] }]],
  ],
  ['takes its permutation as an input', 'Transpose', ['x', 'z'], {}, {}, [['transpose', ['x', 'z'], {}]]],
  [
    'has two counts',
    'MatrixBandPart',
    ['x', 'l', 'u'],
    {},
    { l: ['int32', [], [1]], u: ['int32', [], [-1]] },
    [['matrix_band_part', ['x'], { lower: 1, upper: -1 }]],
  ],
  [
    'has counts that are computed',
    'MatrixBandPart',
    ['x', 'z', 'u'],
    {},
    { u: ['int32', [], [2]] },
    [['matrix_band_part', ['x', 'z', 'u'], {}]],
  ],

  ['becomes log_softmax', 'LogSoftmax', ['x'], {}, {}, [['log_softmax', ['x'], {}]]],
  ['has the defaults of TensorFlow', 'LRN', ['x'], {}, {}, [['lrn', ['x'], { radius: 5, bias: 1, alpha: 1, beta: 0.5 }]]],
  [
    'takes its attributes',
    'LRN',
    ['x'],
    { depth_radius: attr.i(2), bias: attr.f(2), alpha: attr.f(0.25), beta: attr.f(0.75) },
    {},
    [['lrn', ['x'], { radius: 2, bias: 2, alpha: 0.25, beta: 0.75 }]],
  ],
  [
    'is the root of the sum of squares',
    'EuclideanNorm',
    ['x', 'a'],
    { keep_dims: attr.b(true) },
    { a: ['int32', [1], [-1]] },
    [
      ['square', ['x'], {}],
      ['reduce_sum', ['y:square.0'], { axes: [-1], keep_dims: 1 }],
      ['sqrt', ['y:reduce_sum.1'], {}],
    ],
  ],
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].flatMap((op) => {
    const parts = Object.fromEntries(['s', 'o', 'm', 'v'].map((name) => [name, ['float32', [4]]]));
    const factors = [
      ['add', ['v', ':literal.0'], {}],
      ['rsqrt', ['y:add.0'], {}],
      ['mul', ['y:rsqrt.1', 's'], {}],
      ['mul', ['m', 'y:mul.2'], {}],
      ['sub', ['o', 'y:mul.3'], {}],
    ];
    const attrs = { is_training: attr.b(false), epsilon: attr.f(0.125) };
    return [
      [
        'multiplies and adds what follows from constants',
        op,
        ['x', 's', 'o', 'm', 'v'],
        attrs,
        parts,
        [...factors, ['mul', ['x', 'y:mul.2'], {}], ['add', ['y:mul.5', 'y:sub.4'], {}]],
      ],
      [
        'of channels first',
        op,
        ['x', 's', 'o', 'm', 'v'],
        { ...attrs, data_format: attr.s('NCHW') },
        parts,
        [
          ...factors,
          ['expand_dims', ['y:mul.2'], { axis: 1 }],
          ['expand_dims', ['y:sub.4'], { axis: 1 }],
          ['expand_dims', ['y:expand_dims.5'], { axis: 2 }],
          ['expand_dims', ['y:expand_dims.6'], { axis: 2 }],
          ['mul', ['x', 'y:expand_dims.7'], {}],
          ['add', ['y:mul.9', 'y:expand_dims.8'], {}],
        ],
      ],
    ];
  }),
];

const stride2d = { ...valid, ksize: attr.ints(1, 2, 2, 1) };
/** Ops of several outputs: the steps of every output, which one is which. */
export const several = [
  [
    'MaxPoolWithArgmax',
    ['x'],
    { ...stride2d, include_batch_in_index: attr.b(true) },
    {},
    [
      ['max_pool2d', ['x'], { ...window, kernel_h: 2, kernel_w: 2 }, 'u'],
      ['max_pool_argmax', ['x'], { ...window, kernel_h: 2, kernel_w: 2, include_batch: 1 }, 'u:1'],
    ],
  ],
];

export const refusals = [
  [
    'a slope of channels first',
    '_FusedConv2D',
    ['x', 'w', 'b', 'b'],
    { ...nchw, fused_ops: attr.strings('BiasAdd', 'Prelu') },
    filter,
    'unsupported',
    /NCHW/,
  ],
  ['a filter computed at run time', 'Conv2DBackpropInput', ['z', 'z', 'x'], valid, {}, 'unsupported', /run time/],
  [
    'a shape of three',
    'Conv2DBackpropInput',
    ['s', 'w', 'x'],
    valid,
    { s: ['int32', [3], [1, 2, 3]], w: filter.w },
    'bad-model',
    /3 dimensions/,
  ],
  ['channels first', 'Conv1D', ['x', 'z'], { ...dilated, data_format: attr.s('NCW') }, {}, 'unsupported', /NCW/],
  ['a stride of 0', 'Conv1D', ['x', 'z'], { ...dilated, stride: attr.i(0) }, {}, 'bad-model', /stride 0/],
  ['explicit padding', 'Conv1D', ['x', 'z'], { padding: attr.s('EXPLICIT') }, {}, 'bad-model', /padding "EXPLICIT"/],
  ['channels first', 'Conv3D', ['x', 'z'], { ...same3d, data_format: attr.s('NCDHW') }, {}, 'unsupported', /NCDHW/],
  ['strides over channels', 'Conv3D', ['x', 'z'], { ...same3d, strides: attr.ints(1, 1, 1, 1, 2) }, {}, 'unsupported', /channels/],
  ['four strides', 'MaxPool3D', ['x'], { ...same3d, ksize: attr.ints(1, 1, 1, 1) }, {}, 'bad-model', /4 values, not 5/],
  ['training', 'FusedBatchNormV3', ['x', 'z', 'z', 'z', 'z'], { is_training: attr.b(true) }, {}, 'unsupported', /is_training/],
];
