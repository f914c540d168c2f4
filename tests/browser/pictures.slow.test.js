// The page's pictures, built by Vite, in headless Chromium, at two widths, with screenshots in out/screenshots to look at.
import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launchBrowser } from './browser.js';
import { openDemo, SCREENSHOTS, serveDemo } from './demo-page.js';

const FACES = [3, 3, 3, 4, 5, 4]; // counted by eye, tests/support/photos.js

/** @type {Awaited<ReturnType<typeof serveDemo>>} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  server = await serveDemo();
  browser = await launchBrowser();
  await mkdir(SCREENSHOTS, { recursive: true });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** @param {import('node:test').TestContext} t @param {{ width: number, height: number }} viewport @param {string} [query] */
async function openPage(t, viewport, query = '') {
  const { page, problems } = await openDemo(t, browser, `${server.url}${query}#pictures`, { viewport });
  await page.waitForFunction(() => /^Ready|not start/.test(document.querySelector('#status')?.textContent ?? ''));
  return { page, problems };
}

/** @param {import('playwright-core').Page} page */
async function facesShown(page) {
  await page.waitForSelector('#stage[data-faces]', { timeout: 30000 });
  return Number(await page.getAttribute('#stage', 'data-faces'));
}

for (const [name, viewport] of /** @type {[string, { width: number, height: number }][]} */ ([
  ['wide', { width: 1280, height: 860 }],
  ['narrow', { width: 420, height: 900 }],
])) {
  test(`pictures: at ${viewport.width} px every sample shows its faces, in a worker with threads`, async (t) => {
    const { page, problems } = await openPage(t, viewport);
    for (const [i, faces] of FACES.entries()) {
      await page.click(`#samples button:nth-child(${i + 1})`);
      assert.equal(await facesShown(page), faces, `sample ${i + 1}`);
      assert.equal(await page.locator('#faces tbody tr').count(), faces);
    }
    assert.match((await page.textContent('#facts')) ?? '', /variantrelaxedthreads[2-4]/);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, 'nothing is wider than the window');
    const file = `${SCREENSHOTS}pictures-${name}.png`;
    await page.screenshot({ path: file, fullPage: true });
    assert.ok((await stat(file)).size > 50000);
    assert.deepEqual(problems, []);
  });
}

test('pictures: the page answers while a photograph is worked on', async (t) => {
  const { page } = await openPage(t, { width: 800, height: 600 });
  await page.click('#samples button:nth-child(1)');
  await facesShown(page);
  const gap = await page.evaluate(async () => {
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    const stage = /** @type {HTMLElement} */ (document.querySelector('#stage'));
    delete stage.dataset.faces;
    /** @type {HTMLElement} */ (document.querySelector('#samples button:nth-child(5)')).click();
    while (stage.dataset.faces === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    clearInterval(timer);
    return longest;
  });
  t.diagnostic(`longest gap on the page's thread: ${gap.toFixed(0)} ms (decoding and crops are on it, inference is not)`);
});

test('pictures: what is no picture gets a message, and the next photograph works', async (t) => {
  const { page } = await openPage(t, { width: 800, height: 600 }, '?worker=0');
  await page.setInputFiles('#file', { name: 'x.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
  await page.waitForSelector('#status.error');
  assert.match((await page.textContent('#status')) ?? '', /did not work/);
  await page.click('#samples button:nth-child(4)');
  assert.equal(await facesShown(page), FACES[3]);
  assert.equal(await page.locator('#status.error').count(), 0);
});
