// The day as a picture: hours, the time that was watched, a mark for each touch.

/** @import { Day } from './day.js' */

const [HEIGHT, TOP, TRACK] = [74, 8, 42];

/** @param {number} now  any moment of the day. @returns {number} */
export const midnight = (now) => new Date(now).setHours(0, 0, 0, 0);

/**
 * @param {Day} day @param {number} now @param {number} width  of the picture, in CSS pixels.
 * @returns {string}  SVG.
 */
export function timelineSvg({ touches, watched }, now, width) {
  const start = midnight(now);
  // From the first watched hour to the next full hour, at least six, so that a short day is not a sliver.
  const hourOf = (/** @type {number} */ time) => (time - start) / 3_600_000;
  const last = Math.min(24, Math.max(Math.ceil(hourOf(now) + 0.01), 6));
  const first = Math.min(Math.floor(hourOf(watched[0]?.[0] ?? now)), last - 6);
  const x = (/** @type {number} */ time) => (((hourOf(time) - first) / (last - first)) * width).toFixed(1);
  const step = [1, 2, 3, 6].find((hours) => ((last - first) / hours) * 48 <= width) ?? 12;
  const hours = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((hour) => hour % step === 0);
  const label = `${touches.length === 1 ? '1 touch' : `${touches.length} touches`} between ${first}:00 and ${last}:00`;
  return `<svg viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${label}">
    <rect class="track" x="0.5" y="${TOP}" width="${width - 1}" height="${TRACK}" rx="8"/>
    ${watched.map(([from, to]) => `<rect class="watched" x="${x(from)}" y="${TOP + 1}" width="${Math.max(2, Number(x(to)) - Number(x(from)))}" height="${TRACK - 2}"/>`).join('')}
    ${touches.map((time) => `<rect class="touch" x="${x(time)}" y="${TOP + 6}" width="3" height="${TRACK - 12}" rx="1.5"/>`).join('')}
    ${hours.map((hour) => `<text x="${x(start + hour * 3_600_000)}" y="${HEIGHT - 6}" text-anchor="${hour === first ? 'start' : hour === last ? 'end' : 'middle'}">${hour}:00</text>`).join('')}
  </svg>`;
}
