import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sanitizerEnv } from './build/sanitizers.js';
import { NATIVE } from './build/variants.js';
import { buildNative } from './build.js';
import { report, SetupError } from './setup/errors.js';

const project = fileURLToPath(new URL('..', import.meta.url));
const SEEDS = join(project, 'tests/fuzz/corpus');
const FINDINGS = join(project, 'out/fuzz');
const LIMITS = ['-timeout=60', '-rss_limit_mb=2048', '-max_len=600', '-print_final_stats=1'];

/**
 * @typedef {object} Fuzzed
 * @property {boolean} ok  Nothing was found.
 * @property {number} runs
 * @property {string} output  libFuzzer's, the stack of a finding included.
 */

/**
 * Fuzzes with one native build. Inputs that reach new code are kept in build/fuzz, findings in out/fuzz.
 * @param {string} build  'native' or 'native32'.
 * @param {{ seconds: number, seed?: number, fresh?: boolean, show?: boolean }} options  seed: makes a run repeatable. fresh: from the
 *   committed inputs alone, keeping none. show: libFuzzer's lines as they come.
 * @returns {Promise<Fuzzed>}
 */
export function fuzz(build, { seconds, seed, fresh = false, show = false }) {
  const kept = join(project, 'build/fuzz');
  mkdirSync(FINDINGS, { recursive: true });
  if (!fresh) mkdirSync(kept, { recursive: true });
  const folders = fresh ? [SEEDS] : [kept, SEEDS];
  const temporary = join(project, 'build', `fuzz-${process.pid}-${build}`);
  if (fresh) cpSync(SEEDS, temporary, { recursive: true });
  const time = [`-max_total_time=${seconds}`, `-artifact_prefix=${FINDINGS}/`, ...(seed === undefined ? [] : [`-seed=${seed}`])];
  const done = run(build, [...LIMITS, ...time, ...(fresh ? [temporary] : folders)], show);
  return done.finally(() => rmSync(temporary, { recursive: true, force: true }));
}

/**
 * @param {string} build
 * @param {string[]} args
 * @param {boolean} show
 * @returns {Promise<Fuzzed>}
 */
function run(build, args, show) {
  const program = join(project, 'build', build, 'fuzz_graph');
  if (!existsSync(program)) throw new SetupError(`${relative(project, program)} is missing: run "npm run build -- --native"`);
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd: project, env: sanitizerEnv(), stdio: ['ignore', 'ignore', 'pipe'] });
    if (child.pid !== undefined) setPriority(child.pid, 19);
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-100_000);
      if (show) process.stderr.write(text);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const runs = Number(/^stat::number_of_executed_units: (\d+)/m.exec(output)?.[1] ?? 0);
      done({ ok: code === 0, runs, output });
    });
  });
}

/** Replaces the committed inputs by the fewest of them and of those kept that reach all that all of them reach. */
async function merge(/** @type {string} */ build) {
  const kept = join(project, 'build/fuzz');
  const merged = join(project, 'build/fuzz-merged');
  rmSync(merged, { recursive: true, force: true });
  for (const folder of [kept, merged]) mkdirSync(folder, { recursive: true });
  // Which code is reached, not how often: a tenth of the inputs.
  const measure = ['-set_cover_merge=1', '-use_counters=0', '-use_cmp=0'];
  const { ok, output } = await run(build, [...measure, ...LIMITS, merged, SEEDS, kept], false);
  if (!ok) throw new SetupError(`merging failed: ${output.trim().split('\n').at(-1)}`);
  rmSync(SEEDS, { recursive: true, force: true });
  renameSync(merged, SEEDS);
  console.log(`tests/fuzz/corpus: ${readdirSync(SEEDS).length} inputs`);
}

/**
 * @param {string[]} argv
 */
async function main(argv) {
  const usage = 'usage: npm run fuzz -- [--seconds 60] [--bits 32|64] [--merge] [FILE…]';
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '60' }, bits: { type: 'string' }, merge: { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new SetupError(`${/** @type {Error} */ (error).message}; ${usage}`);
  }
  const { seconds, bits, merge: merging } = parsed.values;
  const builds = NATIVE.map(({ name }) => name).filter((name) => bits === undefined || name === (bits === '32' ? 'native32' : 'native'));
  if (!(Number(seconds) > 0) || ![undefined, '32', '64'].includes(bits)) throw new SetupError(usage);
  await buildNative();
  if (merging) return merge('native');
  for (const build of builds) {
    const files = parsed.positionals.map((path) => resolve(path));
    const each = Math.ceil(Number(seconds) / builds.length);
    const { ok, runs } = files.length > 0 ? await run(build, files, true) : await fuzz(build, { seconds: each, show: true });
    if (!ok) {
      const again = files.length > 0 ? '' : `: the input is in ${relative(project, FINDINGS)}, "npm run fuzz -- FILE" runs it again`;
      throw new SetupError(`${build} has a finding, see above${again}`);
    }
    console.log(files.length > 0 ? `${build}: nothing found` : `${build}: ${runs} executions, nothing found`);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await main(process.argv.slice(2)).catch(report);
