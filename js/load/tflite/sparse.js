// Sparse constants of TensorFlow Lite: a tree of dimensions, each dense or a list of indices, perhaps with blocks inside.
// Source: SparsityParameters in schema.fbs; the layout is TACO's (Kjolstad et al., The Tensor Algebra Compiler, 2017).
import { XnnError } from '../../errors.js';

/** @typedef {import('../flatbuffer.js').Fields} Fields */

/** @type {Fields} */
const SPARSITY = { order: [0, 'ints'], block_map: [1, 'ints'], levels: [2, 'tables'] };
/** @type {Fields} */
const LEVEL = {
  format: [0, 'i8'],
  dense_size: [1, 'i32'],
  segments_type: [2, 'i8'],
  segments: [3, 'table'],
  indices_type: [4, 'i8'],
  indices: [5, 'table'],
};
/** The union SparseIndexVector: Int32Vector, Uint16Vector, Uint8Vector. @type {Fields[]} */
const VECTORS = [{}, { values: [0, 'ints'] }, { values: [0, 'u16s'] }, { values: [0, 'u8s'] }];
/** More dimensions, blocks included, than any kernel takes. */
const MOST_LEVELS = 16;

/**
 * One level of the tree, from the root on: `size` branches of each node, or those that segments and indices list. A branch
 * lies `stride` elements behind the one before.
 * @typedef {{ stride: number, size: number, segments?: number[], indices?: number[] }} SparseLevel
 */

/**
 * @param {(table: import('../flatbuffer.js').Table, fields: Fields) => Record<string, any>} read
 * @param {import('../flatbuffer.js').Table} table @param {number[]} shape  Of the dense tensor. @param {string} name
 * @returns {{ levels: SparseLevel[], leaves: number }}  leaves: how many elements are stored.
 */
export function readSparsity(read, table, shape, name) {
  /** @param {string} message @returns {never} */
  const bad = (message) => {
    throw new XnnError('bad-model', `sparse tensor "${name}" of shape [${shape}]: ${message}`, { node: name });
  };
  const { order = [], block_map: blocks = [], levels: tables = [] } = read(table, SPARSITY);
  const rank = shape.length;
  const count = rank + blocks.length;
  if (count > MOST_LEVELS || order.length !== count || tables.length !== count)
    bad(`${order.length} dimensions to go through, ${tables.length} described, ${blocks.length} blocks`);
  // Dimensions first, in any order, then blocks.
  for (const [first, end] of [
    [0, rank],
    [rank, count],
  ])
    if (
      new Set(order.slice(first, end)).size !== end - first ||
      !order.slice(first, end).every((/** @type {number} */ d) => d >= first && d < end)
    )
      bad(`the order [${order}] is none`);
  if (new Set(blocks).size !== blocks.length || !blocks.every((/** @type {number} */ d) => d >= 0 && d < rank))
    bad(`blocks of [${blocks}]`);

  const described = tables.map((/** @type {import('../flatbuffer.js').Table} */ entry) => read(entry, LEVEL));
  const blockSizes = shape.map(() => 1);
  for (let level = rank; level < count; level++) {
    const { format, dense_size: size } = described[level];
    const dimension = blocks[order[level] - rank];
    if (format !== 0 || size < 1 || shape[dimension] % size !== 0) bad(`blocks of ${size} in dimension ${dimension}`);
    blockSizes[dimension] = size;
  }
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((product, size) => product * size, 1));

  let leaves = 1;
  const levels = described.map((/** @type {Record<string, any>} */ fields, /** @type {number} */ level) => {
    const dimension = level < rank ? order[level] : blocks[order[level] - rank];
    const size = level < rank ? shape[dimension] / blockSizes[dimension] : blockSizes[dimension];
    const stride = strides[dimension] * (level < rank ? blockSizes[dimension] : 1);
    if (fields.format === 0) {
      if (fields.dense_size !== size || size < 1) bad(`dimension ${dimension} has ${fields.dense_size} entries instead of ${size}`);
      leaves *= size;
      return { stride, size };
    }
    /** @param {number} type @param {import('../flatbuffer.js').Table | undefined} vector @returns {number[]} */
    const list = (type, vector) => {
      const kind = VECTORS[type];
      return type > 0 && kind !== undefined && vector !== undefined
        ? (read(vector, kind).values ?? [])
        : bad(`no indices in dimension ${dimension}`);
    };
    const segments = list(fields.segments_type, fields.segments);
    const indices = list(fields.indices_type, fields.indices);
    if (fields.format !== 1 || segments.length !== leaves + 1 || segments[0] !== 0 || segments[leaves] !== indices.length)
      bad(`dimension ${dimension} has ${segments.length} segments of ${indices.length} indices for ${leaves} nodes`);
    for (let i = 0; i < leaves; i++) if (segments[i + 1] < segments[i]) bad(`segment ${i} of dimension ${dimension} ends before it begins`);
    for (const index of indices) if (!(index >= 0 && index < size)) bad(`index ${index} in dimension ${dimension} of ${size}`);
    leaves = indices.length;
    return { stride, size, segments, indices };
  });
  return { levels, leaves };
}

/**
 * @param {SparseLevel[]} levels @param {Uint8Array} stored  The elements that are there: as many as the tree has leaves.
 * @param {number} elementBytes @param {number} count  Elements of the dense tensor.
 * @returns {Uint8Array}  The dense tensor's.
 */
export function expandSparse(levels, stored, elementBytes, count) {
  // Where each node of the level lies. No level has more of them than the file has numbers.
  let nodes = Int32Array.of(0);
  for (const { stride, size, segments, indices } of levels) {
    const next = new Int32Array(indices?.length ?? nodes.length * size);
    for (let i = 0, at = 0; i < nodes.length; i++) {
      const branches = segments === undefined ? size : segments[i + 1] - segments[i];
      for (let k = 0; k < branches; k++, at++) next[at] = nodes[i] + (indices === undefined ? k : indices[at]) * stride;
    }
    nodes = next;
  }
  const dense = new Uint8Array(count * elementBytes);
  for (let i = 0; i < nodes.length; i++)
    for (let byte = 0; byte < elementBytes; byte++) dense[nodes[i] * elementBytes + byte] = stored[i * elementBytes + byte];
  return dense;
}
