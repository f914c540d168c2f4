// The xnnjs command, as a user runs it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drawPlan } from '../../js/cli/plan-drawing.js';
import { check, createRuntime } from '../../js/main.js';
import { makeProfile, toChromeTrace } from '../../js/profile.js';

const COMMAND = fileURLToPath(new URL('../../js/cli/xnnjs.js', import.meta.url));
const FACEMESH = fileURLToPath(new URL('../../node_modules/@vladmandic/human/models/facemesh.json', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'xnnjs-cli-'));
after(() => rm(folder, { recursive: true }));

/** @param {string[]} args @returns {Promise<{ code: number, out: string, err: string }>} */
const xnnjs = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });

test('xnnjs: without arguments it says how it is used', async () => {
  const { code, out } = await xnnjs();
  assert.equal(code, 0);
  for (const command of ['run', 'inspect', 'check', 'bench', 'profile']) assert.match(out, new RegExp(`^ +${command} `, 'm'));
});

test('xnnjs: mistakes give one error and exit code 1', async () => {
  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [['fly', 'x'], /misuse: no command "fly"/],
    [['run'], /run takes one model, 0 are given/],
    [['run', 'none.json'], /network: no such file: .*none\.json/],
    [['run', FACEMESH, '--runs', '0'], /--runs 0: a whole number/],
    [['run', FACEMESH, '--precision', 'int4'], /misuse: precision is int4: 'float32' or 'int8' is possible/],
    [['run', FACEMESH, '--input', 'other=x'], /no input "other", only "input_1"/],
    [['run', FACEMESH, '--bogus'], /Unknown option '--bogus'/],
  ])) {
    const { code, err } = await xnnjs(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(err, message);
    assert.doesNotMatch(err, /^ +at /m, 'no stack trace');
  }
});

test('xnnjs run: outputs of an input file are those of the library, and are written', async () => {
  const input = Float32Array.from({ length: 192 * 192 * 3 }, (_, i) => (i % 255) / 255);
  const file = join(folder, 'input.bin');
  await writeFile(file, new Uint8Array(input.buffer));
  const { code, out } = await xnnjs('run', FACEMESH, '--threads', '1', '--input', `input_1=${file}`, '--output', folder);
  assert.equal(code, 0);
  assert.match(out, /^Identity_2 float32 \[1,1404\]/m);
  const runtime = await createRuntime({ threads: 1 });
  const expected = (await (await runtime.load(FACEMESH)).run(input)).Identity_2.data;
  runtime.dispose();
  const written = await readFile(join(folder, 'Identity_2.bin'));
  assert.deepEqual(new Float32Array(written.buffer.slice(written.byteOffset, written.byteOffset + written.length)), expected);
});

test('xnnjs inspect: counts of the model are right', async () => {
  const { code, out } = await xnnjs('inspect', FACEMESH, '--threads', '1');
  assert.equal(code, 0);
  const { weightsManifest } = JSON.parse(await readFile(FACEMESH, 'utf8'));
  const sizes = weightsManifest[0].weights
    .filter((/** @type {any} */ { dtype }) => dtype === 'float32')
    .map((/** @type {any} */ { shape }) => shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1));
  const parameters = sizes.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
  const [, before] = /before the passes: (\d+) steps/.exec(out) ?? [];
  const [, afterwards, counted] = /after the passes: (\d+) steps, (\d+) parameters/.exec(out) ?? [];
  assert.equal(Number(counted), parameters);
  assert.ok(Number(afterwards) < Number(before));
  assert.match(out, /arena \d.*lower bound/);
});

test('xnnjs check: says what a model needs, for people and for programs', async () => {
  const people = await xnnjs('check', FACEMESH);
  assert.equal(people.code, 0);
  assert.match(people.out, /facemesh\.json: tfjs-graph, supported$/m);
  assert.match(people.out, /^inputs +input_1 float32 \[-1,192,192,3\]$/m);
  assert.match(people.out, /^model +\d+ nodes, \d+ parameters, 1\.48 MB of weights to download$/m);
  assert.match(people.out, /^depthwise_conv2d +24 +\d/m);
  const programs = await xnnjs('check', FACEMESH, '--json', '--shape', 'input_1=2,192,192,3');
  assert.equal(programs.code, 0);
  assert.deepEqual(JSON.parse(programs.out), await check(FACEMESH, { inputShapes: { input_1: [2, 192, 192, 3] } }));
});

test('xnnjs check: a model that is not supported gives exit code 2, a broken one 1', async () => {
  const node = [{ name: 'y', op: 'Fancy', input: [] }];
  const file = join(folder, 'model.json');
  await writeFile(file, JSON.stringify({ modelTopology: { node }, weightsManifest: [] }));
  const { code, out, err } = await xnnjs('check', file);
  assert.deepEqual([code, err], [2, '']);
  assert.match(out, /model\.json: tfjs-graph, not supported$/m);
  assert.match(out, /^Fancy +xnnjs has no such op +y$/m);
  const json = await xnnjs('check', file, '--json');
  assert.equal(json.code, 2);
  assert.deepEqual(JSON.parse(json.out).unsupported, [{ op: 'Fancy', node: 'y', reason: 'xnnjs has no such op' }]);
  await writeFile(file, '{');
  const broken = await xnnjs('check', file, '--json');
  assert.deepEqual([broken.code, broken.out], [1, '']);
  assert.match(broken.err, /bad-model/);
});

test("xnnjs run and bench: --precision int8 is the library's", async () => {
  const { out } = await xnnjs('run', FACEMESH, '--threads', '1', '--variant', 'simd', '--precision', 'int8');
  const exact = await xnnjs('run', FACEMESH, '--threads', '1', '--variant', 'simd');
  assert.match(out, /^Identity_2 float32 \[1,1404\]/m);
  assert.notEqual(out, exact.out, 'other digits');
  const bench = await xnnjs('bench', FACEMESH, '--threads', '1', '--runs', '1', '--precision', 'int8');
  assert.match(bench.out, /facemesh\.json: int8, (simd|relaxed), 1 thread/);
});

test('xnnjs bench: prints median and least', async () => {
  const { code, out } = await xnnjs('bench', FACEMESH, '--threads', '1', '--runs', '3');
  assert.equal(code, 0);
  assert.match(out, /median \d+\.\d+ ms, least \d+\.\d+ ms, of 3 runs; load to first result \d+ ms/);
});

test('xnnjs profile: table, trace and page hold every op', async () => {
  const trace = join(folder, 'trace.json');
  const html = join(folder, 'page.html');
  const { code, out } = await xnnjs('profile', FACEMESH, '--threads', '1', '--runs', '2', '--trace', trace, '--html', html);
  assert.equal(code, 0);
  assert.match(out, /^depthwise_conv2d +24 /m);
  const { traceEvents } = JSON.parse(await readFile(trace, 'utf8'));
  const [, ops] = /slowest of (\d+) ops/.exec(out) ?? [];
  assert.equal(traceEvents.filter((/** @type {any} */ { ph }) => ph === 'X').length, Number(ops));
  const page = await readFile(html, 'utf8');
  assert.equal(page.split('<tr>').length - 2, Number(ops));
  assert.doesNotMatch(page, /(src|href)="http/);
});

test('profile: ms are means, and the trace puts op after op', () => {
  const step = { name: 'n', op: 'add', kernel: '', inputs: [[1]], output: [1], flops: 1, bytes: 8, parameters: 0, threads: 1 };
  const profile = makeProfile([step, { ...step, name: 'm' }], Float64Array.of(4, 6), { runs: 2, variant: 'simd', threads: 1 });
  assert.deepEqual(
    profile.ops.map(({ ms }) => ms),
    [2, 3],
  );
  assert.equal(profile.ms, 5);
  const events = /** @type {any[]} */ (toChromeTrace(profile).traceEvents).filter(({ ph }) => ph === 'X');
  assert.deepEqual(
    events.map(({ ts, dur }) => [ts, dur]),
    [
      [0, 2000],
      [2000, 3000],
    ],
  );
});

test('plan: the drawing shows each buffer where and while it lives', () => {
  const text = drawPlan({
    arenaBytes: 200,
    lowerBound: 200,
    sum: 300,
    buffers: [
      { offset: 0, bytes: 100, first: 0, last: 1 },
      { offset: 100, bytes: 100, first: 1, last: 2 },
      { offset: 0, bytes: 100, first: 2, last: 2 },
    ],
  });
  const rows = text.split('\n').slice(-3);
  assert.deepEqual(
    rows.map((row) => row.slice(6)),
    [`${'A'.repeat(48)}${'.'.repeat(48)}`, `${'A'.repeat(48)}${'B'.repeat(48)}`, `${'C'.repeat(48)}${'B'.repeat(48)}`],
  );
});
