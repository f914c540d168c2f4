// Times calls of the tf API on the project's TensorFlow.js backend and on another one, op by op.
// npm run bench:ops [-- --rounds 11] [--filter 'Conv|MatMul'] [--rival cpu] [--threads 2] [--clock cpu] [--json FILE]
// A call is timed with all that the API does around the kernel, results are disposed inside of the loop. Ops of both backends are
// done when they return; --read asks for the data in every call, which shows it.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { seeded } from '../tests/support/random.js';
import { CASES } from './ops/cases.js';
import { median } from './statistics.js';
import { BACKEND_OPTIONS, clock, difference, inCurrentNode, markdown, startBackends, tensorsOf, typedData } from './tfjs/backends.js';

inCurrentNode();
const { values: options } = parseArgs({
  options: {
    ...BACKEND_OPTIONS,
    rounds: { type: 'string', default: '21' },
    filter: { type: 'string', default: '' },
    read: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const now = clock(options.clock);
const ROUND_MS = 1; // a turn of one backend, or one call where that takes longer
const WARM_MS = 30;
const CASE_MS = 1500; // all rounds of a case: fewer of them where calls are slow
const FRESH_BYTES = 3e7; // of inputs that are made anew for a turn
const SLOWER = 1.05; // from here on a case is listed as slower

/** @typedef {import('./ops/cases.js').Case} Case */
/** @typedef {{ family: string, kernel: string, label: string, ours: number, theirs: number, ratio: number, minima: number[], least: number, note: string }} Row  µs */

/** @param {import('./ops/cases.js').Spec} spec @param {() => number} random */
function makeInput({ shape, dtype, low, high, values }, random) {
  const length = shape.reduce((n, size) => n * size, 1);
  const numbers = () => {
    const data = dtype === 'float32' ? new Float32Array(length) : dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
    for (let i = 0; i < length; i++) data[i] = low + (high - low) * random();
    return data;
  };
  return tf.tensor(/** @type {any} */ (values ?? numbers()), [...shape], dtype);
}

/** @param {tf.TensorContainer} result */
function finish(result) {
  if (options.read) for (const tensor of tensorsOf(result)) tensor.dataSync();
  if (result instanceof tf.Tensor) result.dispose();
  else tf.dispose(result);
}

/** µs of a call. @param {Case} entry @param {tf.Tensor[]} inputs @param {number} times */
function time({ call, fresh }, inputs, times) {
  if (fresh === undefined) {
    const start = now();
    for (let i = 0; i < times; i++) finish(call(...inputs));
    return ((now() - start) * 1000) / times;
  }
  const one = tf.scalar(1);
  const sets = Array.from({ length: times }, () => inputs.map((input, i) => (i === fresh ? tf.mul(input, one) : input)));
  const start = now();
  for (let i = 0; i < times; i++) finish(call(...sets[i]));
  const took = now() - start;
  tf.dispose([one, ...sets.map((set) => set[fresh])]);
  return (took * 1000) / times;
}

/** Runs a case until it is fast. @param {Case} entry @param {tf.Tensor[]} inputs @returns {number}  µs of a call at the end */
function warmUp(entry, inputs) {
  const end = now() + WARM_MS;
  let [calls, took] = [1, 0];
  do {
    took = time(entry, inputs, calls);
    calls = Math.min(entry.fresh === undefined ? 100 : 4, calls * 2);
  } while (now() < end);
  return took;
}

/** What a case gives on a backend, and the kernels that it went through. @param {Case} entry @param {tf.Tensor[]} inputs */
async function look({ call }, inputs) {
  finish(call(...inputs)); // errors, which tf.profile hides
  const before = tf.memory().numTensors;
  const { kernelNames, result } = await tf.profile(() => /** @type {any} */ (call(...inputs)));
  const data = tensorsOf(result).map(typedData);
  finish(result);
  if (tf.memory().numTensors > before) throw new Error(`a call leaves ${tf.memory().numTensors - before} tensors behind`);
  return { kernelNames, data };
}

/** @param {Case} entry @param {import('./tfjs/backends.js').Backend[]} backends  ours, the other @returns {Promise<Row>} */
async function measure(entry, backends) {
  const random = seeded(1 + entry.label.length);
  const contestants = backends.map((backend) => ({
    backend,
    inputs: /** @type {tf.Tensor[]} */ ([]),
    rounds: /** @type {number[]} */ ([]),
  }));
  const first = entry.inputs.map((spec) => makeInput(spec, random));
  const values = first.map((tensor) => tensor.dataSync());
  for (const contestant of contestants) {
    contestant.backend.use();
    contestant.inputs = first.map(({ shape, dtype }, i) => tf.tensor(/** @type {any} */ (values[i]), shape, dtype));
  }
  tf.dispose(first);

  /** @type {unknown[][][]} */
  const seen = [];
  for (const { backend, inputs } of contestants) {
    backend.use();
    const { kernelNames, data } = await look(entry, inputs);
    if (!kernelNames.includes(entry.kernel)) throw new Error(`${entry.kernel} ${entry.label} went through ${kernelNames}`);
    seen.push(data);
  }
  const worst = Math.max(0, ...seen[0].map((data, i) => difference(data, seen[1][i])));

  const expected = contestants.map(({ backend, inputs }) => {
    backend.use();
    return warmUp(entry, inputs);
  });
  const bytes = entry.fresh === undefined ? 0 : entry.inputs[entry.fresh].shape.reduce((n, size) => n * size, 4);
  const times = expected.map((us) => Math.max(1, Math.min(2000, Math.round((ROUND_MS * 1000) / us), Math.floor(FRESH_BYTES / bytes))));
  const turn = expected.reduce((sum, us, i) => sum + us * times[i], 0) / 1000;
  const rounds = Math.max(3, Math.min(Number(options.rounds), Math.floor(CASE_MS / turn)));
  for (let round = 0; round < rounds; round++)
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      contestants[i].backend.use();
      contestants[i].rounds.push(time(entry, contestants[i].inputs, times[i]));
    }
  for (const { backend, inputs } of contestants) {
    backend.use();
    tf.dispose(inputs);
  }
  const [ours, theirs] = contestants.map((contestant) => contestant.rounds);
  const { family, kernel, label } = entry;
  return {
    ...{ family, kernel, label, ours: median(ours), theirs: median(theirs) },
    ratio: median(ours.map((us, i) => us / theirs[i])),
    minima: [Math.min(...ours), Math.min(...theirs)],
    least: Math.min(...ours) / Math.min(...theirs),
    note: entry.random || worst < 1e-4 ? '' : `differs by ${worst.toExponential(1)}`,
  };
}

const us = (/** @type {number} */ value) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
/** @param {Row} row */
const cells = ({ kernel, label, ours, theirs, ratio, minima, least, note }) => [
  ...[kernel, label, us(ours), us(theirs), ratio.toFixed(2)],
  ...[...minima.map(us), least.toFixed(2), note],
];

const backends = await startBackends([options.ours, options.rival], options);
const kernels = backends.map(({ name }) => new Set(tf.getKernelsForBackend(name).map(({ kernelName }) => kernelName)));
const covered = new Set(CASES.map(({ kernel }) => kernel));
const without = [...kernels[1]].filter((kernel) => options.rival === 'wasm' && !covered.has(kernel));
if (without.length > 0) throw new Error(`kernels of ${options.rival} without a case: ${without.join(', ')}`);

// V8 compiles the API and both backends while cases run that are not counted: the first calls take ten times as long.
for (let pass = 0; pass < 5; pass++)
  for (const entry of CASES.filter(({ family }) => family === 'overhead')) await measure(entry, backends);

/** @type {Row[]} */
const rows = [];
const absent = new Set();
for (const entry of CASES) {
  if (!new RegExp(options.filter).test(`${entry.family} ${entry.kernel} ${entry.label}`)) continue;
  const lacking = backends.filter((_, i) => !kernels[i].has(entry.kernel));
  for (const { name } of lacking) absent.add(`${entry.kernel} (${name})`);
  if (lacking.length > 0) continue;
  try {
    rows.push(await measure(entry, backends));
  } catch (error) {
    console.log(`${entry.kernel} ${entry.label}: ${/** @type {Error} */ (error).message}`);
    process.exitCode = 1;
  }
}
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ node: process.version, options, rows }, null, 1));

const head = ['kernel', 'case', 'ours µs', `${options.rival} µs`, 'ratio', 'least: ours', options.rival, 'ratio', ''];
const sorted = [...rows].sort((a, b) => a.ratio - b.ratio);
console.log(`Node ${process.version}: ${backends.map(({ label }) => label).join(' beside ')}\n`);
console.log(markdown(head, sorted.map(cells)));

console.log('\nBy family; the mean is geometric:\n');
const families = [...new Set(rows.map(({ family }) => family))].map((family) => {
  const ratios = rows.filter((row) => row.family === family).map(({ ratio }) => ratio);
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  const slow = ratios.filter((ratio) => ratio > SLOWER).length;
  return [
    family,
    ratios.length,
    mean.toFixed(2),
    Math.min(...ratios).toFixed(2),
    median(ratios).toFixed(2),
    Math.max(...ratios).toFixed(2),
    slow,
  ];
});
console.log(markdown(['family', 'cases', 'mean ratio', 'least', 'median', 'largest', 'slower'], families));

// A busy machine makes one of the two figures larger now and then, hardly both.
const slower = sorted.filter(({ ratio, least }) => ratio > SLOWER && least > SLOWER).reverse();
console.log(`\n${options.ours} is slower in ${slower.length} of ${rows.length} cases:\n`);
if (slower.length > 0) console.log(markdown(head, slower.map(cells)));
if (absent.size > 0) console.log(`\nNot in both: ${[...absent].join(', ')}`);
