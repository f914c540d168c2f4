// A model's input out of a frame of 640×480: xnnjs beside TensorFlow.js's wasm backend, a canvas and a plain loop.
// npm run bench:image [-- --env browser,node] [--rounds 40]
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { ISOLATED, launchBrowser, openPage, serve } from '../tests/browser/browser.js';
import { contest } from './image/contest.js';
import { markdown } from './markdown.js';
import { inCurrentNode, startBackends } from './tfjs/backends.js';

/** @typedef {import('./image/contest.js').Row} Row */

inCurrentNode();
const { values: options } = parseArgs({
  options: { env: { type: 'string', default: 'browser,node' }, rounds: { type: 'string', default: '40' } },
});
const rounds = Number(options.rounds);

/** @param {string} title @param {Row[]} rows */
function show(title, rows) {
  const cases = [...new Set(rows.map((row) => row.case))];
  const names = [...new Set(rows.map((row) => row.name))];
  const cell = (/** @type {string} */ name, /** @type {string} */ kind) => {
    const row = rows.find((item) => item.name === name && item.case === kind);
    return row === undefined ? '' : `${row.median.toFixed(2)} (${row.least.toFixed(2)}; ${row.apart.toFixed(1)})`;
  };
  const lines = names.map((name) => [name, ...cases.map((kind) => cell(name, kind))]);
  console.log(`\n${title}: median (least) ms; mean difference from ours, of 255\n\n${markdown(['', ...cases], lines)}`);
}

async function inPage() {
  const browser = await launchBrowser();
  const server = await serve({ headers: ISOLATED });
  try {
    const { page, problems } = await openPage(browser, `${server.url}/`);
    const packages = '/node_modules/@tensorflow';
    for (const file of ['tfjs-core/dist/tf-core.min.js', 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js'])
      await page.addScriptTag({ url: `${packages}/${file}` });
    const { rows, frames } = await page.evaluate(
      async ({ packages, rounds }) => {
        const { tf } = /** @type {any} */ (globalThis);
        tf.env().set('PROD', true);
        tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
        tf.wasm.setWasmPaths(`${packages}/tfjs-backend-wasm/dist/`);
        await tf.setBackend('wasm');
        const { contest, readFrames } = await import(/** @type {any} */ ('/bench/image/contest.js'));
        const frames = [];
        for (const [width, height] of [
          [640, 480],
          [1280, 720],
        ])
          for (const row of await readFrames(width, height, rounds * 2)) frames.push({ case: `${width}×${height}`, ...row });
        return { rows: await contest({ tf, page: true, rounds }), frames };
      },
      { packages, rounds },
    );
    show(`Chromium ${browser.version()}, one thread`, rows);
    show('RGBA bytes of an I420 video frame, Chromium', frames);
    if (problems.length > 0) console.error(problems.join('\n'));
  } finally {
    await browser.close();
    server.close();
  }
}

const environments = options.env.split(',');
if (environments.includes('browser')) await inPage();
if (environments.includes('node')) {
  const [backend] = await startBackends(['wasm'], { threads: '1', variant: 'auto' });
  backend.use();
  show(`Node ${process.version}, one thread`, await contest({ tf, page: false, rounds }));
}
