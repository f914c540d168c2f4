// The one-euro filter against its formula, written out for one value at a time as in the paper (Casiez 2012, algorithm 1 and 2).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOneEuro } from '../../models/shared/one-euro.js';
import { seeded } from '../support/random.js';

/** Algorithm 2. @param {number} rate in hertz @param {number} cutoff in hertz */
const alpha = (rate, cutoff) => {
  const tau = 1 / (2 * Math.PI * cutoff);
  const te = 1 / rate;
  return 1 / (1 + tau / te);
};

/**
 * Algorithm 1, a signal alone.
 * @param {number[]} signal @param {number[]} times in seconds
 * @param {{ minCutoff: number, beta: number, derivateCutoff: number }} options
 */
function oneEuro(signal, times, { minCutoff, beta, derivateCutoff }) {
  let [hatx, hatdx] = [signal[0], 0];
  return signal.map((x, i) => {
    if (i === 0) return x;
    const rate = 1 / (times[i] - times[i - 1]);
    const dx = (x - hatx) * rate;
    const a = alpha(rate, derivateCutoff);
    hatdx = a * dx + (1 - a) * hatdx;
    const b = alpha(rate, minCutoff + beta * Math.abs(hatdx));
    hatx = b * x + (1 - b) * hatx;
    return hatx;
  });
}

const OPTIONS = { minCutoff: 0.7, beta: 0.3, derivateCutoff: 1.5 };

test('one-euro: equals the published algorithm, at an uneven rate', () => {
  const random = seeded(4);
  let time = 100;
  const times = Array.from({ length: 200 }, () => {
    time += 0.005 + random() * 0.1;
    return time;
  });
  const signals = Array.from({ length: 3 }, (_, n) => times.map((t) => 50 * Math.sin(t * n) + 4 * random()));
  const expected = signals.map((signal) => oneEuro(signal, times, OPTIONS));
  const filter = createOneEuro(3, OPTIONS);
  for (const [i, t] of times.entries()) {
    const values = Float64Array.from(signals, (signal) => signal[i]);
    assert.equal(filter.apply(values, t), values);
    for (let n = 0; n < 3; n++) assert.ok(Math.abs(values[n] - expected[n][i]) < 1e-9, `signal ${n} at ${i}`);
  }
});

test('one-euro: with a unit, a signal of twice the size is filtered to twice the result', () => {
  const [small, large] = [createOneEuro(1, OPTIONS), createOneEuro(1, OPTIONS)];
  const random = seeded(5);
  for (let i = 0; i < 50; i++) {
    const value = random() * 10;
    const [a] = small.apply(Float64Array.of(value), i / 30, 7);
    const [b] = large.apply(Float64Array.of(2 * value), i / 30, 14);
    assert.ok(Math.abs(b - 2 * a) < 1e-9);
  }
});

test('one-euro: jitter of what stands still is smoothed, and what moves is followed', () => {
  const filter = createOneEuro(2, { minCutoff: 1, beta: 0.05 });
  const random = seeded(6);
  let [jitter, lag] = [0, 0];
  for (let i = 0; i < 300; i++) {
    const noise = random() - 0.5;
    const values = filter.apply(Float64Array.of(noise, i * 20 + noise), i / 30);
    if (i < 100) continue;
    jitter = Math.max(jitter, Math.abs(values[0]));
    lag = Math.max(lag, Math.abs(values[1] - i * 20));
  }
  assert.ok(jitter < 0.35, `of 0.5 ${jitter} are left`); // 0.29 measured
  assert.ok(lag < 4, `${lag} of the 20 of a step`); // 3.2 measured
});

test('one-euro: a reset, or a time before the last one, starts anew; the same time again changes nothing', () => {
  const filter = createOneEuro(1, OPTIONS);
  const apply = (/** @type {number} */ value, /** @type {number} */ time) => filter.apply(Float64Array.of(value), time)[0];
  apply(0, 0);
  const half = apply(10, 0.1);
  assert.ok(half > 0 && half < 10);
  assert.equal(apply(1000, 0.1), 1000);
  assert.ok(Math.abs(apply(half, 0.2) - half) < 1, 'the 1000 was not remembered');
  assert.equal(apply(42, 0.15), 42);
  filter.reset();
  assert.equal(apply(7, 3), 7);
});
