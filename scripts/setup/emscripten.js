import { cpSync, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackDeb } from './debian.js';
import { SetupError } from './errors.js';
import { checkHash, fillFolder, shortHash, writeIfChanged } from './files.js';
import { which } from './host.js';
import { CommandError, run } from './run.js';
import { ACORN, BINARYEN, BINARYEN_LIBRARIES, EMSCRIPTEN } from './versions.js';

/**
 * @typedef {object} Emscripten
 * @property {string} emccDir
 * @property {string} version  Enters the key of the cached XNNPACK.
 * @property {string} toolchainFile  For CMake.
 * @property {string} [emConfig]  Not with a stock emsdk, which has its own.
 * @property {string} [license]  File with its licence.
 * @property {Record<string, string>} env
 */

/** @typedef {import('./host.js').Host} Host */

const TOOLCHAIN = 'cmake/Modules/Platform/Emscripten.cmake';

const COPYRIGHT = 'usr/share/doc/emscripten/copyright';
const LIBRARY_FOLDER = 'sysroot/lib/wasm32-emscripten';
const LIBRARIES = [
  ...['crt1.o', 'crtbegin.o', 'libbulkmemory.a', 'libnoexit.a'],
  ...['libc', 'libcompiler_rt', 'libdlmalloc', 'libsockets'].flatMap((name) => [`${name}.a`, `${name}-mt.a`]),
];

/**
 * A stock emsdk of the user's, if there is one: `emcc` on PATH, or EMSDK.
 * @param {Host} host
 * @returns {Promise<Emscripten | undefined>}
 */
export async function findEmsdk(host) {
  const { EMSDK } = host.env;
  const onPath = which(host, 'emcc');
  const emcc = EMSDK === undefined ? onPath : join(EMSDK, 'upstream/emscripten/emcc');
  if (emcc === undefined) return undefined;
  const remedy = 'repair it, or unset EMSDK and take emcc off PATH to use the pinned Emscripten';
  if (!existsSync(emcc)) throw new SetupError(`EMSDK is set but ${emcc} does not exist: ${remedy}`);
  let text = '';
  try {
    text = await run(emcc, ['--version'], { env: host.env });
  } catch (error) {
    const reason = error instanceof CommandError ? error.line : String(error);
    throw new SetupError(`${emcc} does not work (${reason}): ${remedy}`);
  }
  const version = /\b\d+\.\d+\.\d+\b/.exec(text)?.[0];
  const emccDir = dirname(realpathSync(emcc));
  const toolchainFile = join(emccDir, TOOLCHAIN);
  if (version === undefined || !existsSync(toolchainFile)) throw new SetupError(`${emcc} is no complete Emscripten: ${remedy}`);
  // Debian's packages keep it elsewhere.
  const license = [join(emccDir, 'LICENSE'), join('/', COPYRIGHT)].find((path) => existsSync(path));
  return { emccDir, version, toolchainFile, license, env: {} };
}

/**
 * The pinned Emscripten and Binaryen, unpacked into the cache.
 * @param {Host} host
 * @param {string} cache
 * @param {import('./debian.js').ReleaseArchive} archive
 * @param {(line: string) => void} log
 * @returns {Promise<Emscripten>}
 */
export async function needEmscripten(host, cache, archive, log) {
  if (host.arch !== 'x64') {
    throw new SetupError(`binaryen is pinned for x64 but this machine is ${host.arch}: install emsdk 3.1.69 and put emcc on PATH`);
  }
  const folderOf = (/** @type {string} */ name, /** @type {string} */ version, /** @type {object} */ pins) =>
    join(cache, `${name}-${version.replace(/[^0-9.].*/, '')}-${shortHash(JSON.stringify(pins))}`);
  const em = folderOf('emscripten', EMSCRIPTEN.version, [EMSCRIPTEN, ACORN, COPYRIGHT]);
  const binaryen = folderOf('binaryen', BINARYEN.version, [BINARYEN, BINARYEN_LIBRARIES]);
  const emccDir = join(em, 'usr/share/emscripten');

  await fillFolder(em, async (temporary) => {
    const deb = await archive.fetch(EMSCRIPTEN, 'deb');
    const acorn = await fetchAcorn(host, archive.downloads, log);
    log('unpacking Emscripten');
    // Without the tests and 1.7 GB of system libraries for every mode, but with those that our links want: building them
    // takes a minute and gives the same bytes.
    const wanted = ['[!ct]*', 'c[!a]*', 't[!e]*', ...LIBRARIES.map((name) => `cache/${LIBRARY_FOLDER}/${name}`)];
    await unpackDeb(host, deb, temporary, ['--wildcards', ...wanted.map((name) => `./usr/share/emscripten/${name}`), `./${COPYRIGHT}`]);
    const modules = join(temporary, 'usr/share/emscripten/node_modules/acorn');
    mkdirSync(modules, { recursive: true });
    await run('tar', ['-xzf', acorn, '-C', modules, '--strip-components=1'], { env: host.env });
    rmSync(deb);
    rmSync(acorn);
  });

  await fillFolder(binaryen, async (temporary) => {
    const debs = [];
    for (const item of [BINARYEN, ...BINARYEN_LIBRARIES]) debs.push(await archive.fetch(item, 'deb'));
    log('unpacking Binaryen');
    for (const deb of debs) await unpackDeb(host, deb, temporary, ['--exclude=./usr/share']);
    await wrapBinaryen(host, temporary, binaryen);
    for (const deb of debs) rmSync(deb);
  });

  const clang = which(host, 'clang-19');
  if (clang === undefined) throw new SetupError('clang-19 is missing: run "npm run setup"');
  // Emscripten writes here; what is unpacked stays as it was.
  const emCache = join(cache, `em-cache-${em.slice(-10)}`);
  await fillFolder(emCache, async (temporary) => cpSync(join(emccDir, 'cache'), temporary, { recursive: true }));
  const emConfig = join(em, 'em.config');
  const settings = {
    LLVM_ROOT: dirname(clang),
    BINARYEN_ROOT: binaryen,
    NODE_JS: process.execPath,
    LLVM_ADD_VERSION: '19',
    CLANG_ADD_VERSION: '19',
    CACHE: emCache,
  };
  writeIfChanged(
    emConfig,
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
      .join(''),
  );
  // The sanity check would ask clang for a version that Debian's names differ from, and costs a second each time.
  const env = { EM_CONFIG: emConfig, EMCC_SKIP_SANITY_CHECK: '1' };
  return {
    emccDir,
    version: em.slice(em.lastIndexOf('/') + 1),
    toolchainFile: join(emccDir, TOOLCHAIN),
    emConfig,
    license: join(em, COPYRIGHT),
    env,
  };
}

/** Its programs want a newer C library than this machine may have: each is wrapped to run with the one beside it. */
async function wrapBinaryen(/** @type {Host} */ host, /** @type {string} */ folder, /** @type {string} */ home) {
  const programs = (await run('ls', [join(folder, 'usr/bin')], { env: host.env })).split('\n').filter((name) => name !== '');
  mkdirSync(join(folder, 'bin'));
  for (const name of programs) {
    const script =
      `#!/bin/sh\nh='${home}'\nexec "$h/usr/lib64/ld-linux-x86-64.so.2" --library-path "$h/usr/lib/x86_64-linux-gnu" ` +
      `"$h/usr/bin/${name}" "$@"\n`;
    writeFileSync(join(folder, 'bin', name), script, { mode: 0o755 });
  }
}

async function fetchAcorn(/** @type {Host} */ host, /** @type {string} */ downloads, /** @type {(line: string) => void} */ log) {
  const path = join(downloads, ACORN.file);
  if (!existsSync(path)) {
    log(`downloading ${ACORN.name} ${ACORN.version}`);
    try {
      const args = ['pack', '--silent', `--pack-destination=${downloads}`, `${ACORN.name}@${ACORN.version}`];
      await run('npm', args, { cwd: downloads, env: host.env });
    } catch (error) {
      const reason = error instanceof CommandError ? error.line : String(error);
      throw new SetupError(`acorn could not be downloaded (${reason}): check the network and run "npm run setup" again`);
    }
  }
  await checkHash(path, ACORN);
  return path;
}
