// Every op of ops.def over its table of cases, with one thread and with two, against float64 references written from
// TensorFlow's definitions; tfjs.test.js checks these references against tfjs-backend-cpu.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SCHEMA } from '../../dist/schema.js';
import { instantiate } from '../../js/instantiate.js';
import { CASES } from './cases/index.js';
import { EXACT, FLUSHES, LIMIT } from './limits.js';
import { REFERENCES } from './reference/index.js';
import { makeInputs, measure, runOp } from './run.js';

const engines = await Promise.all([1, 2].map((threads) => instantiate({ variant: 'simd', threads })));
after(() => {
  for (const { core, terminate } of engines) {
    core.stop();
    terminate();
  }
});

const ops = SCHEMA.map((line) => line.split(' ')[0]);

test('ops: every row of ops.def has a reference and cases, and there are no others', () => {
  assert.deepEqual(Object.keys(CASES).sort(), [...ops].sort());
  assert.deepEqual(Object.keys(REFERENCES).sort(), [...ops].sort());
  for (const [op, cases] of Object.entries(CASES)) assert.ok(cases.length >= 5, `${op} has ${cases.length} cases`);
});

test('ops: two threads start', () =>
  assert.deepEqual(
    engines.map(({ threads }) => threads),
    [1, 2],
  ));

for (const op of ops)
  test(`${op}: agrees with its definition in float64 over ${CASES[op]?.length} cases, with 1 and 2 threads`, (t) => {
    let largest = 0;
    /** @type {string[]} */
    const failures = [];
    for (const testCase of CASES[op]) {
      const attributes = testCase.attributes ?? {};
      const inputs = makeInputs(testCase);
      const expected = REFERENCES[op](inputs, attributes);
      const exact = EXACT.has(op) && attributes.activation !== 2;
      for (const { core, threads } of engines) {
        const before = core.memory().heapBytes;
        const context = `${op} ${testCase.name}, ${threads} threads`;
        try {
          const actual = runOp(core, op, inputs, attributes);
          assert.deepEqual(actual.shape, expected.shape);
          assert.equal(actual.dtype, expected.dtype ?? 'float32');
          const { error, where } = measure(actual.data, expected, { exact, flushes: FLUSHES.has(op) });
          if (!(error <= LIMIT)) failures.push(`${context}: error ${error.toExponential(2)}, ${where}`);
          else largest = Math.max(largest, error);
        } catch (error) {
          failures.push(`${context}: ${/** @type {Error} */ (error).message}`);
        }
        if (core.memory().heapBytes !== before) failures.push(`${context}: ${core.memory().heapBytes - before} bytes stay allocated`);
      }
    }
    t.diagnostic(
      `${op}: largest error ${EXACT.has(op) && largest === 0 ? '0, bit for bit' : `${largest.toExponential(2)} of |result| + sum|terms|`}`,
    );
    assert.equal(failures.length, 0, `${failures.length} failures\n${failures.slice(0, 12).join('\n')}`);
  });
