// What is timed: for every kernel of TensorFlow.js's WebAssembly backend at least one call of its public function (of kernels
// that only gradients call: of the kernel), small, medium and large where the size matters.
import * as tf from '@tensorflow/tfjs-core';

/**
 * @typedef {object} Spec  of an input
 * @property {readonly number[]} shape
 * @property {tf.DataType} dtype
 * @property {number} low  of uniform numbers
 * @property {number} high
 * @property {readonly (number | string)[]} [values]  instead of random ones
 *
 * @typedef {object} Case
 * @property {string} family
 * @property {string} kernel  that the call must reach
 * @property {string} label
 * @property {Spec[]} inputs
 * @property {(...inputs: any[]) => tf.TensorContainer} call
 * @property {number} [fresh]  the input that is new in every call, as activations are: nothing about it can be kept
 * @property {boolean} [random]  results are not to be compared
 */

/** @param {readonly number[]} shape @param {number} [low] @param {number} [high] @returns {Spec} */
const f = (shape, low = -1, high = 1) => ({ shape, dtype: 'float32', low, high });
/** @param {readonly number[]} shape @param {number} high @returns {Spec} */
const i = (shape, high) => ({ shape, dtype: 'int32', low: 0, high });
/** @param {readonly number[]} shape @returns {Spec} */
const b = (shape) => ({ shape, dtype: 'bool', low: 0, high: 2 });
/** @param {tf.DataType} dtype @param {readonly (number | string)[]} values @param {readonly number[]} [shape] @returns {Spec} */
const list = (dtype, values, shape = [values.length]) => ({ shape, dtype, low: 0, high: 0, values });
/** @param {number} length @param {(i: number) => number} make */
const ints = (length, make) =>
  list(
    'int32',
    Array.from({ length }, (_, at) => make(at)),
  );

/** @type {Case[]} */
const cases = [];
let family = '';
/** @param {string} kernel @param {string} label @param {Spec[]} inputs @param {Case['call']} call @param {Partial<Case>} [more] */
const add = (kernel, label, inputs, call, more) => cases.push({ family, kernel, label, inputs, call, ...more });
/** A kernel itself. @param {string} kernel @param {object} inputs @param {object} [attrs] @returns {tf.TensorContainer} */
const run = (kernel, inputs, attrs = {}) => tf.engine().runKernel(kernel, /** @type {any} */ (inputs), /** @type {any} */ (attrs));

const SMALL = [16];
const MEDIUM = [1, 56, 56, 24]; // 75264
const LARGE = [1, 112, 112, 96]; // 1.2 million: inside of MobileNetV2's first block
const SIZES = [SMALL, MEDIUM, LARGE];
const text = (/** @type {readonly number[]} */ shape) => shape.join('×');

family = 'overhead';
add('Add', '1 element', [f([1]), f([1])], (x, y) => tf.add(x, y));
add('Add', '1 element + scalar', [f([1]), f([])], (x, y) => tf.add(x, y));
add('Relu', '1 element', [f([1])], (x) => tf.relu(x));
add('Reshape', '1 element', [f([1])], (x) => tf.reshape(x, [1, 1]));
add('BatchMatMul', '32×32 · 32×32', [f([32, 32]), f([32, 32])], (x, y) => tf.matMul(x, y));
add('Sum', '1 element', [f([1])], (x) => tf.sum(x, 0));
add('Slice', '1 of 4', [f([4])], (x) => tf.slice(x, [1], [1]));
add('Conv2D', '1×1×1×1', [f([1, 1, 1, 1]), f([1, 1, 1, 1])], (x, w) => tf.conv2d(x, w, 1, 'same'));

family = 'unary';
/** @type {[string, (x: any) => tf.TensorContainer, number?, number?][]} kernel, call, least and largest x */
const UNARY = [
  ['Abs', tf.abs],
  ['Acos', tf.acos],
  ['Acosh', tf.acosh, 1, 9],
  ['Asin', tf.asin],
  ['Asinh', tf.asinh, -9, 9],
  ['Atan', tf.atan, -9, 9],
  ['Atanh', tf.atanh],
  ['Ceil', tf.ceil, -9, 9],
  ['ClipByValue', (x) => tf.clipByValue(x, 0, 6), -9, 9],
  ['Cos', tf.cos, -9, 9],
  ['Cosh', tf.cosh, -9, 9],
  ['Elu', tf.elu, -9, 9],
  ['Erf', tf.erf, -3, 3],
  ['Exp', tf.exp, -9, 9],
  ['Expm1', tf.expm1, -9, 9],
  ['Floor', tf.floor, -9, 9],
  ['Identity', (x) => tf.clone(x)],
  ['IsFinite', tf.isFinite],
  ['IsInf', tf.isInf],
  ['IsNan', tf.isNaN],
  ['LeakyRelu', (x) => tf.leakyRelu(x, 0.1)],
  ['Log', tf.log, 0.1, 9],
  ['Log1p', tf.log1p, 0.1, 9],
  ['Neg', tf.neg],
  ['OnesLike', tf.onesLike],
  ['Reciprocal', tf.reciprocal, 0.1, 9],
  ['Relu', tf.relu],
  ['Relu6', tf.relu6, -9, 9],
  ['Round', tf.round, -9, 9],
  ['Rsqrt', tf.rsqrt, 0.1, 9],
  ['Selu', tf.selu, -9, 9],
  ['Sigmoid', tf.sigmoid, -9, 9],
  ['Sign', tf.sign],
  ['Sin', tf.sin, -9, 9],
  ['Sinh', tf.sinh, -9, 9],
  ['Softplus', tf.softplus, -9, 9],
  ['Sqrt', tf.sqrt, 0.1, 9],
  ['Square', tf.square],
  ['Step', (x) => tf.step(x)],
  ['Tan', tf.tan],
  ['Tanh', tf.tanh, -3, 3],
  ['ZerosLike', tf.zerosLike],
];
for (const [kernel, call, low, high] of UNARY) for (const shape of SIZES) add(kernel, text(shape), [f(shape, low, high)], (x) => call(x));
for (const shape of SIZES) add('LogicalNot', text(shape), [b(shape)], (x) => tf.logicalNot(x));

/** @type {[string, Spec['dtype'], tf.DataType][]} */
const CASTS = [
  ['float32 → int32', 'float32', 'int32'],
  ['int32 → float32', 'int32', 'float32'],
  ['float32 → bool', 'float32', 'bool'],
  ['bool → float32', 'bool', 'float32'],
];
for (const [label, from, to] of CASTS)
  for (const shape of SIZES)
    add('Cast', `${label} ${text(shape)}`, [{ shape, dtype: from, low: from === 'float32' ? -9 : 0, high: from === 'bool' ? 2 : 9 }], (x) =>
      tf.cast(x, to),
    );

family = 'binary';
/** @type {[string, (x: any, y: any) => tf.TensorContainer, ('float32' | 'int32' | 'bool')?][]} */
const BINARY = [
  ['Add', tf.add],
  ['Sub', tf.sub],
  ['Multiply', tf.mul],
  ['RealDiv', tf.div],
  ['Maximum', tf.maximum],
  ['Minimum', tf.minimum],
  ['SquaredDifference', tf.squaredDifference],
  ['Pow', tf.pow],
  ['Mod', tf.mod],
  ['FloorDiv', tf.floorDiv],
  ['Atan2', tf.atan2],
  ['Prelu', tf.prelu],
  ['Equal', tf.equal],
  ['NotEqual', tf.notEqual],
  ['Greater', tf.greater],
  ['GreaterEqual', tf.greaterEqual],
  ['Less', tf.less],
  ['LessEqual', tf.lessEqual],
  ['LogicalAnd', tf.logicalAnd, 'bool'],
  ['LogicalOr', tf.logicalOr, 'bool'],
  ['LogicalXor', (a, c) => run('LogicalXor', { a, b: c }), 'bool'],
  ['BitwiseAnd', tf.bitwiseAnd, 'int32'],
];
const ARITHMETIC = new Set(['Add', 'Sub', 'Multiply', 'RealDiv']);
for (const [kernel, call, dtype = 'float32'] of BINARY) {
  /** @param {readonly number[]} shape @returns {Spec} */
  const of = (shape) => (dtype === 'bool' ? b(shape) : dtype === 'int32' ? i(shape, 1000) : f(shape, 0.1, 2));
  for (const shape of SIZES) add(kernel, text(shape), [of(shape), of(shape)], (x, y) => call(x, y));
  // Of bitwiseAnd tfjs-core says that it does not broadcast.
  if (kernel !== 'BitwiseAnd')
    for (const shape of [MEDIUM, LARGE]) add(kernel, `${text(shape)}, by channel`, [of(shape), of([shape[3]])], (x, y) => call(x, y));
  if (!ARITHMETIC.has(kernel)) continue;
  add(kernel, `${text(MEDIUM)}, scalar`, [of(MEDIUM), of([])], (x, y) => call(x, y));
  add(kernel, `${text(LARGE)}, scalar`, [of(LARGE), of([])], (x, y) => call(x, y));
  add(kernel, `${text(LARGE)}, 1×1×1×96`, [of(LARGE), of([1, 1, 1, 96])], (x, y) => call(x, y));
  add(kernel, '8×28×28×96, 8×1×1×96', [of([8, 28, 28, 96]), of([8, 1, 1, 96])], (x, y) => call(x, y));
  add(kernel, '4×384×384, 1×1×384', [of([4, 384, 384]), of([1, 1, 384])], (x, y) => call(x, y));
  add(kernel, '512×1, 1×512', [of([512, 1]), of([1, 512])], (x, y) => call(x, y));
  add(kernel, '384×512, 384×1', [of([384, 512]), of([384, 1])], (x, y) => call(x, y));
}
for (const shape of SIZES) {
  add('Add', `int32 ${text(shape)}`, [i(shape, 1000), i(shape, 1000)], (x, y) => tf.add(x, y));
  add('AddN', `3 of ${text(shape)}`, [f(shape), f(shape), f(shape)], (x, y, z) => tf.addN([x, y, z]));
  add('EluGrad', text(shape), [f(shape), f(shape)], (dy, y) => run('EluGrad', { dy, y }));
  add('Select', text(shape), [b(shape), f(shape), f(shape)], (c, x, y) => tf.where(c, x, y));
}
add('Select', '384×512, by row', [b([384]), f([384, 512]), f([384, 512])], (condition, t, e) => run('Select', { condition, t, e }));

family = 'reductions';
/** @type {[string, (x: any, axis?: any) => tf.TensorContainer, boolean?][]} */
const REDUCTIONS = [
  ['Sum', tf.sum],
  ['Mean', tf.mean],
  ['Max', tf.max],
  ['Min', tf.min],
  ['Prod', tf.prod],
  ['All', tf.all, true],
  ['Any', tf.any, true],
];
for (const [kernel, call, bool = false] of REDUCTIONS) {
  const of = bool ? b : f;
  add(kernel, '16, all', [of([16])], (x) => call(x));
  add(kernel, '384×512, inner', [of([384, 512])], (x) => call(x, 1));
  add(kernel, '384×512, outer', [of([384, 512])], (x) => call(x, 0));
  add(kernel, '384×512, all', [of([384, 512])], (x) => call(x));
  add(kernel, '1×7×7×1280, rows and columns', [of([1, 7, 7, 1280])], (x) => call(x, [1, 2]));
  add(kernel, '16×64×128, middle', [of([16, 64, 128])], (x) => call(x, 1));
  add(kernel, `${text(LARGE)}, all`, [of(LARGE)], (x) => call(x));
}
for (const [kernel, call] of /** @type {const} */ ([
  ['ArgMax', tf.argMax],
  ['ArgMin', tf.argMin],
])) {
  add(kernel, '16', [f([16])], (x) => call(x, 0));
  add(kernel, '384×512, inner', [f([384, 512])], (x) => call(x, 1));
  add(kernel, '384×512, outer', [f([384, 512])], (x) => call(x, 0));
  add(kernel, '2304×17, outer', [f([2304, 17])], (x) => call(x, 0));
}
for (const [kernel, call] of /** @type {const} */ ([
  ['Cumsum', tf.cumsum],
  ['Cumprod', tf.cumprod],
])) {
  const spec = kernel === 'Cumprod' ? f([384, 512], 0.99, 1.01) : f([384, 512]);
  add(kernel, '16', [f([16])], (x) => call(x, 0));
  add(kernel, '384×512, inner', [spec], (x) => call(x, 1));
  add(kernel, '384×512, outer', [spec], (x) => call(x, 0));
}
for (const [n, c] of [
  [1, 10],
  [1, 1001],
  [1536, 384],
  [128, 128],
])
  add('Softmax', `${n}×${c}`, [f([n, c], -9, 9)], (x) => tf.softmax(x));
add('Softmax', '4×384×384', [f([4, 384, 384], -9, 9)], (x) => tf.softmax(x));
add('TopK', '1×1001, 5', [f([1, 1001])], (x) => tf.topk(x, 5));
add('TopK', '64×1001, 5', [f([64, 1001])], (x) => tf.topk(x, 5));
add('TopK', '24000, 300', [f([24000])], (x) => tf.topk(x, 300));
add('Bincount', '10000 of 256', [i([10000], 256), f([0])], (x, none) => tf.bincount(x, none, 256));
add('DenseBincount', '64×1000 of 256', [i([64, 1000], 256), f([0])], (x, none) => tf.denseBincount(x, none, 256));
add('Multinomial', '64×100, 100', [f([64, 100])], (x) => tf.multinomial(x, 100, 7), { random: true });
add('Unique', '10000 of 100', [i([10000], 100)], (x) => tf.unique(x));
add(
  'SearchSorted',
  '1000 in 1000',
  [
    list(
      'float32',
      Array.from({ length: 1000 }, (_, at) => at),
    ),
    f([1000], 0, 1000),
  ],
  (x, y) => tf.searchSorted(x, y),
);

family = 'convolutions';
/** Where it is from; input size, channels in and out, kernel, stride, activation. */
const CONVOLUTIONS = /** @type {const} */ ([
  ['MobileNet, stem', 224, 3, 32, 3, 2, 'relu6'],
  ['MobileNet', 112, 32, 64, 1, 1, 'relu6'],
  ['MobileNet', 28, 256, 256, 1, 1, 'relu6'],
  ['MobileNet', 14, 512, 512, 1, 1, 'relu6'],
  ['MobileNet', 7, 1024, 1024, 1, 1, 'relu6'],
  ['MobileNetV2', 56, 24, 144, 1, 1, 'relu6'],
  ['MobileNetV2', 56, 144, 24, 1, 1, 'linear'],
  ['MobileNetV2', 7, 320, 1280, 1, 1, 'relu6'],
  ['MobileNet, logits', 1, 1024, 1001, 1, 1, 'linear'],
  ['PoseNet', 17, 384, 384, 1, 1, 'relu6'],
  ['PoseNet, heads', 17, 768, 34, 1, 1, 'linear'],
  ['Facemesh, stem', 192, 3, 16, 3, 2, 'relu'],
  ['Facemesh', 96, 16, 16, 1, 1, 'linear'],
  ['Facemesh', 24, 64, 64, 1, 1, 'linear'],
  ['Blazeface, stem', 256, 3, 24, 5, 2, 'relu'],
  ['ResNet', 56, 64, 64, 3, 1, 'relu'],
  ['ResNet', 14, 256, 256, 3, 1, 'relu'],
  ['ResNet, stem', 224, 3, 64, 7, 2, 'relu'],
  ['digits', 28, 1, 8, 5, 1, 'relu'],
]);
for (const [from, size, inside, out, kernel, stride, activation] of CONVOLUTIONS) {
  const label = `${size}×${size}×${inside} → ${out}, ${kernel}×${kernel}/${stride}`;
  const specs = [f([1, size, size, inside]), f([kernel, kernel, inside, out], -0.1, 0.1)];
  add('FusedConv2D', `${label}, bias, ${activation} (${from})`, [...specs, f([out])], (x, filter, bias) =>
    tf.fused.conv2d({ x, filter, bias, strides: stride, pad: 'same', activation }),
  );
  if (from !== 'PoseNet') add('Conv2D', `${label} (${from})`, specs, (x, w) => tf.conv2d(x, w, stride, 'same'));
}
add('Conv2D', '32×32×64 → 64, 3×3, dilation 2', [f([1, 32, 32, 64]), f([3, 3, 64, 64])], (x, w) => tf.conv2d(x, w, 1, 'same', 'NHWC', 2));
add('Conv2D', '16 of 28×28×8 → 16, 5×5', [f([16, 28, 28, 8]), f([5, 5, 8, 16])], (x, w) => tf.conv2d(x, w, 1, 'valid'));
add('Conv2D', '14×14×256 → 256, 1×1, new filter', [f([1, 14, 14, 256]), f([1, 1, 256, 256])], (x, w) => tf.conv2d(x, w, 1, 'same'), {
  fresh: 1,
});
add('Conv2D', '28×28×64 → 64, 3×3, new filter', [f([1, 28, 28, 64]), f([3, 3, 64, 64])], (x, w) => tf.conv2d(x, w, 1, 'same'), {
  fresh: 1,
});
add(
  'FusedConv2D',
  '24×24×64 → 64, 1×1, bias, prelu',
  [f([1, 24, 24, 64]), f([1, 1, 64, 64]), f([64]), f([1, 1, 64])],
  (x, filter, bias, slope) =>
    tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 'same', activation: 'prelu', preluActivationWeights: slope }),
);

/** Where it is from; input size, channels, kernel, stride. */
const DEPTHWISE = /** @type {const} */ ([
  ['MobileNet', 112, 32, 3, 1],
  ['MobileNet', 112, 64, 3, 2],
  ['MobileNet', 56, 128, 3, 1],
  ['MobileNet', 14, 512, 3, 1],
  ['MobileNet', 14, 512, 3, 2],
  ['MobileNet', 7, 1024, 3, 1],
  ['PoseNet', 17, 384, 3, 1],
  ['Facemesh', 96, 16, 3, 1],
  ['MobileNetV3', 28, 120, 5, 1],
  ['MobileNetV3', 14, 672, 5, 2],
  ['Blazeface', 128, 24, 5, 1],
]);
for (const [from, size, channels, kernel, stride] of DEPTHWISE) {
  const label = `${size}×${size}×${channels}, ${kernel}×${kernel}/${stride}`;
  const specs = [f([1, size, size, channels]), f([kernel, kernel, channels, 1])];
  add('DepthwiseConv2dNative', `${label} (${from})`, specs, (x, w) => tf.depthwiseConv2d(x, w, stride, 'same'));
  add('FusedDepthwiseConv2D', `${label}, bias, relu6 (${from})`, [...specs, f([channels])], (x, filter, bias) =>
    tf.fused.depthwiseConv2d({ x, filter, bias, strides: stride, pad: 'same', activation: 'relu6' }),
  );
}
add('DepthwiseConv2dNative', '33×33×96, 3×3, dilation 2', [f([1, 33, 33, 96]), f([3, 3, 96, 1])], (x, w) =>
  tf.depthwiseConv2d(x, w, 1, 'same', 'NHWC', 2),
);
add('DepthwiseConv2dNative', '56×56×16, 3×3, multiplier 2', [f([1, 56, 56, 16]), f([3, 3, 16, 2])], (x, w) =>
  tf.depthwiseConv2d(x, w, 1, 'same'),
);
add('Conv2DBackpropInput', '16×16×64 → 32×32×32, 3×3/2', [f([1, 16, 16, 64]), f([3, 3, 32, 64])], (x, w) =>
  tf.conv2dTranspose(x, w, [1, 32, 32, 32], 2, 'same'),
);
add('Conv2DBackpropInput', '64×64×32 → 128×128×16, 2×2/2', [f([1, 64, 64, 32]), f([2, 2, 16, 32])], (x, w) =>
  tf.conv2dTranspose(x, w, [1, 128, 128, 16], 2, 'same'),
);
add('Conv2DBackpropInput', 'gradient of 16×24×24×8 → 16, 5×5', [f([16, 20, 20, 16]), f([5, 5, 8, 16])], (dy, filter) =>
  run('Conv2DBackpropInput', { dy, filter }, { strides: 1, pad: 'valid', dataFormat: 'NHWC', inputShape: [16, 24, 24, 8] }),
);
const volume = { strides: 1, pad: 'same' };
add('Conv3D', '8×16×16×8 → 8, 3×3×3', [f([1, 8, 16, 16, 8]), f([3, 3, 3, 8, 8])], (x, w) => tf.conv3d(x, w, 1, 'same'));
add('Conv3DBackpropInputV2', '8×16×16×8, 3×3×3', [f([1, 8, 16, 16, 8]), f([3, 3, 3, 8, 8])], (dy, filter) =>
  run('Conv3DBackpropInputV2', { dy, filter }, { ...volume, inputShape: [1, 8, 16, 16, 8] }),
);
add('Conv3DBackpropFilterV2', '8×16×16×8, 3×3×3', [f([1, 8, 16, 16, 8]), f([1, 8, 16, 16, 8])], (x, dy) =>
  run('Conv3DBackpropFilterV2', { x, dy }, { ...volume, filterShape: [3, 3, 3, 8, 8] }),
);
const MORPHOLOGY = /** @type {const} */ ({ strides: 1, pad: 'same', dilations: 1 });
const image8 = f([1, 32, 32, 8]);
const cross = f([3, 3, 8]);
add('Dilation2D', '32×32×8, 3×3', [image8, cross], (x, w) => tf.dilation2d(x, w, 1, 'same'));
add('Dilation2DBackpropInput', '32×32×8, 3×3', [image8, cross, image8], (x, filter, dy) =>
  run('Dilation2DBackpropInput', { x, filter, dy }, MORPHOLOGY),
);
add('Dilation2DBackpropFilter', '32×32×8, 3×3', [image8, cross, image8], (x, filter, dy) =>
  run('Dilation2DBackpropFilter', { x, filter, dy }, MORPHOLOGY),
);
// Kernels that only training needs, and that the WebAssembly backend lacks.
add('Conv2DBackpropFilter', '16×24×24×8 → 16, 5×5', [f([16, 24, 24, 8]), f([16, 20, 20, 16])], (x, dy) =>
  run('Conv2DBackpropFilter', { x, dy }, { strides: 1, pad: 'valid', dataFormat: 'NHWC', filterShape: [5, 5, 8, 16] }),
);
const depthwise = { strides: 1, pad: 'same', dilations: 1 };
add('DepthwiseConv2dNativeBackpropInput', '28×28×32, 3×3', [f([4, 28, 28, 32]), f([3, 3, 32, 1])], (dy, filter) =>
  run('DepthwiseConv2dNativeBackpropInput', { dy, filter }, { ...depthwise, inputShape: [4, 28, 28, 32] }),
);
add('DepthwiseConv2dNativeBackpropFilter', '28×28×32, 3×3', [f([4, 28, 28, 32]), f([4, 28, 28, 32])], (x, dy) =>
  run('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { ...depthwise, filterShape: [3, 3, 32, 1] }),
);

family = 'pooling';
for (const [kernel, call] of /** @type {const} */ ([
  ['MaxPool', tf.maxPool],
  ['AvgPool', tf.avgPool],
])) {
  add(kernel, '4×4×1, 2×2/2', [f([1, 4, 4, 1])], (x) => call(x, 2, 2, 'same'));
  add(kernel, '24×24×64, 2×2/2', [f([1, 24, 24, 64])], (x) => call(x, 2, 2, 'same'));
  add(kernel, '112×112×64, 3×3/2', [f([1, 112, 112, 64])], (x) => call(x, 3, 2, 'same'));
  add(kernel, '28×28×192, 3×3/1', [f([1, 28, 28, 192])], (x) => call(x, 3, 1, 'same'));
  add(kernel, '7×7×1280, whole', [f([1, 7, 7, 1280])], (x) => call(x, 7, 1, 'valid'));
}
const window = { filterSize: 2, strides: 2, pad: 'valid' };
const [before, after] = [f([16, 24, 24, 16]), f([16, 12, 12, 16])];
add('MaxPoolGrad', '16×24×24×16, 2×2/2', [after, before], (dy, input) => {
  const output = tf.maxPool(input, 2, 2, 'valid');
  const gradient = run('MaxPoolGrad', { dy, input, output }, window);
  output.dispose();
  return gradient;
});
add('AvgPoolGrad', '16×24×24×16, 2×2/2', [after, before], (dy, input) => run('AvgPoolGrad', { dy, input }, window));
add('MaxPoolWithArgmax', '24×24×64, 2×2/2', [f([1, 24, 24, 64])], (x) => /** @type {any} */ (tf.maxPoolWithArgmax(x, 2, 2, 'same')));
const block = f([1, 8, 16, 16, 16]);
add('MaxPool3D', '8×16×16×16, 2×2×2/2', [block], (x) => tf.maxPool3d(x, 2, 2, 'valid'));
add('AvgPool3D', '8×16×16×16, 2×2×2/2', [block], (x) => tf.avgPool3d(x, 2, 2, 'valid'));
add('MaxPool3DGrad', '8×16×16×16, 2×2×2/2', [f([1, 4, 8, 8, 16]), block], (dy, input) => {
  const output = tf.maxPool3d(input, 2, 2, 'valid');
  const gradient = run('MaxPool3DGrad', { dy, input, output }, window);
  output.dispose();
  return gradient;
});
add('AvgPool3DGrad', '8×16×16×16, 2×2×2/2', [f([1, 4, 8, 8, 16]), block], (dy, input) => run('AvgPool3DGrad', { dy, input }, window));

family = 'matrices';
/** a, b, and which of them are transposed. @type {[number[], number[], boolean, boolean, string?][]} */
const PRODUCTS = [
  [[1, 1280], [1280, 1000], false, false],
  [[1, 128], [128, 512], false, false],
  [[16, 1280], [1280, 100], false, false],
  [[128, 128], [128, 128], false, false],
  [[384, 512], [512, 128], false, false],
  [[384, 128], [128, 512], false, false],
  [[512, 512], [512, 512], false, false],
  [[512, 512], [512, 512], false, true],
  [[512, 512], [512, 512], true, false],
  [[512, 512], [512, 512], true, true],
  [[1280, 16], [16, 100], false, false],
  [[16, 1280], [16, 100], true, false],
  [[16, 100], [1280, 100], false, true],
  [[4, 384, 32], [4, 384, 32], false, true],
  [[4, 384, 384], [4, 384, 32], false, false],
  [[12, 128, 64], [12, 128, 64], false, true],
  [[12, 128, 128], [12, 128, 64], false, false],
  [[8, 64, 64], [1, 64, 64], false, false],
];
for (const [left, right, transposeA, transposeB] of PRODUCTS) {
  const label = `${text(left)}${transposeA ? 'ᵀ' : ''} · ${text(right)}${transposeB ? 'ᵀ' : ''}`;
  const call = (/** @type {any} */ x, /** @type {any} */ y) => tf.matMul(x, y, transposeA, transposeB);
  add('BatchMatMul', label, [f(left), f(right)], call);
  add('BatchMatMul', `${label}, new b`, [f(left), f(right)], call, { fresh: 1 });
}
for (const [m, k, n] of [
  [1, 1280, 1000],
  [16, 1280, 100],
  [384, 128, 512],
  [1, 32, 32],
])
  add('_FusedMatMul', `${m}×${k} · ${k}×${n}, bias, relu`, [f([m, k]), f([k, n]), f([n])], (x, y, bias) =>
    tf.fused.matMul({ a: x, b: y, transposeA: false, transposeB: false, bias, activation: 'relu' }),
  );
for (const shape of [[1, 7, 7, 16], MEDIUM, LARGE]) {
  const c = [shape[3]];
  add('FusedBatchNorm', text(shape), [f(shape), f(c), f(c, 0.5, 2), f(c), f(c)], (x, mean, variance, offset, scale) =>
    tf.batchNorm(x, mean, variance, offset, scale, 1e-3),
  );
}
add('LRN', '28×28×64', [f([1, 28, 28, 64])], (x) => tf.localResponseNormalization(x, 5));
add('LRNGrad', '28×28×64', [f([1, 28, 28, 64]), f([1, 28, 28, 64]), f([1, 28, 28, 64])], (x, y, dy) =>
  run('LRNGrad', { x, y, dy }, { depthRadius: 5, bias: 1, alpha: 1, beta: 0.5 }),
);
add('Einsum', 'bhqd,bhkd→bhqk 4×384×32', [f([1, 4, 384, 32]), f([1, 4, 384, 32])], (x, y) => tf.einsum('bhqd,bhkd->bhqk', x, y));
add('FFT', '16×1024', [f([16, 1024])], (x) => tf.fft(tf.complex(x, x)));

family = 'layout';
/** @type {[number[], number[]][]} */
const PERMUTATIONS = [
  [
    [4, 4],
    [1, 0],
  ],
  [
    [512, 512],
    [1, 0],
  ],
  [
    [384, 512],
    [1, 0],
  ],
  [
    [1, 384, 4, 32],
    [0, 2, 1, 3],
  ],
  [
    [1, 4, 384, 32],
    [0, 1, 3, 2],
  ],
  [
    [1, 56, 56, 64],
    [0, 3, 1, 2],
  ],
  [
    [1, 64, 56, 56],
    [0, 2, 3, 1],
  ],
  [
    [16, 32, 64],
    [2, 1, 0],
  ],
  [
    [8, 8, 8, 8, 8],
    [4, 2, 0, 3, 1],
  ],
];
for (const [shape, perm] of PERMUTATIONS) add('Transpose', `${text(shape)}, ${perm}`, [f(shape)], (x) => tf.transpose(x, perm));
add('Reshape', text(LARGE), [f(LARGE)], (x) => tf.reshape(x, [112 * 112, 96]));
add('ExpandDims', text(LARGE), [f(LARGE)], (x) => tf.expandDims(x, 0));
add('Concat', '2 of 4×4, last', [f([4, 4]), f([4, 4])], (x, y) => tf.concat([x, y], 1));
add('Concat', '2 of 56×56×24, channels', [f(MEDIUM), f(MEDIUM)], (x, y) => tf.concat([x, y], 3));
add(
  'Concat',
  '4 of 28×28×64, channels',
  [0, 1, 2, 3].map(() => f([1, 28, 28, 64])),
  (...all) => tf.concat(all, 3),
);
add('Concat', '2 of 112×112×96, rows', [f(LARGE), f(LARGE)], (x, y) => tf.concat([x, y], 1));
add(
  'Concat',
  '3 of 384×128, last',
  [0, 1, 2].map(() => f([1, 384, 128])),
  (...all) => tf.concat(all, 2),
);
add('Slice', '384×512, rows', [f([384, 512])], (x) => tf.slice(x, [10, 0], [300, 512]));
add('Slice', '384×512, columns', [f([384, 512])], (x) => tf.slice(x, [0, 10], [384, 300]));
add('Slice', '112×112×96, inside', [f(LARGE)], (x) => tf.slice(x, [0, 4, 4, 0], [1, 100, 100, 96]));
add('Slice', '896×16, 4 columns', [f([896, 16])], (x) => tf.slice(x, [0, 0], [896, 4]));
add('StridedSlice', '384×512, every second', [f([384, 512])], (x) => tf.stridedSlice(x, [0, 0], [384, 512], [2, 2]));
add('StridedSlice', '4, one of a shape', [i([4], 9)], (x) => tf.stridedSlice(x, [1], [2], [1]));
add('StridedSlice', '112×112×96, columns reversed', [f(LARGE)], (x) =>
  tf.stridedSlice(x, [0, 0, 111, 0], [1, 112, -113, 96], [1, 1, -1, 1]),
);
add('PadV2', '4×4', [f([4, 4])], (x) =>
  tf.pad(x, [
    [1, 1],
    [1, 1],
  ]),
);
add('PadV2', '112×112×64, 0 and 1', [f([1, 112, 112, 64])], (x) =>
  tf.pad(x, [
    [0, 0],
    [0, 1],
    [0, 1],
    [0, 0],
  ]),
);
add('PadV2', '24×24×64, channels', [f([1, 24, 24, 64])], (x) =>
  tf.pad(x, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 64],
  ]),
);
add('MirrorPad', '56×56×24, 3', [f(MEDIUM)], (x) =>
  tf.mirrorPad(
    x,
    [
      [0, 0],
      [3, 3],
      [3, 3],
      [0, 0],
    ],
    'reflect',
  ),
);
add('Tile', '1×384×1 × 128', [f([1, 384, 1])], (x) => tf.tile(x, [1, 1, 128]));
add('Tile', '64×64 × 4 × 4', [f([64, 64])], (x) => tf.tile(x, [4, 4]));
add('Tile', '4×4 × 2', [f([4, 4])], (x) => tf.tile(x, [2, 1]));
add('Reverse', '384×512, inner', [f([384, 512])], (x) => tf.reverse(x, 1));
add('Reverse', '384×512, outer', [f([384, 512])], (x) => tf.reverse(x, 0));
add(
  'Pack',
  '4 of 64×64, first',
  [0, 1, 2, 3].map(() => f([64, 64])),
  (...all) => tf.stack(all, 0),
);
add(
  'Pack',
  '4 of 64×64, last',
  [0, 1, 2, 3].map(() => f([64, 64])),
  (...all) => tf.stack(all, 2),
);
add(
  'Pack',
  '4 scalars',
  [0, 1, 2, 3].map(() => i([], 9)),
  (...all) => tf.stack(all),
);
add('Unpack', '8×64×64, first', [f([8, 64, 64])], (x) => tf.unstack(x, 0));
add('Unpack', '2304×2, last', [f([2304, 2])], (x) => tf.unstack(x, 1));
add('SplitV', '384×512 in 4, columns', [f([384, 512])], (x) => tf.split(x, 4, 1));
add('SplitV', '384×512 in 4, rows', [f([384, 512])], (x) => tf.split(x, 4, 0));
add('SplitV', '1×512 in 4 (LSTM)', [f([1, 512])], (x) => tf.split(x, 4, 1));
add('SpaceToBatchND', '32×32×32, 2', [f([1, 32, 32, 32])], (x) =>
  tf.spaceToBatchND(
    x,
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
  ),
);
add('BatchToSpaceND', '4×16×16×32, 2', [f([4, 16, 16, 32])], (x) =>
  tf.batchToSpaceND(
    x,
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
  ),
);
add('DepthToSpace', '64×64×48, 4', [f([1, 64, 64, 48])], (x) => tf.depthToSpace(x, 4, 'NHWC'));
add('Fill', '16', [], () => tf.fill([16], 1));
add('Fill', text(LARGE), [], () => tf.fill(LARGE, 1));
add('LinSpace', '1000', [], () => tf.linspace(0, 1, 1000));
add('Range', '1000', [], () => tf.range(0, 1000, 1));
add('OneHot', '1000 of 100', [i([1000], 100)], (x) => tf.oneHot(x, 100));
add('Diag', '256', [f([256])], (x) => tf.diag(x));
add('BroadcastArgs', '4, 4', [list('int32', [1, 7, 1, 3]), list('int32', [2, 1, 5, 3])], (x, y) => tf.broadcastArgs(x, y));

family = 'gather and scatter';
add('GatherV2', '384 rows of 30522×128', [f([30522, 128]), i([384], 30522)], (x, at) => tf.gather(x, at));
add('GatherV2', '2 rows of 4×4', [f([4, 4]), i([2], 4)], (x, at) => tf.gather(x, at));
add('GatherV2', '64 columns of 384×512', [f([384, 512]), i([64], 512)], (x, at) => tf.gather(x, at, 1));
add('GatherV2', '1000 of 10000', [f([10000]), i([1000], 10000)], (x, at) => tf.gather(x, at));
add('GatherNd', '17 of 48×48×17×2', [f([48, 48, 17, 2]), i([17, 3], 17)], (x, at) => tf.gatherND(x, at));
add('GatherNd', '1000 rows of 100×100×16', [f([100, 100, 16]), i([1000, 2], 100)], (x, at) => tf.gatherND(x, at));
add('ScatterNd', '1000 rows into 100×100×16', [i([1000, 2], 100), f([1000, 16])], (at, x) => tf.scatterND(at, x, [100, 100, 16]));
add(
  'TensorScatterUpdate',
  '1000 rows into 100×100×16',
  [
    f([100, 100, 16]),
    list(
      'int32',
      Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? (at >> 1) % 100 : Math.floor(at / 200))),
      [1000, 2],
    ),
    f([1000, 16]),
  ],
  (x, at, updates) => tf.tensorScatterUpdate(x, at, updates),
);
const DIAGONAL = list(
  'int32',
  Array.from({ length: 2000 }, (_, at) => at >> 1),
  [1000, 2],
);
add('SparseToDense', '1000 into 1000×1000', [DIAGONAL, f([1000])], (at, x) => tf.sparseToDense(at, x, [1000, 1000], 0));
add(
  'SparseFillEmptyRows',
  '1000 of 2000 rows',
  [DIAGONAL, f([1000]), list('int32', [2000, 1000]), f([])],
  (at, x, shape, value) => /** @type {any} */ (tf.sparse.sparseFillEmptyRows(at, x, shape, value)),
);
add(
  'SparseReshape',
  '1000',
  [DIAGONAL, list('int32', [1000, 1000]), list('int32', [500, 2000])],
  (at, shape, to) => /** @type {any} */ (tf.sparse.sparseReshape(at, shape, to)),
);
for (const [kernel, call] of /** @type {const} */ ([
  ['SparseSegmentMean', tf.sparse.sparseSegmentMean],
  ['SparseSegmentSum', tf.sparse.sparseSegmentSum],
]))
  add(kernel, '1000 of 1000×64 into 250', [f([1000, 64]), i([1000], 1000), ints(1000, (at) => at >> 2)], (x, at, segments) =>
    call(x, at, segments),
  );
add('UnsortedSegmentSum', '1000×64 into 250', [f([1000, 64]), i([1000], 250)], (x, at) => tf.unsortedSegmentSum(x, at, 250));

family = 'images';
for (const [kernel, call] of /** @type {const} */ ([
  ['ResizeBilinear', tf.image.resizeBilinear],
  ['ResizeNearestNeighbor', tf.image.resizeNearestNeighbor],
])) {
  add(kernel, '4×4×1 → 8×8', [f([1, 4, 4, 1])], (x) => call(x, [8, 8]));
  add(kernel, '640×480×3 → 192×192', [f([1, 480, 640, 3], 0, 255)], (x) => call(x, [192, 192]));
  add(kernel, '24×24×64 → 48×48', [f([1, 24, 24, 64])], (x) => call(x, [48, 48]));
  add(kernel, '128×128×32 → 256×256', [f([1, 128, 128, 32])], (x) => call(x, [256, 256]));
  add(`${kernel}Grad`, '24×24×16 → 48×48', [f([1, 24, 24, 16]), f([1, 48, 48, 16])], (images, dy) =>
    run(`${kernel}Grad`, { images, dy }, { alignCorners: false, halfPixelCenters: false, size: [48, 48] }),
  );
}
const PHOTO = f([1, 240, 320, 3], 0, 255);
add('CropAndResize', '320×240×3, 1 → 192×192', [PHOTO, list('float32', [0.1, 0.1, 0.9, 0.9], [1, 4]), list('int32', [0])], (x, boxes, at) =>
  tf.image.cropAndResize(x, boxes, at, [192, 192]),
);
add('FlipLeftRight', '320×240×3', [PHOTO], (x) => tf.image.flipLeftRight(x));
add('RotateWithOffset', '320×240×3', [PHOTO], (x) => tf.image.rotateWithOffset(x, 0.3));
add('Transform', '320×240×3, bilinear', [PHOTO, list('float32', [1, 0.1, 3, 0, 1, 2, 0, 0], [1, 8])], (x, matrix) =>
  tf.image.transform(x, matrix, 'bilinear'),
);
const [BOXES, SCORES] = [f([896, 4], 0, 1), f([896], 0, 1)];
add('NonMaxSuppressionV3', '896 boxes', [BOXES, SCORES], (x, y) => tf.image.nonMaxSuppression(x, y, 20, 0.3, 0.5));
add('NonMaxSuppressionV4', '896 boxes', [BOXES, SCORES], (x, y) => tf.image.nonMaxSuppressionPadded(x, y, 20, 0.3, 0.5));
add('NonMaxSuppressionV5', '896 boxes', [BOXES, SCORES], (x, y) => tf.image.nonMaxSuppressionWithScore(x, y, 20, 0.3, 0.5, 0.5));

family = 'strings';
const WORDS = list(
  'string',
  Array.from({ length: 1000 }, (_, at) => `word ${at % 37} of ${at}`),
);
add(
  'StringNGrams',
  '1000',
  [WORDS, list('int32', [0, 1000])],
  (x, splits) => /** @type {any} */ (tf.string.stringNGrams(x, splits, ' ', [2], '', '', 0, false)),
);
add('StringSplit', '1000', [WORDS, list('string', [' '], [])], (x, delimiter) => /** @type {any} */ (tf.string.stringSplit(x, delimiter)));
add('StringToHashBucketFast', '1000', [WORDS], (x) => tf.string.stringToHashBucketFast(x, 100));

export const CASES = /** @type {readonly Case[]} */ (cases);
