// Every version that a build depends on, and the sha256 of everything downloaded. The names of the caches derive from
// this table: a line changed here makes a new folder beside the old one.

export const NODE_MAJOR = 20;

/** A current Node, which runs relaxed SIMD: tests and benchmarks use it beside the one that is there. */
export const CURRENT_NODE = '24.21.0';

/** Debian's release that has this Emscripten; its packages are unpacked into the cache, never installed. */
export const RELEASE = 'trixie';

/** Commands looked up on PATH, and the packages of this machine's own release that bring them. */
export const COMMANDS = [
  { command: 'clang-19', package: 'clang-19' },
  { command: 'wasm-ld-19', package: 'lld-19' },
  { command: 'llvm-ar-19', package: 'llvm-19' },
  { command: 'ninja', package: 'ninja-build' },
  { command: 'cmake', package: 'cmake' },
  { command: 'clang-format-19', package: 'clang-format-19' },
  { command: 'python3', package: 'python3' },
  { command: 'xz', package: 'xz-utils' },
];

/** With a stock emsdk its own clang serves. */
export const COMMANDS_BESIDE_EMSDK = ['ninja', 'cmake', 'clang-format-19', 'python3', 'xz'];

/** Of the native build. */
export const NATIVE_COMMANDS = [
  { command: 'clang-19', package: 'clang-19' },
  { command: 'ld.lld-19', package: 'lld-19' },
  { command: 'llvm-symbolizer-19', package: 'llvm-19' },
  { command: 'ninja', package: 'ninja-build' },
  { command: 'cmake', package: 'cmake' },
  { command: 'xz', package: 'xz-utils' },
];

/** Its sanitizers and 32-bit libraries, found from clang's folder; GCC stands for the version of the GCC that clang takes. */
export const NATIVE_FILES = [
  { file: '../lib/clang/19/lib/linux/libclang_rt.fuzzer-x86_64.a', package: 'libclang-rt-19-dev' },
  { file: '../../../lib32/libc.so', package: 'libc6-dev-i386' },
  { file: '../../gcc/x86_64-linux-gnu/GCC/32/libgcc.a', package: 'lib32gcc-GCC-dev' },
  { file: '../../gcc/x86_64-linux-gnu/GCC/32/libstdc++.a', package: 'lib32stdc++-GCC-dev' },
];

export const BROWSER = { command: 'chromium', package: 'chromium' };

/**
 * @typedef {object} Download
 * @property {string} name  Package name.
 * @property {string} version  Debian's or npm's version.
 * @property {string} file
 * @property {string} sha256
 * @property {boolean} [runtime]  Only runs Binaryen: another version of it changes no output, and Debian replaces it with each
 *   point release, so whatever the release has now will do.
 */

/** @type {Download} */
export const EMSCRIPTEN = {
  name: 'emscripten',
  version: '3.1.69+dfsg-3',
  file: 'emscripten_3.1.69+dfsg-3_all.deb',
  sha256: 'd2ac788b952c56ab6736b4db2ac0825aa63cfb4c08b8abaefe19e324779d1b2d',
};

/** @type {Download} */
export const BINARYEN = {
  name: 'binaryen',
  version: '120-4',
  file: 'binaryen_120-4_amd64.deb',
  sha256: '47be56009e56170f4338a0154fbff2028bd607bc3c8b6a5414658a985bef6470',
};

/** Binaryen of RELEASE wants a newer C library than Debian 12 has; it runs with these. @type {Download[]} */
export const BINARYEN_LIBRARIES = [
  {
    name: 'libc6',
    version: '2.41-12+deb13u4',
    file: 'libc6_2.41-12+deb13u4_amd64.deb',
    sha256: '967aa62605721081c3eb2a17650611a792aa802d76a6511d1840242623d204c9',
    runtime: true,
  },
  {
    name: 'libgcc-s1',
    version: '14.2.0-19',
    file: 'libgcc-s1_14.2.0-19_amd64.deb',
    sha256: '3c71917b490d1a17aed43196a2787a256ecf060526cdb20216a74bedc061b150',
    runtime: true,
  },
  {
    name: 'libstdc++6',
    version: '14.2.0-19',
    file: 'libstdc++6_14.2.0-19_amd64.deb',
    sha256: 'ab1fa05837aa7a92aae748fd07a18a35f7d18bb4a71c4724fe2bbf0e32089de0',
    runtime: true,
  },
];

/** Emscripten's optimizer of its JavaScript imports it; Debian's package leaves it out. @type {Download} */
export const ACORN = {
  name: 'acorn',
  version: '8.19.0',
  file: 'acorn-8.19.0.tgz',
  sha256: 'c6fad21ffa1f2ba20338bf1dde1de911c2093c1aaf7b3af17c477661bd3bfaaf',
};

/** What WebAssembly intrinsics are natively: headers only. @type {Download & { variable: string }} */
export const SIMDE = {
  name: 'libsimde-dev',
  variable: 'SIMDE_DIR',
  version: '0.8.2-3',
  file: 'libsimde-dev_0.8.2-3_all.deb',
  sha256: '277dcde3fb84223b7026174042646e236da42adce2fcb77031807ede8166a51e',
};

/** Source packages: orig tarballs, without Debian's patches. `variable` names a folder to use instead. */
export const SOURCES = [
  {
    name: 'xnnpack',
    variable: 'XNNPACK_DIR',
    version: '0.0~git20241108.4ea82e5-2',
    file: 'xnnpack_0.0~git20241108.4ea82e5.orig.tar.xz',
    sha256: '90bde2caef0f880f627bab0dc805a86c4b8070cd98e3243db3046ab3f3be1a99',
  },
  {
    name: 'pthreadpool',
    variable: 'PTHREADPOOL_DIR',
    version: '0.0~git20240616.560c60d-1',
    file: 'pthreadpool_0.0~git20240616.560c60d.orig.tar.xz',
    sha256: '4cc3cbd933b28131d2a34edc54f76af9fb41bc490af5eae1a5bd3cd07ea90708',
  },
  {
    name: 'fxdiv',
    variable: 'FXDIV_DIR',
    version: '0.0~git20200417.b408327-4',
    file: 'fxdiv_0.0~git20200417.b408327.orig.tar.xz',
    sha256: '7953482badaf4cb34026c3487c257b8e4ab2df061c019bd6fabbbc12ad52c44b',
  },
];
