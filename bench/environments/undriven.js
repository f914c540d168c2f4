// Chromium without a debugger, a fresh browser for each load: what drives a browser for tests also keeps a copy of every file below 20 MB
// that a page reads, which takes longer than to read it.
import { execFileSync } from 'node:child_process';
import { findBrowser, ISOLATED, serve, startBrowser } from '../../tests/browser/browser.js';
import { PAGE } from './browser.js';

/** Until a browser that was just started is done with itself. */
const SETTLE_MS = 3000;
const PATIENCE_MS = 120_000;

const SCRIPT = `
const tell = (answer) => fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });
addEventListener('error', ({ message }) => tell({ error: message }));
try {
  const task = JSON.parse(new URL(location.href).searchParams.get('task'));
  await new Promise((resolve) => setTimeout(resolve, ${SETTLE_MS}));
  const { createContestant } = await import('/bench/contestant.js');
  const read = async (file) => (await fetch(file)).arrayBuffer();
  await tell(await createContestant('browser', location.origin + '/', read).start(task));
} catch (error) {
  await tell({ error: String(error) });
}`;

/** @typedef {{ note?: string, firstMs: number, stages: import('../contestant.js').Stages }} Start */

export async function openUndriven() {
  const version = execFileSync(findBrowser(), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  let hear = (/** @type {any} */ _answer) => {};
  const server = await serve({
    headers: { ...ISOLATED, 'cache-control': 'max-age=3600' },
    types: { '.mjs': 'text/javascript' },
    routes: { '/': { type: 'text/html; charset=utf-8', body: `${PAGE}<script type="module">${SCRIPT}</script>` } },
    onPost: (_path, body) => hear(JSON.parse(body)),
  });
  return {
    title: version.match(/\w+ \d+/)?.[0] ?? version,
    root: `${server.url}/`,
    /** From nothing to a first result. @param {import('../contestant.js').Task} task @returns {Promise<Start>} */
    async start(task) {
      const answer = new Promise((resolve, reject) => {
        hear = resolve;
        setTimeout(() => reject(new Error(`no result after ${PATIENCE_MS} ms`)), PATIENCE_MS).unref();
      });
      const browser = startBrowser(`${server.url}/?task=${encodeURIComponent(JSON.stringify(task))}`);
      try {
        const { error, ...start } = await answer;
        if (error !== undefined) throw new Error(error);
        return start;
      } finally {
        await browser.close();
      }
    },
    close: () => server.close(),
  };
}
