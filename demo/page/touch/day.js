// What happened today: moments of touching and the time that was watched, kept on this device.

/**
 * @typedef {{ touches: number[], watched: [start: number, end: number][] }} Day  milliseconds since the epoch, in order.
 */

/** Watching that paused for less than this is one stretch. */
const PAUSE = 60_000;

/** @param {number} now */
const keyOf = (now) => {
  const date = new Date(now);
  return `touch-day ${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
};

/**
 * @param {Storage} storage
 * @param {() => number} clock
 */
export function openDay(storage, clock = Date.now) {
  /** @returns {Day} */
  function read() {
    try {
      const day = JSON.parse(storage.getItem(keyOf(clock())) ?? '');
      if (Array.isArray(day.touches) && Array.isArray(day.watched)) return day;
    } catch {
      // Nothing yet, or no longer what this page wrote.
    }
    return { touches: [], watched: [] };
  }
  /** @param {(day: Day) => void} change */
  function update(change) {
    const day = read();
    change(day);
    const key = keyOf(clock());
    for (const other of Object.keys(storage)) if (other.startsWith('touch-day ') && other !== key) storage.removeItem(other);
    storage.setItem(key, JSON.stringify(day));
    return day;
  }
  return {
    read,
    addTouch: () => update(({ touches }) => touches.push(clock())),
    /** The camera watches now. */
    watch: () =>
      update(({ watched }) => {
        const now = clock();
        const last = watched.at(-1);
        if (last !== undefined && now - last[1] < PAUSE) last[1] = now;
        else watched.push([now, now]);
      }),
    clear: () => update((day) => Object.assign(day, { touches: [], watched: [] })),
  };
}
