// "Don't touch your face" in headless Chromium: a fake camera shows photographs of a woman without hands and of one who bites her finger.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { launchBrowser } from './browser.js';
import { BUILT, launchWithCamera, openDemo, SCREENSHOTS, serveDemo } from './demo-page.js';
import { sceneImage, writeVideo } from './fake-camera.js';

/** @import { Browser, Page } from 'playwright-core' */
/** @import { Scene } from './fake-camera.js' */

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SECONDS = 6;

/** @type {Awaited<ReturnType<typeof serveDemo>>} */
let server;
/** @type {string} */
let folder;
/** With a camera. @type {Browser} */
let browser;
before(async () => {
  server = await serveDemo();
  folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-camera-'));
  await writeVideo(path.join(folder, 'camera.y4m'), [
    ['away', SECONDS],
    ['touching', SECONDS],
  ]);
  browser = await launchWithCamera(path.join(folder, 'camera.y4m'));
  await mkdir(SCREENSHOTS, { recursive: true });
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

/** @param {Page} page @param {string} state */
const waitForState = (page, state) => page.waitForSelector(`#touch-stage[data-state="${state}"]`, { timeout: 120_000 });

/** Waits until the camera has just begun to show a scene. @param {Page} page @param {Scene} scene */
async function waitForScene(page, scene) {
  const means = Object.fromEntries(
    await Promise.all(/** @type {Scene[]} */ (['away', 'touching']).map(async (name) => [name, meanGreen((await sceneImage(name)).data)])),
  );
  const other = scene === 'away' ? 'touching' : 'away';
  await page.evaluate(
    async ({ wanted, unwanted }) => {
      const video = /** @type {HTMLVideoElement} */ (document.querySelector('#touch-video'));
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
        new OffscreenCanvas(32, 24).getContext('2d', { willReadFrequently: true })
      );
      const isWanted = () => {
        context.drawImage(video, 0, 0, 32, 24);
        const { data } = context.getImageData(0, 0, 32, 24);
        let sum = 0;
        for (let i = 1; i < data.length; i += 4) sum += data[i];
        return Math.abs(sum / (data.length / 4) - wanted) < Math.abs(sum / (data.length / 4) - unwanted);
      };
      const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
      while (isWanted()) await pause();
      while (!isWanted()) await pause();
    },
    { wanted: means[scene], unwanted: means[other] },
  );
}

/** @param {Uint8Array | Uint8ClampedArray} data  RGBA. */
function meanGreen(data) {
  let sum = 0;
  for (let i = 1; i < data.length; i += 4) sum += data[i];
  return sum / (data.length / 4);
}

test('touch: the warning is raised and cleared, counted and drawn; nothing is requested once the page has loaded', async (t) => {
  const { page, problems } = await openDemo(t, browser, server.url, { viewport: { width: 1280, height: 980 } });
  await page.click('#touch-start');
  await waitForState(page, 'clear');
  await page.waitForFunction(() => document.querySelector('#offline')?.textContent === 'Works offline', undefined, { timeout: 120_000 });
  const loaded = server.requests.length;
  await waitForState(page, 'touching');
  assert.match((await page.textContent('#touch-verdict')) ?? '', /^Your .* is at your /);
  await page.screenshot({ path: `${SCREENSHOTS}touch-warning.png`, fullPage: true });
  await waitForState(page, 'clear');
  assert.equal(await page.textContent('#touch-verdict'), '');
  const count = Number(await page.textContent('#touch-count'));
  assert.ok(count >= 1);
  await page.waitForFunction((touches) => document.querySelectorAll('#touch-timeline .touch').length >= touches, count);
  await page.click('#touch-stop');
  await waitForState(page, 'off');
  // The browser itself looks whether there is a new service worker.
  assert.deepEqual(
    server.requests.slice(loaded).filter((url) => url !== '/service-worker.js'),
    [],
  );
  assert.deepEqual(problems, []);
  await page.reload();
  await page.waitForFunction((touches) => Number(document.querySelector('#touch-count')?.textContent) >= touches, count);
  await page.click('#touch-clear');
  assert.equal(await page.textContent('#touch-count'), '0');
});

test('touch: opened once, it works without a network', async (t) => {
  const { context, page } = await openDemo(t, browser, server.url, {});
  await page.waitForFunction(() => document.querySelector('#offline')?.textContent === 'Works offline', undefined, { timeout: 120_000 });
  await context.setOffline(true);
  await page.reload();
  await page.click('#touch-start');
  await waitForState(page, 'clear');
  await page.click('#tab-questions');
  await page.click('#ask-questions button:nth-child(1)');
  await page.waitForFunction(() => /answer|does not say/.test(document.querySelector('#ask-status')?.textContent ?? ''));
});

test('touch: a classifier is trained from the camera, watches, is exported, and the export watches as well', async (t) => {
  const { page, problems } = await openDemo(t, browser, server.url, { viewport: { width: 1280, height: 980 } });
  await page.click('#touch-start');
  await page.check('input[value="image"]');
  await recordBoth(page, 30);
  await page.click('#touch-trainer button:text-is("Train")');
  await page.waitForSelector('#touch-report svg', { timeout: 120_000 });
  t.diagnostic((await page.textContent('#touch-trainer [role="status"]')) ?? '');
  await waitForState(page, 'touching');
  await waitForState(page, 'clear');
  await page.screenshot({ path: `${SCREENSHOTS}touch-trained.png`, fullPage: true });
  const zip = await saveZip(page);
  assert.ok(zip.length > 1e6);
  await watchByZip(page, zip);
  assert.deepEqual(problems, []);
});

test('touch: a posture is trained from the camera and watches, another training is compared with it, and the export watches as well', async (t) => {
  // Scenes that are long enough for 30 pictures of one on a busy machine too: what is recorded of the other has the wrong name.
  const video = path.join(folder, 'slow-camera.y4m');
  await writeVideo(video, [
    ['away', 20],
    ['touching', 20],
  ]);
  const slow = await launchWithCamera(video);
  t.after(() => slow.close());
  const { page, problems } = await openDemo(t, slow, server.url, { viewport: { width: 1280, height: 980 } });
  await page.click('#touch-start');
  await page.check('input[value="pose"]');
  await recordBoth(page, 30);
  await page.click('#touch-trainer button:text-is("Train")');
  await page.waitForSelector('#touch-report svg', { timeout: 120_000 });
  assert.equal(await page.locator('#touch-report table').count(), 0, 'there is nothing to compare the first one with');
  await page.waitForFunction(() => document.querySelector('#touch-verdict')?.textContent === 'A hand is at your face.', undefined, {
    timeout: 120_000,
  });
  await waitForState(page, 'clear');

  await recordBoth(page, 60);
  await page.click('#touch-trainer button:text-is("Train")');
  await page.waitForSelector('#touch-report table.changes', { timeout: 120_000 });
  const rows = await page
    .locator('#touch-report tbody tr')
    .evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));
  assert.deepEqual(
    rows.map(([name]) => name),
    ['told right', ...['hands away', 'hand on face'].flatMap((label) => [`${label}: false alarms`, `${label}: misses`])],
  );
  for (const [name, before, now, verdict] of rows) {
    const [was, is] = [before, now].map((text) => Number(/^([\d.]+) %$/.exec(text)?.[1] ?? assert.fail(`${name}: ${text}`)));
    const better = name === 'told right' ? is > was : is < was;
    assert.equal(verdict, is === was ? 'same' : better ? 'better' : 'worse', name);
  }
  const drawn = (await page.textContent('#touch-report svg')) ?? '';
  assert.match(drawn, /before: [\d.]+ % of 24 examples right/); // every fifth of 120, for both
  assert.match(drawn, /now: [\d.]+ % of 24 examples right/);
  for (const colorScheme of /** @type {const} */ (['light', 'dark']))
    for (const width of [390, 820, 1280]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 980 });
      await checkPage(page, `compared at ${width} px, ${colorScheme}`);
      await page.screenshot({ path: `${SCREENSHOTS}touch-compared-${width}-${colorScheme}.png`, fullPage: true });
    }

  await watchByZip(page, await saveZip(page));
  assert.deepEqual(problems, []);
});

/** Records pictures of both scenes, until there are so many of each. @param {Page} page @param {number} total */
async function recordBoth(page, total) {
  for (const [scene, label] of /** @type {[Scene, string][]} */ ([
    ['away', 'hands away'],
    ['touching', 'hand on face'],
  ])) {
    const recorder = page.locator(`#touch-trainer button[data-label="${label}"]`);
    await recorder.waitFor();
    await page.waitForFunction(() => document.querySelector('#touch-verdict')?.textContent !== 'Loading…');
    await waitForScene(page, scene);
    await recorder.click();
    await page.waitForFunction(
      ([wanted, count]) => document.querySelector(`[data-label="${wanted}"] small`)?.textContent === `${count} pictures`,
      /** @type {const} */ ([label, total]),
      { timeout: 120_000 },
    );
  }
}

/** @param {Page} page */
async function saveZip(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#touch-trainer button:text-is("Save as zip")')]);
  return readFile(/** @type {string} */ (await download.path()));
}

/** What was saved is loaded again, and warns. @param {Page} page @param {Buffer} zip */
async function watchByZip(page, zip) {
  await page.check('input[value="file"]');
  await page.setInputFiles('#touch-files', { name: 'touch-model.zip', mimeType: 'application/zip', buffer: zip });
  await page.waitForFunction(() => document.querySelectorAll('#touch-class option').length === 2);
  assert.equal(await page.inputValue('#touch-class'), 'hand on face');
  await page.waitForFunction(() => document.querySelectorAll('#touch-trainer .probabilities li').length === 2); // it looks, not the one before
  await waitForState(page, 'touching');
  await waitForState(page, 'clear');
  assert.equal(await page.locator('#touch-trainer .probabilities li').count(), 2);
}

for (const when of /** @type {const} */ (['before the camera starts', 'while it is on']))
  test(`touch: what is no export, chosen ${when}, gets a message, and landmarks watch on`, async (t) => {
    const { page } = await openDemo(t, browser, server.url, {});
    if (when === 'while it is on') {
      await page.click('#touch-start');
      await waitForState(page, 'touching');
    }
    await page.check('input[value="file"]');
    await page.setInputFiles('#touch-files', { name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.from('no zip file') });
    if (when === 'before the camera starts') await page.click('#touch-start');
    await page.waitForSelector('#touch-trainer .error');
    assert.match((await page.textContent('#touch-trainer .error')) ?? '', /no zip file/);
    assert.ok(await page.isVisible('#touch-stop'), 'the camera stays on');
    assert.notEqual(await page.textContent('#touch-verdict'), 'Loading…');
    await page.check('input[value="landmarks"]');
    await waitForState(page, 'touching');
  });

test('touch: no camera, a camera that is refused, and a browser without WebAssembly SIMD are told plainly', async (t) => {
  const without = await launchBrowser();
  try {
    const { page } = await openDemo(t, without, server.url, {});
    await page.click('#touch-start');
    await page.waitForFunction(() => /^No camera was found/.test(document.querySelector('#touch-message')?.textContent ?? ''));
    assert.equal(await page.textContent('#touch-start'), 'Try again');
  } finally {
    await without.close();
  }
  const refusing = await launchBrowser(['--use-fake-device-for-media-stream']);
  try {
    const { context, page } = await openDemo(t, refusing, server.url, {});
    const session = await context.newCDPSession(page);
    await session.send('Browser.setPermission', { permission: { name: 'camera' }, setting: 'denied', origin: server.url });
    await page.click('#touch-start');
    await page.waitForFunction(() => /was refused/.test(document.querySelector('#touch-message')?.textContent ?? ''));
  } finally {
    await refusing.close();
  }
  const { page } = await openDemo(t, browser, 'about:blank', { serviceWorkers: 'block' });
  await page.route(/assets\/worker-.*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `WebAssembly.validate = () => false;\n${await response.text()}` });
  });
  await page.goto(server.url);
  await page.click('#touch-start');
  await page.waitForFunction(() => /SIMD/.test(document.querySelector('#touch-message')?.textContent ?? ''));
});

test('touch: tabs follow the keyboard, and reduced motion is respected', async (t) => {
  const { page } = await openDemo(t, browser, server.url, { reducedMotion: 'reduce' });
  await page.focus('#tab-touch');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tab-questions');
  assert.ok(await page.isVisible('#panel-questions'));
  await page.keyboard.press('End');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tab-pictures');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'tab-touch');
  await page.keyboard.press('Tab'); // to the panel's first control: one tab stop for all tabs
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'touch-start');
  await page.keyboard.press('Enter');
  await waitForState(page, 'touching');
  const animation = await page.evaluate(
    () => getComputedStyle(/** @type {Element} */ (document.querySelector('#touch-stage')), '::after').animationName,
  );
  assert.equal(animation, 'none');
});

for (const colorScheme of /** @type {const} */ (['light', 'dark']))
  for (const width of [390, 820, 1280])
    test(`touch: at ${width} px, ${colorScheme}: axe-core finds nothing, nothing is wider than the window`, async (t) => {
      const { page } = await openDemo(t, browser, server.url, { viewport: { width, height: 900 }, colorScheme });
      for (const tab of ['touch', 'questions', 'pictures']) {
        await page.click(`#tab-${tab}`);
        if (tab === 'touch') {
          for (const way of ['image', 'file', 'landmarks']) {
            await page.check(`input[value="${way}"]`);
            await checkPage(page, `${tab} ${way}`);
          }
        } else {
          if (tab === 'questions') {
            await page.click('#ask-questions button:nth-child(1)');
            await page.waitForFunction(() => /answer|does not say/.test(document.querySelector('#ask-status')?.textContent ?? ''));
          } else await page.waitForFunction(() => /^Ready/.test(document.querySelector('#status')?.textContent ?? ''));
          await checkPage(page, tab);
        }
        await page.screenshot({ path: `${SCREENSHOTS}${tab}-${width}-${colorScheme}.png`, fullPage: true });
      }
    });

/** @param {Page} page @param {string} where */
async function checkPage(page, where) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.addScriptTag({ path: AXE });
  const violations = await page.evaluate(async () => {
    const { violations: found } = await /** @type {any} */ (window).axe.run();
    return found.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ { html }) => html).join(' ')}`);
  });
  assert.deepEqual(violations, [], where);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(overflow, 0, `${where}: nothing is wider than the window`);
}

test('touch: page and runtime stay below 500 kB gzip without models', async (t) => {
  const { context, page } = await openDemo(t, browser, 'about:blank', { serviceWorkers: 'block' });
  /** @type {Map<string, number>} */
  const sizes = new Map();
  context.on('response', async (response) => {
    const file = new URL(response.url()).pathname.slice(1) || 'index.html';
    if (response.ok() && !file.startsWith('models/')) sizes.set(file, gzipSync(await readFile(path.join(BUILT, file))).length);
  });
  await page.goto(server.url);
  await page.click('#touch-start');
  await waitForState(page, 'touching');
  const total = [...sizes.values()].reduce((a, b) => a + b);
  t.diagnostic(`${(total / 1000).toFixed(0)} kB in ${sizes.size} files`);
  assert.ok(
    [...sizes.keys()].some((file) => file.endsWith('.wasm')),
    [...sizes.keys()].join(' '),
  );
  assert.ok(total < 500_000, `${total} bytes`);
});
