// How near fft comes to the exact transform: it is rounded once, from float64. The bound of ops.test.js, in units of all
// terms, would let errors of float32 pass.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { seeded } from '../support/random.js';
import { fft } from './reference/signals.js';
import { runOp } from './run.js';

const { core, terminate } = await instantiate({ variant: 'simd', threads: 1 });
after(() => {
  core.stop();
  terminate();
});

/** @param {number[]} shape @param {number} seed */
function signal(shape, seed) {
  const random = seeded(seed);
  const data = Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, () => random() * 2 - 1);
  return { shape, data, dtype: /** @type {const} */ ('float32'), from: /** @type {const} */ ('input') };
}

/** Of each way: fours, a two, other primes, and one that goes by a chirp. */
const POINTS = [64, 512, 29 * 31, 1000, 2310, 2039, 4096];

for (const inverse of [0, 1])
  test(`fft: ${inverse ? 'the inverse' : 'the transform'} of ${POINTS.join(', ')} points is within a float32's rounding of the exact one`, (t) => {
    let largest = 0;
    for (const n of POINTS) {
      const inputs = [signal([n], n), signal([n], n + 1)];
      const expected = fft(inputs, { inverse });
      const { data } = runOp(core, 'fft', inputs, { inverse });
      for (let i = 0; i < 2 * n; i++) {
        const error = Math.abs(data[i] - expected.data[i]);
        // 2^-24 is half a unit in the last place; the sums of the reference are exact to 1e-13 of their terms
        const allowed = 2 ** -24 * Math.abs(expected.data[i]) + 1e-13 * expected.scale[i];
        assert.ok(error <= allowed, `${n} points: [${i}] is ${data[i]}, expected ${expected.data[i]}`);
        largest = Math.max(largest, error / allowed);
      }
    }
    t.diagnostic(`fft: largest error ${largest.toFixed(3)} of what is allowed`);
  });

test('fft: the inverse of a transform is the signal, 100000 points and 65537', () => {
  for (const n of [100_000, 65_537]) {
    const inputs = [signal([n], 1), signal([n], 2)];
    const { data } = runOp(core, 'fft', inputs, { inverse: 0 });
    const halves = [0, 1].map((k) => ({ ...inputs[0], data: /** @type {Float32Array} */ (data).slice(k * n, (k + 1) * n) }));
    const back = runOp(core, 'fft', halves, { inverse: 1 });
    let apart = 0;
    for (let i = 0; i < n; i++) for (const k of [0, 1]) apart = Math.max(apart, Math.abs(back.data[k * n + i] - inputs[k].data[i]));
    assert.ok(apart < 3e-7, `${n} points: ${apart}`); // measured 8e-8
  }
});
