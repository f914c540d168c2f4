// From nothing to a first result, beside the peers, in Chromium: npm run bench:load [-- OPTIONS]
//   [--models LIST] [--engines LIST] [--threads 1,2] [--rounds 5]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBundle } from '../scripts/build/bundle.js';
import { ENGINES } from './engines/index.js';
import { openUndriven } from './environments/undriven.js';
import { markdown } from './markdown.js';
import { writeModel } from './models.js';
import { median } from './statistics.js';

await writeBundle(fileURLToPath(new URL('..', import.meta.url))); // of js/ as it is now
const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'facemesh,blazeface,mobilenet-v2,mobilenet-v1,posenet,mobilebert' },
    engines: { type: 'string', default: ENGINES.map(({ name }) => name).join() },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '5' },
  },
});

/**
 * Ours with every format there is, a peer with its first. @param {import('./models.js').BenchModel} model @param {number} threads
 * @param {string} root
 */
function entriesOf(model, threads, root) {
  const wanted = ENGINES.filter(({ name, threads: most }) => options.engines.split(',').includes(name) && (most.browser ?? 0) >= threads);
  return wanted.flatMap(({ name, formats }) => {
    const present = formats.filter((format) => format in model.files);
    return present.slice(0, name === 'xnnjs' ? undefined : 1).map((format) => ({
      label: name === 'xnnjs' ? `xnnjs, ${format}` : name,
      own: name === 'xnnjs',
      starts: /** @type {import('./environments/undriven.js').Start[]} */ ([]),
      task: {
        ...{ engine: name, threads, format, ports: model.ports },
        ...{ model: root + model.files[format], inputs: root + model.inputs },
      },
    }));
  });
}

/** @param {ReturnType<typeof entriesOf>[number]} entry @param {(start: import('./environments/undriven.js').Start) => number} part */
const medianOf = ({ starts }, part) => median(starts.map(part));

const browser = await openUndriven();
try {
  for (const threads of options.threads.split(',').map(Number)) {
    const rows = [];
    for (const name of options.models.split(',')) {
      const entries = entriesOf(await writeModel(name), threads, browser.root);
      for (let round = 0; round < Number(options.rounds); round++)
        for (const i of entries.keys()) {
          const entry = entries[(i + round) % entries.length];
          try {
            entry.starts.push(await browser.start(entry.task));
          } catch (error) {
            console.error(`${name}, ${entry.label}: ${error instanceof Error ? error.message : error}`); // the others are measured all the same
          }
        }
      const done = entries.filter(({ starts }) => starts.length > 0);
      const ours = done.filter(({ own }) => own).map((entry) => medianOf(entry, ({ firstMs }) => firstMs));
      for (const entry of done) {
        const all = medianOf(entry, ({ firstMs }) => firstMs);
        const stages = /** @type {const} */ (['engine', 'files', 'run']).map((stage) => medianOf(entry, ({ stages: ms }) => ms[stage]));
        const least = Math.min(...entry.starts.map(({ firstMs }) => firstMs));
        const cells = [all, least, ...stages].map((ms) => ms.toFixed(0));
        rows.push([name, entry.label, ...cells, entry.own || ours.length === 0 ? '' : `${(all / Math.max(...ours)).toFixed(2)}×`]);
      }
    }
    console.log(`\n${browser.title}, ${threads} thread${threads === 1 ? '' : 's'}, ${options.rounds} fresh browsers each: ms, medians\n`);
    console.log(markdown(['', '', 'first result', 'least', 'engine', 'files', 'first run', 'beside our slower format'], rows));
  }
} finally {
  browser.close();
}
