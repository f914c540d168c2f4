// Repeatable random numbers, the same in every engine.

/**
 * splitmix32: a counter, mixed (constants of MurmurHash3's finaliser).
 * @param {number} seed  a whole number.
 * @returns {() => number}  0 ≤ x < 1
 */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/**
 * Fisher and Yates's shuffle, in place.
 * @template {{ length: number, [index: number]: any }} T
 * @param {T} list @param {() => number} random
 * @returns {T}
 */
export function shuffle(list, random) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
