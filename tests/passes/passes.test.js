// Each pass before and after: the ops that are left, and that both programs compute the same. What must be left is
// written by hand from what the pass says it does (src/passes/passes.h).
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { assertClose, compile, opsOf, run } from './graphs.js';

/** @import { Builder } from './graphs.js' */

/** Optimised against not, of the largest value. Measured 1.4e-7: the bias is added first, not last. */
const LIMIT = 1e-6;

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/**
 * @typedef {object} Rewrite
 * @property {string} claim
 * @property {string} before  ops of the program as it was built
 * @property {string} after
 * @property {(b: Builder) => number[]} build
 * @property {number[][]} [shapes]  of the inputs, where they are free
 */

const IMAGE = [2, 5, 6, 3];
const ROWS = [0, 0, 1, 2, 2, 1, 0, 0];
/** @param {Builder} b @param {number} x @param {Record<string, number>} [attributes] */
const conv = (b, x, attributes) => b.node('conv2d', [x, b.constant([3, 3, 3, 4])], attributes);
/** @param {Builder} b @param {number[]} paddings @param {number} [value] */
const padded = (b, paddings, value = 0) => b.node('pad', [b.input(IMAGE)], { paddings, value });
/** @param {Builder} b @param {number} x */
const dense = (b, x) => b.node('dense', [x, b.constant([3, 4])]);

/** @type {Rewrite[]} */
const REWRITES = [
  // drop_identities
  {
    claim: 'an identity goes',
    before: 'relu identity neg',
    after: 'relu neg',
    build: (b) => [b.node('neg', [b.node('identity', [b.node('relu', [b.input([3])])])])],
  },
  {
    claim: 'identities after each other go',
    before: 'identity identity neg',
    after: 'neg',
    build: (b) => [b.node('neg', [b.node('identity', [b.node('identity', [b.input([3])])])])],
  },
  {
    claim: 'an identity that is the output goes',
    before: 'neg identity',
    after: 'neg',
    build: (b) => [b.node('identity', [b.node('neg', [b.input([3])])])],
  },
  { claim: 'an identity between input and output goes', before: 'identity', after: '', build: (b) => [b.node('identity', [b.input([3])])] },
  {
    claim: 'an identity with two readers goes from both',
    before: 'identity neg abs',
    after: 'neg abs',
    build: (b) => {
      const x = b.node('identity', [b.input([3])]);
      return [b.node('neg', [x]), b.node('abs', [x])];
    },
  },
  {
    claim: 'an identity of a constant goes: it is derived, and no step even unoptimised',
    before: 'add',
    after: 'add',
    build: (b) => [b.node('add', [b.input([3]), b.node('identity', [b.constant([3])])])],
  },
  {
    claim: 'a filter may be derived from constants: as it is, under another shape, computed',
    before: 'conv2d conv2d conv2d',
    after: 'conv2d conv2d conv2d',
    build: (b) => {
      const x = b.input(IMAGE);
      const filters = [
        b.node('identity', [b.weight([1, 1, 3, 4])]),
        b.node('reshape', [b.weight([3, 4])], { shape: [1, 1, 3, 4] }),
        b.node('mul', [b.weight([1, 1, 3, 4]), b.constant([4])]),
      ];
      return filters.map((filter) => b.node('conv2d', [x, filter]));
    },
  },
  // drop_dead, which runs in both
  {
    claim: 'nodes that no output needs go, even unoptimised',
    before: 'neg',
    after: 'neg',
    build: (b) => {
      const x = b.input([3]);
      b.node('exp', [b.node('abs', [x])]);
      return [b.node('neg', [x])];
    },
  },
  // fold_padding
  { claim: 'a pad goes into the convolution', before: 'pad conv2d', after: 'conv2d', build: (b) => [conv(b, padded(b, ROWS))] },
  {
    claim: 'a pad adds to the padding that is there',
    before: 'pad conv2d',
    after: 'conv2d',
    build: (b) => [conv(b, padded(b, ROWS), { pad_top: 2, pad_right: 1, stride_h: 2, stride_w: 2, dilation_w: 2 })],
  },
  {
    claim: 'a pad goes into the depthwise convolution',
    before: 'pad depthwise_conv2d',
    after: 'depthwise_conv2d',
    build: (b) => [b.node('depthwise_conv2d', [padded(b, ROWS), b.constant([3, 3, 3, 2])], { pad_left: 1, stride_h: 2 })],
  },
  {
    claim: 'a pad with another reader stays for it',
    before: 'pad conv2d abs',
    after: 'pad conv2d abs',
    build: (b) => {
      const x = padded(b, ROWS);
      return [conv(b, x), b.node('abs', [x])];
    },
  },
  {
    claim: 'a pad that is an output stays',
    before: 'pad conv2d',
    after: 'pad conv2d',
    build: (b) => {
      const x = padded(b, ROWS);
      return [conv(b, x), x];
    },
  },
  {
    claim: 'a pad goes into two convolutions',
    before: 'pad conv2d conv2d',
    after: 'conv2d conv2d',
    build: (b) => {
      const x = padded(b, ROWS);
      return [conv(b, x), conv(b, x, { pad_top: 1 })];
    },
  },
  {
    claim: 'a pad before SAME stays: the window counts from the padded edge',
    before: 'pad conv2d',
    after: 'pad conv2d',
    build: (b) => [conv(b, padded(b, ROWS), { padding: 1, stride_h: 2 })],
  },
  {
    claim: 'a pad of channels stays',
    before: 'pad conv2d',
    after: 'pad conv2d',
    build: (b) => [b.node('conv2d', [padded(b, [0, 0, 1, 1, 0, 0, 0, 1]), b.constant([3, 3, 4, 2])])],
  },
  {
    claim: 'a pad of the batch stays',
    before: 'pad conv2d',
    after: 'pad conv2d',
    build: (b) => [conv(b, padded(b, [1, 0, 1, 1, 0, 0, 0, 0]))],
  },
  {
    claim: 'a pad with another value than 0 stays',
    before: 'pad conv2d',
    after: 'pad conv2d',
    build: (b) => [conv(b, padded(b, ROWS, 0.5))],
  },
  {
    claim: 'a pad before a pool stays: pools leave padding out',
    before: 'pad max_pool2d',
    after: 'pad max_pool2d',
    build: (b) => [b.node('max_pool2d', [padded(b, ROWS)], { kernel_h: 2, kernel_w: 2 })],
  },
  {
    claim: 'a pad beyond what a window may have stays',
    before: 'pad conv2d',
    after: 'pad conv2d',
    build: (b) => [
      b.node('conv2d', [b.node('pad', [b.input([1, 1, 1, 1])], { paddings: [0, 0, 1048576, 0, 0, 0, 0, 0] }), b.constant([2, 1, 1, 1])], {
        pad_top: 1,
        stride_h: 65536,
      }),
    ],
  },
  // fold_scale
  {
    claim: 'an add of a row becomes the bias',
    before: 'conv2d add',
    after: 'conv2d',
    build: (b) => [b.node('add', [conv(b, b.input(IMAGE)), b.constant([4])])],
  },
  {
    claim: 'an add of a row on the left becomes the bias',
    before: 'conv2d add',
    after: 'conv2d',
    build: (b) => [b.node('add', [b.constant([1, 1, 4]), conv(b, b.input(IMAGE))])],
  },
  {
    claim: 'an add of a row after a dense layer becomes the bias',
    before: 'dense add',
    after: 'dense',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.constant([1, 4])])],
  },
  {
    claim: 'an add of a weight becomes the bias',
    before: 'dense add',
    after: 'dense',
    build: (b) => [b.node('add', [b.node('dense', [b.input([2, 3]), b.weight([3, 4])]), b.weight([4])])],
  },
  {
    claim: 'an add of a row after a depthwise convolution becomes the bias',
    before: 'depthwise_conv2d add',
    after: 'depthwise_conv2d',
    build: (b) => [b.node('add', [b.node('depthwise_conv2d', [b.input(IMAGE), b.constant([3, 3, 3, 2])]), b.constant([6])])],
  },
  {
    claim: 'one row is the bias of two layers and the scale of one',
    before: 'dense add dense add mul',
    after: 'dense dense',
    build: (b) => {
      const row = b.constant([4]);
      const x = b.input([2, 3]);
      return [b.node('add', [dense(b, x), row]), b.node('mul', [b.node('add', [dense(b, x), row]), row])];
    },
  },
  {
    claim: 'an add of a row joins the bias that a layer has',
    before: 'dense add',
    after: 'dense',
    build: (b) => [b.node('add', [b.node('dense', [b.input([2, 3]), b.constant([3, 4]), b.constant([4])]), b.constant([4])])],
  },
  {
    claim: 'an add of one number stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.constant([1])])],
  },
  {
    claim: 'an add of a scalar stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.constant([])])],
  },
  {
    claim: 'an add of one number for each row stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.constant([2, 1])])],
  },
  {
    claim: 'an add of a column as long as a row stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [dense(b, b.input([4, 3])), b.constant([4, 1])])],
  },
  {
    claim: 'an add of a whole tensor stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.constant([2, 4])])],
  },
  {
    claim: 'an add that raises the rank stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.constant([1, 1, 4])])],
  },
  {
    claim: 'an add of a row that is computed stays',
    before: 'dense neg add',
    after: 'dense neg add',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.node('neg', [b.input([4])])])],
  },
  {
    claim: 'an add with an activation stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), b.constant([4])], { activation: 1, act_max: 1 })],
  },
  {
    claim: 'a sub of a row becomes the bias',
    before: 'dense sub',
    after: 'dense',
    build: (b) => [b.node('sub', [dense(b, b.input([2, 3])), b.constant([4])])],
  },
  {
    claim: 'an add stays where the layer has another reader',
    before: 'dense add abs',
    after: 'dense add abs',
    build: (b) => {
      const y = dense(b, b.input([2, 3]));
      return [b.node('add', [y, b.constant([4])]), b.node('abs', [y])];
    },
  },
  {
    claim: 'an add stays where the layer is an output',
    before: 'dense add',
    after: 'dense add',
    build: (b) => {
      const y = dense(b, b.input([2, 3]));
      return [y, b.node('add', [y, b.constant([4])])];
    },
  },
  {
    claim: 'an add stays behind a layer that ends in an activation',
    before: 'dense add',
    after: 'dense add',
    build: (b) => [b.node('add', [b.node('dense', [b.input([2, 3]), b.constant([3, 4])], { activation: 1, act_max: 1 }), b.constant([4])])],
  },
  {
    claim: 'an add of a layer to itself stays',
    before: 'dense add',
    after: 'dense add',
    build: (b) => {
      const y = dense(b, b.input([2, 3]));
      return [b.node('add', [y, y])];
    },
  },
  {
    claim: 'a bias holds for every batch',
    before: 'dense add',
    after: 'dense',
    shapes: [[7, 3]],
    build: (b) => [b.node('add', [dense(b, b.input([-1, 3])), b.constant([1, 4])])],
  },
  {
    claim: 'an add of several rows to a free batch stays',
    before: 'dense add',
    after: 'dense add',
    shapes: [[5, 3]],
    build: (b) => [b.node('add', [dense(b, b.input([-1, 3])), b.constant([5, 4])])],
  },
  // fuse_activation
  .../** @type {[string, Record<string, number>][]} */ ([
    ['relu', {}],
    ['relu6', {}],
    ['clamp', { min: -0.2, max: 0.3 }],
  ]).flatMap(([op, attributes]) => [
    /** @type {Rewrite} */ ({
      claim: `${op} goes into a convolution`,
      before: `conv2d ${op}`,
      after: 'conv2d',
      build: (b) => [b.node(op, [conv(b, b.input(IMAGE))], attributes)],
    }),
    /** @type {Rewrite} */ ({
      claim: `${op} goes into an addition`,
      before: `add ${op}`,
      after: 'add',
      build: (b) => [b.node(op, [b.node('add', [b.input([2, 5]), b.input([5])])], attributes)],
    }),
    /** @type {Rewrite} */ ({
      claim: `${op} goes into a dense layer`,
      before: `dense ${op}`,
      after: 'dense',
      build: (b) => [b.node(op, [dense(b, b.input([2, 3]))], attributes)],
    }),
  ]),
  .../** @type {number[][]} */ ([[4], [1, 1, 4], [1]]).flatMap((slope) => [
    /** @type {Rewrite} */ ({
      claim: `prelu of slope [${slope}] goes into a convolution`,
      before: 'conv2d prelu',
      after: 'conv2d',
      build: (b) => [b.node('prelu', [conv(b, b.input(IMAGE)), b.constant(slope)])],
    }),
    /** @type {Rewrite} */ ({
      claim: `prelu of slope [${slope}] goes into a product`,
      before: 'mul prelu',
      after: 'mul',
      build: (b) => [b.node('prelu', [b.node('mul', [b.input([3, 4]), b.input([4])]), b.constant(slope)])],
    }),
  ]),
  {
    claim: 'prelu of a weight goes into a dense layer',
    before: 'dense prelu',
    after: 'dense',
    build: (b) => [b.node('prelu', [b.node('dense', [b.input([2, 3]), b.weight([3, 4])]), b.weight([4])])],
  },
  .../** @type {number[][]} */ ([
    [3, 4],
    [3, 1],
    [2, 3, 4],
  ]).map((slope) => ({
    claim: `prelu of slopes [${slope}] for more than the last axis stays`,
    before: 'mul prelu',
    after: 'mul prelu',
    /** @type {Rewrite['build']} */
    build: (b) => [b.node('prelu', [b.node('mul', [b.input([3, 4]), b.input([4])]), b.constant(slope)])],
  })),
  {
    claim: 'prelu of a computed slope stays',
    before: 'dense neg prelu',
    after: 'dense neg prelu',
    build: (b) => [b.node('prelu', [dense(b, b.input([2, 3])), b.node('neg', [b.input([4])])])],
  },
  {
    claim: 'prelu whose slope is the layer itself stays',
    before: 'dense prelu',
    after: 'dense prelu',
    build: (b) => [b.node('prelu', [b.constant([4]), dense(b, b.input([3]))])],
  },
  {
    claim: 'relu stays where the convolution has another reader',
    before: 'conv2d relu abs',
    after: 'conv2d relu abs',
    build: (b) => {
      const y = conv(b, b.input(IMAGE));
      return [b.node('relu', [y]), b.node('abs', [y])];
    },
  },
  {
    claim: 'relu stays where the convolution is an output',
    before: 'conv2d relu',
    after: 'conv2d relu',
    build: (b) => {
      const y = conv(b, b.input(IMAGE));
      return [y, b.node('relu', [y])];
    },
  },
  {
    claim: 'only the first of two activations goes',
    before: 'conv2d relu relu6',
    after: 'conv2d relu6',
    build: (b) => [b.node('relu6', [b.node('relu', [conv(b, b.input(IMAGE))])])],
  },
  {
    claim: 'relu stays behind an activation that is there',
    before: 'add relu',
    after: 'add relu',
    build: (b) => [b.node('relu', [b.node('add', [b.input([5]), b.input([5])], { activation: 1, act_min: -1, act_max: 1 })])],
  },
  {
    claim: 'relu stays behind what has no activation',
    before: 'max_pool2d relu',
    after: 'max_pool2d relu',
    build: (b) => [b.node('relu', [b.node('max_pool2d', [b.input(IMAGE)], { kernel_h: 2, kernel_w: 2 })])],
  },
  { claim: 'relu of an input stays', before: 'relu', after: 'relu', build: (b) => [b.node('relu', [b.input([5])])] },
  {
    claim: 'leaky_relu goes into the convolution, with its slope',
    before: 'conv2d leaky_relu',
    after: 'conv2d',
    build: (b) => [b.node('leaky_relu', [conv(b, b.input(IMAGE))], { alpha: 0.1 })],
  },
  ...['sigmoid', 'tanh', 'elu', 'hard_swish', 'gelu', 'silu', 'exp', 'softplus', 'hard_sigmoid'].flatMap((op) =>
    ['conv2d', 'depthwise_conv2d', 'dense', 'add', 'mul_add'].map((source) => ({
      claim: `${op} goes into ${source}`,
      before: `${source} ${op}`,
      after: source,
      build: (/** @type {import('./graphs.js').Builder} */ b) => {
        const x = b.input(source.includes('conv') ? IMAGE : [700, 3]);
        const others =
          { conv2d: [[3, 3, 3, 4], [4]], depthwise_conv2d: [[3, 3, 3, 1]], dense: [[3, 4]], add: [[3]], mul_add: [[3], [1]] }[source] ?? [];
        const y = b.node(source, [x, ...others.map((shape) => b.constant(shape))]);
        return [b.node(op, [y], { elu: { alpha: 0.7 }, hard_sigmoid: { alpha: 0.3, beta: 0.4 } }[op] ?? {})];
      },
    })),
  ),
  {
    claim: 'an add behind an activation stays',
    before: 'conv2d relu add',
    after: 'conv2d add',
    build: (b) => [b.node('add', [b.node('relu', [conv(b, b.input(IMAGE))]), b.constant([4])])],
  },
  ...['conv2d', 'depthwise_conv2d', 'dense'].map((op) => ({
    claim: `batch normalisation behind ${op} of weights becomes its scale and bias`,
    before: `${op} mul add relu6`,
    after: op,
    build: (/** @type {import('./graphs.js').Builder} */ b) => {
      const channels = op === 'depthwise_conv2d' ? 6 : 4;
      const [gamma, beta, mean] = [b.weight([channels]), b.weight([channels]), b.weight([channels])];
      const variance = b.node('square', [b.weight([channels])]);
      const scale = b.node('mul', [gamma, b.node('rsqrt', [b.node('add', [variance, b.constant([], [0.001])])])]);
      const shift = b.node('sub', [beta, b.node('mul', [mean, scale])]);
      const x = b.input(op === 'dense' ? [2, 3] : IMAGE);
      const w = b.weight({ conv2d: [3, 3, 3, 4], depthwise_conv2d: [3, 3, 3, 2], dense: [3, 4] }[op] ?? []);
      return [b.node('relu6', [b.node('add', [b.node('mul', [b.node(op, [x, w]), scale]), shift])])];
    },
  })),
  {
    claim: 'a row of factors on either side, twice, becomes one scale, and scales the bias',
    before: 'dense mul mul',
    after: 'dense',
    build: (b) => [
      b.node('mul', [
        b.constant([4]),
        b.node('mul', [b.node('dense', [b.input([2, 3]), b.weight([3, 4]), b.constant([4])]), b.constant([1, 4])]),
      ]),
    ],
  },
  {
    claim: 'one factor for all channels becomes the scale',
    before: 'conv2d mul',
    after: 'conv2d',
    build: (b) => [b.node('mul', [b.node('conv2d', [b.input(IMAGE), b.weight([3, 3, 3, 4]), b.constant([4])]), b.constant([])])],
  },
  {
    claim: 'a division by a row and a difference of one become scale and bias',
    before: 'dense div sub',
    after: 'dense',
    build: (b) => [b.node('sub', [b.node('div', [dense(b, b.input([2, 3])), b.constant([4], [2, -3, 0.5, 7])]), b.constant([4])])],
  },
  {
    claim: 'a division of a row by a layer stays, and a difference from it',
    before: 'dense div dense sub',
    after: 'dense div dense sub',
    build: (b) => [
      b.node('div', [b.constant([4]), dense(b, b.input([2, 3]))]),
      b.node('sub', [b.constant([4]), dense(b, b.input([2, 3]))]),
    ],
  },
  {
    claim: 'a factor behind an activation or a second reader stays',
    before: 'dense dense relu mul mul neg',
    after: 'dense dense mul mul neg',
    build: (b) => {
      const y = dense(b, b.input([2, 3]));
      return [
        b.node('mul', [b.node('relu', [dense(b, b.input([2, 3]))]), b.constant([4])]),
        b.node('mul', [y, b.constant([4])]),
        b.node('neg', [y]),
      ];
    },
  },
  {
    claim: 'a factor for each row stays',
    before: 'dense mul',
    after: 'dense mul',
    build: (b) => [b.node('mul', [dense(b, b.input([4, 3])), b.constant([4, 1])])],
  },
  // fuse_residual
  {
    claim: 'the sum of two layers goes into the later one',
    before: 'dense dense add',
    after: 'dense dense',
    build: (b) => [b.node('add', [dense(b, b.input([2, 3])), dense(b, b.input([2, 3]))])],
  },
  {
    claim: 'the sum of a layer and an input becomes its residual, a prelu behind it stays inside',
    before: 'conv2d add prelu',
    after: 'conv2d',
    build: (b) => [
      b.node('prelu', [b.node('add', [b.input([1, 5, 5, 4]), conv(b, b.input([1, 5, 5, 3]), { padding: 1 })]), b.constant([4])]),
    ],
  },
  {
    claim: 'a depthwise layer with a residual clamps after the sum',
    before: 'depthwise_conv2d add relu6',
    after: 'depthwise_conv2d',
    build: (b) => {
      const x = b.input([1, 5, 5, 3]);
      return [b.node('relu6', [b.node('add', [b.node('depthwise_conv2d', [x, b.weight([3, 3, 3, 1])], { padding: 1 }), x])])];
    },
  },
  {
    claim: 'the sum of a layer with itself, with another shape, or behind an activation stays',
    before: 'dense dense add add dense relu add',
    after: 'dense dense add add dense add',
    build: (b) => {
      const [x, y] = [dense(b, b.input([2, 3])), dense(b, b.input([2, 3]))];
      return [
        b.node('add', [x, x]),
        b.node('add', [y, b.input([1, 4])]),
        b.node('add', [b.node('relu', [dense(b, b.input([2, 3]))]), b.input([2, 4])]),
      ];
    },
  },
  // fold_scale behind a residual
  {
    claim: "NoNorm: scale and shift of a layer's sum with its input go into the layer, the relu too",
    before: 'dense add mul add relu',
    after: 'dense',
    build: (b) => {
      const x = b.input([3, 5]);
      const sum = b.node('add', [b.node('dense', [x, b.weight([5, 5]), b.weight([5])]), x]);
      return [b.node('relu', [b.node('add', [b.node('mul', [sum, b.weight([5])]), b.weight([5])])])];
    },
  },
  {
    claim: 'batch normalisation of a sum goes into the later of two convolutions, another scale and a number as well',
    before: 'conv2d conv2d mul add sub mul add div mul prelu',
    after: 'conv2d conv2d',
    build: (b) => {
      const [x, y] = [conv(b, b.input(IMAGE)), b.node('mul', [conv(b, b.input(IMAGE)), b.constant([4])])];
      const norm = b.node('mul', [b.node('sub', [b.node('add', [x, y]), b.constant([4])]), b.constant([1, 1, 4])]);
      const again = b.node('div', [b.node('add', [b.constant([4]), norm]), b.constant([1], [0.5])]);
      return [b.node('prelu', [b.node('mul', [again, b.constant([4])]), b.constant([4])])];
    },
  },
  {
    claim: 'one number times the sum of a depthwise layer goes in, one added stays',
    before: 'depthwise_conv2d add mul add',
    after: 'depthwise_conv2d add',
    build: (b) => {
      const x = b.input([1, 5, 5, 3]);
      const sum = b.node('add', [x, b.node('depthwise_conv2d', [x, b.weight([3, 3, 3, 1])], { padding: 1 })]);
      return [b.node('add', [b.node('mul', [b.constant([], [3]), sum]), b.constant([], [2])])];
    },
  },
  {
    claim: 'factors of a sum that is read twice, or that are none for each channel, stay',
    before: 'dense add dense add mul mul neg',
    after: 'dense dense mul mul neg',
    build: (b) => {
      const x = b.input([4, 4]);
      const [y, z] = [0, 1].map(() => b.node('add', [b.node('dense', [x, b.constant([4, 4])]), x]));
      return [b.node('mul', [y, b.constant([4, 1])]), b.node('mul', [z, b.constant([4])]), b.node('neg', [z])];
    },
  },
  {
    claim: 'NoNorm holds for every batch',
    before: 'dense add mul add',
    after: 'dense',
    shapes: [[7, 4]],
    build: (b) => {
      const x = b.input([-1, 4]);
      const sum = b.node('add', [b.node('dense', [x, b.constant([4, 4])]), x]);
      return [b.node('add', [b.node('mul', [sum, b.constant([4])]), b.constant([1, 4])])];
    },
  },
  // fold_constants, share_common
  {
    claim: 'what follows from constants is no step, whatever its size',
    before: 'add',
    after: 'add',
    build: (b) => [b.node('add', [b.input([3, 2000]), b.node('exp', [b.node('mul', [b.weight([2000]), b.constant([])])])])],
  },
  {
    claim: 'the same of the same is computed once',
    before: 'sigmoid mul sigmoid mul add',
    after: 'sigmoid mul add',
    build: (b) => {
      const x = b.input([3, 4]);
      const y = [0, 1].map(() => b.node('mul', [b.node('sigmoid', [x]), b.constant([4], [1, 2, 3, 4])]));
      return [b.node('add', y)];
    },
  },
  {
    claim: 'other attributes, operands or their order are not the same',
    before: 'leaky_relu leaky_relu sub sub concat',
    after: 'leaky_relu leaky_relu sub sub concat',
    build: (b) => {
      const x = b.input([3, 4]);
      const [p, q] = [0.1, 0.2].map((alpha) => b.node('leaky_relu', [x], { alpha }));
      return [b.node('concat', [b.node('sub', [p, q]), b.node('sub', [q, p])], { axis: 0 })];
    },
  },
  // name_gelu, name_silu, name_hard_swish, name_clamp
  {
    claim: 'gelu by erf in three orders of its factors becomes one',
    before: 'mul erf add mul mul mul erf add mul mul mul erf add mul mul',
    after: 'gelu gelu gelu',
    build: (b) => {
      const gate = (/** @type {number} */ x, /** @type {number} */ root) =>
        b.node('add', [b.node('erf', [b.node('mul', [x, b.constant([], [root])])]), b.constant([], [1])]);
      const half = b.constant([], [0.5]);
      return [0, 1, 2].map((order) => {
        const x = b.input([40]);
        const factor = gate(x, Math.SQRT1_2);
        if (order === 0) return b.node('mul', [b.node('mul', [x, half]), factor]);
        if (order === 1) return b.node('mul', [x, b.node('mul', [half, factor])]);
        return b.node('mul', [half, b.node('mul', [factor, x])]);
      });
    },
  },
  {
    claim: 'gelu by tanh becomes one, and goes into the layer',
    before: 'dense pow mul add mul tanh add mul mul',
    after: 'dense',
    build: (b) => {
      const x = dense(b, b.input([9, 3]));
      const cube = b.node('mul', [b.node('pow', [x, b.constant([], [3])]), b.constant([], [0.044715])]);
      const inside = b.node('mul', [b.node('add', [x, cube]), b.constant([], [Math.sqrt(2 / Math.PI)])]);
      const gate = b.node('add', [b.constant([], [1]), b.node('tanh', [inside])]);
      return [b.node('mul', [b.node('mul', [x, gate]), b.constant([], [0.5])])];
    },
  },
  {
    claim: 'silu, hard sigmoid and hard swish, as they are exported, become one each',
    before: 'sigmoid mul add relu6 mul add relu6 div mul add relu6 mul mul',
    after: 'silu hard_sigmoid hard_swish hard_swish',
    build: (b) => {
      const three = b.constant([], [3]);
      const clamped = (/** @type {number} */ x) => b.node('relu6', [b.node('add', [x, three])]);
      const [p, q, r, s] = [0, 1, 2, 3].map(() => b.input([40]));
      return [
        b.node('mul', [b.node('sigmoid', [p]), p]),
        b.node('mul', [clamped(q), b.constant([], [1 / 6])]),
        b.node('mul', [r, b.node('div', [clamped(r), b.constant([], [6])])]),
        b.node('mul', [b.node('mul', [s, clamped(s)]), b.constant([], [1 / 6])]),
      ];
    },
  },
  {
    claim: 'a leaky relu and clamps by maximum and minimum become what they are',
    before: 'conv2d dense maximum mul maximum minimum',
    after: 'dense conv2d clamp',
    build: (b) => {
      const x = conv(b, b.input(IMAGE));
      const y = b.node('maximum', [dense(b, b.input([2, 3])), b.constant([], [-0.5])]);
      return [b.node('maximum', [b.node('mul', [b.constant([], [0.2]), x]), x]), b.node('minimum', [b.constant([], [0.25]), y])];
    },
  },
  {
    claim: 'what only looks like them stays',
    before: 'mul maximum add relu6 sigmoid mul mul',
    after: 'mul maximum add sigmoid mul mul',
    build: (b) => {
      const [x, y] = [b.input([40]), b.input([40])];
      const tripled = b.node('maximum', [x, b.node('mul', [x, b.constant([], [3])])]);
      const shifted = b.node('relu6', [b.node('add', [y, b.constant([], [2])])]);
      return [b.node('mul', [b.node('sigmoid', [x]), y]), tripled, b.node('mul', [shifted, b.constant([], [1 / 6])])];
    },
  },
  // fold_transpose, constant_matmul
  {
    claim: 'a matmul with a matrix of constants becomes dense, and its bias and relu go in',
    before: 'batch_matmul add relu',
    after: 'dense',
    build: (b) => [b.node('relu', [b.node('add', [b.node('batch_matmul', [b.input([2, 5, 3]), b.weight([3, 4])]), b.weight([4])])])],
  },
  {
    claim: 'whichever way the constants are transposed, and once more before',
    before: 'batch_matmul batch_matmul batch_matmul',
    after: 'dense dense dense',
    build: (b) => {
      const x = b.input([5, 3]);
      const turned = () => b.node('transpose', [b.weight([4, 3])], { perm: [1, 0] });
      return [
        b.node('batch_matmul', [x, b.weight([4, 3])], { transpose_b: 1 }),
        b.node('batch_matmul', [x, turned()]),
        b.node('batch_matmul', [x, b.node('transpose', [b.weight([3, 4])])], { transpose_b: 1 }),
      ];
    },
  },
  {
    claim: 'constants of more axes, on the left, or with the left side transposed stay a matmul',
    before: 'batch_matmul batch_matmul batch_matmul',
    after: 'batch_matmul batch_matmul batch_matmul',
    build: (b) => [
      b.node('batch_matmul', [b.input([2, 5, 3]), b.weight([2, 3, 4])]),
      b.node('batch_matmul', [b.weight([4, 5]), b.input([5, 3])]),
      b.node('batch_matmul', [b.input([3, 5]), b.weight([3, 4])], { transpose_a: 1 }),
    ],
  },
  {
    claim: 'the shuffles around matmuls become strides, where a relu keeps them apart from attention',
    before: 'reshape transpose reshape transpose batch_matmul mul relu reshape transpose batch_matmul transpose reshape',
    after: 'reshape reshape batch_matmul mul reshape batch_matmul reshape',
    build: (b) => {
      const heads = () => b.node('transpose', [b.node('reshape', [b.input([1, 6, 8])], { shape: [1, 6, 2, 4] })], { perm: [0, 2, 1, 3] });
      const scores = b.node('batch_matmul', [heads(), heads()], { transpose_b: 1 });
      const weights = b.node('relu', [b.node('mul', [scores, b.constant([], [0.5])])]);
      const mixed = b.node('transpose', [b.node('batch_matmul', [weights, heads()])], { perm: [0, 2, 1, 3] });
      return [b.node('reshape', [mixed], { shape: [1, 6, 8] })];
    },
  },
  {
    claim: 'a transpose that others read stays for them; one of any rank and with its axes as an input folds too',
    before: 'transpose transpose batch_matmul neg batch_matmul',
    after: 'transpose batch_matmul neg batch_matmul',
    build: (b) => {
      const x = b.node('transpose', [b.input([3, 4])], { perm: [1, 0] });
      const y = b.node('transpose', [b.input([2, 3, 4, 5])], { perm: [-1, 0, 2, 1] });
      return [b.node('batch_matmul', [x, b.input([3, 2])]), b.node('neg', [x]), b.node('batch_matmul', [y, b.input([5, 2, 3, 6])])];
    },
  },
  {
    claim: 'transposes after each other are one, and none where they undo each other',
    before: 'transpose transpose neg transpose transpose neg',
    after: 'transpose neg neg',
    build: (b) => {
      const twice = (/** @type {number[][]} */ ...perms) =>
        perms.reduce((x, perm) => b.node('transpose', [x], { perm }), b.input([2, 3, 4]));
      return [b.node('neg', [twice([1, 2, 0], [0, 2, 1])]), b.node('neg', [twice([1, 2, 0], [2, 0, 1])])];
    },
  },
  {
    claim: 'a matmul whose result is read twice, transposed once, stays before the transpose',
    before: 'batch_matmul transpose neg',
    after: 'batch_matmul transpose neg',
    build: (b) => {
      const y = b.node('batch_matmul', [b.input([2, 3]), b.input([3, 4])]);
      return [b.node('transpose', [y]), b.node('neg', [y])];
    },
  },
  // fuse_attention
  {
    claim: 'attention with its shuffles becomes one',
    before: 'reshape transpose reshape transpose batch_matmul mul add softmax reshape transpose batch_matmul transpose reshape',
    after: 'reshape reshape reshape attention reshape',
    build: (b) => {
      const heads = () => b.node('transpose', [b.node('reshape', [b.input([1, 6, 8])], { shape: [1, 6, 2, 4] })], { perm: [0, 2, 1, 3] });
      const scores = b.node('batch_matmul', [heads(), heads()], { transpose_b: 1 });
      const masked = b.node('add', [b.node('mul', [scores, b.constant([], [0.5])]), b.weight([1, 1, 6, 6])]);
      const mixed = b.node('transpose', [b.node('batch_matmul', [b.node('softmax', [masked]), heads()])], { perm: [0, 2, 1, 3] });
      return [b.node('reshape', [mixed], { shape: [1, 6, 8] })];
    },
  },
  .../** @type {[string, string, (b: Builder, scores: number) => number][]} */ ([
    ['nothing between', '', (_, scores) => scores],
    ['a divisor', 'div ', (b, scores) => b.node('div', [scores, b.constant([1], [2])])],
    ['a mask on the left', 'add ', (b, scores) => b.node('add', [b.input([5, 6]), scores])],
    ['two numbers', 'mul div ', (b, scores) => b.node('div', [b.node('mul', [b.constant([1], [3]), scores]), b.constant([], [-2])])],
    ['a factor and a mask', 'mul add ', (b, scores) => b.node('add', [b.node('mul', [scores, b.input([6])]), b.input([5, 1])])],
    ['a factor before the number', 'mul mul ', (b, scores) => b.node('mul', [b.node('mul', [b.input([6]), scores]), b.constant([], [2])])],
    [
      'scores for a mask',
      'batch_matmul add ',
      (b, scores) => b.node('add', [b.node('batch_matmul', [b.input([2, 5, 4]), b.input([2, 4, 6])]), scores]),
    ],
  ]).map(
    ([what, between, build]) =>
      /** @type {Rewrite} */ ({
        claim: `attention becomes one: ${what}`,
        before: `batch_matmul ${between}softmax batch_matmul`,
        after: what === 'scores for a mask' ? 'batch_matmul attention' : 'attention',
        build: (b) => {
          const scores = b.node('batch_matmul', [b.input([2, 5, 3]), b.input([2, 3, 6])]);
          return [b.node('batch_matmul', [b.node('softmax', [build(b, scores)]), b.input([2, 6, 4])])];
        },
      }),
  ),
  {
    claim: "attention becomes one whose scores are the keys' with queries, transposed, and whose sum is of values with weights",
    before: 'batch_matmul transpose softmax batch_matmul transpose',
    after: 'attention',
    build: (b) => {
      const scores = b.node('batch_matmul', [b.input([2, 6, 3]), b.input([2, 5, 3])], { transpose_b: 1 });
      const weights = b.node('softmax', [b.node('transpose', [scores], { perm: [0, 2, 1] })]);
      const sum = b.node('batch_matmul', [b.input([2, 6, 4]), weights], { transpose_a: 1, transpose_b: 1 });
      return [b.node('transpose', [sum], { perm: [2, 0, 1] })];
    },
  },
  {
    claim: 'attention becomes one whose operands come transposed in every way, and the sum too',
    before: 'transpose transpose batch_matmul transpose softmax batch_matmul transpose',
    after: 'attention',
    build: (b) => {
      const moved = (/** @type {number[]} */ shape, /** @type {number[]} */ perm) => b.node('transpose', [b.input(shape)], { perm });
      const scores = b.node('batch_matmul', [moved([3, 5, 2], [2, 0, 1]), moved([6, 2, 3], [1, 0, 2])], { transpose_a: 1, transpose_b: 1 });
      const sum = b.node('batch_matmul', [moved([2, 4, 6], [0, 1, 2]), b.node('softmax', [scores])], { transpose_b: 1 });
      return [b.node('transpose', [sum], { perm: [1, 0, 2] })];
    },
  },
  .../** @type {[string, string, (b: Builder, scores: number) => number[]][]} */ ([
    ['scores that are an output', '', (b, scores) => [scores, b.node('softmax', [scores])]],
    [
      'weights that others read',
      '',
      (b, scores) => {
        const weights = b.node('softmax', [scores]);
        return [weights, weights];
      },
    ],
    ['scores that end in a function', 'tanh ', (b, scores) => [b.node('softmax', [b.node('tanh', [scores])])]],
    [
      'a number after the mask',
      'add mul ',
      (b, scores) => [b.node('softmax', [b.node('mul', [b.node('add', [scores, b.input([6])]), b.constant([], [2])])])],
    ],
    ['a mask that makes the scores more', 'add ', (b, scores) => [b.node('softmax', [b.node('add', [scores, b.input([2, 5, 6])])])]],
    ['a number that is no number', 'mul ', (b, scores) => [b.node('softmax', [b.node('mul', [scores, b.constant([], [0])])])]],
  ]).map(
    ([what, between, build]) =>
      /** @type {Rewrite} */ ({
        claim: `attention stays as it is: ${what}`,
        before: `batch_matmul ${between}softmax batch_matmul`,
        after: `batch_matmul ${between}softmax batch_matmul`,
        build: (b) => {
          const made = build(b, b.node('batch_matmul', [b.input([1, 5, 3]), b.input([3, 6])]));
          return [...made.slice(0, -1), b.node('batch_matmul', [made[made.length - 1], b.input([6, 4])])];
        },
      }),
  ),
  {
    claim: 'attention takes other numbers of words than it was declared with',
    before: 'batch_matmul mul add softmax batch_matmul',
    after: 'attention',
    shapes: [
      [2, 9, 3],
      [2, 7, 3],
      [2, 1, 7],
    ],
    build: (b) => {
      const [q, kv] = [b.input([-1, -1, 3]), b.input([-1, -1, 3])];
      const scores = b.node('mul', [b.node('batch_matmul', [q, kv], { transpose_b: 1 }), b.constant([], [0.5])]);
      return [b.node('batch_matmul', [b.node('softmax', [b.node('add', [scores, b.input([-1, 1, -1])])]), kv])];
    },
  },
  // fuse_mul_add
  {
    claim: 'a factor and a term that no layer takes become one, with the relu behind',
    before: 'concat mul add relu',
    after: 'concat mul_add',
    build: (b) => {
      const x = b.node('concat', [b.input([2, 4]), b.input([2, 3])], { axis: 1 });
      return [b.node('relu', [b.node('add', [b.weight([7]), b.node('mul', [x, b.weight([7])])])])];
    },
  },
  {
    claim: 'a product that an addition repeats stays',
    before: 'mul add',
    after: 'mul add',
    build: (b) => [b.node('add', [b.node('mul', [b.input([1, 4]), b.constant([4])]), b.input([3, 4])])],
  },
  // together
  {
    claim: 'pad, convolution, bias, identity and prelu become one',
    before: 'pad conv2d add identity prelu',
    after: 'conv2d',
    build: (b) => [b.node('prelu', [b.node('identity', [b.node('add', [conv(b, padded(b, ROWS)), b.constant([4])])]), b.constant([4])])],
  },
  {
    claim: 'a residual addition and its relu end up in the second layer',
    before: 'conv2d add relu conv2d add add relu',
    after: 'conv2d conv2d',
    build: (b) => {
      const x = b.node('relu', [b.node('add', [conv(b, b.input(IMAGE), { padding: 1 }), b.constant([4])])]);
      const y = b.node('add', [b.node('conv2d', [x, b.constant([1, 1, 4, 4])]), b.constant([4])]);
      return [b.node('relu', [b.node('add', [x, y])])];
    },
  },
];

for (const rewrite of REWRITES)
  test(`passes: ${rewrite.claim}`, (t) => {
    const heap = core.memory().heapBytes;
    const [plain, optimised] = [false, true].map((optimize) => {
      const model = compile(core, optimize, rewrite.build);
      const program = model.createProgram(rewrite.shapes ?? model.shapes);
      const result = { ops: opsOf(program).join(' '), results: run(program), types: program.outputs };
      model.release();
      return result;
    });
    assert.equal(plain.ops, rewrite.before, 'before');
    assert.equal(optimised.ops, rewrite.after, 'after');
    assert.deepEqual(optimised.types, plain.types);
    const error = Math.max(...optimised.results.map((values, i) => assertClose(values, plain.results[i], LIMIT)));
    if (error > 0) t.diagnostic(`${rewrite.after}: ${error.toExponential(2)} of the largest value`);
    assert.equal(core.memory().heapBytes, heap, 'bytes stay allocated');
  });

test('passes: a row of a table where nothing is left to do gives the same bits twice', () => {
  const [{ build }] = REWRITES.slice(-1);
  const results = [1, 2].map(() => {
    const model = compile(core, true, build);
    const values = run(model.createProgram([IMAGE]));
    model.release();
    return values;
  });
  assert.deepEqual(results[0], results[1]);
});
