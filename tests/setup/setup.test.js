import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../../scripts/setup/errors.js';
import { thisHost } from '../../scripts/setup/host.js';
import { EMSCRIPTEN } from '../../scripts/setup/versions.js';
import { setUp } from '../../scripts/setup.js';
import { ALL_COMMANDS, fakeHost, QUIET } from './fake-host.js';

const MADISON = (/** @type {string} */ version) => `echo " emscripten | ${version} | mirror trixie/main amd64 Packages"`;

/** @returns {Promise<string>}  The one line that set-up ends with. */
async function failure(/** @type {import('../../scripts/setup/host.js').Host} */ host, options = {}) {
  try {
    await setUp({ ...QUIET, ...options }, host);
  } catch (error) {
    assert.ok(error instanceof SetupError, `not a set-up error: ${/** @type {Error} */ (error).stack}`);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail('set-up succeeded');
}

test('set-up: without apt-get the command prints one line that names what is missing, and exits 1', (t) => {
  const { bin, host } = fakeHost(t);
  symlinkSync(process.execPath, join(bin, 'node'));
  const script = fileURLToPath(new URL('../../scripts/setup.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { env: host.env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^xnnjs: clang-19, lld-19, [^\n]* are missing and there is no apt-get here: install [^\n]*\n$/);
});

test('set-up: a user who is not root is told the command for root', async (t) => {
  const { 'clang-19': _, ...others } = ALL_COMMANDS;
  const { host } = fakeHost(t, { ...others, 'apt-get': 'exit 0' }, { root: false });
  assert.equal(await failure(host), 'clang-19 is missing and this user cannot install: run "apt-get install clang-19" as root');
});

test('set-up: a failed installation carries the reason that apt-get gave', async (t) => {
  const { 'clang-19': _, ...others } = ALL_COMMANDS;
  const { host } = fakeHost(t, { ...others, 'apt-get': 'echo "E: Unable to locate package clang-19" >&2; exit 100' });
  assert.match(await failure(host), /^clang-19 is missing and could not be installed \(E: Unable to locate package clang-19\)/);
});

test('set-up: lists are updated only when the installation fails with the present ones', async (t) => {
  const { 'clang-19': _, ...others } = ALL_COMMANDS;
  const installs = fakeHost(t, { ...others });
  const log = join(installs.folder, 'calls');
  const script = (/** @type {string} */ condition) =>
    `echo "$*" >>${log}\ncase "$*" in *install*) ${condition} || exit 100; printf '#!/bin/sh\\n' >${installs.bin}/clang-19; /bin/chmod +x ${installs.bin}/clang-19;; *update*) : >${installs.folder}/updated;; esac`;
  writeFileSync(join(installs.bin, 'apt-get'), `#!/bin/sh\n${script(`[ -e ${installs.folder}/updated ]`)}\n`, { mode: 0o755 });
  // It gets past clang-19 and stops at the update of our own lists, which this script does not serve.
  assert.match(await failure(installs.host), /^emscripten /);
  assert.equal(existsSync(join(installs.folder, 'updated')), true);
});

test('set-up: a browser that cannot be installed is named', async (t) => {
  const { host } = fakeHost(t, {}, { root: false });
  assert.match(await failure(host, { toolchain: false, browser: true }), /^chromium is missing and there is no apt-get here/);
});

test('set-up: an old Node is refused with both versions', async (t) => {
  assert.equal(await failure(fakeHost(t, {}, { nodeVersion: '18.19.0' }).host), 'Node 18.19.0 is too old: install Node 20 or newer');
});

test('set-up: without a network it names the package and the mirror’s error', async (t) => {
  const { host } = fakeHost(t, { ...ALL_COMMANDS, 'apt-get': 'echo "E: Failed to fetch InRelease" >&2; exit 100' });
  assert.match(await failure(host), /^emscripten could not be downloaded \(E: Failed to fetch InRelease\): check the network/);
});

test('set-up: a pinned version that is gone is told together with the one found', async (t) => {
  const { host } = fakeHost(t, { ...ALL_COMMANDS, 'apt-get': 'exit 0', 'apt-cache': MADISON('4.0.0-1') });
  assert.match(await failure(host), new RegExp(`^emscripten ${EMSCRIPTEN.version.replaceAll('+', '\\+')} is pinned but trixie has 4.0.0-1 now`));
});

test('set-up: a package with a wrong hash is refused by name and not kept', async (t) => {
  const fetch = `case "$*" in *download*) echo wrong >'${EMSCRIPTEN.file}';; esac`;
  const { host, cache } = fakeHost(t, { ...ALL_COMMANDS, 'apt-get': fetch, 'apt-cache': MADISON(EMSCRIPTEN.version) });
  assert.match(await failure(host), /^emscripten 3\.1\.69\+dfsg-3 was downloaded with sha256 [0-9a-f]{16}… but/);
  assert.equal(existsSync(join(cache, 'download', EMSCRIPTEN.file)), false);
});

test('set-up: a machine without Debian’s archive is told so', async (t) => {
  const { host, folder } = fakeHost(t, { ...ALL_COMMANDS, 'apt-get': 'exit 0' });
  mkdirSync(join(folder, 'empty'));
  assert.match(await failure({ ...host, aptFolder: join(folder, 'empty') }), /^emscripten is missing and .* names no Debian archive/);
});

test('set-up: another processor than x64 is told to bring emsdk', async (t) => {
  assert.match(await failure(fakeHost(t, ALL_COMMANDS, { arch: 'arm64' }).host), /^binaryen is pinned for x64 but this machine is arm64/);
});

test('set-up: an emsdk on PATH and source folders are used as they are, without a download', async (t) => {
  const { host, folder, cache } = fakeHost(t, ALL_COMMANDS);
  mkdirSync(join(folder, 'sdk/cmake/Modules/Platform'), { recursive: true });
  writeFileSync(join(folder, 'sdk/cmake/Modules/Platform/Emscripten.cmake'), '');
  writeFileSync(join(folder, 'sdk/emcc'), '#!/bin/sh\necho "emcc (Emscripten) 3.1.70 (abc)"\n', { mode: 0o755 });
  mkdirSync(join(folder, 'sources/include'), { recursive: true });
  const env = { ...host.env, PATH: `${join(folder, 'sdk')}${delimiter}${host.env.PATH}` };
  const source = join(folder, 'sources');
  const own = { ...env, XNNPACK_DIR: source, PTHREADPOOL_DIR: source, FXDIV_DIR: source };
  const tools = await setUp(QUIET, { ...host, env: own });
  assert.equal(tools.emConfig, undefined);
  assert.equal(tools.emccDir, join(folder, 'sdk'));
  assert.equal(tools.xnnpackDir, source);
  assert.match(tools.versions ?? '', /^3\.1\.70 /);
  assert.deepEqual(readdirSync(cache), []);
  assert.match(await failure({ ...host, env: { ...own, XNNPACK_DIR: folder } }), /^XNNPACK_DIR is set but .* holds no sources of xnnpack/);
});

test('set-up: an emsdk that does not work is named', async (t) => {
  const { host } = fakeHost(t, { ...ALL_COMMANDS, emcc: 'echo "no python" >&2; exit 1' });
  assert.match(await failure(host), /emcc does not work \(no python\): repair it/);
  assert.match(await failure({ ...host, env: { ...host.env, EMSDK: '/none' } }), /^EMSDK is set but \/none\/.* does not exist/);
});

test('set-up: a second one runs nothing of apt or npm and takes under a second', async (t) => {
  const { folder } = fakeHost(t);
  const calls = join(folder, 'calls');
  const spy = fakeHost(t, Object.fromEntries(['apt-get', 'apt-cache', 'npm', 'dpkg-deb'].map((name) => [name, `echo ${name} >>${calls}; exit 1`])));
  const host = thisHost();
  const env = { ...host.env, PATH: `${spy.bin}${delimiter}${host.env.PATH}` };
  const started = performance.now();
  await setUp(QUIET, { ...host, env, aptFolder: spy.host.aptFolder });
  assert.ok(performance.now() - started < 1000);
  assert.equal(existsSync(calls), false);
});
