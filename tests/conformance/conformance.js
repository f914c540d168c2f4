// Specs of tfjs-core on a backend, in Node or in Chromium, and what came of it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { launchBrowser, openPage, serve } from '../browser/browser.js';
import { PROJECT, SPEC_FILES } from './bundle.js';

/**
 * @typedef {import('./run.js').Spec} Spec
 * @typedef {import('./run.js').Event} Event
 *
 * @typedef {object} Options
 * @property {string} [backend]  xnnjs (if none is said), cpu, wasm, or the path of a module that registers one named as its file.
 * @property {number} [threads]  Of xnnjs: 1 unless said.
 * @property {string[]} [files]  Only these, as 'ops/abs'.
 * @property {string} [grep]  Only specs whose name matches.
 * @property {string[]} [names]  Only these, as 'file: name'.
 * @property {boolean} [verbose]
 * @property {number} [patience]  Seconds without an event after which a run is ended: 60.
 *
 * @typedef {object} Result
 * @property {string} title
 * @property {Spec[]} specs
 * @property {string[]} problems  What is no spec's failure: files that do not load, a run that ends too early.
 * @property {string[]} kernels
 */

/**
 * The fewest specs that pass, so that a run fails whose specs are silently not there: what passes on TensorFlow.js's cpu backend, which is
 * all, less two that only a backend named cpu has, with a factory that does not wait. A page has canvases, images and stores besides.
 */
export const FLOOR = { node: 4225, browser: 4370 };

/** @param {string} backend */
const nameOf = (backend) => /([^/\\]+?)(\.m?js)?$/.exec(backend)?.[1] ?? backend;

/** @param {string} backend @param {string} folder */
function moduleOf(backend, folder) {
  if (backend === 'cpu' || backend === 'wasm') return join(folder, `${backend}.js`);
  const path = backend === 'xnnjs' ? join(PROJECT, 'js/tfjs/index.js') : isAbsolute(backend) ? backend : join(process.cwd(), backend);
  if (!existsSync(path)) throw new Error(`no backend at ${path}`);
  return path;
}

/** @param {Options} options @returns {import('./run.js').Job} */
function jobOf({ backend = 'xnnjs', files = SPEC_FILES, grep, names, verbose }) {
  const unknown = files.filter((file) => !SPEC_FILES.includes(file));
  if (unknown.length > 0) throw new Error(`tfjs-core has no specs ${unknown.join(', ')}`);
  return { backend: nameOf(backend), files, grep, names, verbose };
}

/** Takes events in; `running` is the spec that has not ended. @param {string} title */
function collect(title) {
  const result = /** @type {Result} */ ({ title, specs: [], problems: [], kernels: [] });
  const state = { running: 'loading the specs', ended: false };
  const take = (/** @type {Event} */ event) => {
    if ('start' in event) result.kernels = event.start.kernels;
    else if ('running' in event) state.running = event.running;
    else if ('done' in event) result.specs.push(event.done);
    else if ('problem' in event) result.problems.push(event.problem);
    else state.ended = true;
  };
  return { result, state, take };
}

/**
 * @param {import('./bundle.js').Bundle} bundle
 * @param {Options} [options]
 * @returns {Promise<Result>}
 */
export async function runInNode({ folder }, options = {}) {
  const { backend = 'xnnjs', threads = backend === 'xnnjs' ? 1 : undefined, patience = 60 } = options;
  const threaded = threads === undefined ? '' : `, ${threads} thread${threads === 1 ? '' : 's'}`;
  const { result, state, take } = collect(`${nameOf(backend)} in Node ${process.version}${threaded}`);
  const order = JSON.stringify({ folder, module: moduleOf(backend, folder), threads, job: jobOf(options) });
  const stderr = options.verbose ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, [join(PROJECT, 'tests/conformance/child.js'), order], {
    stdio: ['ignore', options.verbose ? 'inherit' : 'ignore', stderr, 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said = (said + text).slice(-2000);
  });
  /** @type {NodeJS.Timeout | undefined} */
  let clock;
  const wait = () => {
    clearTimeout(clock);
    clock = setTimeout(() => {
      result.problems.push(`${state.running}: no answer for ${patience} s`);
      child.kill('SIGKILL');
    }, patience * 1000);
  };
  wait();
  const closed = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  for await (const line of createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdio[3]) })) {
    wait();
    take(JSON.parse(line));
  }
  const code = await closed;
  clearTimeout(clock);
  if (!state.ended) result.problems.push(`${state.running}: the process ended (${code})${said === '' ? '' : `: ${said}`}`);
  return result;
}

/**
 * The same in a page. Specs that fail are run again on TensorFlow.js's cpu backend in another page: `reference` has those that fail there
 * too, which says that the page, not the backend, is why.
 * @param {import('./bundle.js').Bundle} bundle
 * @param {Options} [options]
 * @returns {Promise<Result & { reference: Spec[] }>}
 */
export async function runInBrowser(bundle, options = {}) {
  const browser = await launchBrowser();
  try {
    const result = await runInPage(browser, bundle, options);
    const failed = result.specs.filter(({ status }) => status === 'failed');
    if (failed.length === 0 || options.backend === 'cpu') return { ...result, reference: [] };
    const again = { files: [...new Set(failed.map(({ file }) => file))], names: failed.map(({ file, name }) => `${file}: ${name}`) };
    const { specs, problems } = await runInPage(browser, bundle, { ...options, ...again, backend: 'cpu', threads: undefined });
    return { ...result, problems: [...result.problems, ...problems], reference: specs.filter(({ status }) => status === 'failed') };
  } finally {
    await browser.close();
  }
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('./bundle.js').Bundle} bundle
 * @param {Options} options
 * @returns {Promise<Result>}
 */
async function runInPage(browser, { folder, path }, options) {
  const { backend = 'xnnjs', threads = backend === 'xnnjs' ? 1 : undefined, patience = 60 } = options;
  const { result, state, take } = collect(`${nameOf(backend)} in Chromium ${browser.version()}`);
  const imports = { '@tensorflow/tfjs-core': `/${path}/core.js` };
  const html = [
    '<!doctype html><link rel="icon" href="data:,"><script src="/node_modules/jasmine-core/lib/jasmine-core/jasmine.js"></script>',
    `<script type="importmap">${JSON.stringify({ imports })}</script>`,
  ].join('\n');
  const server = await serve({ routes: { '/': { type: 'text/html; charset=utf-8', body: html } } });
  const { page, problems, close } = await openPage(browser, `${server.url}/`);
  /** @type {NodeJS.Timeout | undefined} */
  let clock;
  try {
    await new Promise((resolve, reject) => {
      const wait = () => {
        clearTimeout(clock);
        clock = setTimeout(() => reject(new Error(`no answer for ${patience} s`)), patience * 1000);
      };
      wait();
      page.on('crash', () => reject(new Error('the page crashed')));
      const order = {
        run: `/${path}/run.js`,
        module: `/${relative(PROJECT, moduleOf(backend, folder)).replaceAll('\\', '/')}`,
        threads,
        job: jobOf(options),
      };
      page
        .exposeFunction('emit', (/** @type {Event} */ event) => {
          wait();
          take(event);
          if (state.ended) resolve(undefined);
        })
        .then(() => page.evaluate(startInPage, order))
        .catch(reject);
    });
  } catch (error) {
    const details = [/** @type {Error} */ (error).message, ...problems.slice(0, 5)];
    result.problems.push(`${state.running}: ${details.join('; ')}`);
  } finally {
    clearTimeout(clock);
    await close();
    server.close();
  }
  return result;
}

/** @param {{ run: string, module: string, threads?: number, job: import('./run.js').Job }} order */
async function startInPage({ run, module, threads, job }) {
  const specs = await import(run);
  const backend = await import(module);
  if (threads !== undefined) backend.setOptions({ threads });
  await specs.run(job, /** @type {any} */ (globalThis).emit);
}

/** Counts of one group of specs. @param {Spec[]} specs */
export function count(specs) {
  const having = (/** @type {string[]} */ ...statuses) => specs.filter(({ status }) => statuses.includes(status)).length;
  return { passed: having('passed'), failed: having('failed'), skipped: having('pending') };
}

/**
 * What is wrong with a run, a line each: none of it may be.
 * @param {Result & { reference?: Spec[] }} result
 * @param {number} [floor]  The fewest that pass. At least one must run.
 */
export function complaints({ specs, problems, reference = [] }, floor = 0) {
  const excused = new Set(reference.map(({ file, name }) => `${file}: ${name}`));
  const failed = specs.filter(({ status, file, name }) => status === 'failed' && !excused.has(`${file}: ${name}`));
  const passed = count(specs).passed + excused.size;
  return [
    ...problems,
    ...failed.map(({ file, name, failures }) => `${file}: ${name}: ${failures[0] ?? ''}`),
    ...(passed + failed.length === 0 ? ['no spec ran'] : []),
    ...(passed < floor ? [`${passed} specs passed, ${floor} were expected`] : []),
  ];
}

/** @param {Spec[]} specs @param {(spec: Spec) => string} key @returns {[string, Spec[]][]} */
function groups(specs, key) {
  /** @type {Map<string, Spec[]>} */
  const all = new Map();
  for (const spec of specs) {
    if (spec.status === 'excluded') continue;
    const group = all.get(key(spec));
    if (group === undefined) all.set(key(spec), [spec]);
    else group.push(spec);
  }
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Suites that do not pass fully, kernels that specs asked for in vain. @param {Result & { reference?: Spec[] }} result */
export function summary({ title, specs, problems, kernels, reference = [] }) {
  const lines = [`${title}: ${kernels.length} kernels`];
  const incomplete = groups(specs, ({ suite }) => suite).filter(([, suite]) => count(suite).failed > 0);
  if (incomplete.length > 0) lines.push('', '  passed/run  suite');
  for (const [suite, group] of incomplete) {
    const { passed, failed } = count(group);
    lines.push(`  ${`${passed}/${passed + failed}`.padStart(10)}  ${suite}`);
    for (const { name, status, failures } of group) {
      if (status === 'failed') lines.push(`              ✖ ${name}: ${(failures[0] ?? '').split('\n')[0].slice(0, 160)}`);
    }
  }
  const missing = groups(
    specs.filter(({ failures }) => kernelOf(failures) !== undefined),
    ({ failures }) => kernelOf(failures) ?? '',
  );
  if (missing.length > 0)
    lines.push('', `missing kernels (specs): ${missing.map(([name, group]) => `${name} (${group.length})`).join(', ')}`);
  if (reference.length > 0)
    lines.push('', 'fail on the cpu backend in this page too:', ...reference.map(({ file, name }) => `  ${file}: ${name}`));
  if (problems.length > 0) lines.push('', ...problems.map((problem) => `✖ ${problem}`));
  return lines.join('\n');
}

/** @param {string[]} failures */
const kernelOf = (failures) => /Kernel '([^']+)' not registered/.exec(failures.join('\n'))?.[1];

/** A markdown table of specs by area: folders of tfjs-core, its other files together. @param {Result} result */
export function table({ title, specs }) {
  const area = (/** @type {Spec} */ { file }) => /^(\w+)\//.exec(file)?.[1] ?? 'engine, tensors, utilities';
  const row = (/** @type {string} */ name, /** @type {Spec[]} */ group) => {
    const { passed, failed, skipped } = count(group);
    return `| ${name} | ${passed + failed} | ${passed} | ${failed} | ${skipped} |`;
  };
  const head = [`| ${title} | run | passed | failed | switched off |`, '|---|--:|--:|--:|--:|'];
  return [...head, ...groups(specs, area).map(([name, group]) => row(name, group)), row('all', specs)].join('\n');
}
