// Contestants in Chromium: each in a page of its own context, and so in a process of its own; cross-origin isolated, for threads.
import { ISOLATED, launchBrowser, openPage, serve } from '../../tests/browser/browser.js';

// LiteRT.js imports a package by its name.
export const PAGE = `<!doctype html><link rel="icon" href="data:,"><title>bench</title>
<script type="importmap">{ "imports": { "@litertjs/wasm-utils": "/node_modules/@litertjs/wasm-utils/dist/index.js" } }</script>`;
const AWAKE = ['--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows'];

/** @returns {Promise<import('./index.js').OpenEnvironment>} */
export async function openBrowser() {
  const server = await serve({
    headers: { ...ISOLATED, 'cache-control': 'max-age=3600' }, // no-store makes TensorFlow.js wait for ever on many shards
    types: { '.mjs': 'text/javascript' },
    routes: { '/': { type: 'text/html; charset=utf-8', body: PAGE } },
  });
  const browser = await launchBrowser(AWAKE);
  const root = `${server.url}/`;
  return {
    title: `Chromium ${browser.version().split('.')[0]}`,
    root,
    async open() {
      const { page, problems, close } = await openPage(browser, root);
      page.setDefaultTimeout(0);
      await page.evaluate(
        async ([script, url]) => {
          const { createContestant } = await import(script);
          const read = async (/** @type {string} */ file) => (await fetch(file)).arrayBuffer();
          Object.assign(globalThis, { contestant: createContestant('browser', url, read) });
        },
        ['/bench/contestant.js', root],
      );
      return {
        call: (method, argument) =>
          page.evaluate(
            ([name, value]) => /** @type {any} */ (globalThis).contestant[name](value),
            /** @type {const} */ ([method, argument]),
          ),
        problems,
        close,
      };
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
