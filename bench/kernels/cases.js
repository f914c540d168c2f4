// The shapes in which models spend their time: MobileBERT's products, MobileNets' convolutions.

/**
 * @typedef {{ shape: number[], from?: 'input' | 'weight' }} Operand
 * @typedef {{ label: string, op: string, operands: Operand[], attributes?: Record<string, number | number[]> }} Case
 */

const SAME = 1; // ops.def
/** A matmul with constants: [m,k] · [k,n]. @param {number} m @param {number} k @param {number} n @returns {Case} */
const dense = (m, k, n) => ({
  label: `dense ${m}×${k}×${n}`,
  op: 'dense',
  operands: [{ shape: [m, k] }, { shape: [k, n], from: 'weight' }, { shape: [n], from: 'weight' }],
});

/** @param {number} size @param {number} channels @param {number} outputs @param {number} kernel @param {number} stride @returns {Case} */
const conv = (size, channels, outputs, kernel, stride) => ({
  label: `conv ${kernel}×${kernel} s${stride} ${size}×${size}, ${channels} → ${outputs}`,
  op: 'conv2d',
  operands: [
    { shape: [1, size, size, channels] },
    { shape: [kernel, kernel, channels, outputs], from: 'weight' },
    { shape: [outputs], from: 'weight' },
  ],
  attributes: { stride_h: stride, stride_w: stride, padding: SAME },
});

/** The same with int8 weights; counted as if they were products of floats. @param {Case} layer @returns {Case} */
const int8 = (layer) => ({ ...layer, label: `int8 ${layer.label}`, op: `qd_${layer.op}` });

/** @param {number} size @param {number} channels @param {number} kernel @param {number} stride @param {number} [dilation] @returns {Case} */
const depthwise = (size, channels, kernel, stride, dilation = 1) => ({
  label: `depthwise ${kernel}×${kernel} s${stride} ${size}×${size}, ${channels}${dilation === 1 ? '' : `, dilation ${dilation}`}`,
  op: 'depthwise_conv2d',
  operands: [
    { shape: [1, size, size, channels] },
    { shape: [kernel, kernel, channels, 1], from: 'weight' },
    { shape: [channels], from: 'weight' },
  ],
  attributes: { stride_h: stride, stride_w: stride, dilation_h: dilation, dilation_w: dilation, padding: SAME },
});

/** @param {string} op @param {number} size @param {number} channels @param {number} kernel @param {number} stride @returns {Case} */
const pool = (op, size, channels, kernel, stride) => ({
  label: `${op} ${kernel}×${kernel} s${stride} ${size}×${size}, ${channels}`,
  op,
  operands: [{ shape: [1, size, size, channels] }],
  attributes: { kernel_h: kernel, kernel_w: kernel, stride_h: stride, stride_w: stride, padding: SAME },
});

const [SEQUENCE, HEADS, HEAD] = [384, 4, 32];
const heads = { shape: [1, SEQUENCE, HEADS, HEAD] };
const SPLIT = [0, 2, 1, 3]; // heads before words
/** @type {Case[]} */
const attention = [
  {
    label: `batch_matmul scores ${SEQUENCE} words, ${HEADS} heads of ${HEAD}`,
    op: 'batch_matmul',
    operands: [heads, heads],
    attributes: { transpose_b: 1, perm_a: SPLIT, perm_b: SPLIT },
  },
  {
    label: `batch_matmul context ${SEQUENCE} words, ${HEADS} heads of ${HEAD}`,
    op: 'batch_matmul',
    operands: [{ shape: [1, HEADS, SEQUENCE, SEQUENCE] }, heads],
    attributes: { perm_b: SPLIT, perm_y: SPLIT },
  },
  {
    label: `attention ${SEQUENCE} words, ${HEADS} heads of ${HEAD}, mask`,
    op: 'attention',
    operands: [heads, heads, heads, { shape: [1, 1, SEQUENCE, SEQUENCE] }],
    attributes: { scale: 1 / Math.sqrt(HEAD), perm_q: SPLIT, perm_k: SPLIT, perm_v: SPLIT, perm_y: SPLIT },
  },
  {
    label: 'attention 197 patches, 12 heads of 64',
    op: 'attention',
    operands: [1, 2, 3].map(() => ({ shape: [1, 12, 197, 64] })),
    attributes: { scale: 1 / 8 },
  },
  { label: 'batch_matmul 384³', op: 'batch_matmul', operands: [{ shape: [384, 384] }, { shape: [384, 384] }] },
];

/** @type {readonly Case[]} */
export const CASES = [
  dense(384, 512, 128),
  dense(384, 128, 512),
  dense(384, 384, 384),
  dense(1, 512, 512),
  conv(224, 3, 32, 3, 2),
  conv(256, 3, 24, 5, 2),
  conv(112, 16, 16, 1, 1),
  conv(64, 24, 24, 1, 1),
  conv(56, 32, 32, 1, 1),
  conv(56, 24, 144, 1, 1),
  conv(28, 64, 64, 1, 1),
  conv(28, 128, 128, 1, 1),
  conv(14, 256, 256, 1, 1),
  conv(14, 512, 512, 1, 1),
  ...[dense(384, 512, 128), dense(384, 128, 512), dense(1, 512, 512), conv(56, 24, 144, 1, 1), conv(28, 128, 128, 1, 1)].map(int8),
  ...[conv(14, 512, 512, 1, 1), conv(28, 64, 64, 3, 1)].map(int8),
  depthwise(128, 24, 3, 1), // blazeface
  depthwise(96, 16, 3, 1), // facemesh
  depthwise(112, 32, 3, 1),
  depthwise(28, 192, 3, 1),
  depthwise(14, 512, 3, 1), // channels a power of two: columns share sets of the cache
  depthwise(12, 128, 3, 1),
  depthwise(7, 336, 3, 1),
  depthwise(96, 16, 3, 2),
  depthwise(112, 64, 3, 2),
  depthwise(28, 96, 3, 2),
  depthwise(28, 120, 5, 1),
  depthwise(7, 480, 5, 1),
  depthwise(56, 72, 5, 2),
  depthwise(33, 128, 3, 1, 2),
  depthwise(28, 64, 5, 1, 2),
  pool('max_pool2d', 128, 24, 2, 2),
  pool('max_pool2d', 96, 16, 2, 2),
  pool('max_pool2d', 112, 64, 3, 2),
  pool('avg_pool2d', 56, 64, 2, 2),
  { label: 'pad 48×48, 16 → 32', op: 'pad', operands: [{ shape: [1, 48, 48, 16] }], attributes: { paddings: [0, 0, 0, 0, 0, 0, 0, 16] } },
  ...attention,
  { label: 'softmax 1536×384', op: 'softmax', operands: [{ shape: [HEADS * SEQUENCE, SEQUENCE] }] },
  {
    label: 'layer_norm 384×512',
    op: 'layer_norm',
    operands: [{ shape: [SEQUENCE, 512] }, { shape: [512], from: 'weight' }, { shape: [512], from: 'weight' }],
    attributes: { epsilon: 1e-6, n_axes: 1 },
  },
  {
    label: 'mul_add 384×512 (NoNorm)',
    op: 'mul_add',
    operands: [{ shape: [SEQUENCE, 512] }, { shape: [512], from: 'weight' }, { shape: [512], from: 'weight' }],
  },
];
