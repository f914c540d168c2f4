// Every message that shapes, attributes and the order of calls can reach: the code, the numbers in the text, no byte
// left allocated, and the core usable afterwards. What is expected is written by hand from the rule in ops.def.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { XnnError } from '../../js/errors.js';
import { instantiate } from '../../js/instantiate.js';
import { opRow } from '../../js/schema.js';
import { WRONGS } from './errors/index.js';
import { late } from './errors/move.js';

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

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

for (const wrong of WRONGS)
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
    graph.output('y', graph.node('conv2d', 'it', [graph.input('x', 'float32', [1, 64, 64, 1]), filter], { padding: 1, dilation_w: 2 }));
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

for (const { op, attributes = {}, inputs, wrong, right, expected } of late)
  test(`error: ${op} says 'bad-shape' of its data when it runs, and the next run works`, () => {
    const before = core.memory().heapBytes;
    const graph = core.createGraph();
    const ids = inputs.map(([dtype, shape], i) => graph.input(`in${i}`, dtype, shape));
    graph.output('y', graph.node(op, 'it', ids, attributes));
    const model = graph.compile({ optimize: true });
    const program = model.createProgram(inputs.map(([, shape]) => shape));
    const run = (/** @type {number[][]} */ values) => {
      for (const [i, [dtype]] of inputs.entries())
        program.write(i, dtype === 'int32' ? Int32Array.from(values[i]) : Float32Array.from(values[i]));
      program.run();
      return [...program.read(0)];
    };
    for (const { values, says } of wrong) {
      assertThrows(() => run(values), { code: 'bad-shape', says });
      assert.deepEqual(run(right), expected);
    }
    model.release();
    assert.equal(core.memory().heapBytes, before);
  });

for (const { what, code, says, call } of [
  {
    what: 'an eager call with too few operands',
    code: 'bad-model',
    says: 'add: 1 inputs instead of 2 to 3',
    call: (/** @type {number} */ tensor) => {
      core.eager.operand(tensor, 0, [4], 0, false);
      core.eager.run(opRow('add'), {}, -1);
    },
  },
  {
    what: 'an operand that is read before the run, of more than 256 bytes',
    code: 'unsupported',
    says: 'reshape: input 1 is read before the run: 260 bytes',
    call: (/** @type {number} */ tensor) => {
      core.eager.operand(tensor, 0, [4], 0, false);
      core.eager.operand(tensor, 1, [65], 0, true);
      core.eager.run(opRow('reshape'), {}, -1);
    },
  },
])
  test(`error: ${what} is '${code}', and leaves the core usable`, () => {
    const tensor = core.eager.create(260);
    core.eager.begin();
    assertThrows(() => call(tensor), { code, says });
    core.eager.release(tensor);
    core.eager.reset();
    works();
  });

/** What no shape, attribute or order of calls can reach through js/wasm.js: each with the reason. */
const UNREACHABLE = new Map([
  ['there is no op %d', 'JavaScript knows the ops'],
  ['the run was aborted before', 'needs a flag that a test of the boundary sets'],
  ['out of memory: scratch of %zu bytes', 'no op wants so much of a tensor that can be'],
  ['its attributes have %u bytes instead of %u', 'the schema is compared at load'],
  ['it has %d axes', 'JavaScript packs at most 16'],
  ['out of memory: no %zu bytes', 'needs 4 GB; the limit stands for it'],
  ['%u bytes of attributes instead of %u', 'the schema is compared at load'],
  ['a tensor of %u bytes', 'needs 4 GB'],
  ['%zu bytes of scratch memory', 'needs 1 GB of scratch; no op wants so much of a tensor that can be'],
  ['%d threads: at least one', 'js/variants.js checks it'],
  ['already started', 'an instance is started once'],
  ['XNNPACK does not start here', 'never seen'],
  ['no pool of %d threads', 'tests/faults'],
  ['XNNPACK does not support this %s', 'no parameter that passes our checks; a hole where one does'],
  ["XNNPACK's %s fails with status %d", 'no parameter that passes our checks; a hole where one does'],
]);

test('error: an index beyond a table of int8 names it, and the next run works', () => {
  const graph = core.createGraph();
  const table = graph.weight(0, 'float32', [3, 2], { dtype: 'float32' });
  graph.output('y', graph.node('qd_gather', 'it', [graph.input('x', 'int32', [2]), table], {}));
  const model = graph.compile({ optimize: true });
  const program = model.createProgram([[2]]);
  model.stage(0, new Uint8Array(Float32Array.of(127, 1, -127, 0, 64, 127).buffer));
  model.feed(0);
  for (const index of [3, -1]) {
    program.write(0, Int32Array.of(0, index));
    assertThrows(() => program.run(), { code: 'bad-shape', says: `gather: index ${index} of axis 0, which has 3 elements` });
  }
  program.write(0, Int32Array.of(2, 0));
  program.run();
  assert.deepEqual([...program.read(0)], [64, 127, 127, 1]);
  model.release();
});

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
