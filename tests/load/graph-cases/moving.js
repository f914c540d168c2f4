// What moves data, knows shapes, resizes images: [title, op, inputs, attributes, constants, expected nodes].
import { attr } from '../helpers.js';

const ints = (...values) => ['int32', [values.length], values];
const int = (value) => ['int32', [], [value]];
const consts = { a: ints(1, 2), b: ints(3, 4), two: int(2) };
const masks = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0 };
const of32 = { T: attr.type('DT_INT32') };
const how = { align_corners: 0, half_pixel: 0 };
const size = { s: ints(16, 24) };

export const rows = [
  ['gathers along the first axis', 'Gather', ['x', 'z'], {}, {}, [['gather', ['x', 'z'], { axis: 0, batch_dims: 0 }]]],
  [
    'has an axis and batch dimensions',
    'GatherV2',
    ['x', 'z', 'two'],
    { batch_dims: attr.i(1) },
    consts,
    [['gather', ['x', 'z'], { axis: 2, batch_dims: 1 }]],
  ],
  ['has a flag for each axis', 'Reverse', ['x', 'f'], {}, { f: ['bool', [3], [1, 0, 1]] }, [['reverse', ['x'], { axes: [0, 2] }]]],
  ['has axes', 'ReverseV2', ['x', 'a'], {}, consts, [['reverse', ['x'], { axes: [1, 2] }]]],
  ['has a begin and a size', 'Slice', ['x', 'a', 'b'], {}, consts, [['slice', ['x'], { axes: [0, 1], begin: [1, 2], size: [3, 4] }]]],
  ['has a begin that is computed', 'Slice', ['x', 'z', 'b'], {}, consts, [['slice', ['x', 'z', 'b'], {}]]],
  [
    'has five masks',
    'StridedSlice',
    ['x', 'a', 'b', 'c'],
    {
      begin_mask: attr.i(1),
      end_mask: attr.i(2),
      ellipsis_mask: attr.i(4),
      new_axis_mask: attr.i(8),
      shrink_axis_mask: attr.i(16),
    },
    { ...consts, c: ints(1, 1) },
    [
      [
        'strided_slice',
        ['x'],
        {
          begin_mask: 1,
          end_mask: 2,
          ellipsis_mask: 4,
          new_axis_mask: 8,
          shrink_axis_mask: 16,
          begin: [1, 2],
          end: [3, 4],
          strides: [1, 1],
        },
      ],
    ],
  ],
  ['has an end that is computed', 'StridedSlice', ['x', 'a', 'z', 'b'], {}, consts, [['strided_slice', ['x', 'a', 'z', 'b'], masks]]],
  ['repeats', 'Tile', ['x', 'a'], {}, consts, [['tile', ['x'], { multiples: [1, 2] }]]],
  ['repeats as often as is computed', 'Tile', ['x', 'z'], {}, {}, [['tile', ['x', 'z'], {}]]],
  ['has a shape', 'ScatterNd', ['x', 'z', 'b'], {}, consts, [['scatter_nd', ['x', 'z'], { shape: [3, 4] }]]],
  ['has a shape that is computed', 'ScatterNd', ['x', 'x', 'z'], {}, {}, [['scatter_nd', ['x', 'x', 'z'], {}]]],
  ['overwrites', 'TensorScatterUpdate', ['x', 'z', 'x'], {}, {}, [['tensor_scatter', ['x', 'z', 'x'], { mode: 0 }]]],
  [
    'has its shape second',
    'SparseToDense',
    ['x', 'b', 'z', 'two'],
    {},
    consts,
    [['sparse_to_dense', ['x', 'z', 'two'], { shape: [3, 4] }]],
  ],
  ['has a shape that is computed', 'SparseToDense', ['x', 'z', 'x', 'two'], {}, consts, [['sparse_to_dense', ['x', 'x', 'two', 'z'], {}]]],

  [
    'reflects',
    'MirrorPad',
    ['x', 'p'],
    { mode: attr.s('REFLECT') },
    { p: ['int32', [1, 2], [1, 2]] },
    [['mirror_pad', ['x'], { paddings: [1, 2], symmetric: 0 }]],
  ],
  ['is symmetric', 'MirrorPad', ['x', 'z'], { mode: attr.s('SYMMETRIC') }, {}, [['mirror_pad', ['x', 'z'], { symmetric: 1 }]]],
  ['has paddings that are computed', 'Pad', ['x', 'z'], {}, {}, [['pad', ['x', 'z'], { value: 0 }]]],
  ['has a shape that is computed', 'Reshape', ['x', 'z'], {}, {}, [['reshape', ['x', 'z'], {}]]],
  ['has a shape whose values are not at hand', 'Reshape', ['x', 's'], {}, { s: ['int32', [2000]] }, [['reshape', ['x', 's'], {}]]],
  [
    'has blocks and paddings',
    'SpaceToBatchND',
    ['x', 'a', 'p'],
    {},
    { ...consts, p: ['int32', [2, 2], [0, 1, 0, 1]] },
    [['space_to_batch', ['x'], { block: [1, 2], paddings: [0, 1, 0, 1] }]],
  ],
  [
    'has blocks and crops',
    'BatchToSpaceND',
    ['x', 'a', 'p'],
    {},
    { ...consts, p: ['int32', [2, 2], [0, 1, 0, 1]] },
    [['batch_to_space', ['x'], { block: [1, 2], crops: [0, 1, 0, 1] }]],
  ],
  ['has crops that are computed', 'BatchToSpaceND', ['x', 'a', 'z'], {}, consts, [['batch_to_space', ['x', 'a', 'z'], {}]]],
  ['has a block', 'DepthToSpace', ['x'], { block_size: attr.i(2) }, {}, [['depth_to_space', ['x'], { block: 2, order: 0 }]]],
  [
    'of channels first is transposed twice',
    'DepthToSpace',
    ['x'],
    { block_size: attr.i(2), data_format: attr.s('NCHW') },
    {},
    [
      ['transpose', ['x'], { perm: [0, 2, 3, 1] }],
      ['depth_to_space', ['y:transpose.0'], { block: 2, order: 0 }],
      ['transpose', ['y:depth_to_space.1'], { perm: [0, 3, 1, 2] }],
    ],
  ],
  ['has a shape', 'BroadcastTo', ['x', 'a'], {}, consts, [['broadcast_to', ['x'], { shape: [1, 2] }]]],
  ['has a shape that is computed', 'BroadcastTo', ['x', 'z'], {}, {}, [['broadcast_to', ['x', 'z'], {}]]],
  ['joins two shapes', 'BroadcastArgs', ['x', 'z'], {}, {}, [['broadcast_args', ['x', 'z'], {}]]],
  ['becomes shape', 'Shape', ['x'], {}, {}, [['shape', ['x'], {}]]],
  [
    'is the product of the shape',
    'Size',
    ['x'],
    {},
    {},
    [
      ['shape', ['x'], {}],
      ['reduce_prod', ['y:shape.0'], { axes: [0], keep_dims: 0 }],
    ],
  ],
  [
    "is the shape's length",
    'Rank',
    ['x'],
    {},
    {},
    [
      ['shape', ['x'], {}],
      ['shape', ['y:shape.0'], {}],
      ['reduce_prod', ['y:shape.1'], { axes: [0], keep_dims: 0 }],
    ],
  ],
  ...['Print', 'FakeQuantWithMinMaxVars', 'EnsureShape', 'PlaceholderWithDefault'].map((op) => [
    'gives its first input',
    op,
    op === 'PlaceholderWithDefault' ? ['x'] : ['x', 'z'],
    {},
    {},
    [['identity', ['x'], {}]],
  ]),

  ...['Bilinear', 'NearestNeighbor'].map((kind) => [
    'has a size that is computed',
    `Resize${kind}`,
    ['x', 'z'],
    {},
    {},
    [[kind === 'Bilinear' ? 'resize_bilinear' : 'resize_nearest', ['x', 'z'], how]],
  ]),
  [
    'of integers gives float32',
    'ResizeBilinear',
    ['x', 's'],
    of32,
    size,
    [
      ['cast', ['x'], { dtype: 0 }],
      ['resize_bilinear', ['y:cast.0'], { out_h: 16, out_w: 24, ...how }],
    ],
  ],
  [
    'of integers gives integers',
    'ResizeNearestNeighbor',
    ['x', 's'],
    of32,
    size,
    [
      ['cast', ['x'], { dtype: 0 }],
      ['resize_nearest', ['y:cast.0'], { out_h: 16, out_w: 24, ...how }],
      ['cast', ['y:resize_nearest.1'], { dtype: 1 }],
    ],
  ],
  [
    'is bilinear and fills with 0',
    'CropAndResize',
    ['x', 'z', 'z', 's'],
    {},
    size,
    [['crop_and_resize', ['x', 'z', 'z'], { crop_h: 16, crop_w: 24, nearest: 0, extrapolation: 0 }]],
  ],
  [
    'takes the nearest and fills',
    'CropAndResize',
    ['x', 'z', 'z', 's'],
    { method: attr.s('nearest'), extrapolation_value: attr.f(2.5) },
    size,
    [['crop_and_resize', ['x', 'z', 'z'], { crop_h: 16, crop_w: 24, nearest: 1, extrapolation: 2.5 }]],
  ],
  ...[
    ['CONSTANT', 0],
    ['REFLECT', 1],
    ['WRAP', 2],
    ['NEAREST', 3],
  ].map(([mode, fill_mode]) => [
    `fills: ${mode}`,
    'ImageProjectiveTransformV3',
    ['x', 'z', 's', 'v'],
    { interpolation: attr.s('BILINEAR'), fill_mode: attr.s(mode) },
    { ...size, v: ['float32', [], [2.5]] },
    [['projective_transform', ['x', 'z'], { out_h: 16, out_w: 24, bilinear: 1, fill_mode, fill_value: 2.5 }]],
  ]),
];

const range = (begin, end, endMask) => ({ ...masks, begin: [0, begin], end: [0, end], strides: [1, 1], begin_mask: 1, end_mask: endMask });

export const several = [
  [
    'Split',
    ['two', 'x'],
    { num_split: attr.i(2) },
    consts,
    [
      ['split', ['x'], { axis: 2, parts: 2, index: 0 }, 'u'],
      ['split', ['x'], { axis: 2, parts: 2, index: 1 }, 'u:1'],
    ],
  ],
  [
    'SplitV',
    ['x', 'b', 'two'],
    {},
    consts,
    [
      ['slice', ['x'], { axes: [2], begin: [0], size: [3] }, 'u'],
      ['slice', ['x'], { axes: [2], begin: [3], size: [4] }, 'u:1'],
    ],
  ],
  [
    'SplitV',
    ['x', 's', 'one'],
    {},
    { s: ints(2, -1, 3, 0), one: int(1) },
    [
      ['slice', ['x'], { axes: [1], begin: [0], size: [2] }, 'u'],
      ['strided_slice', ['x'], range(2, -3, 1), 'u:1'],
      ['strided_slice', ['x'], range(-3, 0, 3), 'u:2'],
      ['strided_slice', ['x'], range(2 ** 31 - 1, 0, 3), 'u:3'],
    ],
  ],
  [
    'SplitV',
    ['x', 's', 'last'],
    {},
    { s: ints(-1, 3), last: int(-2) },
    [
      [
        'strided_slice',
        ['x'],
        { ...masks, begin: [0, 0, 0], end: [0, -3, 0], strides: [1, 1, 1], begin_mask: 4, end_mask: 4, ellipsis_mask: 1 },
        'u',
      ],
      [
        'strided_slice',
        ['x'],
        { ...masks, begin: [0, -3, 0], end: [0, 0, 0], strides: [1, 1, 1], begin_mask: 4, end_mask: 6, ellipsis_mask: 1 },
        'u:1',
      ],
    ],
  ],
  [
    'ShapeN',
    ['x', 'z'],
    {},
    {},
    [
      ['shape', ['x'], {}, 'u'],
      ['shape', ['z'], {}, 'u:1'],
    ],
  ],
  [
    'Unpack',
    ['x'],
    { num: attr.i(2), axis: attr.i(1) },
    {},
    [
      ['slice', ['x'], { axes: [1], begin: [0], size: [1] }, 'u:slice.0'],
      ['squeeze', ['u:slice.0'], { axes: [1] }, 'u'],
      ['slice', ['x'], { axes: [1], begin: [1], size: [1] }, 'u:slice.2'],
      ['squeeze', ['u:slice.2'], { axes: [1] }, 'u:1'],
    ],
  ],
];

export const refusals = [
  ['axes that are computed', 'ReverseV2', ['x', 'z'], {}, {}, 'unsupported', /run time/],
  ['a begin and a size of other lengths', 'Slice', ['x', 'a', 'two'], {}, consts, 'bad-model', /begins at \[1,2\]/],
  ['no outputs', 'Split', ['two', 'x'], { num_split: attr.i(0) }, consts, 'bad-model', /0 outputs/],
  ['no outputs', 'SplitV', ['x', 'none', 'two'], {}, { ...consts, none: ints() }, 'bad-model', /0 outputs/],
  ['two open sizes', 'SplitV', ['x', 's', 'two'], {}, { ...consts, s: ints(-1, -1) }, 'bad-model', /split into \[-1,-1\]/],
  ['a mode that does not exist', 'MirrorPad', ['x', 'z'], { mode: attr.s('MIRROR') }, {}, 'bad-model', /MIRROR/],
  ['a size that is computed', 'CropAndResize', ['x', 'z', 'z', 'z'], {}, {}, 'unsupported', /run time/],
  ['a method that does not exist', 'CropAndResize', ['x', 'z', 'z', 's'], { method: attr.s('cubic') }, size, 'bad-model', /CUBIC/],
  [
    'a fill mode that does not exist',
    'ImageProjectiveTransformV3',
    ['x', 'z', 's', 's'],
    { fill_mode: attr.s('X') },
    size,
    'bad-model',
    /fill_mode/,
  ],
];
