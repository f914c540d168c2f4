// A headless Chromium and a server whose headers the tests choose.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
export const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
});

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Its path. @throws {Error} One line if there is no Chromium. */
export function findBrowser() {
  const path = process.env.XNNJS_CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(path)) return path;
  throw new Error(`Chromium is missing at ${path}: install it (apt-get install chromium), or set XNNJS_CHROMIUM to its path`);
}

/** @param {string[]} [more]  Arguments. @throws {Error} One line if there is no Chromium. */
export async function launchBrowser(more = []) {
  return chromium.launch({ executablePath: findBrowser(), args: [...ARGUMENTS, ...more] });
}

/**
 * A browser that nobody drives, with a profile of its own: the page has to tell what it finds. @param {string} url
 * @throws {Error} One line if there is no Chromium.
 */
export function startBrowser(url) {
  const profile = mkdtempSync(join(tmpdir(), 'xnnjs-profile-'));
  const child = spawn(findBrowser(), [...ARGUMENTS, `--user-data-dir=${profile}`, url], { stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    async close() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL'); // with its own processes
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/**
 * @typedef {object} Server
 * @property {string} url  Without a slash at the end.
 * @property {{ path: string, status: number }[]} requests
 * @property {() => void} close
 *
 * @param {object} [options]
 * @param {string} [options.folder]
 * @param {Record<string, string>} [options.headers]  Of every answer.
 * @param {Record<string, string>} [options.types]  Other content types, by extension.
 * @param {Record<string, { type: string, body: string }>} [options.routes]  Files that are not on the disk.
 * @param {(path: string, body: string) => void} [options.onPost]  Hears what is posted.
 * @returns {Promise<Server>}
 */
export async function serve({ folder = PROJECT, headers = {}, types = {}, routes = {}, onPost } = {}) {
  /** @type {Server['requests']} */
  const requests = [];
  const pages = /** @type {typeof routes} */ ({
    '/': { type: TYPES['.html'], body: '<!doctype html><link rel="icon" href="data:,"><title>xnnjs</title>' },
    ...routes,
  });
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const reply = (/** @type {number} */ status, /** @type {string} */ type, /** @type {string | Buffer} */ body) => {
      requests.push({ path, status });
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers }).end(body);
    };
    if (request.method === 'POST' && onPost !== undefined) {
      onPost(path, Buffer.concat(await request.toArray()).toString());
      return reply(204, 'text/plain', '');
    }
    if (Object.hasOwn(pages, path)) return reply(200, pages[path].type, pages[path].body);
    try {
      const extension = extname(path);
      reply(200, types[extension] ?? TYPES[extension] ?? 'application/octet-stream', await readFile(join(folder, normalize(path))));
    } catch {
      reply(404, 'text/plain', 'not here');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * A page of its own context. `problems` collects what a developer would see in the console: warnings, errors, failed requests.
 * @param {import('playwright-core').Browser} browser @param {string} url
 */
export async function openPage(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  /** @type {string[]} */
  const problems = [];
  page.on('console', (message) => problems.push(`console.${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => {
    // Chromium also says this of a body that a stream's reader took to its end, with a bare fetch() and nothing that aborts.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(url);
  return { page, problems, close: () => context.close() };
}
