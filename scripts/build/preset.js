import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortHash, writeIfChanged } from '../setup/files.js';
import { clangCommand, LAUNCHER } from './clang.js';
import { directPython } from './python.js';
import { runStep } from './step.js';

/**
 * Configures a preset of CMakePresets.json where what it depends on changed, and builds it.
 * @param {string} project
 * @param {string} name
 * @param {{ tools: import('../setup.js').Tools, libs: string, args?: string[], threads?: boolean }} options  libs: from needXnnpack.
 *   args: of CMake. threads: whether a WebAssembly preset has them.
 * @returns {Promise<string>}  build/NAME.
 */
export async function buildPreset(project, name, { tools, libs, args: given = [], threads = false }) {
  const base = { ...process.env, ...tools.env, XNNJS_LIBS: libs };
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...base, ...(await directPython(base)) };
  const clang = tools.emccDir === undefined || tools.emConfig === undefined ? undefined : clangCommand(tools.emccDir, threads, env);
  if (clang !== undefined) env.XNNJS_CLANG = clang;
  const args = clang === undefined ? given : [...given, `-DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}`];
  const folder = join(project, 'build', name);
  const toolchain = shortHash(JSON.stringify([tools.env, libs, clang, readFileSync(join(project, 'CMakePresets.json'), 'utf8')]));
  const settings = `${toolchain} ${shortHash(JSON.stringify(args))}`;
  const stamp = join(folder, 'settings');
  const old = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
  if (old !== settings) {
    // A changed tool chain is only taken up by a fresh configuration, which compiles everything again; other arguments by any.
    const fresh = old === undefined || old.startsWith(`${toolchain} `) ? [] : ['--fresh'];
    await runStep('cmake', ['--preset', name, '-S', project, ...fresh, ...args], `configuring ${name}`, env);
    writeIfChanged(stamp, settings);
  }
  await runStep('ninja', ['-C', folder], `building ${name}`, env);
  return folder;
}
