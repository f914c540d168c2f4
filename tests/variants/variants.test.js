// All four builds: which one is chosen where, and that each computes what TensorFlow.js computes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setUp } from '../../scripts/setup.js';

const INDEX = new URL('../../js/main.js', import.meta.url).href;
const CHECKER = new URL('../kernels/checker.js', import.meta.url).href;
const VARIANTS = new URL('../../js/variants.js', import.meta.url).href;
const SIMD = new URL('../../js/simd.js', import.meta.url).href;
const RUN_MODELS = fileURLToPath(new URL('./run-models.js', import.meta.url));

/** A Node that runs relaxed SIMD by itself. */
const currentNode =
  process.env.XNNJS_CURRENT_NODE ?? (await setUp({ toolchain: false, packages: false, currentNode: true })).currentNode ?? '';

/** @param {string} node @param {string[]} args */
const run = async (node, args) => (await promisify(execFile)(node, args, { maxBuffer: 1e8, timeout: 120000 })).stdout;

/** What a script prints. @param {string} node @param {string} script @param {string[]} [flags] */
const evaluate = async (node, script, flags = []) => (await run(node, [...flags, '--input-type=module', '-e', script])).trim();

/** @param {string} node @param {string[]} variants */
async function runModels(node, variants) {
  const line = (await run(node, [RUN_MODELS, ...variants])).split('\n').find((text) => text.startsWith('RESULT '));
  return /** @type {{ variant: string, threads: number, error: number, bits: string, startMs: number }[]} */ (
    JSON.parse((line ?? '').slice(7))
  );
}

const chosen = (/** @type {string} */ options) => `const { createRuntime } = await import('${INDEX}');
  const runtime = await createRuntime(${options}); console.log(runtime.variant); runtime.dispose();`;

test('variants: a current Node gets relaxed, and simd where results have to be the same everywhere', async () => {
  assert.equal(await evaluate(currentNode, chosen('{}')), 'relaxed');
  assert.equal(await evaluate(currentNode, chosen('{ deterministic: true }')), 'simd');
  assert.equal(await evaluate(currentNode, chosen("{ variant: 'simd' }")), 'simd');
});

test('variants: Node 20 never gets relaxed by itself, even with its flag', { skip: !process.version.startsWith('v20') }, async () => {
  assert.equal(await evaluate(process.execPath, chosen('{}'), ['--experimental-wasm-relaxed-simd']), 'simd');
  assert.equal(await evaluate(process.execPath, chosen("{ variant: 'relaxed' }"), ['--experimental-wasm-relaxed-simd']), 'relaxed');
  assert.equal(await evaluate(process.execPath, chosen('{}')), 'simd');
});

test('variants: a machine whose relaxed instructions compute something else gets simd', async () => {
  const broken = `const { Instance } = WebAssembly;
    WebAssembly.Instance = function (module, imports) { return imports === undefined ? { exports: { f: () => 0 } } : new Instance(module, imports); };
    const { hasRelaxed } = await import('${SIMD}');
    const { chooseVariant } = await import('${VARIANTS}');
    let code; try { chooseVariant('relaxed'); } catch (error) { code = error.code; }
    console.log(hasRelaxed(), chooseVariant('auto'), code);`;
  assert.equal(await evaluate(currentNode, broken), 'false simd unsupported');
});

test('variants: deterministic and relaxed together are misuse', async () => {
  const script = `const { createRuntime } = await import('${INDEX}');
    console.log(await createRuntime({ variant: 'relaxed', deterministic: true }).catch((error) => error.code));`;
  assert.equal(await evaluate(currentNode, script), 'misuse');
});

test('variants: all four agree with TensorFlow.js in a current Node, and simd has the same bits everywhere', async (t) => {
  const results = await runModels(currentNode, ['simd', 'relaxed']);
  assert.deepEqual(
    results.map(({ variant, threads }) => [variant, threads]),
    [
      ['simd', 1],
      ['simd', 2],
      ['relaxed', 1],
      ['relaxed', 2],
    ],
  );
  for (const { variant, threads, error, startMs } of results) {
    t.diagnostic(
      `${variant}, ${threads} thread(s): largest error ${error.toExponential(2)} of max|b|, started in ${startMs.toFixed(0)} ms`,
    );
    assert.ok(error <= 1e-5, `${variant}, ${threads} threads: ${error}`);
  }
  const simd = results.filter(({ variant }) => variant === 'simd').map(({ bits }) => bits);
  const here = (await runModels(process.execPath, ['simd'])).map(({ bits }) => bits);
  assert.deepEqual(new Set([...simd, ...here]).size, 1, 'two versions of Node, one thread and two');
});

test('relaxed: every check of the kernels holds in a current Node', async (t) => {
  const script = `const { openChecker } = await import('${CHECKER}');
    const check = await openChecker('relaxed');
    const names = (await check(['--list'])).lines.map((line) => line.split('\\t')[0]);
    for (const name of names) {
      const { status, lines } = await check(['--seed', '1', name]);
      if (status !== 0) console.log(name, lines.join(' '));
    }
    console.log(names.length);`;
  const printed = await evaluate(currentNode, script);
  assert.match(printed, /^\d+$/, printed);
  assert.ok(Number(printed) >= 30, `${printed} checks`);
  t.diagnostic(`${printed} checks`);
});
