// How far two results of one computation are apart.

/**
 * @typedef {object} Agreement
 * @property {number} error  max|a − b| / max|b|; Infinity where the lengths differ or only one is NaN or infinite.
 * @property {string} where  the worst place, for messages.
 */

/**
 * @param {ArrayLike<number>} actual
 * @param {ArrayLike<number>} expected
 * @returns {Agreement}
 */
export function compare(actual, expected) {
  if (actual.length !== expected.length) {
    return { error: Infinity, where: `${actual.length} values, expected ${expected.length}` };
  }
  let worst = 0;
  let at = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i], expected[i]];
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    const apart = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
    const distance = Number.isNaN(apart) ? Infinity : apart;
    if (distance > worst) [worst, at] = [distance, i];
  }
  const error = worst === 0 ? 0 : largest === 0 ? Infinity : worst / largest;
  return { error, where: `[${at}] is ${actual[at]}, expected ${expected[at]}` };
}

/**
 * The worst agreement over all outputs of a model.
 * @param {Record<string, { data: ArrayLike<number> | string[] }>} actual
 * @param {Record<string, { data: ArrayLike<number> | string[] }>} expected
 * @returns {Agreement}
 */
export function compareOutputs(actual, expected) {
  /** @type {Agreement} */
  let worst = { error: 0, where: 'equal' };
  for (const [name, { data }] of Object.entries(expected)) {
    const given = /** @type {ArrayLike<number>} */ (actual[name]?.data ?? []);
    const { error, where } = compare(given, /** @type {ArrayLike<number>} */ (data));
    if (error > worst.error) worst = { error, where: `${name}${where}` };
  }
  return worst;
}
