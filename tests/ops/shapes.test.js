// Shapes computed from shapes: what models with a free batch do before a reshape. They are known before the run, for each
// set of input shapes anew, and cost nothing in it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';

/** @typedef {ReturnType<import('../../js/wasm.js').Core['createGraph']>} Graph */

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** @param {Graph} graph @param {number[]} values @param {number[]} [shape] */
const ints = (graph, values, shape = [values.length]) => graph.constant('int32', shape, Int32Array.from(values));

/** x.shape[axis], as Shape and StridedSlice give it. @param {Graph} graph @param {number} x @param {number} axis */
const dimension = (graph, x, axis) =>
  graph.node('strided_slice', 'dim', [graph.node('shape', 'shape', [x], {}), ...[axis, axis + 1, 1].map((value) => ints(graph, [value]))], {
    shrink_axis_mask: 1,
  });

/** Scalars side by side, as Pack makes them. @param {Graph} graph @param {number[]} scalars */
const pack = (graph, scalars) =>
  graph.node(
    'concat',
    'pack',
    scalars.map((scalar) => graph.node('expand_dims', 'expand', [scalar], {})),
    {},
  );

/**
 * The graph's result for x of each shape, x counting from 0; and what the program runs.
 * @param {number[]} declared @param {(graph: Graph, x: number) => number} build @param {number[][]} shapes
 */
function runAll(declared, build, shapes) {
  const before = core.memory().heapBytes;
  const graph = core.createGraph();
  const x = graph.input('x', 'float32', declared);
  graph.output('y', build(graph, x));
  const model = graph.compile({ optimize: true });
  const results = shapes.map((shape) => {
    const program = model.createProgram([shape]);
    program.write(
      0,
      Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, (_, i) => i),
    );
    program.run();
    return { shape: program.outputs[0].shape, data: [...program.read(0)], text: program.describe() };
  });
  model.release();
  assert.equal(core.memory().heapBytes, before);
  return results;
}

const BATCHES = [
  [1, 2, 3],
  [4, 2, 3],
  [2, 2, 3],
];

test('shapes: a tensor broadcast to [x.shape[0], 3] follows the batch, and no step of the run computes a shape', () => {
  const results = runAll(
    [-1, 2, 3],
    (graph, x) => {
      const target = pack(graph, [dimension(graph, x, 0), ints(graph, [3], [])]);
      return graph.node('broadcast_to', 'y', [graph.constant('float32', [3], Float32Array.of(7, 8, 9)), target], {});
    },
    BATCHES,
  );
  for (const [i, [batch]] of BATCHES.entries()) {
    assert.deepEqual(results[i].shape, [batch, 3]);
    assert.deepEqual(results[i].data, new Array(batch).fill([7, 8, 9]).flat());
    assert.doesNotMatch(results[i].text, /"dim"|"pack"|"expand"|"shape"/);
  }
});

test('shapes: a fill of the shape of its input, by arithmetic on it, follows the batch', () => {
  const results = runAll(
    [-1, 2, 3],
    (graph, x) => {
      const doubled = graph.node('mul', 'doubled', [dimension(graph, x, 0), ints(graph, [2], [])], {});
      const target = pack(graph, [doubled, dimension(graph, x, 2)]);
      return graph.node('fill', 'y', [graph.constant('float32', [], Float32Array.of(5)), target], {});
    },
    BATCHES,
  );
  for (const [i, [batch]] of BATCHES.entries()) {
    assert.deepEqual(results[i].shape, [2 * batch, 3]);
    assert.deepEqual(results[i].data, new Array(6 * batch).fill(5));
  }
});

test('shapes: Shape, StridedSlice, Pack and Reshape keep the batch and flatten the rest', () => {
  const results = runAll(
    [-1, 2, 3],
    (graph, x) => {
      const rest = graph.node('mul', 'rest', [dimension(graph, x, 1), dimension(graph, x, 2)], {});
      const flat = graph.node('reshape', 'flat', [x, pack(graph, [dimension(graph, x, 0), rest])], {});
      return graph.node('neg', 'y', [flat], {});
    },
    BATCHES,
  );
  for (const [i, [batch]] of BATCHES.entries()) {
    assert.deepEqual(results[i].shape, [batch, 6]);
    assert.deepEqual(
      results[i].data,
      Array.from({ length: 6 * batch }, (_, k) => -k),
    );
    assert.doesNotMatch(results[i].text, /"dim"|"pack"|"expand"|"shape"|"rest"/);
  }
});

test('shapes: a shape that is an output of the model is given for each batch', () => {
  const results = runAll([-1, 2, 3], (graph, x) => graph.node('shape', 'y', [x], {}), BATCHES);
  assert.deepEqual(
    results.map(({ data }) => data),
    BATCHES,
  );
});

test('shapes: a range to a dimension counts to its length', () => {
  const results = runAll(
    [-1, 2, 3],
    (graph, x) => graph.node('range', 'y', [ints(graph, [0], []), dimension(graph, x, 0), ints(graph, [1], [])], {}),
    BATCHES,
  );
  assert.deepEqual(
    results.map(({ data }) => data),
    [[0], [0, 1, 2, 3], [0, 1]],
  );
});

test('shapes: a target of broadcast_to that repeats the declared batch follows another one', () => {
  const results = runAll([-1, 2, 1], (graph, x) => graph.node('broadcast_to', 'y', [x], { shape: [1, 2, 3] }), [
    [1, 2, 1],
    [2, 2, 1],
  ]);
  assert.deepEqual(results[0].data, [0, 0, 0, 1, 1, 1]);
  assert.deepEqual(results[1].shape, [2, 2, 3]);
  assert.deepEqual(results[1].data, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
});

test('shapes: strided_slice to 1 of a free axis takes its first element, whatever the batch', () => {
  const attributes = { begin: [0], end: [1], strides: [1] };
  const results = runAll([-1, 2], (graph, x) => graph.node('strided_slice', 'y', [x], attributes), [
    [1, 2],
    [3, 2],
  ]);
  assert.deepEqual(
    results.map(({ shape, data }) => ({ shape, data })),
    [
      { shape: [1, 2], data: [0, 1] },
      { shape: [1, 2], data: [0, 1] },
    ],
  );
});

test('shapes: an end of strided_slice that is all of an axis follows it to another length', () => {
  const attributes = { begin: [1], end: [2], strides: [1] };
  const build = (/** @type {Graph} */ graph, /** @type {number} */ x) =>
    graph.node('strided_slice', 'y', [graph.node('concat', 'twice', [x, x], {})], attributes);
  const results = runAll([-1, 1], build, [
    [1, 1],
    [3, 1],
  ]);
  assert.deepEqual(
    results.map(({ data }) => data),
    [[0], [1, 2, 0, 1, 2]],
  );
});

test('shapes: a target with -1 for the batch takes another batch there, though the rest was flattened with it', () => {
  const results = runAll(
    [-1, 2, 3],
    (graph, x) => {
      const rows = graph.node('reshape', 'rows', [x], { shape: [-1, 3] });
      return graph.node('reshape', 'y', [graph.node('neg', 'negative', [rows], {})], { shape: [-1, 2, 3] });
    },
    BATCHES,
  );
  for (const [i, shape] of BATCHES.entries()) assert.deepEqual(results[i].shape, shape);
});
