// Runs specs on one backend, in Node or in a page. bundle.js makes modules of this file, tfjs-core and its specs.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import * as tf from '@tensorflow/tfjs-core';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { seeded } from '../support/random.js';

/**
 * @typedef {object} Spec
 * @property {string} file  As 'ops/abs'.
 * @property {string} suite  The outermost describe, without the name of the backend.
 * @property {string} name  Of suites and spec; a name that comes again in its file has its number.
 * @property {'passed' | 'failed' | 'pending' | 'excluded'} status
 * @property {string[]} failures  First lines of what failed.
 *
 * @typedef {{ start: { kernels: string[], platform: string } } | { running: string } | { done: Spec } | { problem: string } | { end: true }} Event
 *
 * @typedef {object} Job
 * @property {string} backend  Its name in tfjs-core, where it is registered.
 * @property {string[]} files
 * @property {string} [grep]  A pattern of names of specs.
 * @property {string[]} [names]  Only these specs, as 'file: name'.
 * @property {boolean} [verbose]  Let specs print.
 */

/**
 * What jasmine tells of a suite or spec.
 * @typedef {{ id: string, fullName: string, status: Spec['status'], failedExpectations: { message: string }[] }} Reported
 *
 * @param {Job} job
 * @param {(event: Event) => void} emit
 */
export async function run({ backend, files, grep, names, verbose = false }, emit) {
  // Loaded by who runs this, as the sloppy script that it is: a spec looks at the `this` that a spy of fetch got.
  const { jasmineRequire } = /** @type {any} */ (globalThis);
  const jasmine = jasmineRequire.core(jasmineRequire);
  const environment = jasmine.getEnv();
  Object.assign(globalThis, { jasmine }, jasmineRequire.interface(jasmine, environment));
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 20_000;
  if (!verbose) for (const method of /** @type {const} */ (['log', 'info', 'warn', 'error', 'debug'])) console[method] = () => {};

  if (!(await tf.setBackend(backend))) throw new Error(`backend '${backend}' does not start`);
  // One suite takes this name for the backend's.
  setTestEnvs([{ name: backend, backendName: backend, isDataSync: true }]);
  const kernels = tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
  emit({ start: { kernels, platform: tf.env().platformName } });

  const specs = await define(files, ` ${backend} {}`, emit);
  const wanted = names && new Set(names);
  const pattern = grep === undefined ? undefined : new RegExp(grep);
  environment.configure({
    random: false,
    failSpecWithNoExpectations: false,
    specFilter: (/** @type {Reported} */ { id }) => {
      const { file, name } = /** @type {Defined} */ (specs.get(id));
      return (pattern === undefined || pattern.test(name)) && (wanted === undefined || wanted.has(`${file}: ${name}`));
    },
  });

  /** @type {Defined | undefined} */
  let current;
  // Seeded, so that ops without a seed and specs that draw their inputs see the same numbers in every run.
  const seed = (/** @type {string} */ text) => {
    Math.random = seeded([...text].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 1, 1));
  };
  environment.beforeEach(() => {
    if (current === undefined) return;
    seed(current.name);
    // What started in the place of the backend would pass for it. (null: none has, and the suite brings its own.)
    const { backendName } = tf.engine();
    if (current.onBackend && (backendName ?? backend) !== backend) throw new Error(`runs on '${backendName}'`);
  });
  environment.clearReporters();
  environment.addReporter({
    suiteStarted: (/** @type {Reported} */ { fullName }) => seed(fullName),
    specStarted(/** @type {Reported} */ { id }) {
      current = /** @type {Defined} */ (specs.get(id));
      emit({ running: `${current.file}: ${current.name}` });
    },
    specDone(/** @type {Reported} */ { id, status, failedExpectations }) {
      const { file, suite, name } = /** @type {Defined} */ (specs.get(id));
      const failures = failedExpectations.map(({ message }) => String(message).slice(0, 400));
      emit({ done: { file, suite, name, status, failures } });
      current = undefined;
    },
    suiteDone(/** @type {Reported} */ { fullName, failedExpectations }) {
      for (const { message } of failedExpectations) emit({ problem: `${fullName}: ${message}` });
    },
    jasmineDone(/** @type {Reported} */ { failedExpectations }) {
      for (const { message } of failedExpectations) emit({ problem: message });
    },
  });
  await environment.execute();
  emit({ end: true });
}

/** @typedef {Omit<Spec, 'status' | 'failures'> & { onBackend: boolean }} Defined */

/**
 * Loads the spec files, which describes their suites.
 * @param {string[]} files
 * @param {string} mark  What describeWithFlags adds to the name of a suite.
 * @param {(event: Event) => void} emit
 * @returns {Promise<Map<string, Defined>>}  By jasmine's id.
 */
async function define(files, mark, emit) {
  const scope = /** @type {Record<string, any>} */ (globalThis);
  /** @type {Map<string, Defined>} */
  const specs = new Map();
  /** @type {Map<string, number>} */
  const times = new Map();
  /** @type {string[]} */
  const suites = [];
  let file = '';
  for (const kind of ['describe', 'xdescribe', 'fdescribe']) {
    const original = scope[kind];
    scope[kind] = (/** @type {string} */ title, /** @type {() => void} */ body) =>
      original(title, () => {
        suites.push(title);
        body();
        suites.pop();
      });
  }
  for (const kind of ['it', 'xit', 'fit']) {
    const original = scope[kind];
    scope[kind] = (/** @type {string} */ title, /** @type {unknown[]} */ ...rest) => {
      const spec = original(title, ...rest);
      const name = [...suites, title].join(' ').replaceAll(mark, '');
      const time = (times.get(`${file}: ${name}`) ?? 0) + 1;
      times.set(`${file}: ${name}`, time);
      specs.set(spec.id, {
        file,
        suite: (suites[0] ?? '').replaceAll(mark, ''),
        name: time === 1 ? name : `${name} #${time}`,
        onBackend: suites[0]?.endsWith(mark) ?? false,
      });
      return spec;
    };
  }
  for (file of files) {
    try {
      await import(new URL(`./specs/${file}.js`, import.meta.url).href);
    } catch (error) {
      emit({ problem: `${file} does not load: ${error}` });
    }
  }
  return specs;
}
