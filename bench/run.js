// xnnjs beside its peers, in a current Chromium and a current Node: npm run bench [-- OPTIONS]; README.md has them.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBundle } from '../scripts/build/bundle.js';
import { drawChart } from './chart.js';
import { contest } from './contest.js';
import { ENGINES } from './engines/index.js';
import { ENVIRONMENTS } from './environments/index.js';
import { DEFAULT_MODELS, packageVersion, writeModel } from './models.js';
import { makeReport } from './report.js';

/**
 * @typedef {import('./contest.js').Result} Result
 * @typedef {{ environment: string, models: { name: string, records: Result[] }[], versions: { [engine: string]: string } }} Results
 */

await writeBundle(fileURLToPath(new URL('..', import.meta.url))); // of js/ as it is now
const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: DEFAULT_MODELS.join() },
    engines: { type: 'string', default: ENGINES.map(({ name }) => name).join() },
    env: { type: 'string', default: 'browser,node' },
    threads: { type: 'string', default: '1,2' },
    variant: { type: 'string', default: 'auto' },
    rounds: { type: 'string', default: '8' },
    pages: { type: 'string', default: '3' },
    turn: { type: 'string', default: '250' },
    warm: { type: 'string', default: '2000' },
    repeats: { type: 'string', default: '4' },
    chart: { type: 'string' },
    json: { type: 'string' },
  },
});

/**
 * What of the names is there; else an error that lists them. @template {string} N @param {string} list @param {readonly N[]} known
 * @param {string} what
 */
function chosen(list, known, what) {
  return list.split(',').map((name) => {
    const found = known.find((item) => item === name);
    if (found === undefined) throw new Error(`no ${what} ${name}: ${known.join(', ')}`);
    return found;
  });
}

const environments = chosen(options.env, /** @type {('browser' | 'node')[]} */ (Object.keys(ENVIRONMENTS)), 'environment');
const names = chosen(
  options.engines,
  ENGINES.map((engine) => engine.name),
  'engine',
);
const engines = names.map((name) => /** @type {import('./engines/index.js').Engine} */ (ENGINES.find((engine) => engine.name === name)));
const threads = options.threads.split(',').map(Number);
const [pages, rounds, turnMs, warmMs, repeats] = [options.pages, options.rounds, options.turn, options.warm, options.repeats].map(Number);
const plan = { pages, rounds, turnMs, warmMs, repeats };
/** @type {{ [engine: string]: string }} */
const versions = {};
for (const { name, package: from } of engines) if (from !== undefined) versions[name] = await packageVersion(from);

/**
 * @param {import('./models.js').BenchModel} model @param {'browser' | 'node'} environment @param {string} root
 * @returns {import('./contest.js').Entry[]}
 */
function entriesOf(model, environment, root) {
  return threads.flatMap((n) =>
    engines.flatMap(({ name, formats, threads: most }) => {
      const format = formats.find((item) => item in model.files);
      if (format === undefined || (most[environment] ?? 0) < n) return [];
      const task = {
        engine: name,
        threads: n,
        ...(name === 'xnnjs' && { variant: options.variant }),
        format,
        model: root + model.files[format],
        inputs: root + model.inputs,
        ports: model.ports,
      };
      return [{ label: `${name}, ${n} thread${n === 1 ? '' : 's'}`, engine: name, threads: n, task }];
    }),
  );
}

/** @type {import('./models.js').BenchModel[]} */
const models = [];
for (const name of options.models.split(',')) models.push(await writeModel(name));
/** @type {Results[]} */
const all = [];
for (const name of environments) {
  const environment = await ENVIRONMENTS[name]();
  /** @type {Results} */
  const results = { environment: environment.title, models: [], versions };
  try {
    for (const model of models) {
      console.error(`${environment.title}: ${model.name}`);
      results.models.push({ name: model.name, records: await contest(environment, entriesOf(model, name, environment.root), plan) });
    }
  } finally {
    await environment.close();
  }
  all.push(results);
  console.log(makeReport(results, plan));
  if (options.chart !== undefined) {
    const file = environments.length === 1 ? options.chart : options.chart.replace(/(\.svg)?$/, `-${name}.svg`);
    await writeFile(resolve(file), drawChart(results));
    console.error(`chart: ${file}`);
  }
}
if (options.json !== undefined) await writeFile(resolve(options.json), JSON.stringify(all, null, 1));
