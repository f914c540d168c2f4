// The built demo page in headless Chromium, with or without a camera.
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { launchBrowser } from './browser.js';

const CONFIG = fileURLToPath(new URL('../../demo/page/vite.config.js', import.meta.url));
export const SCREENSHOTS = fileURLToPath(new URL('../../out/screenshots/', import.meta.url));
export const BUILT = fileURLToPath(new URL('../../build/demo/', import.meta.url));

/** Builds the page and serves it. @returns {Promise<{ url: string, requests: string[], close: () => Promise<void> }>}  requests: all so far. */
export async function serveDemo() {
  await build({ configFile: CONFIG, logLevel: 'error' });
  const server = await preview({ configFile: CONFIG, logLevel: 'error', preview: { port: 0, host: '127.0.0.1' } });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.httpServer.address());
  /** @type {string[]} */
  const requests = [];
  server.httpServer.on('request', ({ url }) => requests.push(url ?? ''));
  return { url: `http://127.0.0.1:${port}/`, requests, close: () => server.close() };
}

/** @param {string} video  a .y4m file. */
export const launchWithCamera = (video) =>
  launchBrowser([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${video}`,
    '--autoplay-policy=no-user-gesture-required',
  ]);

/**
 * A page of its own, closed after the test whatever happens, and what went wrong in it.
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').Browser} browser @param {string} url
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openDemo(t, browser, url, options) {
  const context = await browser.newContext(options);
  t.after(() => context.close().catch(() => {})); // its browser may be closed already
  const page = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(url);
  return { context, page, problems };
}
