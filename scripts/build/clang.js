// Emscripten's compiler is a Python program that adds a few flags and starts clang: for our small files it takes longer than clang itself.
// Here clang is started at once, with the flags that Emscripten says it adds; linking stays Emscripten's.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Drops Emscripten's compiler from a command and runs XNNJS_CLANG instead. */
export const LAUNCHER = fileURLToPath(new URL('../../cmake/clang-directly.sh', import.meta.url));

/**
 * The command that Emscripten compiles C with, as far as it does not come from its arguments.
 * @param {string} emccDir @param {boolean} threads @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}  undefined where it does not say so in the way that is known, or where a path has spaces.
 */
export function clangCommand(emccDir, threads, env) {
  const folder = mkdtempSync(join(tmpdir(), 'xnnjs-probe-'));
  try {
    const [source, object] = [join(folder, 'probe.c'), join(folder, 'probe.o')];
    writeFileSync(source, 'int probe(void) { return 0; }\n');
    const given = ['-v', ...(threads ? ['-pthread'] : []), '-c', source, '-o', object];
    const { stderr, status } = spawnSync(join(emccDir, 'emcc'), given, { env, encoding: 'utf8' });
    const line = stderr?.split('\n').find((text) => /^ ?\S*clang\S* -target wasm32\S* /.test(text));
    if (status !== 0 || line === undefined || /["'\\]/.test(line)) return undefined;
    const own = line
      .trim()
      .split(/\s+/)
      .filter((word) => !given.includes(word));
    return [...own, '-Wno-unknown-warning-option'].join(' '); // Emscripten has warnings of its own
  } finally {
    rmSync(folder, { recursive: true });
  }
}
