// npm run train:qna: makes models/qna/small and what its test compares with. Meant for 40 minutes on two free cores.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './setup/errors.js';
import { thisHost } from './setup/host.js';
import { needCommands } from './setup/packages.js';
import { run } from './setup/run.js';

/** Debian's own Python has its torch, whatever python3 is on PATH. Its default BLAS is a slow one. */
const PYTHON = '/usr/bin/python3';
const TRIPLET = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
const NEEDED = [
  { command: 'dpkg', file: '../lib/python3/dist-packages/torch/version.py', package: 'python3-torch' },
  { command: 'dpkg', file: `../lib/${TRIPLET}/openblas-pthread/libblas.so.3`, package: 'libopenblas0-pthread' },
];
/** Each worker has one thread and keeps its memory: page faults took a third of the time. */
const ENVIRONMENT = {
  OPENBLAS_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  MALLOC_MMAP_THRESHOLD_: '4294967296',
  MALLOC_TRIM_THRESHOLD_: '8589934592',
  PYTHONDONTWRITEBYTECODE: '1',
};

try {
  const host = thisHost();
  await needCommands(host, NEEDED, (line) => console.error(`xnnjs: ${line}`));
  const [small, sets, work] = ['models/qna/small', 'tests/models/qna-small', 'out/train-qna'].map((folder) => join(host.project, folder));
  for (const folder of [small, sets, work]) mkdirSync(folder, { recursive: true });
  const [vocabulary, model] = [join(small, 'vocab.txt'), join(work, 'model.pt')];
  const options = { cwd: join(host.project, 'scripts/train-qna'), env: { ...host.env, ...ENVIRONMENT }, show: true };
  const python = (/** @type {string[]} */ ...args) => run(PYTHON, args, options);
  await python('vocabulary.py', '--out', vocabulary);
  await python('train.py', '--vocabulary', vocabulary, '--out', model, ...process.argv.slice(2));
  await python('export.py', '--model', model, '--out', work);
  await run(process.execPath, ['export.js', work, small], options);
  await python('sets.py', '--model', model, '--vocabulary', vocabulary, '--out', sets);
} catch (error) {
  report(error);
}
