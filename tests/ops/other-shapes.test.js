// Ops whose attributes say sizes, in programs for other shapes than the graph was declared with.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { REFERENCES } from './reference/index.js';
import { measure } from './run.js';

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** Free dimensions are declared as 1; by hand: each row more of x is two more of y, from what the attributes say of one. */
for (const [what, attributes, made] of /** @type {const} */ ([
  ['SAME, one row short', { padding: 1, out_h: 1, out_w: 2 }, [11, 14]],
  ['explicit padding, one row more', { out_h: 4, out_w: 3 }, [14, 15]],
  ['no size given', { padding: 1 }, [12, 14]],
]))
  test(`conv2d_transpose: its output grows with x, ${what}`, () => {
    const graph = core.createGraph();
    const filter = { shape: [3, 3, 2, 1], data: Float32Array.from({ length: 18 }, (_, i) => i / 7 - 1) };
    const all = { stride_h: 2, stride_w: 2, ...attributes };
    const ids = [graph.input('x', 'float32', [1, -1, -1, 1]), graph.constant('float32', filter.shape, filter.data)];
    graph.output('y', graph.node('conv2d_transpose', 'it', ids, all));
    const model = graph.compile({ optimize: true });
    const x = { shape: [1, 6, 7, 1], data: Float32Array.from({ length: 42 }, (_, i) => Math.sin(i)) };
    const program = model.createProgram([x.shape]);
    assert.deepEqual(program.outputs[0].shape, [1, ...made, 2]);
    program.write(0, x.data);
    program.run();
    const expected = REFERENCES.conv2d_transpose([x, filter], { ...all, out_h: made[0], out_w: made[1] });
    const { error, where } = measure(program.read(0), expected);
    assert.ok(error <= 1e-5, where);
    model.release();
  });

test('attention: of a mask and a factor that were written down for seven words, four words use the first rows and columns', () => {
  const graph = core.createGraph();
  const values = (/** @type {number[]} */ shape, /** @type {number} */ step) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, (_, i) => Math.sin(1 + i * step)),
  });
  const [mask, factor] = [values([7, 7], 0.3), values([1, 7], 0.7)];
  const ids = [0, 1, 2].map((i) => graph.input(`in${i}`, 'float32', [2, 7, 3]));
  const constants = [mask, factor].map(({ shape, data }) => graph.constant('float32', shape, data));
  graph.output('y', graph.node('attention', 'it', [...ids, ...constants], {}));
  for (const id of ids) graph.inputShape(id, [-1, -1, 3]);
  const model = graph.compile({ optimize: true });
  const inputs = [1, 2, 3].map((step) => values([1, 4, 3], step));
  const program = model.createProgram(inputs.map(({ shape }) => shape));
  for (const [i, { data }] of inputs.entries()) program.write(i, data);
  program.run();
  const first = (/** @type {{ shape: number[], data: Float32Array }} */ { shape, data }) => {
    const n = Math.min(shape[0], 4);
    return { shape: [n, 4], data: Float32Array.from({ length: n * 4 }, (_, i) => data[Math.floor(i / 4) * 7 + (i % 4)]) };
  };
  const { error, where } = measure(program.read(0), REFERENCES.attention([...inputs, first(mask), first(factor)], {}));
  assert.ok(error <= 1e-5, where);
  model.release();
});

/** Of an axis declared as 9, or 2, and 5 in the program. By hand: first and last place of what is left. */
for (const [what, declared, from, to, made] of /** @type {const} */ ([
  ['to the end', 9, 2, 9, [2, 4]],
  ['all but the last', 9, 0, 8, [0, 3]],
  ['the first three', 9, 0, 3, [0, 2]],
  ['the first of two', 2, 0, 1, [0, 0]],
]))
  for (const op of ['slice', 'strided_slice'])
    test(`${op}: bounds that were written down for ${declared} words, ${what}, in a program for five`, () => {
      const graph = core.createGraph();
      const x = graph.input('x', 'float32', [1, declared]);
      /** @type {Record<string, number | number[]>} */
      const attributes =
        op === 'slice'
          ? { axes: [1], begin: [from], size: [to - from] }
          : { begin: [0, from], end: [1, to], strides: [1, 1], begin_mask: 1, end_mask: 1 };
      graph.output('y', graph.node(op, 'it', [x], attributes));
      graph.inputShape(x, [1, -1]);
      const model = graph.compile({ optimize: true });
      const program = model.createProgram([[1, 5]]);
      program.write(0, Float32Array.of(0, 1, 2, 3, 4));
      program.run();
      const [first, last] = made;
      assert.deepEqual(
        [...program.read(0)],
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
      model.release();
    });
