// A memory plan as text: time runs down, the arena from left to right.

const WIDTH = 96;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * @param {import('../wasm.js').Plan} plan
 * @returns {string}  One line for each node at which the picture changes; a letter is a buffer, a dot is free.
 */
export function drawPlan({ arenaBytes, lowerBound, sum, buffers }) {
  const cell = arenaBytes / WIDTH;
  const last = Math.max(0, ...buffers.map((buffer) => buffer.last));
  const lines = [];
  let previous = '';
  for (let step = 0; step <= last; step++) {
    const row = new Array(WIDTH).fill('.');
    buffers.forEach(({ offset, bytes, first, last: end }, i) => {
      if (step < first || step > end) return;
      const from = Math.floor(offset / cell);
      const to = Math.max(from + 1, Math.ceil((offset + bytes) / cell));
      for (let at = from; at < Math.min(to, WIDTH); at++) row[at] = LETTERS[i % LETTERS.length];
    });
    const picture = row.join('');
    if (picture !== previous) lines.push(`${String(step).padStart(5)} ${picture}`);
    previous = picture;
  }
  const percent = sum === 0 ? 0 : Math.round((100 * arenaBytes) / sum);
  return [
    `arena ${bytesText(arenaBytes)}, lower bound ${bytesText(lowerBound)}, without reuse ${bytesText(sum)} (${percent} % of it is needed)`,
    `one column is ${bytesText(cell)}`,
    ...lines,
  ].join('\n');
}

/** @param {number} bytes */
export function bytesText(bytes) {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(2)} MB`;
  return bytes >= 1e3 ? `${(bytes / 1e3).toFixed(1)} kB` : `${Math.round(bytes)} bytes`;
}
