// Every message that shapes, attributes and the order of calls can reach: the code, the numbers in the text, no byte
// left allocated, and the core usable afterwards. What is expected is written by hand from the rule in ops.def.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { XnnError } from '../../js/errors.js';
import { instantiate } from '../../js/instantiate.js';

/** @typedef {ReturnType<import('../../js/wasm.js').Core['createGraph']>} Graph */
/**
 * @typedef {object} Wrong
 * @property {string} what
 * @property {import('../../js/errors.js').XnnErrorCode} code
 * @property {string} says  A part of the message, with its numbers.
 * @property {(graph: Graph) => void} build  Throws.
 */

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** @param {Graph} g @param {number[]} shape @param {import('../../js/wasm.js').Dtype} [dtype] */
const input = (g, shape, dtype = 'float32') => g.input('x', dtype, shape);
/** @param {Graph} g @param {number[]} shape */
const weight = (g, shape) => g.weight(0, 'float32', shape, { dtype: 'float32' });

/**
 * An op with an input for each shape of `inputs`, then a weight for each of `weights`.
 * @param {string} what @param {import('../../js/errors.js').XnnErrorCode} code @param {string} says
 * @param {string} op @param {(number[] | null)[]} inputs @param {Record<string, number | number[]>} [attributes]
 * @param {(number[] | null)[]} [weights]  null: absent
 * @returns {Wrong}
 */
const node = (what, code, says, op, inputs, attributes = {}, weights = []) => ({
  what,
  code,
  says: `node "it": ${op}: ${says}`,
  build: (g) => {
    const ids = [
      ...inputs.map((shape) => (shape === null ? -1 : input(g, shape))),
      ...weights.map((shape) => (shape === null ? -1 : weight(g, shape))),
    ];
    g.node(op, 'it', ids, attributes);
  },
});

/** @param {string} op @returns {Wrong} */
const integers = (op) => ({
  what: `${op} of integers`,
  code: 'unsupported',
  says: 'is int32, only float32 is supported',
  build: (g) => g.node(op, 'it', [input(g, [2, 3], 'int32'), ...(['div', 'prelu'].includes(op) ? [input(g, [3])] : [])], {}),
});

const NHWC = [1, 5, 5, 3];

/** @type {Wrong[]} */
const wrongs = [
  // tensors
  {
    what: 'rank 9',
    code: 'bad-shape',
    says: 'the input has 9 dimensions, at most 8 are possible',
    build: (g) => input(g, new Array(9).fill(1)),
  },
  {
    what: 'a negative dimension',
    code: 'bad-shape',
    says: 'the input has shape [2,-3], with a negative dimension',
    build: (g) => input(g, [2, -3]),
  },
  {
    what: '2 GiB',
    code: 'bad-shape',
    says: 'the input has shape [65536,8192], more than the 2147483647 bytes',
    build: (g) => input(g, [65536, 8192]),
  },
  { what: 'an unknown dtype', code: 'bad-model', says: 'unknown dtype -1', build: (g) => input(g, [1], /** @type {any} */ ('complex64')) },
  {
    what: 'a constant of other bytes',
    code: 'bad-model',
    says: 'a float32 of shape [2,3] has 24 bytes, 20 are given',
    build: (g) => g.constant('float32', [2, 3], new Float32Array(5)),
  },
  {
    what: 'a weight in a storage that does not hold it',
    code: 'bad-model',
    says: 'a float32 weight cannot be stored as int32',
    build: (g) => g.weight(1, 'float32', [2], { dtype: 'int32' }),
  },
  {
    what: 'an output that does not exist',
    code: 'bad-model',
    says: 'there is no value 7, only 1 values',
    build: (g) => g.output('y', input(g, [1]) + 7),
  },
  // nodes
  { what: 'an unknown op', code: 'unsupported', says: 'there is no op nothing', build: (g) => g.node('nothing', 'it', [], {}) },
  {
    what: 'an unknown attribute',
    code: 'unsupported',
    says: 'relu has no attribute beta',
    build: (g) => g.node('relu', 'it', [input(g, [1])], { beta: 1 }),
  },
  {
    what: 'a list that is too long',
    code: 'unsupported',
    says: 'shape has 17 values, at most 16 are possible',
    build: (g) => g.node('reshape', 'it', [input(g, [1])], { shape: new Array(17).fill(1) }),
  },
  node('too few inputs', 'bad-model', 'it has 1 inputs, and takes 2 to 3', 'add', [[1]]),
  node('too many inputs', 'bad-model', 'it has 2 inputs, and takes 1 to 1', 'relu', [[1], [1]]),
  {
    what: 'an input that does not exist',
    code: 'bad-model',
    says: 'its input 0 is value 3 of 1',
    build: (g) => g.node('relu', 'it', [input(g, [1]) + 3], {}),
  },
  node('an absent input that is needed', 'bad-model', 'its input 1 is value -1 of 1', 'add', [[1], null]),
  node('an output beyond 2 GiB', 'bad-shape', 'the output has shape [20000,30000], more than', 'add', [
    [20000, 1],
    [1, 30000],
  ]),
  // activations and broadcasting
  node('an unknown activation', 'bad-model', 'there is no activation 3', 'add', [[1], [1]], { activation: 3 }),
  node('a clamp upside down', 'bad-model', 'its activation clamps to 1 … 0', 'add', [[1], [1]], { activation: 1, act_min: 1 }),
  node('a clamp to NaN', 'bad-model', 'its activation clamps to nan … 0', 'add', [[1], [1]], { activation: 1, act_min: NaN }),
  node('a prelu without slope', 'bad-model', 'its prelu has no slope', 'add', [[1], [1]], { activation: 2 }),
  node('a slope of other channels', 'bad-shape', 'its slope is float32 [4], for 5 channels', 'add', [[2, 5], [5], [4]], { activation: 2 }),
  node('a slope for each row', 'bad-shape', 'its slope is float32 [2,1], for 5 channels', 'add', [[2, 5], [5], [2, 1]], { activation: 2 }),
  node('shapes that do not broadcast', 'bad-shape', 'shapes [2,3] and [2,4] do not broadcast: 3 against 4', 'mul', [
    [2, 3],
    [2, 4],
  ]),
  node('shapes that do not broadcast from the left', 'bad-shape', 'shapes [3] and [3,2] do not broadcast: 3 against 2', 'sub', [
    [3],
    [3, 2],
  ]),
  node('prelu with a slope of other channels', 'bad-shape', 'its slope is float32 [2], for 3 channels', 'prelu', [[2, 3], [2]]),
  node('clamp upside down', 'bad-model', 'it clamps to 2 … -2', 'clamp', [[1]], { min: 2, max: -2 }),
  node('clamp to NaN', 'bad-model', 'it clamps to 0 … nan', 'clamp', [[1]], { max: NaN }),
  // layers
  node('a filter of rank 3', 'bad-shape', 'filter has shape [3,3,3] instead of [KH,KW,C,OC]', 'conv2d', [NHWC], {}, [[3, 3, 3]]),
  node('an image of rank 3', 'bad-shape', 'x has shape [5,5,3] instead of [N,H,W,C]', 'conv2d', [[5, 5, 3]], {}, [[3, 3, 3, 2]]),
  node('a filter of other channels', 'bad-shape', 'input has 3 channels, filter expects 4', 'conv2d', [NHWC], {}, [[3, 3, 4, 2]]),
  node('a filter without channels', 'bad-shape', 'input has 3 channels, filter expects 0', 'conv2d', [NHWC], {}, [[3, 3, 0, 2]]),
  node('groups that do not divide', 'bad-shape', '5 output channels do not divide into 3 groups', 'conv2d', [NHWC], {}, [[3, 3, 1, 5]]),
  node('a bias of other channels', 'bad-shape', 'bias has shape [3], for 2 output channels', 'conv2d', [NHWC], {}, [[3, 3, 3, 2], [3]]),
  node('a bias that is no row', 'bad-shape', 'bias has shape [2,1], for 2 output channels', 'conv2d', [NHWC], {}, [
    [3, 3, 3, 2],
    [2, 1],
  ]),
  node('a filter that is computed', 'unsupported', 'its weight is computed at run time', 'conv2d', [NHWC, [3, 3, 3, 2]]),
  {
    what: 'a bias that is computed',
    code: 'unsupported',
    says: 'its bias is computed at run time',
    build: (g) => g.node('dense', 'it', [input(g, [1, 3]), weight(g, [3, 2]), input(g, [2])], {}),
  },
  node('an unknown padding', 'bad-model', 'there is no padding 2', 'conv2d', [NHWC], { padding: 2 }, [[3, 3, 3, 2]]),
  node(
    'a window that does not fit',
    'bad-shape',
    'along h, a window of 7 does not fit an input of 5 padded by 1 and 0',
    'conv2d',
    [NHWC],
    { pad_top: 1, dilation_h: 3 },
    [[3, 3, 3, 2]],
  ),
  node(
    'a negative stride',
    'bad-shape',
    'along w, input 5, kernel 3, stride -1, dilation 1, padding 0 and 0',
    'conv2d',
    [NHWC],
    { stride_w: -1 },
    [[3, 3, 3, 2]],
  ),
  node(
    'a negative padding',
    'bad-shape',
    'along h, input 5, kernel 3, stride 1, dilation 1, padding -1 and 0',
    'depthwise_conv2d',
    [NHWC],
    { pad_top: -1 },
    [[3, 3, 3, 2]],
  ),
  node(
    'a huge padding',
    'bad-shape',
    'along h, input 5, kernel 3, stride 1, dilation 1, padding 1048577 and 0',
    'depthwise_conv2d',
    [NHWC],
    { pad_top: 1048577 },
    [[3, 3, 3, 2]],
  ),
  node(
    'a huge window',
    'bad-shape',
    'along h, the window covers 1099510579201',
    'conv2d',
    [[1, 5, 5, 1]],
    { padding: 1, dilation_h: 1048576 },
    [[1048576, 1, 1, 1]],
  ),
  node(
    'an image of padding only',
    'unsupported',
    'x has shape [1,0,4,3]: its windows see padding only',
    'conv2d',
    [[1, 0, 4, 3]],
    { pad_top: 3 },
    [[3, 3, 3, 2]],
  ),
  // 44739243 groups of 2 → 1 in blocks of 8 · 3 floats: 2^32 + 32 bytes, 32 in 32 bits
  node(
    'weights that grow beyond 32 bits',
    'unsupported',
    'its weights have 4294967328 bytes when packed',
    'conv2d',
    [[1, 1, 1, 89478486]],
    {},
    [[1, 1, 2, 44739243]],
  ),
  node('dense weights that grow beyond 32 bits', 'unsupported', 'its weights have 4294967232 bytes when packed', 'dense', [[1, 1]], {}, [
    [1, 536870904],
  ]),
  node('a depthwise filter of rank 5', 'bad-shape', 'filter has shape [3,3,3,1,1] instead of [KH,KW,C,M]', 'depthwise_conv2d', [NHWC], {}, [
    [3, 3, 3, 1, 1],
  ]),
  node('a depthwise filter of other channels', 'bad-shape', 'input has 3 channels, filter expects 2', 'depthwise_conv2d', [NHWC], {}, [
    [3, 3, 2, 1],
  ]),
  node('a depthwise filter without channels', 'bad-shape', 'filter has shape [3,3,3,0]', 'depthwise_conv2d', [NHWC], {}, [[3, 3, 3, 0]]),
  node('a dense layer of a scalar', 'bad-shape', 'x has no dimension', 'dense', [[]], {}, [[1, 1]]),
  node('a dense weight of rank 3', 'bad-shape', 'w has shape [1,3,2] instead of [K,N]', 'dense', [[1, 3]], {}, [[1, 3, 2]]),
  node('a dense weight of other rows', 'bad-shape', 'x has shape [1,3], w has 4 rows and 2 columns', 'dense', [[1, 3]], {}, [[4, 2]]),
  node(
    'a transposed dense weight of other rows',
    'bad-shape',
    'x has shape [1,3], w has 2 rows and 3 columns',
    'dense',
    [[1, 3]],
    { transpose_b: 1 },
    [[3, 2]],
  ),
  // the others
  node('a pool of rank 3', 'bad-shape', 'x has shape [5,5,3] instead of [N,H,W,C]', 'max_pool2d', [[5, 5, 3]], {
    kernel_h: 2,
    kernel_w: 2,
  }),
  node('a pool that does not fit', 'bad-shape', 'along w, a window of 6 does not fit an input of 5', 'avg_pool2d', [NHWC], {
    kernel_h: 2,
    kernel_w: 6,
  }),
  node('a pool of a negative window', 'bad-shape', 'along h, input 5, kernel -2', 'max_pool2d', [NHWC], { kernel_h: -2, kernel_w: 2 }),
  node('an axis of mean that is not there', 'bad-shape', 'axis 2 of x with shape [2,3]', 'mean', [[2, 3]], { axes: [0, 2] }),
  node('an axis of mean too far from the end', 'bad-shape', 'axis -3 of x with shape [2,3]', 'mean', [[2, 3]], { axes: [-3] }),
  node('too few paddings', 'bad-shape', '2 paddings for x with shape [2,3]', 'pad', [[2, 3]], { paddings: [1, 1] }),
  node('a negative padding of pad', 'bad-shape', 'paddings 0 and -1 of axis 1', 'pad', [[2, 3]], { paddings: [0, 0, 0, -1] }),
  node('paddings beyond int32', 'bad-shape', 'paddings 2147483647 and 2147483647 of axis 0', 'pad', [[2]], {
    paddings: [2147483647, 2147483647],
  }),
  node('a reshape to rank 9', 'bad-shape', 'it makes 9 dimensions, at most 8 are possible', 'reshape', [[1]], {
    shape: new Array(9).fill(1),
  }),
  node('a reshape with two open dimensions', 'bad-shape', 'dimensions 0 and 2 are both -1', 'reshape', [[6]], { shape: [-1, 2, -1] }),
  node('a reshape to a negative dimension', 'bad-shape', 'dimension 1 is -2', 'reshape', [[6]], { shape: [3, -2] }),
  node('a reshape beyond int32', 'bad-shape', 'dimension 1 is 65536', 'reshape', [[6]], { shape: [65536, 65536] }),
  node('a reshape that does not divide', 'bad-shape', '6 elements of x with shape [2,3] do not divide by 4', 'reshape', [[2, 3]], {
    shape: [4, -1],
  }),
  node('a reshape to an open dimension beside 0', 'bad-shape', '0 elements of x with shape [0] do not divide by 0', 'reshape', [[0]], {
    shape: [0, -1],
  }),
  node('a reshape to another count', 'bad-shape', '6 elements of x with shape [2,3] become [5]', 'reshape', [[2, 3]], { shape: [5] }),
  node('an axis of concat that is not there', 'bad-shape', 'axis 2 of inputs with shape [2,3]', 'concat', [[2, 3]], { axis: 2 }),
  node(
    'a concat of other shapes',
    'bad-shape',
    'input 0 is float32 [2,3] and input 1 float32 [3,3], along axis 1',
    'concat',
    [
      [2, 3],
      [3, 3],
    ],
    { axis: 1 },
  ),
  node('a concat of other ranks', 'bad-shape', 'input 0 is float32 [2,3] and input 1 float32 [2], along axis 1', 'concat', [[2, 3], [2]], {
    axis: 1,
  }),
  {
    what: 'a concat of other dtypes',
    code: 'bad-shape',
    says: 'input 0 is float32 [2] and input 1 int32 [2], along axis 0',
    build: (g) => g.node('concat', 'it', [input(g, [2]), input(g, [2], 'int32')], {}),
  },
  node('a concat of something absent', 'bad-model', 'input 1 is absent', 'concat', [[2], null]),
  node('a concat beyond int32', 'bad-shape', 'axis 0 becomes 4294967294 long', 'concat', [
    [2147483647, 0],
    [2147483647, 0],
  ]),
  node('a resize of rank 3', 'bad-shape', 'x has shape [5,5,3] instead of [N,H,W,C]', 'resize_bilinear', [[5, 5, 3]], {
    out_h: 2,
    out_w: 2,
  }),
  node('a resize to nothing', 'bad-shape', 'it resizes to 2 × 0', 'resize_nearest', [NHWC], { out_h: 2 }),
  node('a resize of nothing', 'bad-shape', 'x has shape [1,0,5,3]: nothing to read', 'resize_bilinear', [[1, 0, 5, 3]], {
    out_h: 2,
    out_w: 2,
  }),
  node('softmax of a scalar', 'bad-shape', 'x has no dimension', 'softmax', [[]]),
  ...'relu clamp div prelu mean pad softmax arg_max'.split(' ').map(integers),
  {
    what: 'int32 and float32 together',
    code: 'bad-shape',
    says: 'a is int32 and b float32',
    build: (g) => g.node('add', 'it', [input(g, [2], 'int32'), input(g, [2])], {}),
  },
  {
    what: 'float32 and int32 together',
    code: 'unsupported',
    says: 'b is int32, only float32 is supported',
    build: (g) => g.node('add', 'it', [input(g, [2]), input(g, [2], 'int32')], {}),
  },
  {
    what: 'an activation of integers',
    code: 'unsupported',
    says: 'an activation of int32',
    build: (g) => g.node('add', 'it', [input(g, [2], 'int32'), input(g, [2], 'int32')], { activation: 1, act_max: 1 }),
  },
  node('a cast to int8', 'unsupported', 'from float32 to int8', 'cast', [[2]], { dtype: 4 }),
  node('a cast to nothing', 'unsupported', 'from float32 to unknown', 'cast', [[2]], { dtype: -1 }),
  {
    what: 'a cast of int8',
    code: 'unsupported',
    says: 'from int8 to float32',
    build: (g) => g.node('cast', 'it', [input(g, [2], 'int8')], {}),
  },
  node('an axis of arg_max that is not there', 'bad-shape', 'axis 2 of x with shape [2,3]', 'arg_max', [[2, 3]], { axis: 2 }),
  node('arg_max of nothing', 'bad-shape', 'axis 1 of x with shape [2,0]', 'arg_max', [[2, 0]], { axis: 1 }),
  node('indices that are no integers', 'bad-shape', 'indices are float32 [2]', 'gather_nd', [[2, 3], [2]]),
  {
    what: 'an index',
    code: 'bad-shape',
    says: 'indices are int32 []',
    build: (g) => g.node('gather_nd', 'it', [input(g, [2]), input(g, [], 'int32')], {}),
  },
  {
    what: 'indices of more axes than there are',
    code: 'bad-shape',
    says: 'indices of shape [4,3] into params of shape [2,3]',
    build: (g) => g.node('gather_nd', 'it', [input(g, [2, 3]), input(g, [4, 3], 'int32')], {}),
  },
  {
    what: 'a gather to rank 9',
    code: 'bad-shape',
    says: 'indices of shape [1,1,1,1,1,1,1,1] into params of shape [2,3,1]',
    build: (g) => g.node('gather_nd', 'it', [input(g, [2, 3, 1]), input(g, new Array(8).fill(1), 'int32')], {}),
  },
  node('a slice of unequal lists', 'bad-model', '2 axes, 1 begins, 2 sizes', 'slice', [[2, 3]], { axes: [0, 1], begin: [0], size: [1, 1] }),
  node('an axis of slice that is not there', 'bad-shape', 'axis -3 of x with shape [2,3]', 'slice', [[2, 3]], {
    axes: [-3],
    begin: [0],
    size: [1],
  }),
  node('a slice beyond the end', 'bad-shape', '3 elements from 1 on, of axis 1 of x with shape [2,3]', 'slice', [[2, 3]], {
    axes: [1],
    begin: [1],
    size: [3],
  }),
  node('a slice from before the start', 'bad-shape', '-1 elements from -2147483648 on, of axis 1', 'slice', [[2, 3]], {
    axes: [1],
    begin: [-2147483648],
    size: [-1],
  }),
  node('a slice from after the end', 'bad-shape', '-1 elements from 4 on, of axis 1', 'slice', [[2, 3]], {
    axes: [1],
    begin: [4],
    size: [-1],
  }),
  node('a slice of a negative size', 'bad-shape', '-2 elements from 0 on, of axis 0', 'slice', [[2, 3]], {
    axes: [0],
    begin: [0],
    size: [-2],
  }),
  node('a squeeze of a longer axis', 'bad-shape', 'axis 1 of x with shape [1,3] is not of length 1', 'squeeze', [[1, 3]], { axes: [0, 1] }),
  node('a squeeze of an axis that is not there', 'bad-shape', 'axis 2 of x with shape [1,3] is not of length 1', 'squeeze', [[1, 3]], {
    axes: [2],
  }),
  node('an axis inserted too far', 'bad-shape', 'no axis 3 can be inserted into shape [1,3]', 'expand_dims', [[1, 3]], { axis: 3 }),
  node('a ninth axis', 'bad-shape', 'no axis 0 can be inserted into shape [1,1,1,1,1,1,1,1]', 'expand_dims', [new Array(8).fill(1)]),
];

/** That the core still computes. */
function works() {
  const graph = core.createGraph();
  graph.output('y', graph.node('neg', 'it', [graph.input('x', 'float32', [2])], {}));
  const model = graph.compile({ optimize: true });
  const program = model.createProgram([[2]]);
  program.write(0, Float32Array.of(1, -2));
  program.run();
  assert.deepEqual([...program.read(0)], [-1, 2]);
  model.release();
}

/** All that were seen. @type {Set<string>} */
const messages = new Set();

/** @param {() => unknown} call @param {{ code: string, says: string }} expected */
function assertThrows(call, { code, says }) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof XnnError, String(error));
    messages.add(error.message);
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(says), `"${error.message}" does not say "${says}"`);
    return true;
  });
}

for (const wrong of wrongs)
  test(`error: ${wrong.what} is '${wrong.code}', frees all it took, and leaves the core usable`, () => {
    const before = core.memory().heapBytes;
    const graph = core.createGraph();
    assertThrows(() => wrong.build(graph), wrong);
    // the graph that refused a node is usable too
    graph.output('y', graph.node('relu', 'after', [graph.input('later', 'float32', [2])], {}));
    graph.compile({ optimize: true }).release();
    assert.equal(core.memory().heapBytes, before);
    works();
    assert.equal(core.memory().heapBytes, before);
  });

/** relu(x [-1, 3]) · w [3, 2], and its bytes in two weights. */
function denseModel() {
  const graph = core.createGraph();
  const x = graph.input('x', 'float32', [-1, 3]);
  const w = graph.weight(5, 'float32', [3, 2], { dtype: 'float32' });
  const b = graph.weight(6, 'float32', [2], { dtype: 'float32' });
  graph.output('y', graph.node('dense', 'fc', [x, w, b], {}));
  return graph.compile({ optimize: true });
}

/** @type {{ what: string, code: string, says: string, call: (model: ReturnType<typeof denseModel>) => void }[]} */
const misuses = [
  {
    what: 'a dimension that the model fixes',
    code: 'bad-shape',
    says: 'node "x": input: dimension 1 is 4, the model has 3 there',
    call: (model) => model.createProgram([[1, 4]]),
  },
  {
    what: 'a negative dimension',
    code: 'bad-shape',
    says: 'the input has shape [-2,3], with a negative dimension',
    call: (model) => model.createProgram([[-2, 3]]),
  },
  {
    what: 'run before the weights are fed',
    code: 'misuse',
    says: '2 of 2 weights have not been fed',
    call: (model) => model.createProgram([[1, 3]]).run(),
  },
  { what: 'feeding what is not wanted', code: 'misuse', says: 'weight 2 is not among the 2 wanted', call: (model) => model.feed(2) },
  { what: 'feeding before staging', code: 'misuse', says: 'weight 1 is fed, but nothing has been staged', call: (model) => model.feed(1) },
  {
    what: 'feeding twice',
    code: 'misuse',
    says: 'weight 0 has been fed',
    call: (model) => {
      model.stage(0, new Uint8Array(24));
      model.feed(0);
      model.feed(0);
    },
  },
  {
    what: 'staging after the last weight',
    code: 'misuse',
    says: 'all 2 weights have been fed',
    call: (model) => {
      for (const index of [0, 1]) {
        model.stage(0, new Uint8Array(8));
        model.feed(index);
      }
      model.stage(0, new Uint8Array(8));
    },
  },
  {
    what: 'a program that does not fit the limit of memory',
    code: 'out-of-memory',
    says: 'do not fit the limit of 10000000',
    call: (model) => {
      core.limitMemory(10_000_000);
      try {
        model.createProgram([[1_000_000, 3]]);
      } finally {
        core.limitMemory(0);
      }
    },
  },
];

for (const misuse of misuses)
  test(`error: ${misuse.what} is '${misuse.code}', and the model still runs`, () => {
    const before = core.memory().heapBytes;
    const model = denseModel();
    assert.deepEqual(model.wanted, [5, 6]);
    assertThrows(() => misuse.call(model), misuse);
    model.release();
    const fresh = denseModel();
    assertThrows(() => fresh.createProgram([[2, 2]]), { code: 'bad-shape', says: 'dimension 1 is 2' });
    const weights = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(10, 20)];
    for (const [index, values] of weights.entries()) {
      fresh.stage(0, new Uint8Array(values.buffer));
      fresh.feed(index);
    }
    const program = fresh.createProgram([[2, 3]]);
    program.write(0, Float32Array.of(1, 0, 0, 0, 1, 1));
    program.run();
    assert.deepEqual([...program.read(0)], [11, 22, 18, 30]);
    fresh.release();
    assert.equal(core.memory().heapBytes, before);
  });

test("error: tensors of 4 GB that live at once are 'out-of-memory', nothing is taken", () => {
  const before = core.memory().heapBytes;
  const graph = core.createGraph();
  const inputs = ['a', 'b', 'c'].map((name) => graph.input(name, 'float32', [-1]));
  graph.output('y', graph.node('concat', 'it', inputs, {}));
  const model = graph.compile({ optimize: true });
  const compiled = core.memory().heapBytes;
  const shapes = [[250_000_000], [250_000_000], [25_000_000]];
  assertThrows(() => model.createProgram(shapes), {
    code: 'out-of-memory',
    says: 'tensors that live at once have more than 2147483647 bytes',
  });
  assert.equal(core.memory().heapBytes, compiled);
  model.release();
  assert.equal(core.memory().heapBytes, before);
});

test("error: a window of more pointers than can be addressed is 'unsupported' when its program is made", () => {
  const before = core.memory().heapBytes;
  const graph = core.createGraph();
  const says = 'a window of 1000 × 1000 at 64 × 64 places is more than can be addressed';
  const build = () => {
    const filter = graph.weight(0, 'float32', [1000, 1000, 1, 2], { dtype: 'float32' });
    graph.output('y', graph.node('conv2d', 'it', [graph.input('x', 'float32', [1, 64, 64, 1]), filter], { padding: 1 }));
    const model = graph.compile({ optimize: true });
    try {
      model.createProgram([[1, 64, 64, 1]]);
    } finally {
      model.release();
    }
  };
  assertThrows(build, { code: 'unsupported', says });
  graph.release(); // of what was refused while the graph was built; after compile it does nothing
  assert.equal(core.memory().heapBytes, before);
  works();
});

test("error: a program for other channels than the weights are packed for is 'bad-shape'", () => {
  const before = core.memory().heapBytes;
  const graph = core.createGraph();
  const filter = graph.weight(0, 'float32', [2, 2, 1, 4], { dtype: 'float32' });
  graph.output('y', graph.node('conv2d', 'it', [graph.input('x', 'float32', [1, 5, 5, -1]), filter], {}));
  const model = graph.compile({ optimize: true });
  const says = 'node "it": conv2d: input has 2 channels, its weights are packed for 1';
  assertThrows(() => model.createProgram([[1, 5, 5, 2]]), { code: 'bad-shape', says });
  model.createProgram([[1, 5, 5, 1]]);
  model.release();
  assert.equal(core.memory().heapBytes, before);
});

for (const [what, index, says] of /** @type {const} */ ([
  ['beyond the end', 3, 'gather_nd: index 3 of axis 0, which has 3 elements'],
  ['before the start', -1, 'gather_nd: index -1 of axis 0, which has 3 elements'],
]))
  test(`error: an index ${what} is 'bad-shape' when it runs, and the next run works`, () => {
    const before = core.memory().heapBytes;
    const graph = core.createGraph();
    graph.output('y', graph.node('gather_nd', 'it', [graph.input('x', 'float32', [3, 2]), graph.input('i', 'int32', [1, 1])], {}));
    const model = graph.compile({ optimize: true });
    const program = model.createProgram([
      [3, 2],
      [1, 1],
    ]);
    const run = (/** @type {number} */ at) => {
      program.write(0, Float32Array.of(1, 2, 3, 4, 5, 6));
      program.write(1, Int32Array.of(at));
      program.run();
      return [...program.read(0)];
    };
    assertThrows(() => run(index), { code: 'bad-shape', says });
    assert.deepEqual(run(2), [5, 6]);
    model.release();
    assert.equal(core.memory().heapBytes, before);
  });

/** What no shape, attribute or order of calls can reach through js/wasm.js: each with the reason. */
const UNREACHABLE = new Map([
  ['there is no op %d', 'JavaScript knows the ops'],
  ['the run was aborted before', 'needs a flag that a test of the boundary sets'],
  ['out of memory: scratch of %zu bytes', 'no op wants so much of a tensor that can be'],
  ['its attributes have %u bytes instead of %u', 'the schema is compared at load'],
  ['it has %d axes', 'JavaScript packs at most 16'],
  ['out of memory: no %zu bytes', 'needs 4 GB; the limit stands for it'],
  ['%d threads: at least one', 'js/variants.js checks it'],
  ['already started', 'an instance is started once'],
  ['XNNPACK does not start here', 'never seen'],
  ['no pool of %d threads', 'tests/faults'],
  ['XNNPACK does not support this %s', 'no parameter that passes our checks; a hole where one does'],
  ["XNNPACK's %s fails with status %d", 'no parameter that passes our checks; a hole where one does'],
]);

test('errors: every message of src/ and kernels/ was seen in a test above, or unreachable for a reason given', () => {
  const missing = [];
  for (const folder of ['src', 'kernels']) {
    const root = new URL(`../../${folder}/`, import.meta.url);
    for (const file of readdirSync(root).filter((name) => name.endsWith('.c')))
      for (const [, format] of readFileSync(new URL(file, root), 'utf8').matchAll(/xj_fail\(XJ_\w+,\s*"([^"]+)"/g)) {
        if ([...UNREACHABLE.keys()].some((start) => format.startsWith(start))) continue;
        const pattern = format.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%(?:lld|llu|zu|td|[dgscu])/g, '.*');
        const matches = [...messages].some((message) => new RegExp(pattern).test(message));
        if (!matches) missing.push(`${folder}/${file}: ${format}`);
      }
  }
  assert.deepEqual(missing, []);
});
