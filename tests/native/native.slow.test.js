// The core for this machine under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer, with 64 bits and with
// WebAssembly's 32: the checker of the kernels (tests/kernels), the whole pipe (pipe.c) and the fuzzer (tests/fuzz). `npm run
// build -- --native` makes the programs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sanitizerEnv } from '../../scripts/build/sanitizers.js';
import { NATIVE } from '../../scripts/build/variants.js';
import { fuzz } from '../../scripts/fuzz.js';
import { canBuildNative } from '../../scripts/setup.js';

const SEED = process.env.XNNJS_SEED ?? '1';
const FUZZ_SECONDS = 10; // for each build

/**
 * @param {string} path
 * @param {string[]} args
 * @returns {Promise<{ status: number | string, lines: string[] }>}
 */
function run(path, args) {
  return new Promise((done) => {
    execFile(path, args, { env: sanitizerEnv() }, (error, stdout, stderr) =>
      done({ status: error === null ? 0 : (error.code ?? String(error.signal)), lines: `${stdout}${stderr}`.trim().split('\n') }),
    );
  });
}

const why = canBuildNative() ? false : 'sanitizers are used on x64 Linux';
for (const { name: build } of why ? [] : NATIVE) {
  for (const program of ['check', 'pipe', 'picture', 'train']) {
    const path = fileURLToPath(new URL(`../../build/${build}/${program}`, import.meta.url));
    assert.ok(existsSync(path), `${path} is missing: npm run build -- --native makes it`);
    const { status, lines } = await run(path, ['--list']);
    assert.equal(status, 0, lines.join('\n'));
    for (const line of lines) {
      const [name = '', title] = line.split('\t');
      test(`${title} (${build})`, async (t) => {
        const { status, lines } = await run(path, [...(program === 'check' ? ['--seed', SEED] : []), name]);
        assert.equal(status, 0, lines.join('\n'));
        assert.ok(lines.includes(`ok ${name}`), lines.join('\n'));
        for (const note of lines.filter((text) => text.startsWith('note '))) t.diagnostic(`${build}: ${note.slice(5)}`);
      });
    }
  }

  test(`fuzzing: ${FUZZ_SECONDS} seconds of calls made from bytes end in a status (${build})`, async (t) => {
    const { ok, runs, output } = await fuzz(build, { seconds: FUZZ_SECONDS, seed: Number(SEED), fresh: true });
    assert.ok(ok, output.slice(-8000));
    t.diagnostic(`${build}: ${runs} executions`);
  });
}

if (why) test('native build: core and kernels pass under sanitizers', { skip: why }, () => {});
