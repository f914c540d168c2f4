import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { linkedParts } from '../../scripts/build/licenses.js';
import { ReleaseArchive } from '../../scripts/setup/debian.js';
import { SetupError } from '../../scripts/setup/errors.js';
import { thisHost } from '../../scripts/setup/host.js';
import { needSimde } from '../../scripts/setup/sources.js';
import { BINARYEN, BINARYEN_LIBRARIES, EMSCRIPTEN, NATIVE_COMMANDS, SIMDE } from '../../scripts/setup/versions.js';
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
  assert.match(
    await failure(host),
    new RegExp(`^emscripten ${EMSCRIPTEN.version.replaceAll('+', '\\+')} is pinned but trixie has 4.0.0-1 now`),
  );
});

test('set-up: libraries that only run Binaryen move with Debian’s point releases, in one line and from a signed index alone', async (t) => {
  const calls = (/** @type {string} */ folder) => readFileSync(join(folder, 'calls'), 'utf8');
  for (const item of [...BINARYEN_LIBRARIES, BINARYEN, EMSCRIPTEN]) {
    const { host, folder, cache } = fakeHost(t, {
      'apt-get': `echo "$*" >>"$CALLS"; case "$*" in *download*) echo newer >'${item.name}_99_amd64.deb';; esac`,
      'apt-cache': `echo " ${item.name} | 99 | mirror trixie/main amd64 Packages"`,
    });
    host.env.CALLS = join(folder, 'calls');
    /** @type {string[]} */
    const said = [];
    const fetched = new ReleaseArchive(host, cache, (line) => said.push(line)).fetch(item, 'deb');
    if (!BINARYEN_LIBRARIES.includes(item)) {
      await assert.rejects(fetched, (error) => error instanceof SetupError && /is pinned but trixie has 99 now/.test(error.message));
      continue;
    }
    assert.equal(readFileSync(await fetched, 'utf8'), 'newer\n');
    assert.equal(said.filter((line) => line.startsWith(`${item.name} 99 in place of ${item.version}`)).length, 1, said.join('\n'));
    assert.match(calls(folder), new RegExp(`AllowUnauthenticated=false download ${item.name.replaceAll('+', '\\+')}=99\\b`));
  }
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

test('set-up: sources of one’s own that are edited make a new key for what is built from them', async (t) => {
  const { host, folder } = fakeHost(t, ALL_COMMANDS);
  for (const part of ['include', 'src']) mkdirSync(join(folder, 'sources', part), { recursive: true });
  const source = join(folder, 'sources');
  mkdirSync(join(folder, 'sdk/cmake/Modules/Platform'), { recursive: true });
  writeFileSync(join(folder, 'sdk/cmake/Modules/Platform/Emscripten.cmake'), '');
  writeFileSync(join(folder, 'sdk/emcc'), '#!/bin/sh\necho "emcc (Emscripten) 3.1.70 (abc)"\n', { mode: 0o755 });
  const env = { ...host.env, PATH: `${join(folder, 'sdk')}${delimiter}${host.env.PATH}` };
  const own = { ...env, XNNPACK_DIR: source, PTHREADPOOL_DIR: source, FXDIV_DIR: source };
  const key = async () => (await setUp(QUIET, { ...host, env: own })).versions;
  const first = await key();
  assert.equal(await key(), first);
  writeFileSync(join(source, 'src/gemm.c'), 'int a;');
  const second = await key();
  assert.notEqual(second, first);
  writeFileSync(join(source, 'src/gemm.c'), 'int ab;');
  const third = await key();
  assert.notEqual(third, second);
  writeFileSync(join(source, 'CMakeLists.txt'), 'SET(x)');
  assert.notEqual(await key(), third);
});

test('set-up: the native build names the libraries it lacks, by the version of the GCC that is there', async (t) => {
  const commands = Object.fromEntries(NATIVE_COMMANDS.map(({ command }) => [command, 'exit 0']));
  const { host, folder, bin } = fakeHost(t, commands, { root: false });
  // As Debian has it: the rest is found from where clang really lies.
  mkdirSync(join(folder, 'usr/lib/llvm-19/bin'), { recursive: true });
  renameSync(join(bin, 'clang-19'), join(folder, 'usr/lib/llvm-19/bin/clang'));
  symlinkSync(join(folder, 'usr/lib/llvm-19/bin/clang'), join(bin, 'clang-19'));
  const native = { toolchain: false, native: true, packages: false };
  assert.match(await failure(host, native), /^there is no GCC in .*\/gcc\/x86_64-linux-gnu, whose libraries clang-19 uses/);
  for (const version of ['9', '12']) mkdirSync(join(folder, 'usr/lib/gcc/x86_64-linux-gnu', version), { recursive: true });
  const names = 'libclang-rt-19-dev, libc6-dev-i386, lib32gcc-12-dev, lib32stdc++-12-dev';
  assert.match(await failure(host, native), new RegExp(`^${names.replaceAll('+', '\\+')} are missing and there is no apt-get here`));
  assert.equal(
    await failure({ ...host, arch: 'arm64' }, native),
    `the native build is for x64 Linux, and this machine is arm64 ${process.platform}`,
  );
});

test('set-up: SIMDe of one’s own is used, and a folder without it refused', async (t) => {
  const { host, folder, cache } = fakeHost(t);
  const archive = new ReleaseArchive(host, cache, () => {});
  const own = { ...host, env: { ...host.env, [SIMDE.variable]: folder } };
  await assert.rejects(needSimde(own, cache, archive), /^Error: SIMDE_DIR is set but .* holds no sources of libsimde-dev/);
  mkdirSync(join(folder, 'include/simde'), { recursive: true });
  assert.equal(await needSimde(own, cache, archive), folder);
});

test('licences: the build collects those of everything that is linked into the modules', () => {
  const text = readFileSync(new URL('../../dist/THIRD-PARTY-LICENSES.txt', import.meta.url), 'utf8');
  for (const name of ['XNNPACK', 'pthreadpool', 'FXdiv', 'Emscripten', 'musl'])
    assert.match(text, new RegExp(`^${name}\\b.* — https://`, 'm'));
  // A sentence of each licence: BSD, MIT, and the name of musl's author.
  for (const words of ['Redistributions in binary form', 'Permission is hereby granted, free of charge', 'Rich Felker'])
    assert.ok(text.includes(words), words);
});

test('licences: of Debian’s copyright file only what is linked is taken, with the texts that it names', () => {
  const text = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: emscripten

Files: *
Copyright: 2010 A
License: Expat or NCSA

Files:
 test/poppler/*
Copyright: 2000 B
License: GPL-2

Files:
 system/lib/libc/musl/*
Copyright: 2005 C
License: ISC

License: Expat
 the text of Expat

License: GPL-2
 the text of the GPL

License: ISC
 the text of ISC

License: NCSA
 the text of NCSA
`;
  const parts = linkedParts(text);
  for (const kept of ['2010 A', '2005 C', 'the text of Expat', 'the text of ISC', 'the text of NCSA'])
    assert.ok(parts.includes(kept), kept);
  for (const dropped of ['2000 B', 'the text of the GPL']) assert.ok(!parts.includes(dropped), dropped);
  assert.equal(linkedParts('MIT License\n\ntext'), 'MIT License\n\ntext');
});

test('set-up: an emsdk that does not work is named', async (t) => {
  const { host } = fakeHost(t, { ...ALL_COMMANDS, emcc: 'echo "no python" >&2; exit 1' });
  assert.match(await failure(host), /emcc does not work \(no python\): repair it/);
  assert.match(await failure({ ...host, env: { ...host.env, EMSDK: '/none' } }), /^EMSDK is set but \/none\/.* does not exist/);
});

test('set-up: a second one runs nothing of apt or npm and takes under a second', async (t) => {
  const { folder } = fakeHost(t);
  const calls = join(folder, 'calls');
  const spy = fakeHost(
    t,
    Object.fromEntries(['apt-get', 'apt-cache', 'npm', 'dpkg-deb'].map((name) => [name, `echo ${name} >>${calls}; exit 1`])),
  );
  const host = thisHost();
  const env = { ...host.env, PATH: `${spy.bin}${delimiter}${host.env.PATH}` };
  const started = performance.now();
  await setUp(QUIET, { ...host, env, aptFolder: spy.host.aptFolder });
  assert.ok(performance.now() - started < 1000);
  assert.equal(existsSync(calls), false);
});
