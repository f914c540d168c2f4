import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needCurrentNode } from './setup/current-node.js';
import { ReleaseArchive } from './setup/debian.js';
import { findEmsdk, needEmscripten } from './setup/emscripten.js';
import { report, SetupError } from './setup/errors.js';
import { cacheFolder, thisHost, which } from './setup/host.js';
import { withLock } from './setup/lock.js';
import { needPackages } from './setup/npm.js';
import { nativeFiles, needCommands } from './setup/packages.js';
import { needSimde, needSources } from './setup/sources.js';
import { BROWSER, COMMANDS, COMMANDS_BESIDE_EMSDK, NATIVE_COMMANDS, NODE_MAJOR } from './setup/versions.js';

/**
 * @typedef {object} Tools
 * @property {string} cacheDir
 * @property {Record<string, string>} env  What commands need on top of this process's environment.
 * @property {string} [emConfig]  Of the pinned Emscripten; a stock emsdk has its own.
 * @property {string} [emccDir]
 * @property {string} [emLicense]  File with Emscripten's licence.
 * @property {string} [toolchainFile]  For CMake.
 * @property {string} [xnnpackDir]
 * @property {string} [pthreadpoolDir]
 * @property {string} [fxdivDir]
 * @property {string} [versions]  Of all that XNNPACK compiled to WebAssembly depends on; nativeVersions: compiled for this machine.
 * @property {string} [nativeVersions]
 * @property {string} [chromium]  Path of the browser, if asked for.
 * @property {string} [currentNode]  Path of a current Node, if asked for.
 */

/**
 * Brings whatever is missing on this machine; where nothing is, it touches no network and starts no process.
 * @param {{ toolchain?: boolean, native?: boolean, browser?: boolean, currentNode?: boolean, packages?: boolean, log?: (line: string) => void }} [options]
 *   toolchain: compilers, Emscripten and the sources of XNNPACK. native: the sanitizers of clang, SIMDe and these sources.
 *   packages: the project's npm packages.
 * @param {import('./setup/host.js').Host} [host]
 * @returns {Promise<Tools>}
 * @throws {SetupError} naming what is missing and what to do.
 */
export async function setUp(options = {}, host = thisHost()) {
  const {
    toolchain = true,
    native = false,
    browser = false,
    currentNode = false,
    packages = true,
    log = (line) => console.error(`xnnjs: ${line}`),
  } = options;
  if (Number(host.nodeVersion.split('.')[0]) < NODE_MAJOR) {
    throw new SetupError(`Node ${host.nodeVersion} is too old: install Node ${NODE_MAJOR} or newer`);
  }
  if (native && !canBuildNative(host)) {
    throw new SetupError(`the native build is for x64 Linux, and this machine is ${host.arch} ${process.platform}`);
  }
  const cacheDir = cacheFolder(host);
  const work = async () => {
    const emsdk = toolchain ? await findEmsdk(host) : undefined;
    const commands = toolchain ? COMMANDS.filter(({ command }) => emsdk === undefined || COMMANDS_BESIDE_EMSDK.includes(command)) : [];
    await needCommands(host, [...commands, ...(native ? NATIVE_COMMANDS : []), ...(browser ? [BROWSER] : [])], log);
    if (native) await needCommands(host, nativeFiles(host), log);
    if (packages) await needPackages(host, log);
    /** @type {Tools} */
    const tools = { cacheDir, env: {} };
    if (browser) tools.chromium = which(host, BROWSER.command);
    if (currentNode) tools.currentNode = await needCurrentNode(host, cacheDir, log);
    if (!toolchain && !native) return tools;
    const archive = new ReleaseArchive(host, cacheDir, log);
    if (emsdk !== undefined) log(`using Emscripten ${emsdk.version} of ${emsdk.emccDir}`);
    const emscripten = toolchain ? (emsdk ?? (await needEmscripten(host, cacheDir, archive, log))) : undefined;
    const { folders, versions } = await needSources(host, cacheDir, archive);
    Object.assign(tools.env, folders);
    tools.xnnpackDir = folders.XNNPACK_DIR;
    tools.pthreadpoolDir = folders.PTHREADPOOL_DIR;
    tools.fxdivDir = folders.FXDIV_DIR;
    if (native) {
      tools.env.SIMDE_DIR = await needSimde(host, cacheDir, archive);
      tools.nativeVersions = `clang-19 ${versions}`;
    }
    if (emscripten === undefined) return tools;
    return {
      ...tools,
      emConfig: emscripten.emConfig,
      emccDir: emscripten.emccDir,
      emLicense: emscripten.license,
      toolchainFile: emscripten.toolchainFile,
      versions: `${emscripten.version} ${versions}`,
      env: { ...tools.env, ...emscripten.env, XNNJS_TOOLCHAIN: emscripten.toolchainFile },
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

/** Sanitizers and the pinned clang are there for x64 Linux alone. */
export function canBuildNative(host = thisHost()) {
  return host.arch === 'x64' && process.platform === 'linux';
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  await setUp().then(
    ({ cacheDir }) => console.error(`xnnjs: ready in ${((performance.now() - started) / 1000).toFixed(1)} s, tools in ${cacheDir}`),
    report,
  );
}
