// Gradients: the same bits from any number of threads. What they are: ops.test.js.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import * as cases from './cases/gradients.js';
import { makeInputs, runOp } from './run.js';

const engines = await Promise.all([1, 2, 3].map((threads) => instantiate({ variant: 'simd', threads })));
after(() => {
  for (const { core, terminate } of engines) {
    core.stop();
    terminate();
  }
});

for (const [op, ofOp] of Object.entries(cases))
  test(`${op}: one, two and three threads give the same bits`, () => {
    for (const testCase of ofOp) {
      const inputs = makeInputs(testCase);
      const results = engines.map(({ core }) => {
        const { data } = runOp(core, op, inputs, testCase.attributes ?? {});
        return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
      });
      assert.equal(results[1], results[0], `${testCase.name}, 2 threads`);
      assert.equal(results[2], results[0], `${testCase.name}, 3 threads`);
    }
  });
