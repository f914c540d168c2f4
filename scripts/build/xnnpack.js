import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillFolder, shortHash } from '../setup/files.js';
import { withLock } from '../setup/lock.js';
import { directPython } from './python.js';
import { runStep } from './step.js';

const CMAKE_FILES = ['flags.cmake', 'pthreadpool.cmake', 'xnnpack.cmake', 'xnnpack/CMakeLists.txt'];

/**
 * XNNPACK and pthreadpool of a variant as static libraries, built once for all clones of one user.
 * @param {import('../setup.js').Tools} tools
 * @param {import('./variants.js').Variant & { flags?: string }} variant  flags: of the native compiler.
 * @param {string} project
 * @param {(line: string) => void} log
 * @returns {Promise<string>}  Folder with lib/*.a.
 */
export async function needXnnpack(tools, variant, project, log) {
  const cmake = join(project, 'cmake');
  const native = variant.flags !== undefined;
  const files = [...CMAKE_FILES, native ? 'shim/native.h' : 'shim/arm_neon.h'];
  const content = files.map((name) => readFileSync(join(cmake, name), 'utf8'));
  const key = shortHash(JSON.stringify([native ? tools.nativeVersions : tools.versions, variant, content]));
  const folder = join(tools.cacheDir, 'libs', `${variant.name}-${key}`);
  if (existsSync(folder)) return folder;
  mkdirSync(join(tools.cacheDir, 'libs'), { recursive: true });
  const build = async () => {
    const started = performance.now();
    await fillFolder(folder, async (temporary) => {
      log(`building XNNPACK for ${variant.name}, once for this version`);
      const env = { ...process.env, ...tools.env };
      const objects = join(temporary, 'build');
      const onOff = (/** @type {boolean} */ value) => (value ? 'ON' : 'OFF');
      const compiler = native
        ? [
            ...['-DXNNJS_NATIVE=ON', '-DCMAKE_C_COMPILER=clang-19', '-DCMAKE_CXX_COMPILER=clang++-19', '-DCMAKE_BUILD_TYPE=Debug'],
            ...['C', 'CXX'].map((language) => `-DCMAKE_${language}_FLAGS=${variant.flags}`),
          ]
        : [`-DCMAKE_TOOLCHAIN_FILE=${tools.toolchainFile}`, '-DCMAKE_BUILD_TYPE=Release'];
      await runStep(
        'cmake',
        [
          ...['-G', 'Ninja', '-S', join(cmake, 'xnnpack'), '-B', objects, `--install-prefix=${temporary}`],
          ...compiler,
          `-DXNNJS_THREADS=${onOff(variant.threads)}`,
          `-DXNNJS_RELAXED=${onOff(variant.relaxed)}`,
          ...['XNNPACK_DIR', 'PTHREADPOOL_DIR', 'FXDIV_DIR'].map((name) => `-D${name}=${tools.env[name]}`),
        ],
        'configuring XNNPACK',
        env,
      );
      await runStep('ninja', ['-C', objects, 'install'], 'building XNNPACK', { ...env, ...(await directPython(env)) });
      rmSync(objects, { recursive: true });
    });
    log(`XNNPACK for ${variant.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  };
  await withLock(`${folder}.lock`, build, log);
  return folder;
}
