// MobileBERT for question answering (arXiv 2004.02984): 24 blocks, hidden 512, bottleneck 128, 4 heads of 32, 4 feed-forward
// nets in each block (or other sizes), NoNorm, trigram embedding. As @tensorflow-models/qna has it: three inputs and global_step, which nobody reads.

import { createNetwork } from './network.js';

/**
 * @typedef {import('./network.js').Network} Network
 * @typedef {import('./network.js').Tensor} Tensor
 */

/** intermediate: inside of a feed-forward net; stack: of these in a block. */
const SIZES = { hidden: 512, bottleneck: 128, embedding: 128, intermediate: 512, heads: 4, stack: 4 };
/** @typedef {typeof SIZES} Sizes */
/** A residual that is added has a tenth of the variance of what it is added to, and NoNorm divides that by 1.1. */
const BRANCH = 0.1;

/**
 * How the trigram embedding cuts off the first and the last word: with ends that are left open or count from the end; with all bounds
 * written as indices of the sequence; with begins and sizes.
 * @typedef {'open' | 'indices' | 'sizes'} Bounds
 */

/**
 * @param {{ blocks?: number, sequence?: number, vocabulary?: number, batch?: number, seed?: number, bounds?: Bounds, positions?: number,
 *   sizes?: Partial<Sizes> }} [options]
 *   batch: -1 where it is free, which only open bounds allow. positions: places that weights are made for, the first of which are used:
 *   so networks of several lengths have the same weights.
 */
export function mobileBert(options = {}) {
  const { blocks = 24, sequence = 384, vocabulary = 30522, batch = -1, seed = 41, bounds = 'open', positions = sequence } = options;
  const sizes = { ...SIZES, ...options.sizes };
  const net = createNetwork({ seed });
  const ids = net.input('input_ids', [batch, sequence], 'int32');
  const mask = net.input('input_mask', [batch, sequence], 'int32');
  const segments = net.input('segment_ids', [batch, sequence], 'int32');
  net.input('global_step', [], 'int32');

  let hidden = embeddings(net, ids, segments, { vocabulary, bounds, positions, ...sizes });
  const bias = maskBias(net, mask);
  for (let i = 0; i < blocks; i++) hidden = block(net, hidden, bias, sizes, `layer_${i}`);

  const logits = net.dense(hidden, 2, { gain: 4, name: 'cls/squad/logits' });
  const parts = net.transpose(logits, [2, 0, 1]);
  for (const [i, name] of ['start_logits', 'end_logits'].entries()) {
    const attrs = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 1, Index: 'DT_INT32' };
    const [begin, end, one] = [i, i + 1, 1].map((at) => net.ints('at', [at]));
    net.output(net.op('StridedSlice', [parts, begin, end, one], [batch, sequence], { name, attrs }));
  }
  return net;
}

/**
 * y = x * scale + shift.
 * @param {Network} net @param {Tensor} x @param {string} name @param {number} [size]  About what the scales are.
 */
function noNorm(net, x, name, size = 1) {
  const channels = x.shape[x.shape.length - 1];
  const scale = net.constant(`${name}/FakeLayerNorm/gamma`, [channels], net.uniform([channels], 0.9 * size, 1.1 * size));
  const shift = net.constant(`${name}/FakeLayerNorm/beta`, [channels], net.uniform([channels], -0.1, 0.1));
  return net.binary('AddV2', net.binary('Mul', x, scale, `${name}/mul`), shift, `${name}/norm`);
}

/** @param {Network} net @param {Tensor} x @param {Tensor} residual @param {string} name */
function addNoNorm(net, x, residual, name) {
  return noNorm(net, net.binary('AddV2', x, residual, `${name}/add`), name, 1 / Math.sqrt(1 + BRANCH));
}

/**
 * @param {Network} net @param {Tensor} ids @param {Tensor} segments
 * @param {{ vocabulary: number, bounds: Bounds, positions: number } & Sizes} options
 */
function embeddings(net, ids, segments, { vocabulary, bounds, positions, embedding, hidden }) {
  const [batch, sequence] = ids.shape;
  const table = (/** @type {string} */ name, /** @type {number[]} */ shape, /** @type {number} */ variance) =>
    net.constant(`embeddings/${name}`, shape, net.centred(shape, variance));
  const axis = net.constant('embeddings/axis', [], Int32Array.of(0));
  const words = net.op('GatherV2', [table('word_embeddings', [vocabulary, embedding], 1), ids, axis], [batch, sequence, embedding], {
    name: 'embeddings/words',
    attrs: { batch_dims: 0, Tparams: 'DT_FLOAT', Tindices: 'DT_INT32', Taxis: 'DT_INT32' },
  });

  // Each word with its neighbours: the next one, itself, the one before.
  const shifted = (/** @type {number} */ by) => {
    const attrs = { ...{ ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0, Index: 'DT_INT32' }, begin_mask: 5, end_mask: 5 };
    const next = by > 0;
    const open = bounds === 'open';
    const size = [batch, sequence - 1, embedding];
    const begin = net.ints('embeddings/begin', next ? [0, 1, 0] : [0, 0, 0]);
    const end = net.ints('embeddings/end', open ? [0, next ? 0 : -1, 0] : [batch, next ? sequence : sequence - 1, embedding]);
    const masks = next ? { end_mask: 7 } : { begin_mask: 7 };
    const part =
      bounds === 'sizes'
        ? net.op('Slice', [words, begin, net.ints('embeddings/size', size)], size, { attrs: { Index: 'DT_INT32' } })
        : net.op('StridedSlice', [words, begin, end, net.ints('embeddings/step', [1, 1, 1])], size, {
            attrs: { ...attrs, ...(open ? masks : { begin_mask: 0, end_mask: 0 }) },
          });
    const paddings = net.constant('embeddings/paddings', [3, 2], Int32Array.from(next ? [0, 0, 0, 1, 0, 0] : [0, 0, 1, 0, 0, 0]));
    return net.op('Pad', [part, paddings], words.shape, { attrs: { Tpaddings: 'DT_INT32' } });
  };
  const last = net.constant('embeddings/last', [], Int32Array.of(2));
  const trigrams = net.op('ConcatV2', [shifted(1), words, shifted(-1), last], [batch, sequence, 3 * embedding], {
    attrs: { N: 3, Tidx: 'DT_INT32' },
  });
  const wide = net.dense(trigrams, hidden, { name: 'embeddings/transformation' });

  const depth = net.constant('embeddings/depth', [], Int32Array.of(2));
  const [on, off] = [1, 0].map((value) => net.scalar('embeddings/one_hot', value));
  const oneHot = net.op('OneHot', [segments, depth, on, off], [batch, sequence, 2], {
    name: 'embeddings/segments',
    attrs: { axis: -1, T: 'DT_FLOAT', TI: 'DT_INT32' },
  });
  const types = net.dense(oneHot, hidden, { bias: false, gain: 0.1, name: 'embeddings/token_type' });
  const sum = net.binary('AddV2', wide, types, 'embeddings/sum');
  const places = net.centred([1, positions, hidden], 0.1).slice(0, sequence * hidden);
  const place = net.constant('embeddings/position_embeddings', [1, sequence, hidden], places);
  const placed = net.binary('AddV2', sum, place, 'embeddings/placed');
  return noNorm(net, placed, 'embeddings');
}

/** What the scores get: −10000 where no word is. [n,1,s,s] @param {Network} net @param {Tensor} mask */
function maskBias(net, mask) {
  const [batch, sequence] = mask.shape;
  const sizes = [{ of: mask, axis: 0 }, 1, { of: mask, axis: 1 }];
  const words = net.op('Cast', [net.reshape(mask, sizes)], [batch, 1, sequence], {
    name: 'mask/cast',
    attrs: { SrcT: 'DT_INT32', DstT: 'DT_FLOAT', Truncate: false },
  });
  const rows = [{ of: mask, axis: 0 }, { of: mask, axis: 1 }, 1];
  const ones = net.op('Fill', [net.scalar('mask/one', 1)], [batch, sequence, 1], { name: 'mask/ones', sizes: rows });
  const pairs = net.binary('Mul', ones, words, 'mask/pairs');
  const axis = net.constant('mask/axis', [], Int32Array.of(1));
  const wide = net.op('ExpandDims', [pairs, axis], [batch, 1, sequence, sequence], { attrs: { Tdim: 'DT_INT32' } });
  const absent = net.binary('Sub', net.scalar('mask/whole', 1), wide, 'mask/absent');
  return net.binary('Mul', absent, net.scalar('mask/low', -10000), 'mask/bias');
}

/** @param {Network} net @param {Tensor} hidden @param {Tensor} bias @param {Sizes} sizes @param {string} name */
function block(net, hidden, bias, sizes, name) {
  const bottleneck = (/** @type {string} */ part) =>
    noNorm(net, net.dense(hidden, sizes.bottleneck, { name: `${name}/bottleneck/${part}` }), `${name}/bottleneck/${part}`);
  const input = bottleneck('input');
  const shared = bottleneck('attention');

  const context = attention(net, shared, hidden, bias, sizes.heads, `${name}/attention`);
  const attended = net.dense(context, sizes.bottleneck, { gain: BRANCH, name: `${name}/attention/output` });
  let y = addNoNorm(net, attended, input, `${name}/attention/output`);
  for (let i = 0; i < sizes.stack - 1; i++) y = feedForward(net, y, sizes.intermediate, `${name}/ffn_${i}`);
  y = feedForward(net, y, sizes.intermediate, name);
  const wide = net.dense(y, sizes.hidden, { gain: BRANCH, name: `${name}/output/bottleneck` });
  return addNoNorm(net, wide, hidden, `${name}/output/bottleneck`);
}

/** @param {Network} net @param {Tensor} x @param {number} size  Inside. @param {string} name */
function feedForward(net, x, size, name) {
  const inside = net.dense(x, size, { activation: 'relu', name: `${name}/intermediate` });
  return addNoNorm(net, net.dense(inside, x.shape[2], { gain: 2 * BRANCH, name: `${name}/output` }), x, `${name}/output`);
}

/**
 * @param {Network} net @param {Tensor} shared  [n,s,128] @param {Tensor} hidden  [n,s,512] @param {Tensor} bias @param {number} heads
 * @param {string} name
 */
function attention(net, shared, hidden, bias, heads, name) {
  const [batch, sequence, bottleneck] = shared.shape;
  const size = bottleneck / heads;
  const split = (/** @type {string} */ part, /** @type {Tensor} */ x) => {
    const y = net.dense(x, bottleneck, { name: `${name}/${part}`, gain: part === 'value' ? 1 : 2 });
    return net.transpose(net.reshape(y, [{ of: x, axis: 0 }, { of: x, axis: 1 }, heads, size]), [0, 2, 1, 3]);
  };
  const [query, key, value] = [split('query', shared), split('key', shared), split('value', hidden)];
  const scores = net.op('BatchMatMulV2', [query, key], [batch, heads, sequence, sequence], {
    name: `${name}/scores`,
    attrs: { adj_x: false, adj_y: true },
  });
  const scaled = net.binary('Mul', scores, net.scalar(`${name}/scale`, 1 / Math.sqrt(size)), `${name}/scaled`);
  const weights = net.unary('Softmax', net.binary('AddV2', scaled, bias, `${name}/masked`), `${name}/probabilities`);
  const context = net.op('BatchMatMulV2', [weights, value], [batch, heads, sequence, size], {
    name: `${name}/context`,
    attrs: { adj_x: false, adj_y: false },
  });
  return net.reshape(net.transpose(context, [0, 2, 1, 3]), [{ of: shared, axis: 0 }, { of: shared, axis: 1 }, bottleneck]);
}
