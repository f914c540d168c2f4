// The day of the page: what is counted, kept and drawn. Times are local, as the page shows them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDay } from '../../demo/page/touch/day.js';
import { createRate } from '../../demo/page/touch/rate.js';
import { midnight, timelineSvg } from '../../demo/page/touch/timeline.js';

/** As a browser's: keys are its own properties. */
function createStorage() {
  const methods = {
    /** @param {string} key */
    getItem: (key) => (Object.hasOwn(storage, key) ? storage[key] : null),
    /** @param {string} key @param {string} value */
    setItem(key, value) {
      storage[key] = value;
    },
    /** @param {string} key */
    removeItem(key) {
      delete storage[key];
    },
  };
  /** @type {Record<string, string> & typeof methods} */
  const storage = Object.create(methods);
  return /** @type {Storage} */ (/** @type {unknown} */ (storage));
}

const NOON = new Date(2026, 4, 17, 12).getTime();
const MINUTE = 60_000;

test('day: touches are counted and outlive the page', () => {
  const storage = createStorage();
  let now = NOON;
  const day = openDay(storage, () => now);
  day.addTouch();
  now += 5 * MINUTE;
  day.addTouch();
  assert.deepEqual(openDay(storage, () => now).read().touches, [NOON, NOON + 5 * MINUTE]);
});

test('day: watching is one stretch until it pauses for a minute', () => {
  let now = NOON;
  const day = openDay(createStorage(), () => now);
  for (const step of [0, 1000, 59_999, 60_000, 1000]) {
    now += step;
    day.watch();
  }
  assert.deepEqual(day.read().watched, [
    [NOON, NOON + 60_999],
    [NOON + 120_999, NOON + 121_999],
  ]);
});

test('day: the next day begins empty and the one before is dropped', () => {
  const storage = createStorage();
  let now = NOON;
  const day = openDay(storage, () => now);
  day.addTouch();
  now += 24 * 60 * MINUTE;
  assert.deepEqual(day.read(), { touches: [], watched: [] });
  day.addTouch();
  assert.equal(Object.keys(storage).length, 1);
});

test('day: what somebody else wrote there is no day', () => {
  const storage = createStorage();
  for (const text of ['', 'null', '{}', '{"touches":3,"watched":[]}', 'x']) {
    storage.setItem('touch-day 2026-5-17', text);
    assert.deepEqual(openDay(storage, () => NOON).read(), { touches: [], watched: [] }, text);
  }
});

test('timeline: a touch stands at its share of the hours shown', () => {
  assert.equal(midnight(NOON), new Date(2026, 4, 17).getTime());
  // Watched from 8:00; at 12:00 the hours shown end at 13:00, and six at least are shown: 7:00 to 13:00.
  const svg = timelineSvg({ touches: [NOON - 60 * MINUTE], watched: [[NOON - 4 * 60 * MINUTE, NOON]] }, NOON, 600);
  assert.match(svg, /aria-label="1 touch between 7:00 and 13:00"/);
  assert.match(svg, /class="touch" x="400.0"/); // 11:00: 4 of 6 hours, of 600 pixels
  assert.match(svg, /class="watched" x="100.0" y="9" width="400"/);
});

test('timeline: just after midnight it shows the six hours that come', () => {
  const start = midnight(NOON);
  const svg = timelineSvg({ touches: [], watched: [[start, start + MINUTE]] }, start + MINUTE, 600);
  assert.match(svg, /0 touches between 0:00 and 6:00/);
});

test('rate: frames and mean times of the last second', () => {
  let now = 0;
  const rate = createRate(() => now);
  for (let i = 0; i < 30; i++) {
    now += 50;
    rate.add({ look: i < 20 ? 100 : 4 });
  }
  // The last second holds 20 frames: 10 of 100 ms, 10 of 4 ms.
  const { perSecond, ms } = rate.read();
  assert.equal(perSecond, 20);
  assert.ok(Math.abs(ms.look - 52) < 1e-9);
  now += 5000;
  assert.deepEqual(rate.read(), { perSecond: 0, ms: {} });
});
