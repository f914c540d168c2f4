// The package as users get it: packed, installed, type-checked, bundled, served.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { ISOLATED, launchBrowser, openPage, PROJECT, serve } from '../browser/browser.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';

const run = promisify(execFile);

/** @type {string} */
let folder;
/** @type {string} The package, installed. */
let installed;
/** @type {{ size: number, filename: string, files: { path: string }[] }} */
let packed;
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PROJECT });
  // The scripts of prepack write to the same stream before it.
  [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--no-save', path.join(folder, packed.filename)], { cwd: folder });
  installed = path.join(folder, 'node_modules/xnnjs');
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The models that pages fetch. @param {string} target */
async function copyModels(target) {
  for (const url of [BLAZEFACE_URL, FACEMESH_URL])
    for (const file of [url, url.replace(/json$/, 'bin')]) await cp(file, path.join(target, path.basename(file)));
}

test('package: it holds what runs, its types, licences and readme, nothing else, and needs no other package', async () => {
  const files = packed.files.map((file) => file.path);
  for (const file of [
    'js/index.js',
    'dist/xnnjs-simd.wasm',
    'dist/xnnjs-simd-threads.wasm',
    'dist/xnnjs-image.wasm',
    'dist/types/js/image/index.d.ts',
    'dist/types/js/index.d.ts',
    'LICENSE',
    'NOTICE',
    'README.md',
    'dist/xnnjs-train.wasm',
    'dist/zip.js',
    'models/facemesh/index.js',
    'models/gestures/index.js',
    'models/hands/index.js',
    'models/pose/index.js',
    'models/qna/index.js',
    'models/qna/small/weights.bin',
    'models/teachable/index.js',
    'js/tfjs/index.js',
    'dist/tfjs-shared.js',
    'dist/types/js/tfjs/index.d.ts',
  ])
    assert.ok(files.includes(file), `${file} is missing`);
  const strange = files.filter(
    (file) =>
      !/^(js|models|dist|package\.json|LICENSE|NOTICE|README\.md|CHANGELOG\.md)(\/|$)/.test(file) ||
      /(^|\/)\.|\.(test|tmp)\b|~$/.test(file),
  );
  assert.deepEqual(strange, []);
  const { dependencies = {}, scripts, exports } = JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8'));
  assert.deepEqual(dependencies, {});
  for (const name of ['preinstall', 'install', 'postinstall']) assert.ok(!(name in scripts), `${name} would run on users' machines`);
  for (const target of Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))))
    assert.ok(files.includes(target.replace('./', '')), `exports names ${target}`);
  assert.deepEqual(await readdir(path.join(folder, 'node_modules')).then((names) => names.filter((name) => !name.startsWith('.'))), [
    'xnnjs',
  ]);
});

test('package: with its four builds of the engine and the small model for questions it is under 3.4 MB, and a page fetches under 215 kB of any one file, with plain SIMD 200', async (t) => {
  const sizes = [];
  for (const { path: file } of packed.files) {
    if (!/^dist\/[\w-]+\.(js|wasm)$/.test(file)) continue;
    const bytes = await readFile(path.join(installed, file));
    sizes.push(`${file} ${bytes.length} (gzip ${gzipSync(bytes, { level: 9 }).length})`);
  }
  t.diagnostic(`tarball ${packed.size} bytes, ${packed.files.length} files; ${sizes.join(', ')}`);
  assert.ok(packed.size < 3_400_000, `${packed.size} bytes`);
  for (const [, file, size] of sizes.join('\n').matchAll(/^(\S+) \d+ \(gzip (\d+)\)/gm))
    assert.ok(Number(size) < (file === 'dist/xnnjs-simd.wasm' ? 200_000 : 215_000), `${file}: ${size} bytes compressed`);
});

test('package: facemesh runs in Node from the installed package', async () => {
  const [{ image, noses }] = await readPhotos();
  await writeFile(path.join(folder, 'photo.rgba'), image.data);
  await writeFile(
    path.join(folder, 'run.js'),
    `import { readFileSync } from 'node:fs';
     import { createRuntime, XnnError } from 'xnnjs';
     import { load } from 'xnnjs/facemesh';
     const runtime = await createRuntime({ threads: 2 });
     const facemesh = await load({ runtime, detectorUrl: ${JSON.stringify(BLAZEFACE_URL)}, landmarksUrl: ${JSON.stringify(FACEMESH_URL)} });
     const faces = await facemesh.estimateFaces({ width: ${image.width}, height: ${image.height}, data: readFileSync('photo.rgba') });
     console.log(JSON.stringify({ threads: runtime.threads, faces: faces.map(({ keypoints }) => keypoints.length), error: new XnnError('misuse', '').name }));`,
  );
  const { stdout, stderr } = await run(process.execPath, ['run.js'], { cwd: folder });
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), { threads: 2, faces: noses.map(() => 468), error: 'XnnError' });
});

/** A folder of a user who has TensorFlow.js beside the package. @param {string} name */
async function besideTensorFlow(name) {
  const root = path.join(folder, name);
  await mkdir(path.join(root, 'node_modules'), { recursive: true });
  await cp(installed, path.join(root, 'node_modules/xnnjs'), { recursive: true });
  // Its own dependencies are found from where it really lies.
  await symlink(path.join(PROJECT, 'node_modules/@tensorflow'), path.join(root, 'node_modules/@tensorflow'));
  return root;
}

/** softmax of [1, 2, 3], in double */
const SOFTMAX = [1, 2, 3].map((x) => Math.exp(x) / (Math.exp(1) + Math.exp(2) + Math.exp(3)));

test('package: the TensorFlow.js backend runs in Node beside tfjs-core, and a strict program compiles against its types', async () => {
  const root = await besideTensorFlow('tfjs');
  await writeFile(
    path.join(root, 'run.mjs'),
    `import * as tf from '@tensorflow/tfjs-core';
     import { setOptions } from 'xnnjs/tfjs';
     setOptions({ threads: 2 });
     const ok = await tf.setBackend('xnnjs');
     console.log(JSON.stringify({ ok, backend: tf.getBackend(), values: [...tf.softmax(tf.tensor1d([1, 2, 3])).dataSync()], kernels: tf.getKernelsForBackend('xnnjs').length }));`,
  );
  const { stdout } = await run(process.execPath, ['run.mjs'], { cwd: root });
  const { ok, backend, values, kernels } = JSON.parse(stdout);
  assert.deepEqual({ ok, backend }, { ok: true, backend: 'xnnjs' });
  assert.ok(kernels >= 173, `${kernels} kernels`);
  for (const [i, value] of values.entries()) assert.ok(Math.abs(value - SOFTMAX[i]) < 1e-6, `${value}`);
  await writeFile(
    path.join(root, 'right.ts'),
    `import { compile, setOptions, type BackendOptions, type CompiledModel } from 'xnnjs/tfjs';
     const options: BackendOptions = { threads: 'auto', variant: 'simd', packedBytes: 2 ** 26 };
     setOptions(options);
     const use = async (model: Parameters<typeof compile>[0]): Promise<CompiledModel> => compile(model, { outputs: ['y'] });
     void use;`,
  );
  const tsc = path.join(PROJECT, 'node_modules/.bin/tsc');
  const strict = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022', '--lib', 'es2022,dom', '--types', '', '--ignoreConfig'];
  const modules = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];
  await run(tsc, [...strict, ...modules, 'right.ts'], { cwd: root }).catch(({ stdout: text }) => assert.fail(text));
});

test('package: a page that Vite builds with TensorFlow.js computes on the backend', async () => {
  const root = await besideTensorFlow('tfjs-page');
  await writeFile(
    path.join(root, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><title>page</title><script type="module" src="./main.js"></script>',
  );
  await writeFile(
    path.join(root, 'main.js'),
    `import * as tf from '@tensorflow/tfjs-core';
     import 'xnnjs/tfjs';
     await tf.setBackend('xnnjs');
     window.result = { backend: tf.getBackend(), values: [...tf.softmax(tf.tensor1d([1, 2, 3])).dataSync()] };`,
  );
  const outDir = path.join(root, 'out');
  await build({ root, configFile: false, logLevel: 'error', build: { outDir } });
  const { result, problems } = await visit({ folder: outDir, headers: {}, options: {} });
  assert.deepEqual(problems, []);
  const { backend, values } = /** @type {{ backend: string, values: number[] }} */ (/** @type {unknown} */ (result));
  assert.equal(backend, 'xnnjs');
  for (const [i, value] of values.entries()) assert.ok(Math.abs(value - SOFTMAX[i]) < 1e-6, `${value}`);
});

test('package: a strict TypeScript program compiles against its types, and a wrong one does not', async () => {
  const right = `
    import { createRuntime, XnnError, type Model, type Runtime, type RuntimeOptions, type Tensor, type XnnErrorCode } from 'xnnjs';
    import { load } from 'xnnjs/facemesh';
    import { toTensor, type ImageTensor, type TensorOptions } from 'xnnjs/image';
    const options: RuntimeOptions = { threads: 'auto', variant: 'simd', wasm: (file: string) => new URL(file, 'https://example.org/'), deterministic: true, maxMemory: 2 ** 30 };
    const runtime: Runtime = await createRuntime(options);
    const model: Model = await runtime.load('model.json', { inputShapes: { x: [1, 2] }, outputs: ['y'], signal: new AbortController().signal, onProgress: ({ loaded, total }) => loaded / total });
    const outputs: Record<string, Tensor> = await model.run({ x: new Float32Array(4), z: { dtype: 'int32', shape: [1], data: new Int32Array(1) } }, { outputs: ['y'] });
    const y: Tensor = model.runSync(new Float32Array(4)).y!;
    const bytes: number = runtime.memory().heapBytes + y.data.length + outputs.y!.shape[0]!;
    const free: readonly number[] = model.inputs[0]!.shape;
    const faces = await (await load({ runtime, detectorUrl: 'a', landmarksUrl: new URL('https://example.org/b') })).estimateFaces({ width: 1, height: 1, data: new Uint8ClampedArray(4) });
    const x: number = faces[0]!.keypoints[0]!.x + faces[0]!.box.xMin + bytes + free.length;
    const tensorOptions: TensorOptions = { size: { width: 2, height: 1 }, crop: { x: 0, y: 0, width: 3, height: 2 }, fit: 'contain', border: [1, 2, 3], mean: [1, 2, 3], scale: 1 / 255 };
    const picture: ImageTensor = await toTensor({ width: 1, height: 1, data: new Uint8ClampedArray(4) }, tensorOptions);
    await model.run(picture);
    const code: XnnErrorCode = new XnnError('bad-shape', String(x)).code;
    { using own = await createRuntime(); own.version satisfies string; }
    model.dispose(); runtime.dispose(); void code;
  `;
  const wrong = [
    "import { createRuntime } from 'xnnjs'; await createRuntime({ threads: 'many' });",
    "import { createRuntime } from 'xnnjs'; const runtime = await createRuntime(); runtime.threads = 3;",
    "import { createRuntime } from 'xnnjs'; const model = await (await createRuntime()).load('x'); await model.run({ x: [1, 2] });",
    "import { XnnError } from 'xnnjs'; new XnnError('nonsense', '');",
    "import { wasm } from 'xnnjs'; void wasm;",
    "import { toTensor } from 'xnnjs/image'; await toTensor(new ImageData(1, 1), { fit: 'fill' });",
    "import 'xnnjs/js/wasm.js';",
  ];
  const consumer = path.join(folder, 'types');
  await mkdir(consumer);
  await writeFile(path.join(consumer, 'right.ts'), right);
  for (const [i, text] of wrong.entries()) await writeFile(path.join(consumer, `wrong${i}.ts`), text);
  const tsc = path.join(PROJECT, 'node_modules/.bin/tsc');
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const strict = [
      '--strict',
      '--noUncheckedIndexedAccess',
      '--exactOptionalPropertyTypes',
      '--noEmit',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
      '--types',
      '',
      '--ignoreConfig',
    ];
    const options = [...strict, '--module', module, '--moduleResolution', resolution];
    // Not skipLibCheck: the declarations themselves are checked as well, without those of Node.
    await run(tsc, [...options, 'right.ts'], { cwd: consumer }).catch(({ stdout }) => assert.fail(`${module}: ${stdout}`));
    const files = wrong.map((_, i) => `wrong${i}.ts`);
    const failures = await run(tsc, [...options, ...files], { cwd: consumer }).then(
      () => '',
      ({ stdout }) => stdout,
    );
    for (const file of files)
      assert.match(failures, new RegExp(`^${file.replace('.', '\\.')}\\(.*error TS`, 'm'), `${module}: ${file} compiles`);
  }
});

/** Ten lines of a page that uses the package. */
const PAGE_SCRIPT = `
  import { createRuntime } from 'xnnjs';
  import { load } from 'xnnjs/facemesh';
  const options = JSON.parse(decodeURIComponent(location.hash.slice(1) || '{}'));
  const runtime = await createRuntime(options);
  const model = await runtime.load('./facemesh.json');
  const { Identity } = await model.run(new Float32Array(192 * 192 * 3).fill(0.5));
  const facemesh = await load({ runtime, detectorUrl: './blazeface.json', landmarksUrl: './facemesh.json' });
  const faces = await facemesh.estimateFaces({ width: 8, height: 8, data: new Uint8ClampedArray(256) });
  window.result = { threads: runtime.threads, values: [...Identity.data].slice(0, 5), faces: faces.length };
`;

/**
 * Opens a built page and waits for its result.
 * @param {{ folder: string, headers: Record<string, string>, options: object }} settings
 */
async function visit({ folder: root, headers, options }) {
  const index = await readFile(path.join(root, 'index.html'), 'utf8');
  const server = await serve({ folder: root, headers, routes: { '/': { type: 'text/html', body: index } } });
  const { page, problems, close } = await openPage(browser, `${server.url}/#${encodeURIComponent(JSON.stringify(options))}`);
  try {
    const handle = await page
      .waitForFunction(() => /** @type {any} */ (window).result, undefined, { timeout: 20_000 })
      .catch((error) => {
        throw new Error(`${error.message}\n${problems.join('\n')}`);
      });
    const result = /** @type {{ threads: number, values: number[], faces: number }} */ (await handle.jsonValue());
    return { result, problems, paths: server.requests.map((request) => request.path) };
  } finally {
    await close();
    server.close();
  }
}

/** The first values of facemesh in Node, for the same input. */
async function expectedValues() {
  const { createRuntime } = await import('../../js/index.js');
  const runtime = await createRuntime({ variant: 'simd', threads: 1 });
  const { Identity } = await (await runtime.load(FACEMESH_URL)).run(new Float32Array(192 * 192 * 3).fill(0.5));
  runtime.dispose();
  return [.../** @type {Float32Array} */ (Identity.data)].slice(0, 5);
}

test('package: a page built with Vite works, with threads, without, and with a worker', async (t) => {
  const root = path.join(folder, 'page');
  await mkdir(path.join(root, 'public'), { recursive: true });
  await writeFile(
    path.join(root, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><title>page</title><script type="module" src="./main.js"></script>',
  );
  await writeFile(path.join(root, 'main.js'), PAGE_SCRIPT);
  await copyModels(path.join(root, 'public'));
  /** @type {string[]} */
  const warnings = [];
  const warn = (/** @type {string} */ message) => warnings.push(message);
  const logger = { info() {}, warn, warnOnce: warn, error: warn, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
  // A build that takes more than three seconds warns of that: on a busy machine any does.
  const rolldownOptions = { checks: { bundlerTimings: false } };
  const settings = { root, configFile: /** @type {const} */ (false), customLogger: logger, worker: { rolldownOptions } };
  await build({ ...settings, build: { outDir: path.join(root, 'out'), rolldownOptions } });
  assert.deepEqual(warnings, []);
  const dist = path.join(root, 'out');
  const emitted = await readdir(path.join(dist, 'assets'));
  t.diagnostic(`Vite emits ${emitted.join(', ')}`);
  assert.equal(
    emitted.filter((name) => name.endsWith('.wasm')).length,
    packed.files.filter((file) => /^dist\/.*(?<!-train)\.wasm$/.test(file.path)).length,
    'each .wasm that the page can reach once',
  );
  const values = await expectedValues();
  for (const { headers, options, threads } of [
    { headers: ISOLATED, options: { variant: 'simd', threads: 2 }, threads: 2 },
    { headers: ISOLATED, options: { variant: 'simd', threads: 1 }, threads: 1 },
    { headers: {}, options: { variant: 'simd' }, threads: 1 },
    { headers: ISOLATED, options: { variant: 'simd', threads: 2, worker: true }, threads: 2 },
    { headers: {}, options: { variant: 'simd', worker: true }, threads: 1 },
  ]) {
    const { result, problems, paths } = await visit({ folder: dist, headers, options });
    const what = JSON.stringify({ options, headers });
    assert.deepEqual(result, { threads, values, faces: 0 }, what);
    assert.deepEqual(problems, [], what);
    const wasm = paths.filter((name) => name.endsWith('.wasm')).map((name) => /xnnjs-[a-z]+/.exec(name)?.[0]);
    assert.deepEqual(wasm.sort(), ['xnnjs-image', 'xnnjs-simd'], `${what}: the engine and the image kernel are fetched once each`);
  }
});

test('package: served as it is, without a bundler, it works too', async () => {
  const map = JSON.stringify({
    imports: { xnnjs: '/node_modules/xnnjs/js/index.js', 'xnnjs/facemesh': '/node_modules/xnnjs/models/facemesh/index.js' },
  });
  const root = path.join(folder, 'served');
  await mkdir(root);
  await copyModels(root);
  await cp(installed, path.join(root, 'node_modules/xnnjs'), { recursive: true });
  await writeFile(path.join(root, 'main.js'), PAGE_SCRIPT);
  await writeFile(
    path.join(root, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><title>page</title><script type="importmap">${map}</script><script type="module" src="./main.js"></script>`,
  );
  const values = await expectedValues();
  for (const { headers, options, threads } of [
    { headers: ISOLATED, options: { variant: 'simd', threads: 2 }, threads: 2 },
    { headers: {}, options: { variant: 'simd' }, threads: 1 },
    { headers: ISOLATED, options: { variant: 'simd', threads: 2, worker: true }, threads: 2 },
  ]) {
    const { result, problems, paths } = await visit({ folder: root, headers, options });
    assert.deepEqual(result, { threads, values, faces: 0 });
    assert.deepEqual(problems, []);
    assert.ok(!paths.some((name) => name.includes('types')));
  }
});
