// Loss and accuracy while a head is trained, as they come.

/** @import { Progress } from './worker.js' */

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [280, 120, 6, 18];

export function createChart() {
  const element = document.createElement('div');
  /** @type {Progress[]} */
  let steps = [];

  function draw() {
    element.hidden = steps.length === 0;
    const epochs = steps.at(-1)?.epochs ?? 1;
    const worst = Math.max(...steps.map(({ loss }) => loss), 1e-6);
    const x = (/** @type {number} */ epoch) => LEFT + ((WIDTH - 2 * LEFT) * epoch) / Math.max(epochs, 1);
    const y = (/** @type {number} */ share) => 4 + (HEIGHT - BOTTOM - 8) * (1 - share);
    /** @param {(step: Progress) => number} share */
    const points = (share) => steps.map((step) => `${x(step.epoch).toFixed(1)},${y(share(step)).toFixed(1)}`).join(' ');
    const last = steps.at(-1);
    const text = last && `epoch ${last.epoch} of ${epochs}: loss ${last.loss.toFixed(3)}, accuracy ${(last.accuracy * 100).toFixed(0)} %`;
    element.innerHTML = `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text ?? ''}">
      <line class="axis" x1="${LEFT}" x2="${WIDTH - LEFT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>
      <polyline class="loss" points="${points(({ loss }) => loss / worst)}"/>
      <polyline class="accuracy" points="${points(({ accuracy }) => accuracy)}"/>
      <text x="${LEFT}" y="${HEIGHT - 4}">${text ?? ''}</text>
    </svg>`;
  }
  draw();
  return {
    element,
    clear() {
      steps = [];
      draw();
    },
    /** @param {Progress} step */
    add(step) {
      steps.push(step);
      draw();
    },
  };
}
