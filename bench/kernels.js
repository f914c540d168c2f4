// Every hot kernel beside what the machine itself can do: npm run bench:kernels [-- --variant simd,relaxed] [--rounds 20] [--filter conv]
// An op is a program of one step, run by the core as in a model; GFLOP/s, and GB/s of what it reads and writes (flops of what has no
// products: one for each output). The peaks are those of
// loops that do nothing else (tests/kernels/bench_peak.c), in the same process, now and then: npm run build -- --check makes them.
import { parseArgs } from 'node:util';
import { instantiate } from '../js/instantiate.js';
import { openChecker } from '../tests/kernels/checker.js';
import { seeded } from '../tests/support/random.js';
import { inCurrentNode } from './environments/current-node.js';
import { CASES } from './kernels/cases.js';
import { markdown } from './markdown.js';

await inCurrentNode();
const { values: options } = parseArgs({
  options: {
    variant: { type: 'string', default: 'simd,relaxed' },
    rounds: { type: 'string', default: '20' },
    filter: { type: 'string', default: '' },
  },
});
const ROUND_MS = 20;
const PEAK_ROUNDS = 3; // each so many, the peaks again
const WARM_MS = 100; // until V8 has compiled what is hot
const SMALL_BYTES = 4096; // js/compile.js: larger constants come by reference
const ROUNDS = Number(options.rounds);
/** Which of the peaks kernels are measured against: the best tile, and copying what the second-level cache holds. */
const [TILES, COPY] = [/^tile /, /^copy 256 kB$/];

/** @param {readonly number[]} shape */
const count = (shape) => shape.reduce((n, size) => n * size, 1);

/** The program of one op, its inputs filled. @param {import('../js/wasm.js').Core} core @param {import('./kernels/cases.js').Case} entry */
function makeProgram(core, { label, op, operands, attributes = {} }) {
  const random = seeded(1);
  const values = operands.map(({ shape }) => Float32Array.from({ length: count(shape) }, () => random() * 2 - 1));
  const graph = core.createGraph();
  const ids = operands.map(({ shape, from = 'input' }, i) => {
    if (from === 'input') return graph.input(`in${i}`, 'float32', shape);
    if (values[i].byteLength <= SMALL_BYTES) return graph.constant('float32', shape, values[i]);
    return graph.weight(i, 'float32', shape, { dtype: 'float32' });
  });
  graph.output('y', graph.node(op, label, ids, attributes));
  const model = graph.compile({ optimize: true });
  const inputs = operands.flatMap(({ from = 'input' }, i) => (from === 'input' ? [i] : []));
  const program = model.createProgram(inputs.map((i) => operands[i].shape));
  model.wanted.forEach((id, index) => {
    model.stage(0, new Uint8Array(values[id].buffer));
    model.feed(index);
  });
  inputs.forEach((i, at) => {
    program.write(at, values[i]);
  });
  return { program, release: () => model.release() };
}

/** Seconds of a run. @param {() => void} run @param {number} atLeast  ms to run for */
function time(run, atLeast) {
  const began = performance.now();
  let [runs, ms] = [0, 0];
  for (; ms < atLeast; ms = performance.now() - began) {
    for (let i = 0; i < 4; i++) run(); // looking at the clock takes time as well
    runs += 4;
  }
  return ms / runs / 1000;
}

/** By name, in 1e9 a second. @param {string} variant @returns {Promise<Map<string, number>>} */
async function measurePeaks(variant) {
  const { status, lines } = await (await openChecker(variant))(['--bench', 'peak']);
  if (status !== 0) throw new Error(lines.join('\n'));
  const found = lines.flatMap((line) => {
    const [, name, value] = /^note peak ([^:]+): ([\d.]+) /.exec(line) ?? [];
    return name === undefined ? [] : [/** @type {[string, number]} */ ([name, Number(value)])];
  });
  return new Map(found);
}

/** @param {Map<string, number>} peaks @param {RegExp} names */
const largest = (peaks, names) => Math.max(...[...peaks].flatMap(([name, value]) => (names.test(name) ? [value] : [])));
const percent = (/** @type {number} */ part) => `${(100 * part).toFixed(0)} %`;

/**
 * Rounds of all kernels in turn: others take the machine for stretches, and the least of each is one that they left alone.
 * @param {string} variant
 */
async function measure(variant) {
  const { core, terminate } = await instantiate({ variant: /** @type {'simd' | 'relaxed'} */ (variant), threads: 1 });
  const kernels = CASES.filter(({ label }) => new RegExp(options.filter).test(label)).map((entry) => {
    const made = makeProgram(core, entry);
    const steps = made.program.steps();
    if (steps.length !== 1) throw new Error(`${entry.label} is ${steps.length} steps`);
    return { ...made, label: entry.label, step: steps[0], seconds: Infinity };
  });
  /** @type {Map<string, number>} */
  const peaks = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    if (round % PEAK_ROUNDS === 0)
      for (const [name, value] of await measurePeaks(variant)) peaks.set(name, Math.max(value, peaks.get(name) ?? 0));
    for (const kernel of kernels) {
      if (round === 0) time(kernel.program.run, WARM_MS);
      kernel.seconds = Math.min(kernel.seconds, time(kernel.program.run, ROUND_MS));
    }
  }
  for (const { release } of kernels) release();
  core.stop();
  terminate();
  const [arithmetic, copying] = [largest(peaks, TILES), largest(peaks, COPY)];
  const rows = kernels.map(({ label, seconds, step: { kernel, flops, bytes } }) => [
    label,
    kernel,
    (seconds * 1e6).toFixed(1),
    (flops / seconds / 1e9).toFixed(1),
    percent(flops / seconds / 1e9 / arithmetic),
    (bytes / seconds / 1e9).toFixed(1),
    percent(bytes / seconds / 1e9 / copying),
  ]);
  console.log(`### ${variant}, Node ${process.versions.node}, one thread, the best of ${ROUNDS} rounds\n`);
  console.log(
    markdown(
      ['peak', '1e9 a second'],
      [...peaks].map(([name, value]) => [name, value.toFixed(1)]),
    ),
  );
  console.log(`\n${markdown(['kernel', 'way', 'µs', 'GFLOP/s', 'of the best tile', 'GB/s', 'of copying 256 kB'], rows)}\n`);
}

for (const variant of options.variant.split(',')) await measure(variant);
