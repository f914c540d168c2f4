// Ops called one at a time give the bits that a program of the one op gives (which ops.test.js holds against float64): the first
// time, from what was prepared then, and from packed weights that were kept.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SCHEMA } from '../../dist/schema.js';
import { instantiate } from '../../js/instantiate.js';
import { CASES } from './cases/index.js';
import { makeInputs, runOp } from './run.js';
import { callEager, PACKING, place } from './run-eager.js';

const { core, terminate } = await instantiate({ variant: 'simd', threads: 2 });
after(() => {
  core.stop();
  terminate();
});

/** Other numbers with each run. */
const RANDOM = new Set(['random', 'multinomial']);
const ops = SCHEMA.map((line) => line.split(' ')[0]).filter((op) => !RANDOM.has(op));

/** Bits, so that NaN equals NaN and 0 is not -0. @param {{ data: import('../../js/wasm.js').Values }} result */
const bits = ({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

let names = 1;

for (const op of ops)
  test(`${op}: eager calls give the bits of a program`, () => {
    let compared = 0;
    for (const { name, inputs: operands, attributes = {} } of CASES[op]) {
      const inputs = /** @type {(import('./run-eager.js').Made | undefined)[]} */ (makeInputs({ name, inputs: operands }));
      // Quantised storage is for weights that a model file brings.
      if (inputs.some((input) => input?.stored !== undefined && input.stored.dtype !== input.dtype)) continue;
      const expected = runOp(core, op, inputs, attributes);
      const { tensors, release } = place(core, inputs);
      const contents = inputs.map(() => names++);
      for (const options of PACKING.has(op) ? [{}, { contents }, { contents }] : [{}, {}]) {
        const actual = callEager(core, op, inputs, tensors, attributes, options);
        assert.deepEqual({ shape: actual.shape, dtype: actual.dtype }, { shape: expected.shape, dtype: expected.dtype }, name);
        assert.ok(bits(actual).equals(bits(expected)), `${op} ${name}: other bits`);
        core.eager.release(actual.tensor);
      }
      release();
      compared++;
    }
    assert.ok(compared > 0, 'no case is of this kind');
    core.eager.reset();
    assert.equal(core.memory().heapBytes, 0);
  });
