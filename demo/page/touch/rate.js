// Frames per second and mean times of the last second.

/** @param {() => number} [clock]  milliseconds. */
export function createRate(clock = () => performance.now()) {
  /** @type {{ at: number, ms: Record<string, number> }[]} */
  let recent = [];
  return {
    /** @param {Record<string, number>} times  of one frame, by stage. */
    add(times) {
      const now = clock();
      recent = [...recent.filter(({ at }) => now - at < 1000), { at: now, ms: times }];
    },
    /** @returns {{ perSecond: number, ms: Record<string, number> }} */
    read() {
      const now = clock();
      recent = recent.filter(({ at }) => now - at < 1000);
      /** @type {Record<string, number>} */
      const mean = {};
      for (const { ms } of recent) for (const [stage, time] of Object.entries(ms)) mean[stage] = (mean[stage] ?? 0) + time / recent.length;
      return { perSecond: recent.length, ms: mean };
    },
  };
}
