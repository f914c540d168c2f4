// The tests that every model's file here repeats: outputs against TensorFlow.js's cpu backend.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './agreement.js';
import { createTestRuntime } from './engine.js';
import { loadReference } from './reference.js';

/** @import { TestInput, TestModel, TestTensor } from './engine.js' */
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

  for (const threads of [1, 2]) {
    test(`${subject}: simd with ${threads} thread(s) agrees with the cpu backend on every sample`, async (t) => {
      const reference = await loadReference(referenceUrl);
      await withModel({ url, threads }, async (model) => {
        const names = model.outputs.map(({ name }) => name);
        const theirs = reference.outputs.map(({ name }) => name);
        if (named) assert.deepEqual(new Set(names), new Set(theirs));
        else assert.equal(names.length, theirs.length);
        let worst = 0;
        for (const { name, inputs } of await samples()) {
          const answers = await reference.run(inputs);
          const expected = named ? answers : Object.fromEntries(names.map((own, i) => [own, Object.values(answers)[i]]));
          const actual = await model.run(only(model, inputs));
          for (const [output, { shape, dtype }] of Object.entries(expected)) {
            assert.deepEqual(actual[output].shape, shape, `shape of ${output}`);
            assert.equal(actual[output].dtype, dtype);
            assert.ok(expected[output].data.every(Number.isFinite), `${output} of the reference has NaN or infinite values`);
          }
          worst = Math.max(worst, check(name, actual, expected));
        }
        t.diagnostic(`${subject}, ${threads} thread(s): largest error ${worst.toExponential(2)} of max|b|`);
      });
    });
  }

  test(`${subject}: optimised and unoptimised programs agree`, async (t) => {
    const { name, inputs } = (await samples())[0];
    /** @param {object} [options] */
    const outputs = (options) => withModel({ url, threads: 1, options }, (model) => model.run(only(model, inputs)));
    const error = check(name, await outputs(), await outputs({ optimize: false }));
    t.diagnostic(`${subject}, optimised against not: ${error.toExponential(2)} of max|b|`);
  });

  test(`${subject}: a second run of one input gives the same bits`, async () => {
    const { inputs } = (await samples())[0];
    await withModel({ url, threads: 1 }, async (model) => {
      const first = await model.run(only(model, inputs));
      assert.deepEqual(await model.run(only(model, inputs)), first);
    });
  });
}

/** What of the inputs the model has: TensorFlow Lite's has none that nobody reads. @param {TestModel} model @param {Record<string, TestInput>} inputs */
const only = (model, inputs) => Object.fromEntries(model.inputs.map(({ name }) => [name, inputs[name]]));

/**
 * @template T
 * @param {{ url: string | ModelArtifacts | Uint8Array, threads: number, options?: object }} settings
 * @param {(model: TestModel) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withModel({ url, threads, options }, use) {
  const runtime = await createTestRuntime({ variant: 'simd', threads });
  try {
    const model = await runtime.load(url, options);
    const result = await use(model);
    model.dispose();
    return result;
  } finally {
    runtime.dispose();
  }
}
