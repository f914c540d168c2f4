// The library in a page: the same results as in Node, with and without cross-origin isolation, from every source.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { check, createRuntime } from '../../js/index.js';
import { landmarksInput } from '../../models/facemesh/landmarks.js';
import { noise } from '../boundary/models.js';
import { compareOutputs } from '../support/agreement.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';
import { serveRanges } from '../support/range-server.js';
import { loadReference } from '../support/reference.js';
import { findSurestFaces, frameOf } from '../support/surest-face.js';
import { ISOLATED, launchBrowser, openPage, serve } from './browser.js';

const MODELS = '/node_modules/@vladmandic/human/models';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/**
 * Opens a page of a server of its own, and closes both.
 * @template T
 * @param {Parameters<typeof serve>[0]} options
 * @param {(opened: { page: import('playwright-core').Page, problems: string[], server: import('./browser.js').Server }) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function inPage(options, use) {
  const server = await serve(options);
  const opened = await openPage(browser, `${server.url}/`);
  try {
    return await use({ ...opened, server });
  } finally {
    await opened.close();
    server.close();
  }
}

/**
 * Runs a model in the page.
 * @param {import('playwright-core').Page} page
 * @param {{ model: string, input: Float32Array, options?: object }} settings
 * @returns {Promise<{ threads: number, variant: string, outputs: Record<string, { shape: number[], data: Float32Array }> }>}
 */
async function runInPage(page, { model, input, options = {} }) {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('base64');
  const { outputs, ...rest } = await page.evaluate(
    async ([path, base64, runtimeOptions]) => {
      const { createRuntime } = await import(/** @type {any} */ ('/js/index.js'));
      const runtime = await createRuntime(runtimeOptions);
      const loaded = await runtime.load(path);
      const x = new Float32Array(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer);
      const result = await loaded.run(x);
      runtime.dispose();
      const plain = Object.entries(result).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]);
      return { threads: runtime.threads, variant: runtime.variant, outputs: Object.fromEntries(plain) };
    },
    /** @type {const} */ ([model, bytes, { variant: 'simd', ...options }]),
  );
  const typed = Object.entries(outputs).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]);
  return { ...rest, outputs: Object.fromEntries(typed) };
}

/** @param {string} path @param {Float32Array} input */
async function runInNode(path, input) {
  const runtime = await createRuntime({ variant: 'simd', threads: 1 });
  const result = await (await runtime.load(path)).run(input);
  runtime.dispose();
  return Object.fromEntries(Object.entries(result).map(([name, { shape, data }]) => [name, { shape, data }]));
}

for (const [name, path, size] of /** @type {const} */ ([
  ['facemesh', FACEMESH_URL, 192],
  ['blazeface', BLAZEFACE_URL, 256],
])) {
  test(`browser: ${name} gives the bits of Node, with one thread and with two`, async () => {
    const input = noise(size * size * 3, 21);
    const expected = await runInNode(path, input);
    await inPage({ headers: ISOLATED }, async ({ page, problems }) => {
      for (const threads of [1, 2]) {
        const result = await runInPage(page, { model: `${MODELS}/${name}.json`, input, options: { threads } });
        assert.deepEqual({ threads: result.threads, variant: result.variant }, { threads, variant: 'simd' });
        assert.deepEqual(result.outputs, expected);
      }
      assert.deepEqual(problems, []);
    });
  });
}

test('browser: a page fetches ten files, each once, and nothing of formats that it does not load', async () => {
  await inPage({ headers: ISOLATED }, async ({ page, server }) => {
    await runInPage(page, { model: `${MODELS}/facemesh.json`, input: noise(192 * 192 * 3, 21), options: { threads: 1 } });
    const paths = server.requests.map(({ path }) => path).sort();
    const ours = ['js/errors.js', 'js/index.js', 'dist/builds.js', 'dist/js/index.js', 'dist/js/tfjs-graph.js'];
    const files = [...ours, 'dist/xnnjs-simd.js', 'dist/xnnjs-simd.wasm'].map((file) => `/${file}`);
    assert.deepEqual(paths, ['/', ...files, `${MODELS}/facemesh.json`, `${MODELS}/facemesh.bin`].sort());
  });
});

test('browser: xnnjs/teachable is seven files, and xnnjs, facemesh and hands beside it bring in what is their own alone', async () => {
  await inPage({ headers: ISOLATED }, async ({ page, server, problems }) => {
    const fetched = async (/** @type {string} */ module) => {
      const before = server.requests.length;
      await page.evaluate((url) => import(url), module);
      return server.requests
        .slice(before)
        .map(({ path }) => path)
        .sort();
    };
    const common = ['/dist/builds.js', '/dist/js/image.js', '/dist/js/index.js', '/dist/js/pipelines.js', '/js/errors.js'];
    assert.deepEqual(
      await fetched('/models/teachable/index.js'),
      [...common, '/dist/js/teachable.js', '/models/teachable/index.js'].sort(),
    );
    assert.deepEqual(await fetched('/js/index.js'), ['/js/index.js']);
    assert.deepEqual(await fetched('/models/facemesh/index.js'), ['/dist/js/facemesh.js', '/models/facemesh/index.js']);
    assert.deepEqual(await fetched('/models/hands/index.js'), ['/dist/js/hands.js', '/models/hands/index.js']);
    assert.deepEqual(problems, []);
  });
});

test('browser: facemesh agrees with the cpu backend of TensorFlow.js on a face of a photograph', async (t) => {
  const [{ image }] = await readPhotos();
  const input = landmarksInput(frameOf(image), await (await findSurestFaces())(image));
  const expected = await (await loadReference(FACEMESH_URL)).run({ input_1: input });
  await inPage({ headers: ISOLATED }, async ({ page }) => {
    for (const variant of ['simd', 'relaxed']) {
      for (const threads of [1, 2]) {
        const { outputs, ...chosen } = await runInPage(page, { model: `${MODELS}/facemesh.json`, input, options: { variant, threads } });
        assert.deepEqual(chosen, { variant, threads });
        const { error, where } = compareOutputs(outputs, expected);
        assert.ok(error <= 1e-5, `${variant}, ${threads} thread(s): ${error.toExponential(2)} at ${where}`); // design.md, Numerics
        t.diagnostic(`facemesh in Chromium, ${variant}, ${threads} thread(s): ${error.toExponential(2)} of max|b|`);
      }
    }
  });
});

test('browser: a model is checked, from a server with ranges and from one without', async () => {
  const expected = await check(FACEMESH_URL, { variant: 'simd' });
  const folder = new URL('./', pathToFileURL(FACEMESH_URL));
  const ranges = await serveRanges((path) => readFile(new URL(`.${path}`, folder)), { headers: { 'access-control-allow-origin': '*' } });
  try {
    await inPage({}, async ({ page, problems }) => {
      for (const url of [`${MODELS}/facemesh.json`, `${ranges.url}/facemesh.json`]) {
        const report = await page.evaluate(async (model) => {
          const { check } = await import(/** @type {any} */ ('/js/index.js'));
          return check(model, { variant: 'simd' });
        }, url);
        assert.deepEqual(report, expected);
      }
      assert.deepEqual(problems, []);
    });
    // Of another origin, and without leave to read Content-Range.
    assert.ok(ranges.sent(/\.bin$/) < expected.weightBytes / 10, `${ranges.sent(/\.bin$/)} bytes`);
  } finally {
    ranges.close();
  }
});

test('browser: an isolated page gets min(4, cores) threads by itself, and computes with them on its main thread', async () => {
  await inPage({ headers: ISOLATED }, async ({ page, problems }) => {
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    const { threads } = await runInPage(page, { model: `${MODELS}/facemesh.json`, input: noise(192 * 192 * 3) });
    assert.equal(threads, Math.min(4, cores));
    assert.deepEqual(problems, []);
  });
  assert.ok(os.availableParallelism() > 0);
});

test('browser: a page that is not isolated gets one thread, whatever it asks for, and no word about it', async () => {
  await inPage({}, async ({ page, problems, server }) => {
    assert.equal(await page.evaluate(() => crossOriginIsolated), false);
    const input = noise(192 * 192 * 3, 21);
    const expected = await runInNode(FACEMESH_URL, input);
    for (const options of [{}, { threads: 'auto' }, { threads: 4 }]) {
      const result = await runInPage(page, { model: `${MODELS}/facemesh.json`, input, options });
      assert.equal(result.threads, 1);
      assert.deepEqual(result.outputs, expected);
    }
    assert.deepEqual(problems, []);
    assert.ok(!server.requests.some(({ path }) => path.includes('threads')), 'the files for threads are not fetched');
  });
});

test('browser: a page whose policy forbids workers computes with one thread', async () => {
  const headers = { ...ISOLATED, 'content-security-policy': "worker-src 'none'" };
  await inPage({ headers }, async ({ page }) => {
    const { threads } = await runInPage(page, { model: `${MODELS}/facemesh.json`, input: noise(192 * 192 * 3), options: { threads: 3 } });
    assert.equal(threads, 1);
    assert.equal(page.workers().length, 0);
  });
});

test("browser: the policy script-src 'self' 'wasm-unsafe-eval' is enough, with threads and without", async () => {
  const headers = { ...ISOLATED, 'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:" };
  await inPage({ headers }, async ({ page, problems }) => {
    for (const threads of [1, 2]) {
      const result = await runInPage(page, { model: `${MODELS}/facemesh.json`, input: noise(192 * 192 * 3), options: { threads } });
      assert.equal(result.threads, threads);
    }
    assert.deepEqual(problems, []);
  });
  await inPage({ headers: { 'content-security-policy': "script-src 'self'" } }, async ({ page }) => {
    const started = runInPage(page, { model: `${MODELS}/facemesh.json`, input: noise(4) });
    await assert.rejects(started, /WebAssembly|wasm/i, 'without it there is no WebAssembly: this test can fail');
  });
});

test('browser: a server that calls .wasm something else serves it too', async () => {
  const input = noise(192 * 192 * 3, 21);
  const expected = await runInNode(FACEMESH_URL, input);
  for (const type of ['text/plain']) {
    await inPage({ headers: ISOLATED, types: { '.wasm': type } }, async ({ page, problems }) => {
      for (const threads of [1, 2]) {
        const { outputs } = await runInPage(page, { model: `${MODELS}/facemesh.json`, input, options: { threads } });
        assert.deepEqual(outputs, expected);
      }
      assert.deepEqual(problems, []);
    });
  }
});

test('browser: the .wasm is compiled while it arrives, and fetched once', async () => {
  await inPage({}, async ({ page, server }) => {
    await page.evaluate(() => {
      const page = Object.assign(/** @type {any} */ (globalThis), { streamed: 0 });
      const { compileStreaming } = WebAssembly;
      WebAssembly.compileStreaming = (source) => {
        page.streamed += 1;
        return compileStreaming(source);
      };
    });
    await runInPage(page, { model: `${MODELS}/facemesh.json`, input: noise(192 * 192 * 3) });
    assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).streamed), 1);
    assert.equal(server.requests.filter(({ path }) => path.endsWith('.wasm')).length, 1);
  });
});

test('browser: a URL, a relative one, File[] and a model in memory load the same', async () => {
  const input = noise(192 * 192 * 3, 21);
  const expected = await runInNode(FACEMESH_URL, input);
  await inPage({}, async ({ page, problems, server }) => {
    const results = await page.evaluate(
      async ([models, values]) => {
        const { createRuntime } = await import(/** @type {any} */ ('/js/index.js'));
        const runtime = await createRuntime({ variant: 'simd' });
        const at = async (/** @type {string} */ name) => (await fetch(`${models}/${name}`)).arrayBuffer();
        const json = await at('facemesh.json');
        const bin = await at('facemesh.bin');
        const parsed = JSON.parse(new TextDecoder().decode(json));
        const sources = [
          new URL(`${models}/facemesh.json`, location.href),
          `${models}/facemesh.json`.slice(1),
          [new File([bin], 'facemesh.bin'), new File([json], 'facemesh.json')],
          { ...parsed, weights: bin },
          { ...parsed, weights: new Uint8Array(bin) },
        ];
        const all = [];
        for (const source of sources) {
          const model = await runtime.load(source);
          const result = await model.run(Float32Array.from(values));
          all.push(Object.fromEntries(Object.entries(result).map(([name, { shape, data }]) => [name, { shape, data: [...data] }])));
          model.dispose();
        }
        const left = runtime.memory().models;
        runtime.dispose();
        return { all, left };
      },
      /** @type {const} */ ([MODELS, [...input]]),
    );
    assert.equal(results.all.length, 5);
    for (const outputs of results.all)
      assert.deepEqual(
        outputs,
        Object.fromEntries(Object.entries(expected).map(([name, { shape, data }]) => [name, { shape, data: [...data] }])),
      );
    assert.equal(results.left, 0);
    assert.deepEqual(problems, []);
    assert.ok(server.requests.length > 0);
  });
});

test('browser: what cannot be fetched is an XnnError of code network that names it', async () => {
  const weightless = JSON.stringify({
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '1' }] } } } },
        { name: 'y', op: 'AddV2', input: ['x', 'w'] },
        { name: 'w', op: 'Const', attr: {} },
      ],
    },
    weightsManifest: [{ paths: ['gone.bin'], weights: [{ name: 'w', shape: [1], dtype: 'float32' }] }],
  });
  const dead = await serve();
  dead.close();
  await inPage({ routes: { '/m/model.json': { type: 'application/json', body: weightless } } }, async ({ page }) => {
    const failures = await page.evaluate(async (deadUrl) => {
      const { createRuntime } = await import(/** @type {any} */ ('/js/index.js'));
      const runtime = await createRuntime();
      const attempts = [
        () => runtime.load('/none/model.json'),
        () => runtime.load('/m/model.json'),
        () => runtime.load(`${deadUrl}/model.json`),
        () => createRuntime({ wasm: '/none.wasm' }),
        () => createRuntime({ wasm: '/m/model.json' }),
        () => createRuntime({ wasm: `${deadUrl}/x.wasm` }),
      ];
      const found = [];
      for (const attempt of attempts)
        found.push(
          await attempt().then(
            () => ({}),
            (/** @type {any} */ { name, code, message }) => ({ name, code, message }),
          ),
        );
      return found;
    }, dead.url);
    const expected = [
      /none\/model\.json: HTTP status 404/,
      /gone\.bin: HTTP status 404/,
      /model\.json/,
      /none\.wasm: HTTP status 404/,
      /m\/model\.json is no WebAssembly module/,
      /cannot fetch .*x\.wasm/,
    ];
    assert.equal(failures.length, expected.length);
    failures.forEach((failure, i) => {
      assert.deepEqual({ name: failure.name, code: failure.code }, { name: 'XnnError', code: 'network' }, JSON.stringify(failure));
      assert.match(failure.message, expected[i]);
    });
  });
});

test('browser: dispose() ends the workers, and ten runtimes one after the other leave none', async () => {
  await inPage({ headers: ISOLATED }, async ({ page, problems }) => {
    const counts = await page.evaluate(async (model) => {
      const { createRuntime } = await import(/** @type {any} */ ('/js/index.js'));
      let live = 0;
      let most = 0;
      const Plain = Worker;
      globalThis.Worker = class extends Plain {
        /** @param {string | URL} url @param {WorkerOptions} [options] */
        constructor(url, options) {
          super(url, options);
          most = Math.max(most, ++live);
        }
        terminate() {
          live--;
          super.terminate();
        }
      };
      for (let i = 0; i < 10; i++) {
        const runtime = await createRuntime({ threads: 3 });
        await (await runtime.load(model)).run(new Float32Array(192 * 192 * 3));
        runtime.dispose();
      }
      return { live, most };
    }, `${MODELS}/facemesh.json`);
    assert.deepEqual(counts, { live: 0, most: 2 });
    for (let i = 0; i < 100 && page.workers().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(page.workers().length, 0);
    assert.deepEqual(problems, []);
  });
});

test('browser: it also runs in a worker of the page, with threads', async () => {
  const script = `
    import { createRuntime } from '/js/index.js';
    const runtime = await createRuntime({ variant: 'simd', threads: 2 });
    const model = await runtime.load('${MODELS}/facemesh.json');
    const result = await model.run(new Float32Array(192 * 192 * 3).fill(0.25));
    runtime.dispose();
    postMessage({ threads: runtime.threads, outputs: Object.fromEntries(Object.entries(result).map(([name, { shape, data }]) => [name, { shape, data: [...data] }])) });
  `;
  const routes = { '/worker.js': { type: 'text/javascript', body: script } };
  await inPage({ headers: ISOLATED, routes }, async ({ page, problems }) => {
    const { threads, outputs } = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
    );
    assert.equal(threads, 2);
    const expected = await runInNode(FACEMESH_URL, new Float32Array(192 * 192 * 3).fill(0.25));
    for (const [name, { data }] of Object.entries(expected)) assert.deepEqual(outputs[name].data, [...data]);
    assert.deepEqual(problems, []);
  });
});
