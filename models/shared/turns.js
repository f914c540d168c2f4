// Calls that come while another is at work wait for it: a pipeline remembers things between pictures, and its sampler holds one at a time.

/**
 * @returns {<T>(work: () => Promise<T>) => Promise<T>}  runs what it is given after all that it was given before; at once, before
 *   it returns, where nothing is at work.
 */
export function createTurns() {
  let waiting = 0;
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return async (work) => {
    const before = last;
    const idle = waiting++ === 0;
    const mine = idle ? work() : before.then(work);
    last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      waiting--;
    }
  };
}
