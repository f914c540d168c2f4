// Random graphs of what the passes look for, optimised and not: the same outputs, for several batches. Layers with
// constants around them, activations, pads, transposes, residuals, values read twice, outputs within the graph, outputs
// that are constants or inputs, weights that follow from others.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { seeded } from '../support/random.js';

/** @typedef {{ id: number, shape: number[], isConstant: boolean }} Value  shape: for a batch of one, which comes first */

const GRAPHS = 1500;
/** And so many of attention, with what stands around it. */
const ATTENTIVE = 300;
const NODES = 14;
/** Of the largest value: scales and shifts are folded, sums are in another order. */
const LIMIT = 5e-6;
/** What so small a change of the inputs makes of the outputs is allowed on top: what a clamp leaves of large numbers. */
const CHANGE = 1e-6;
const BATCHES = [1, 3];

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

const sizeOf = (/** @type {readonly number[]} */ shape) => shape.reduce((n, dim) => n * dim, 1);
const IMAGE = [1, 5, 4, 3];

/** Adds a random graph's nodes; the same for the same seed. @param {ReturnType<typeof core.createGraph>} graph @param {number} seed */
function build(graph, seed) {
  const random = seeded(seed + 1);
  const below = (/** @type {number} */ n) => Math.floor(random() * n);
  /** @template T @param {readonly T[]} list @returns {T} */
  const pick = (list) => list[below(list.length)];
  /** @type {Float32Array[]} */
  const weights = [];
  /** @type {Value[]} */
  const values = [];
  /** @type {string[]} */
  const text = [];

  /** @param {number[]} shape @returns {Value} */
  const constant = (shape) => {
    // away from 0, so that nothing is divided by next to it
    const data = Float32Array.from({ length: sizeOf(shape) }, () => (random() * 1.5 + 0.25) * (random() < 0.4 ? -1 : 1));
    const kind = below(4);
    if (kind === 0) return { id: graph.constant('float32', shape, data), shape, isConstant: true };
    weights.push(data);
    const stored = kind === 2 ? [data.length] : shape;
    const weight = { id: graph.weight(weights.length - 1, 'float32', stored, { dtype: 'float32' }), shape, isConstant: true };
    if (kind === 2) return { ...weight, id: graph.node('reshape', 'w', [weight.id], { shape }) };
    return kind === 3 ? { ...weight, id: graph.node('neg', 'w', [weight.id], {}) } : weight;
  };

  /** @param {string} op @param {(Value | undefined)[]} inputs @param {Record<string, number | number[]>} attributes @param {number[]} shape */
  const node = (op, inputs, attributes, shape) => {
    const id = graph.node(
      op,
      `${op}${text.length}`,
      inputs.map((input) => input?.id ?? -1),
      attributes,
    );
    text.push(`${id} = ${op}(${inputs.map((input) => (input ? `${input.id}:[${input.shape}]` : '-'))}) ${JSON.stringify(attributes)}`);
    const value = { id, shape, isConstant: inputs.every((input) => input === undefined || input.isConstant) };
    values.push(value);
    return value;
  };

  /** Mostly the latest. */
  const operand = () => values[Math.max(0, values.length - 1 - Math.floor(random() * random() * 6))];
  const image = () => [...values].reverse().find(({ shape }) => shape.length === 4 && shape[1] > 1 && shape[2] > 1) ?? values[0];
  const maybe = (/** @type {number[]} */ shape) => (random() < 0.4 ? constant(shape) : undefined);
  /** @returns {Record<string, number>} */
  const activation = () => (random() < 0.25 ? { activation: 1, act_min: -1, act_max: 2 } : {});

  const steps = {
    conv2d: () => {
      const x = image();
      const out = 1 + below(5);
      const kernel = 1 + below(3);
      const [n, h, w, c] = x.shape;
      const grouped = random() < 0.2;
      const channels = grouped ? c : out;
      node('conv2d', [x, constant([kernel, kernel, grouped ? 1 : c, channels]), maybe([channels])], { padding: 1, ...activation() }, [
        n,
        h,
        w,
        channels,
      ]);
    },
    depthwise: () => {
      const x = image();
      const [n, h, w, c] = x.shape;
      const multiplier = 1 + below(2);
      node('depthwise_conv2d', [x, constant([2, 2, c, multiplier]), maybe([c * multiplier])], { padding: 1, ...activation() }, [
        n,
        h,
        w,
        c * multiplier,
      ]);
    },
    transposed: () => {
      const x = image();
      const [n, h, w, c] = x.shape;
      const out = 1 + below(4);
      if (h * w > 100) return;
      node('conv2d_transpose', [x, constant([3, 3, out, c]), maybe([out])], { padding: 1, stride_h: 2, stride_w: 2 }, [
        n,
        2 * h,
        2 * w,
        out,
      ]);
    },
    dense: () => {
      const x = operand();
      const k = x.shape.at(-1);
      const out = 1 + below(5);
      if (x.shape.length < 2 || k === undefined) return;
      node('dense', [x, constant([k, out]), maybe([out])], activation(), [...x.shape.slice(0, -1), out]);
    },
    matmul: () => {
      const x = operand();
      const rank = x.shape.length;
      if (rank < 2) return;
      if (random() < 0.6) {
        const out = 1 + below(5);
        const transposed = random() < 0.5;
        const k = x.shape[rank - 1];
        node('batch_matmul', [x, constant(transposed ? [out, k] : [k, out])], { transpose_b: transposed ? 1 : 0 }, [
          ...x.shape.slice(0, -1),
          out,
        ]);
      } else if (rank > 2) {
        const m = x.shape[rank - 2];
        node('batch_matmul', [x, x], { transpose_b: 1 }, [...x.shape.slice(0, -1), m]);
      }
    },
    attention: () => {
      const any = operand();
      if (any.shape.length < 3 || any.isConstant) return;
      const x = node('tanh', [any], {}, any.shape); // so that exp magnifies nothing
      const m = x.shape[x.shape.length - 2];
      const shape = [...x.shape.slice(0, -1), m];
      let scores = node('batch_matmul', [x, x], { transpose_b: 1 }, shape);
      if (random() < 0.6) scores = node(pick(['mul', 'div']), [scores, constant(pick([[], [1], [m]]))], {}, shape);
      if (random() < 0.6) scores = node('add', pick([true, false]) ? [scores, constant([m, m])] : [constant([m]), scores], {}, shape);
      const weights = node('softmax', [scores], {}, shape);
      if (random() < 0.2) values.push(weights);
      node('batch_matmul', [weights, x], {}, x.shape);
    },
    byConstant: () => {
      const x = operand();
      const c = x.shape.at(-1) ?? 1;
      const shapes = [[c], [c], [1], [], [...x.shape.slice(1).map(() => 1), c].slice(-x.shape.length || 1), x.shape];
      const y = constant(pick(shapes).slice(-x.shape.length || 1));
      const op = pick(['add', 'mul', 'sub', 'div', 'mul', 'add']);
      const isLeft = op !== 'div' && random() < 0.3;
      node(op, isLeft ? [y, x] : [x, y], activation(), x.shape);
    },
    byValue: () => {
      const x = operand();
      const like = values.filter(({ shape }) => String(shape) === String(x.shape));
      node(pick(['add', 'add', 'sub', 'maximum']), [x, pick(like)], activation(), x.shape);
    },
    mulAdd: () => {
      const x = operand();
      const c = x.shape.at(-1) ?? 1;
      const product = node('mul', [x, random() < 0.5 ? constant([c]) : x], {}, x.shape);
      const term = random() < 0.5 ? constant([c]) : x;
      node('add', random() < 0.5 ? [product, term] : [term, product], {}, x.shape);
    },
    unary: () => {
      const x = operand();
      const c = x.shape.at(-1) ?? 1;
      const [op, attributes] = /** @type {[string, Record<string, number>]} */ (
        pick([
          ['relu', {}],
          ['relu6', {}],
          ['clamp', { min: -0.5, max: 3 }],
          ['tanh', {}],
          ['sigmoid', {}],
          ['leaky_relu', { alpha: 0.3 }],
          ['elu', { alpha: 1 }],
          ['abs', {}],
          ['identity', {}],
          ['hard_swish', {}],
        ])
      );
      if (random() < 0.25) node('prelu', [x, constant(random() < 0.5 ? [c] : [1])], {}, x.shape);
      else node(op, [x], attributes, x.shape);
    },
    pad: () => {
      const x = image();
      const [n, h, w, c] = x.shape;
      const [top, left] = [below(3), below(2)];
      const value = random() < 0.2 ? 0.5 : 0;
      const y = node('pad', [x], { paddings: [0, 0, top, 1, left, 0, 0, 0], value }, [n, h + top + 1, w + left, c]);
      if (random() < 0.8) node('conv2d', [y, constant([2, 2, c, 3])], {}, [n, h + top, w + left - 1, 3]);
    },
    transpose: () => {
      const x = operand();
      const rank = x.shape.length;
      if (rank < 3) return;
      const perm = x.shape.map((_, i) => i); // the batch stays in front
      for (let i = rank - 1; i > 1; i--) {
        const k = 1 + below(i);
        [perm[i], perm[k]] = [perm[k], perm[i]];
      }
      node(
        'transpose',
        [x],
        { perm },
        perm.map((axis) => x.shape[axis]),
      );
    },
    reshape: () => {
      const x = operand();
      if (x.isConstant) return;
      const flat = [x.shape[0], sizeOf(x.shape.slice(1))];
      node('reshape', [x], { shape: [-1, flat[1]] }, flat);
    },
    pool: () => {
      const x = image();
      const [n, h, w, c] = x.shape;
      node('max_pool2d', [x], { kernel_h: 2, kernel_w: 2, padding: 1 }, [n, h, w, c]);
    },
  };

  const inputs = [IMAGE, IMAGE].slice(below(2));
  for (const [i, shape] of inputs.entries())
    values.push({ id: graph.input(`x${i}`, 'float32', [-1, ...shape.slice(1)]), shape, isConstant: false });
  if (random() < 0.3) values.push(constant([1, 5, 4, 3]));
  const { attention, ...others } = steps;
  const chosen = seed < GRAPHS ? others : { attention, transpose: steps.transpose, byConstant: steps.byConstant, unary: steps.unary };
  for (let i = 0; i < NODES; i++) pick(Object.values(chosen))();
  const outputs = [
    values[values.length - 1],
    ...(random() < 0.5 ? [pick(values)] : []),
    ...(random() < 0.2 ? [constant([3]), values[0]] : []),
  ];
  for (const [i, { id }] of outputs.entries()) graph.output(`y${i}`, id);
  return { weights, inputs, text: [...text, `outputs ${outputs.map(({ id }) => id)}`].join('\n') };
}

/** @param {number} seed @param {boolean} optimize @param {number} [change] of the inputs, of their size */
function runGraph(seed, optimize, change = 0) {
  const graph = core.createGraph();
  const { weights, inputs, text } = build(graph, seed);
  const model = graph.compile({ optimize });
  for (const [index, id] of model.wanted.entries()) {
    model.stage(0, new Uint8Array(weights[id].buffer));
    model.feed(index);
  }
  let [steps, attentions] = [0, 0];
  const results = BATCHES.map((batch) => {
    const program = model.createProgram(inputs.map((shape) => [batch, ...shape.slice(1)]));
    const random = seeded(seed * 31 + batch);
    program.inputs.forEach(({ shape }, i) => {
      program.write(
        i,
        Float32Array.from({ length: sizeOf(shape) }, (_, k) => (random() * 2 - 1) * (k % 2 ? 1 + change : 1 - change)),
      );
    });
    program.run();
    const lines = program.describe();
    steps = lines.split('\n').length;
    attentions = (lines.match(/^\d+ attention /gm) ?? []).length;
    return program.outputs.map(({ shape }, i) => ({ shape, data: Float32Array.from(program.read(i)) }));
  });
  model.release();
  return { results, text, steps, attentions };
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b @returns {[number, number]}  The largest difference, and where; NaN where only one is. */
function furthest(a, b) {
  let [most, at] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const apart = Object.is(a[i], b[i]) ? 0 : Math.abs(a[i] - b[i]);
    if (!(apart <= most)) [most, at] = [apart, i];
  }
  return [most, at];
}

test(`random graphs: ${GRAPHS + ATTENTIVE} of them give the same optimised and not, for batches of ${BATCHES.join(' and ')}`, (t) => {
  let [worst, before, left, attentions] = [0, 0, 0, 0];
  for (let seed = 0; seed < GRAPHS + ATTENTIVE; seed++) {
    const plain = runGraph(seed, false);
    const changed = runGraph(seed, false, CHANGE);
    const optimised = runGraph(seed, true);
    before += plain.steps;
    left += optimised.steps;
    attentions += optimised.attentions;
    for (const [b, outputs] of plain.results.entries())
      for (const [i, { shape, data }] of outputs.entries()) {
        const context = `seed ${seed}, batch ${BATCHES[b]}, output ${i}\n${plain.text}\n`;
        assert.deepEqual(optimised.results[b][i].shape, shape, context);
        const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
        if (!Number.isFinite(largest)) continue;
        const [moved] = furthest(changed.results[b][i].data, data);
        const [apart, at] = furthest(optimised.results[b][i].data, data);
        assert.ok(
          apart <= LIMIT * largest + moved,
          `${context}[${at}] is off by ${apart} of ${largest}, a small change moves it by ${moved}`,
        );
        worst = Math.max(worst, (apart - moved) / largest);
      }
  }
  t.diagnostic(
    `largest difference ${worst.toExponential(1)} of the largest value; ${before} lines of description become ${left}, ${attentions} attentions among them`,
  );
  assert.ok(attentions > ATTENTIVE / 4, 'attention was hardly ever recognised');
  assert.ok(left < 0.92 * before, 'the passes had little to do');
});
