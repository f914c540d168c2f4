// The one-euro filter (Casiez, Roussel, Vogel: "1€ filter: a simple speed-based low-pass filter for noisy input in interactive systems",
// CHI 2012): smooths much where values stand still, little where they move.

/**
 * @typedef {object} OneEuroOptions
 * @property {number} minCutoff  in hertz, of values that stand still: lower is smoother.
 * @property {number} beta  how much the cutoff grows with the speed (units per second): higher lags less.
 * @property {number} [derivateCutoff]  in hertz, of the speed itself; 1 if left out.
 */

/**
 * Filters a list of values together, each as a signal of its own.
 * @param {number} n
 * @param {OneEuroOptions} options
 */
export function createOneEuro(n, { minCutoff, beta, derivateCutoff = 1 }) {
  const smoothed = new Float64Array(n);
  const speeds = new Float64Array(n);
  /** @type {number | undefined} */
  let last;

  return {
    /**
     * @param {Float64Array} values  [n], overwritten with what the filter makes of them. The first ones stay as they are, and those
     *   whose time lies before that of the ones before are first ones again; at the same time nothing is filtered nor remembered.
     * @param {number} time  in seconds.
     * @param {number} [unit]  length in which speed is measured, in units of the values: the size of what moves, so that it is smoothed
     *   alike near and far. 1 if left out.
     * @returns {Float64Array}  values.
     */
    apply(values, time, unit = 1) {
      const elapsed = last === undefined ? -1 : time - last;
      if (elapsed === 0) return values;
      last = time;
      if (elapsed < 0) {
        smoothed.set(values);
        speeds.fill(0);
        return values;
      }
      const derivateShare = shareOfNew(derivateCutoff, elapsed);
      for (let i = 0; i < n; i++) {
        const speed = (values[i] - smoothed[i]) / unit / elapsed;
        speeds[i] += derivateShare * (speed - speeds[i]);
        smoothed[i] += shareOfNew(minCutoff + beta * Math.abs(speeds[i]), elapsed) * (values[i] - smoothed[i]);
        values[i] = smoothed[i];
      }
      return values;
    },

    reset() {
      last = undefined;
    },
  };
}

/**
 * α of exponential smoothing: 1 / (1 + τ / Te), τ = 1 / (2π · cutoff).
 * @param {number} cutoff  in hertz.
 * @param {number} elapsed  in seconds.
 */
function shareOfNew(cutoff, elapsed) {
  const turns = 2 * Math.PI * cutoff * elapsed;
  return turns / (turns + 1);
}
