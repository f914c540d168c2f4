// Compares engines in one process: rounds of each engine in turn, so that a machine that gets slower gets slower for all.
// npm run bench [-- --rounds 20] [--runs 10] [--models facemesh,blazeface,mobilenet-v2,…]
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ARCHITECTURES } from '../tests/support/architectures/index.js';
import { sampleInputs } from '../tests/support/architectures/samples.js';
import { teachableImage } from '../tests/support/architectures/teachable.js';
import { toGraphModel } from '../tests/support/architectures/to-graph.js';
import { createTfjsWasm } from './engines/tfjs-wasm.js';
import { createXnnjs } from './engines/xnnjs.js';
import { median } from './statistics.js';

const models = fileURLToPath(new URL('../node_modules/@vladmandic/human/models', import.meta.url));
/** Input name and shape of each model of the comparison. @type {Record<string, { input: string, shape: number[] }>} */
const MODELS = {
  facemesh: { input: 'input_1', shape: [1, 192, 192, 3] },
  blazeface: { input: 'input', shape: [1, 256, 256, 3] },
};

/** Teachable Machine's image networks, as layers models. @type {Record<string, { grayscale: boolean, shape: number[] }>} */
const TEACHABLE = {
  'teachable-rgb': { grayscale: false, shape: [1, 224, 224, 3] },
  'teachable-grayscale': { grayscale: true, shape: [1, 96, 96, 1] },
};

/** A model and what to give it: one with real weights, or an architecture with made-up ones. @param {string} name */
async function readModel(name) {
  if (name in TEACHABLE) {
    const { grayscale, shape } = TEACHABLE[name];
    const data = Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, (_, i) => Math.sin(i * 0.37));
    return { source: await teachableImage({ grayscale }), inputs: { x: data } };
  }
  if (name in MODELS) {
    const { input, shape } = MODELS[name];
    const data = Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, (_, i) => Math.sin(i * 0.37));
    return { source: join(models, `${name}.json`), inputs: { [input]: data } };
  }
  if (!(name in ARCHITECTURES))
    throw new Error(`no model ${name}: ${[...Object.keys(MODELS), ...Object.keys(TEACHABLE), ...Object.keys(ARCHITECTURES)].join(', ')}`);
  const network = ARCHITECTURES[name]();
  const samples = Object.entries(sampleInputs(network.inputs));
  return {
    source: toGraphModel(network),
    inputs: Object.fromEntries(samples.map(([key, value]) => [key, 'data' in value ? value.data : value])),
  };
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, runs: { type: 'string', default: '10' }, models: { type: 'string' } },
});
const names = values.models?.split(',') ?? Object.keys(MODELS);
const engines = [await createXnnjs({ threads: 1 }), await createXnnjs({ threads: 2 }), await createTfjsWasm()];

for (const name of names) {
  const { source, inputs } = await readModel(name);
  const contestants = [];
  for (const engine of engines) {
    const start = performance.now();
    const model = await engine.load(source);
    await model.run(inputs);
    contestants.push({
      engine,
      model,
      first: performance.now() - start,
      rounds: /** @type {number[]} */ ([]),
      all: /** @type {number[]} */ ([]),
    });
  }
  for (const { model } of contestants) for (let i = 0; i < 30; i++) await model.run(inputs);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const contestant of contestants) {
      const times = [];
      for (let i = 0; i < Number(values.runs); i++) {
        const start = performance.now();
        await contestant.model.run(inputs);
        times.push(performance.now() - start);
      }
      contestant.rounds.push(median(times));
      contestant.all.push(...times);
    }
  const base = contestants[contestants.length - 1];
  console.log(`\n${name}`);
  console.table(
    Object.fromEntries(
      contestants.map(({ engine, first, rounds, all }) => [
        engine.name,
        {
          'median ms': median(all).toFixed(2),
          'min ms': Math.min(...all).toFixed(2),
          'speed over tfjs': median(rounds.map((time, i) => base.rounds[i] / time)).toFixed(2),
          'load to first result ms': first.toFixed(0),
        },
      ]),
    ),
  );
  for (const { model } of contestants) model.dispose();
}
for (const engine of engines) engine.dispose();
