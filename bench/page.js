// npm run bench:page: the demo page watching a camera of photographs in headless Chromium: how many frames a second it looks at, and how
// many frames of its own animation come late meanwhile, beside the same page at rest.
//   node bench/page.js [--seconds 60]
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launchWithCamera, serveDemo } from '../tests/browser/demo-page.js';
import { writeVideo } from '../tests/browser/fake-camera.js';
import { markdown } from './markdown.js';
import { median } from './statistics.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-camera-'));
const video = path.join(folder, 'camera.y4m');
await writeVideo(video, [
  ['away', 6],
  ['touching', 6],
]);
const server = await serveDemo();
const browser = await launchWithCamera(video);
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(server.url);

/** ms between frames of the page's own animation. */
const intervals = () =>
  page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        /** @type {number[]} */
        const found = [];
        const began = performance.now();
        let last = began;
        /** @param {number} now */
        function frame(now) {
          if (now > last) found.push(now - last);
          last = now;
          if (now - began < ms) requestAnimationFrame(frame);
          else resolve(found);
        }
        requestAnimationFrame(frame);
      }),
    Number(values.seconds) * 1000,
  );

/** @type {string[][]} */
const rows = [];
/** @param {string} state @param {number[]} found */
function report(state, found) {
  const usual = 1000 / 60;
  const late = found.filter((ms) => ms > 1.5 * usual).length;
  const dropped = found.reduce((sum, ms) => sum + Math.max(0, Math.round(ms / usual) - 1), 0);
  const all = found.length + dropped;
  rows.push([
    state,
    String(found.length),
    median(found).toFixed(1),
    Math.max(...found).toFixed(0),
    String(late),
    `${((100 * dropped) / all).toFixed(1)} %`,
  ]);
}

report('at rest', /** @type {number[]} */ (await intervals()));
await page.click('#touch-start');
await page.waitForSelector('#touch-stage[data-state="touching"]', { timeout: 120_000 });
report('watching', /** @type {number[]} */ (await intervals()));
const facts = await page.locator('#touch-numbers > *').evaluateAll((nodes) => nodes.map((node) => node.textContent ?? ''));
console.log(`Chromium ${browser.version().split('.')[0]}, ${values.seconds} s of each.\n`);
console.log(markdown(['', 'frames', 'ms between, median', 'largest', 'late', 'dropped'], rows));
console.log(`\nThe page's own read-out at the end: ${facts.join(' ')}`);
await browser.close();
await server.close();
await rm(folder, { recursive: true });
