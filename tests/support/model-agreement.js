// The tests that every model's file here repeats: outputs against TensorFlow.js's cpu backend.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { compare } from './agreement.js';
import { createTestRuntime } from './engine.js';
import { loadReference } from './reference.js';

/** @import { TestInput, TestModel, TestRuntime, TestTensor } from './engine.js' */
/** @import { ModelArtifacts } from './tfjs-engine.js' */

const LIMIT = 1e-5; // design.md, Numerics: max|a − b| ≤ 1e-5 · max|b|

/**
 * @param {string} subject
 * @param {object} options
 * @param {string | ModelArtifacts | Uint8Array} options.url  Or a model in memory.
 * @param {string | ModelArtifacts | Uint8Array} [options.reference]  The same model as TensorFlow.js reads it.
 * @param {boolean} [options.named]  Whether outputs have the reference's names, not only its order.
 * @param {Record<string, number>} [options.limits]  Of outputs that have another one than 1e-5, with the reason beside it.
 * @param {() => Promise<{ name: string, inputs: Record<string, TestInput> }[]>} options.samples  Where it looks at photographs, made
 *   from real ones.
 */
export function testAgreement(subject, { url, reference: referenceUrl = url, named = true, limits = {}, samples }) {
  /** @param {string} sample @param {Record<string, TestTensor>} actual @param {Record<string, TestTensor>} expected  Fails, or gives the worst error. */
  function check(sample, actual, expected) {
    const errors = Object.entries(expected).map(([output, { data }]) => {
      const given = /** @type {ArrayLike<number>} */ (actual[output].data);
      const { error, where } = compare(given, /** @type {ArrayLike<number>} */ (data));
      assert.ok(error <= (limits[output] ?? LIMIT), `${sample}: ${error.toExponential(2)} at ${output}${where}`);
      return error;
    });
    return Math.max(...errors);
  }

  // What several tests read: made by the first of them.
  const known = once(async () => {
    const reference = await loadReference(referenceUrl);
    const list = await samples();
    const answers = [];
    for (const { inputs } of list) answers.push(await reference.run(inputs));
    reference.dispose();
    return { list, answers, theirs: reference.outputs.map(({ name }) => name) };
  });
  const model = once(() => load(url, 1));
  /** The model's first runs, one of each sample. */
  const first = once(async () => runAll(await model(), (await known()).list));

  for (const threads of [1, 2]) {
    test(`${subject}: simd with ${threads} thread(s) agrees with the cpu backend on every sample`, async (t) => {
      const { list, answers, theirs } = await known();
      const { outputs } = await model();
      const names = outputs.map(({ name }) => name);
      if (named) assert.deepEqual(new Set(names), new Set(theirs));
      else assert.equal(names.length, theirs.length);
      const actual = threads === 1 ? await first() : await withModel(url, threads, {}, (threaded) => runAll(threaded, list));
      let worst = 0;
      for (const [i, { name }] of list.entries()) {
        const expected = named ? answers[i] : Object.fromEntries(names.map((own, k) => [own, Object.values(answers[i])[k]]));
        for (const [output, { shape, dtype, data }] of Object.entries(expected)) {
          assert.deepEqual(actual[i][output].shape, shape, `shape of ${output}`);
          assert.equal(actual[i][output].dtype, dtype);
          assert.ok(data.every(Number.isFinite), `${output} of the reference has NaN or infinite values`);
        }
        worst = Math.max(worst, check(name, actual[i], expected));
      }
      t.diagnostic(`${subject}, ${threads} thread(s): largest error ${worst.toExponential(2)} of max|b|`);
    });
  }

  test(`${subject}: optimised and unoptimised programs agree`, async (t) => {
    const [sample] = (await known()).list;
    const [optimised] = await first();
    const [plain] = await withModel(url, 1, { optimize: false }, (unoptimised) => runAll(unoptimised, [sample]));
    const error = check(sample.name, optimised, plain);
    t.diagnostic(`${subject}, optimised against not: ${error.toExponential(2)} of max|b|`);
  });

  test(`${subject}: more runs of one input, after those of others, give the same bits`, async () => {
    const [before] = await first();
    const [sample] = (await known()).list;
    const used = await model();
    assert.deepEqual(await runAll(used, [sample, sample]), [before, before]);
    used.dispose();
  });
}

/** What of the inputs the model has: TensorFlow Lite's has none that nobody reads. @param {TestModel} model @param {Record<string, TestInput>} inputs */
const only = (model, inputs) => Object.fromEntries(model.inputs.map(({ name }) => [name, inputs[name]]));

/**
 * @param {TestModel} model @param {{ inputs: Record<string, TestInput> }[]} samples
 * @returns {Promise<Record<string, TestTensor>[]>}
 */
async function runAll(model, samples) {
  const results = [];
  for (const { inputs } of samples) results.push(await model.run(only(model, inputs)));
  return results;
}

/** @template T @param {() => Promise<T>} make @returns {() => Promise<T>}  The same each time. */
function once(make) {
  /** @type {Promise<T> | undefined} */
  let made;
  return () => (made ??= make());
}

/** By number of threads: one for all models of a file. @type {Map<number, Promise<TestRuntime>>} */
const runtimes = new Map();
after(async () => {
  for (const runtime of await Promise.all(runtimes.values())) runtime.dispose();
});

/** @param {string | ModelArtifacts | Uint8Array} url @param {number} threads @param {object} [options] */
async function load(url, threads, options) {
  const runtime = runtimes.get(threads) ?? createTestRuntime({ variant: 'simd', threads });
  runtimes.set(threads, runtime);
  return (await runtime).load(url, options);
}

/**
 * @template T
 * @param {string | ModelArtifacts | Uint8Array} url @param {number} threads @param {object} options
 * @param {(model: TestModel) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withModel(url, threads, options, use) {
  const model = await load(url, threads, options);
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}
