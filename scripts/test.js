import { spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, buildNative } from './build.js';
import { report, SetupError } from './setup/errors.js';
import { canBuildNative, setUp } from './setup.js';

const project = fileURLToPath(new URL('..', import.meta.url));
const C_FOLDERS = ['src', 'kernels', 'bindings', 'tests'];

/**
 * Everything that must hold before a change goes in: tools, build, types, lint, format, tests.
 * @param {{ only?: string, slow?: boolean }} options  only: one folder of tests/; slow: the tests of *.slow.test.js, which take minutes, and
 *   nothing that the others check.
 * @returns {Promise<boolean>}
 */
async function test({ only, slow = false }) {
  /** @type {Record<'passed' | 'failed' | 'skipped', number>} */
  const counts = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failures = [];
  /** @type {NodeJS.ProcessEnv} */
  let env = process.env;
  const step = async (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ work) => {
    console.log(`\n▶ ${name}`);
    const started = performance.now();
    let ok = false;
    try {
      ok = (await work()) !== false;
    } catch (error) {
      report(error);
    }
    counts[ok ? 'passed' : 'failed'] += 1;
    if (!ok) failures.push(name);
    console.log(`${ok ? '✔' : '✖'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  };
  const execute = (/** @type {string} */ command, /** @type {string[]} */ ...args) => spawnTo(command, args, env);
  const bin = (/** @type {string} */ name) => join(project, 'node_modules/.bin', name);

  /** @type {import('./setup.js').Tools | undefined} */
  let tools;
  await step('set-up', async () => {
    tools = await setUp();
    env = { ...process.env, ...tools.env };
  });
  // A step of its own: without a browser everything else still runs.
  await step('browser', async () => {
    const { chromium } = await setUp({ toolchain: false, packages: false, browser: true });
    env = { ...env, XNNJS_CHROMIUM: chromium };
  });
  await step('current Node', async () => {
    const { currentNode } = await setUp({ toolchain: false, packages: false, currentNode: true });
    env = { ...env, XNNJS_CURRENT_NODE: currentNode };
  });
  await step('build', () => {
    if (tools === undefined) throw new SetupError('no build without its tools: see "set-up" above');
    return build({ check: true, tools });
  });
  // Sanitizers are Linux's; elsewhere tests/native says so.
  if (canBuildNative() && (only === undefined || only === 'native')) {
    await step('native build', async () => buildNative({ tools: await setUp({ toolchain: false, packages: false, native: true }) }));
  }
  if (!slow) {
    await step('types', () => execute(bin('tsc'), '-p', 'tsconfig.json'));
    await step('lint and format of JavaScript', () => execute(bin('biome'), 'ci', '--colors=off', '.'));
    const sources = C_FOLDERS.flatMap((folder) => filesIn(folder, /\.[ch]$/));
    if (sources.length > 0) await step('format of C', () => execute('clang-format-19', '--dry-run', '-Werror', ...sources));
  }

  const files = filesIn(only === undefined ? 'tests' : join('tests', only), slow ? /\.slow\.test\.js$/ : /(?<!\.slow)\.test\.js$/);
  if (files.length === 0) {
    failures.push(`no tests in tests/${only ?? ''}`);
    counts.failed += 1;
  } else {
    const started = performance.now();
    console.log(`\n▶ tests: ${files.length} files`);
    const tests = await nodeTests(files, env);
    counts.passed += tests.passed;
    counts.failed += tests.failed;
    counts.skipped += tests.skipped;
    if (!tests.ok) failures.push('tests');
    console.log(`${tests.ok ? '✔' : '✖'} tests (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
  console.log(failures.length === 0 ? '\nAll steps passed.' : `\nFailed: ${failures.join(', ')}.`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return failures.length === 0;
}

/**
 * Runs the files with Node's own runner and reads the counts off the end of its report.
 * @param {string[]} files
 * @param {NodeJS.ProcessEnv} env
 */
async function nodeTests(files, env) {
  let tail = '';
  const reporters = ['spec', './scripts/test/slowest.js'].flatMap((name) => [
    `--test-reporter=${name}`,
    '--test-reporter-destination=stdout',
  ]);
  const args = ['--test', ...reporters, '--test-concurrency=2', ...files];
  const ok = await spawnTo(process.execPath, args, env, (text) => {
    process.stdout.write(text);
    tail = (tail + text).slice(-1_000_000);
  });
  const count = (/** @type {string} */ name) => Number([...tail.matchAll(new RegExp(`^ℹ ${name} (\\d+)`, 'gm'))].at(-1)?.[1] ?? NaN);
  const failed = count('fail') + count('cancelled');
  // A runner that died without a report has failed, whatever else.
  if (Number.isNaN(failed)) return { ok: false, passed: 0, failed: 1, skipped: 0 };
  return {
    ok: ok && failed === 0,
    passed: count('pass'),
    failed: ok ? failed : Math.max(failed, 1),
    skipped: count('skipped') + count('todo'),
  };
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {(text: string) => void} [onText]  Takes standard output instead of the terminal.
 * @returns {Promise<boolean>}
 */
function spawnTo(command, args, env, onText) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: project, env, stdio: ['ignore', onText === undefined ? 'inherit' : 'pipe', 'inherit'] });
    if (onText !== undefined) child.stdout?.setEncoding('utf8').on('data', onText);
    child.on('error', (error) => {
      console.error(`xnnjs: ${relative(project, command)} could not start: ${error.message}`);
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
}

/**
 * @param {string} folder
 * @param {RegExp} pattern
 * @returns {string[]}  Sorted paths, so that every machine runs them in one order.
 */
function filesIn(folder, pattern) {
  const path = join(project, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .sort();
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, slow: { type: 'boolean' } } });
    if (!(await test(values))) process.exitCode = 1;
  } catch (error) {
    report(error instanceof TypeError ? new SetupError(`${error.message}; usage: npm test -- [--only FOLDER] [--slow]`) : error);
  }
}
