// dist/xnnjs-NAME.wasm: small modules without a library, compiled by the tool chain's clang alone (kernels/standalone/README.md).
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SetupError } from '../setup/errors.js';
import { shortHash, writeIfChanged } from '../setup/files.js';
import { clangCommand } from './clang.js';
import { runStep } from './step.js';

/** The modules, and what each is compiled from, in kernels/standalone/. @type {Record<string, string[]>} */
const MODULES = {
  image: ['image.c', 'angle.c', 'bilinear.c', 'area.c', 'finish.c'],
  train: ['train_head.c'],
};

const COMPILE = [
  ...['--target=wasm32-unknown-unknown', '-std=c11', '-O3', '-ffreestanding', '-ffp-contract=off'],
  ...['-msimd128', '-mbulk-memory', '-DNDEBUG'], // plain SIMD: the same bits everywhere
  ...['-Wall', '-Wextra', '-Wconversion', '-Werror'],
];
const LINK = [
  '-nostdlib',
  // The stack lies below the data, so that an overflow traps instead of writing over them; behind them, all memory is the user's.
  ...['--no-entry', '--stack-first', '-zstack-size=65536', '--export=__heap_base', '--strip-all'].map((flag) => `-Wl,${flag}`),
];

/**
 * Builds those whose sources, flags or tool chain changed.
 * @param {string} project
 * @param {import('../setup.js').Tools} tools
 * @param {(line: string) => void} log
 */
export async function buildStandalone(project, tools, log) {
  const folder = join(project, 'kernels/standalone');
  const headers = readdirSync(folder).filter((file) => file.endsWith('.h'));
  /** @type {string | undefined} */
  let clang;
  for (const [name, sources] of Object.entries(MODULES)) {
    const files = [...sources, ...headers].map((file) => join(folder, file));
    const content = [...files, join(project, 'kernels/simd.h')].map((file) => readFileSync(file, 'utf8'));
    const key = shortHash(JSON.stringify([content, sources, COMPILE, LINK, tools.versions]));
    const target = join(project, `dist/xnnjs-${name}.wasm`);
    const stamp = join(project, `build/standalone/${name}.key`);
    if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) continue;
    const env = { ...process.env, ...tools.env };
    clang ??= clangCommand(tools.emccDir ?? '', false, env)?.split(' ')[0];
    if (clang === undefined) throw new SetupError('Emscripten does not say which clang it starts: scripts/build/standalone.js needs it');
    mkdirSync(join(project, 'build/standalone'), { recursive: true });
    const made = join(project, `build/standalone/${name}.wasm`);
    const given = sources.map((file) => join(folder, file));
    await runStep(clang, [...COMPILE, `-I${project}`, ...LINK, ...given, '-o', made], `building xnnjs-${name}.wasm`, env);
    const bytes = readFileSync(made);
    writeIfChanged(target, bytes);
    writeIfChanged(stamp, key);
    log(`xnnjs-${name}: wasm ${bytes.length} bytes (gzip ${gzipSync(bytes, { level: 9 }).length})`);
  }
}
