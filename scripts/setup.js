import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReleaseArchive } from './setup/debian.js';
import { findEmsdk, needEmscripten } from './setup/emscripten.js';
import { report, SetupError } from './setup/errors.js';
import { cacheFolder, thisHost, which } from './setup/host.js';
import { withLock } from './setup/lock.js';
import { needPackages } from './setup/npm.js';
import { needCommands } from './setup/packages.js';
import { needSources } from './setup/sources.js';
import { BROWSER, COMMANDS, COMMANDS_BESIDE_EMSDK, NODE_MAJOR } from './setup/versions.js';

/**
 * @typedef {object} Tools
 * @property {string} cacheDir
 * @property {Record<string, string>} env  What commands need on top of this process's environment.
 * @property {string} [emConfig]  Of the pinned Emscripten; a stock emsdk has its own.
 * @property {string} [emccDir]
 * @property {string} [toolchainFile]  For CMake.
 * @property {string} [xnnpackDir]
 * @property {string} [pthreadpoolDir]
 * @property {string} [fxdivDir]
 * @property {string} [versions]  Of all that the compiled XNNPACK depends on.
 * @property {string} [chromium]  Path of the browser, if asked for.
 */

/**
 * Brings whatever is missing on this machine; where nothing is, it touches no network and starts no process.
 * @param {{ toolchain?: boolean, browser?: boolean, packages?: boolean, log?: (line: string) => void }} [options]
 *   toolchain: compilers, Emscripten and the sources of XNNPACK. packages: the project's npm packages.
 * @param {import('./setup/host.js').Host} [host]
 * @returns {Promise<Tools>}
 * @throws {SetupError} naming what is missing and what to do.
 */
export async function setUp(options = {}, host = thisHost()) {
  const { toolchain = true, browser = false, packages = true, log = (line) => console.error(`xnnjs: ${line}`) } = options;
  if (Number(host.nodeVersion.split('.')[0]) < NODE_MAJOR) {
    throw new SetupError(`Node ${host.nodeVersion} is too old: install Node ${NODE_MAJOR} or newer`);
  }
  const cacheDir = cacheFolder(host);
  const work = async () => {
    const emsdk = toolchain ? await findEmsdk(host) : undefined;
    const commands = toolchain
      ? COMMANDS.filter(({ command }) => emsdk === undefined || COMMANDS_BESIDE_EMSDK.includes(command))
      : [];
    await needCommands(host, browser ? [...commands, BROWSER] : commands, log);
    if (packages) await needPackages(host, log);
    /** @type {Tools} */
    const tools = { cacheDir, env: {} };
    if (browser) tools.chromium = which(host, BROWSER.command);
    if (!toolchain) return tools;
    const archive = new ReleaseArchive(host, cacheDir, log);
    if (emsdk !== undefined) log(`using Emscripten ${emsdk.version} of ${emsdk.emccDir}`);
    const emscripten = emsdk ?? (await needEmscripten(host, cacheDir, archive, log));
    const { folders, versions } = await needSources(host, cacheDir, archive);
    return {
      ...tools,
      emConfig: emscripten.emConfig,
      emccDir: emscripten.emccDir,
      toolchainFile: emscripten.toolchainFile,
      xnnpackDir: folders.XNNPACK_DIR,
      pthreadpoolDir: folders.PTHREADPOOL_DIR,
      fxdivDir: folders.FXDIV_DIR,
      versions: `${emscripten.version} ${versions}`,
      env: { ...emscripten.env, ...folders, XNNJS_TOOLCHAIN: emscripten.toolchainFile },
    };
  };
  try {
    return await withLock(join(cacheDir, 'lock'), work, log);
  } catch (error) {
    const { code, path } = /** @type {NodeJS.ErrnoException} */ (error);
    const full = { EACCES: 'not writable', EROFS: 'not writable', ENOSPC: 'full' }[code ?? ''];
    if (full === undefined) throw error;
    throw new SetupError(`the cache ${cacheDir} is ${full} (${path ?? code}): set XNNJS_CACHE to another folder`);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  await setUp().then(
    ({ cacheDir }) => console.error(`xnnjs: ready in ${((performance.now() - started) / 1000).toFixed(1)} s, tools in ${cacheDir}`),
    report,
  );
}
