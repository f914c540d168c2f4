// The shape of the repository: who may import whom (docs/architecture.md), what headers and tracked files look like.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundlePackage } from '../../scripts/build/bundle.js';
import { setUp } from '../../scripts/setup.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Tracked files, and new ones that are not ignored. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: PROJECT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(PROJECT, file)));

/** @param {string} file */
const read = (file) => readFileSync(join(PROJECT, file), 'utf8');
/** @param {RegExp} pattern */
const filesLike = (pattern) => FILES.filter((file) => pattern.test(file));

/** Fails with all findings at once. @param {string[]} findings */
const none = (findings) => assert.equal(findings.length, 0, `\n${findings.join('\n')}`);

// ---- C ----

const C_FILES = filesLike(/^(src|kernels|bindings)\/.*\.[ch]$/);
/** What XNNPACK and pthreadpool offer, the C library, and the intrinsics. */
const SYSTEM = /^<(?:std(?:arg|atomic|bool|def|int|io|lib)|math|string|assert|time)\.h>$/;

/** The includes of a folder: what each may be. @type {[folder: RegExp, rules: RegExp[], exceptions?: Record<string, RegExp>][]} */
const C_RULES = [
  [/^src\/xj\.h$/, [/^<std(def|int)\.h>$/, /^"ops\.def"$/]],
  // The core: itself, and XNNPACK's types where threads and the engine are. Kernels are reached through the op table.
  [
    /^src\//,
    [SYSTEM, /^"src\/.*\.(h|def)"$/],
    {
      'src/engine.c': /^<xnnpack\.h>$|^<pthreadpool\.h>$/,
      'src/engine.h': /^<pthreadpool\.h>$/,
      'src/op.h': /^<pthreadpool\.h>$/,
      'src/program.h': /^<pthreadpool\.h>$/,
    },
  ],
  // Modules without a library, compiled alone.
  [/^kernels\/standalone\//, [/^<(std(bool|def|int)|float|limits)\.h>$/, /^"kernels\/simd\.h"$/, /^"kernels\/standalone\/\w+\.h"$/]],
  // Kernels: op.h and what it stands on, each other, XNNPACK. The graph, passes, plan and program are not theirs.
  [
    /^kernels\//,
    [
      SYSTEM,
      /^"src\/(op|status|tensor|weight|heap|xj)\.h"$/,
      /^"kernels\/\w+\.h"$/,
      /^<(xnnpack|pthreadpool)\.h>$/,
      /^"xnnpack\/[\w/-]+\.h"$/,
    ],
    { 'kernels/simd.h': /^<wasm_simd128\.h>$|^<simde\/wasm\/[\w-]+\.h>$/ }, // every intrinsic comes through it
  ],
  [/^bindings\//, [SYSTEM, /^"src\/xj\.h"$/]],
];

test('structure: C files include what their folder may', () => {
  assert.ok(C_FILES.length > 40);
  none(
    C_FILES.flatMap((file) => {
      const [, rules, exceptions = {}] = C_RULES.find(([folder]) => folder.test(file)) ?? assert.fail(file);
      const allowed = file in exceptions ? [...rules, exceptions[file]] : rules;
      const includes = [...read(file).matchAll(/^\s*#\s*include\s+(\S+)/gm)].map(([, what]) => what);
      return includes.filter((what) => !allowed.some((rule) => rule.test(what))).map((what) => `${file} includes ${what}`);
    }),
  );
});

test('structure: ops are listed in ops.def and nowhere else', () => {
  const ops = [...read('src/ops.def').matchAll(/^XJ_OP\(\s*(\w+)/gm)].map(([, op]) => op);
  assert.ok(ops.length > 30);
  none([
    ...C_FILES.filter((file) => /switch\s*\([^)]*\bop\b[^)]*\)/.test(read(file))).map((file) => `${file} switches on an op`),
    ...C_FILES.filter((file) => /case\s+XJ_OP_/.test(read(file))).map((file) => `${file} has a case per op`),
    // A pass is about a few ops; what names more is a list.
    ...C_FILES.map((file) => ({ file, count: new Set(read(file).match(/\bXJ_OP_[a-z]\w*/g)).size }))
      .filter(({ count }) => count > 6)
      .map(({ file, count }) => `${file} names ${count} ops`),
    // In JavaScript only the tables of foreign formats and of TensorFlow.js's kernels know ops.
    ...filesLike(/^js\/(?!load\/|tfjs\/kernels\/)[\w/]+\.js$/)
      .map((file) => ({ file, named: ops.filter((op) => op.includes('_') && new RegExp(`['"\`]${op}['"\`]`).test(read(file))) }))
      .filter(({ named }) => named.length > 2)
      .map(({ file, named }) => `${file} names the ops ${named.join(', ')}`),
  ]);
});

test('structure: file names are unique in src, kernels and bindings', () => {
  /** @type {Map<string, string>} */
  const seen = new Map();
  none(
    C_FILES.flatMap((file) => {
      const other = seen.get(basename(file));
      seen.set(basename(file), file);
      return other === undefined ? [] : [`${other} and ${file}`];
    }),
  );
});

test('structure: headers are under 150 lines, the one that is a manual under 200', () => {
  none(
    C_FILES.filter((file) => file.endsWith('.h'))
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ file, lines }) => lines >= (file === 'src/xj.h' ? 200 : 150))
      .map(({ file, lines }) => `${file} has ${lines} lines`),
  );
});

test('structure: each header compiles alone', async () => {
  const { emccDir = '', env } = await setUp({ packages: false });
  const headers = C_FILES.filter((file) => file.endsWith('.h'));
  const system = [`${env.XNNPACK_DIR}/include`, `${env.XNNPACK_DIR}/src`, `${env.PTHREADPOOL_DIR}/include`, `${env.FXDIV_DIR}/include`];
  const flags = [
    '-std=c11',
    '-msimd128',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Wno-version-check',
    '-Wno-unused-function',
    '-DPTHREADPOOL_NO_DEPRECATED_API=1',
    `-I${PROJECT}`,
  ];
  execFileSync(
    join(emccDir, 'emcc'),
    ['-fsyntax-only', '-x', 'c', ...flags, ...system.flatMap((folder) => ['-isystem', folder]), ...headers],
    {
      cwd: PROJECT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
});

// ---- JavaScript ----

const JS_FILES = filesLike(/^(js|models|demo)\/.*\.js$/);

/** Without comments and without what a string or template says. @param {string} text */
const code = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, '');

/** @param {string} text @returns {string[]} static and dynamic imports, and re-exports */
function importsOf(text) {
  const plain = code(text);
  const forms = [
    /\b(?:import|export)\b[^'"();]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
    /\brequire\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return forms.flatMap((form) => [...plain.matchAll(form)].map(([, from]) => from));
}

/** @param {string} file @param {string} from */
const resolved = (file, from) => (/^\.\.?\//.test(from) ? normalize(join(dirname(file), from)) : from);

/** What package.json exports; the command is no module to import. */
const ENTRIES = /^(js\/|js\/image\/|js\/tfjs\/|models\/\w+\/)index\.js$|^models\/facemesh\/compat\/(?!.*-main)[\w-]+\.js$/;
/** What js/load may use: its tables, the errors. Never the engine. */
const JS_RULES = /** @type {[files: RegExp, allowed: RegExp[]][]} */ ([
  // What users import: bundles, named all at once.
  [/^js\/tfjs\/index\.js$/, [/^dist\/(js\/[\w-]+|builds|tfjs-shared)\.js$/, /^js\/errors\.js$/, /^@tensorflow\/tfjs-core$/]],
  [ENTRIES, [/^dist\/(js\/[\w-]+|builds)\.js$/, /^js\/errors\.js$/]],
  [/^js\/errors\.js$/, []],
  [/^js\/load\//, [/^js\/load\/[\w/-]+\.js$/, /^js\/errors\.js$/]],
  [/^js\/image\//, [/^js\/image\/[\w-]+\.js$/, /^js\/(standalone|errors)\.js$/]],
  [/^js\/(simd|wasm-file)\.js$/, [/^js\/errors\.js$/]],
  [/^js\/standalone\.js$/, [/^js\/(simd|wasm-file|errors)\.js$/]],
  // The boundary, and those that only the boundary and its makers need.
  [/^js\/(schema)\.js$/, [/^dist\/schema\.js$/, /^js\/errors\.js$/]],
  [/^js\/variants\.js$/, [/^dist\/builds\.js$/, /^js\/(simd|errors)\.js$/]],
  [/^js\/wasm\.js$/, [/^js\/(schema|errors)\.js$/]],
  [/^js\/instantiate\.js$/, [/^js\/(wasm|wasm-file|variants|errors)\.js$/]],
  [/^js\/tensors\.js$/, [/^js\/errors\.js$/]],
  [/^js\/compile\.js$/, [/^js\/(tensors|errors)\.js$/, /^js\/load\/[\w-]+\.js$/]],
  [/^js\/check\.js$/, [/^js\/(compile|instantiate|variants|errors)\.js$/, /^js\/load\/[\w-]+\.js$/]],
  [/^js\/(profile|version)\.js$/, [/^js\/errors\.js$/]],
  [/^js\/model\.js$/, [/^js\/(tensors|profile|errors)\.js$/, /^js\/load\/abort\.js$/]],
  [/^js\/train\//, [/^js\/train\/\w+\.js$/, /^js\/(standalone|errors)\.js$/]],
  // worker: true: messages and the two sides of them; files are read on the page's side.
  [/^js\/worker\/messages\.js$/, [/^js\/errors\.js$/]],
  [/^js\/worker\/worker\.js$/, [/^js\/(runtime|errors)\.js$/, /^js\/worker\/messages\.js$/]],
  [/^js\/worker\//, [/^js\/worker\/[\w-]+\.js$/, /^js\/load\/(abort|source)\.js$/, /^js\/(model|tensors|profile|version|errors)\.js$/]],
  [
    /^js\/runtime\.js$/,
    [
      /^js\/(compile|model|instantiate|variants|version|errors)\.js$/,
      /^js\/load\/(abort|part|source)\.js$/,
      /^js\/worker\/remote-runtime\.js$/,
    ],
  ],
  // The command: Node only, and a user of the package like any other.
  [/^js\/cli\//, [/^js\/cli\/[\w-]+\.js$/, /^js\/(index|profile|errors)\.js$/, /^js\/load\/[\w-]+\.js$/, /^js\/image\/\w+\.js$/, /^node:/]],
  [/^js\/main\.js$/, [/^js\/\w+\.js$/, /^js\/load\/part\.js$/]],
  // The TensorFlow.js backend: tfjs-core, its peer, and what is bundled of the cpu backend for strings and sparse tensors.
  [
    /^js\/tfjs\/kernels\//,
    [/^js\/tfjs\/kernels\/[\w-]+\.js$/, /^js\/(errors|schema)\.js$/, /^dist\/tfjs-shared\.js$/, /^@tensorflow\/tfjs-core$/],
  ],
  [/^js\/tfjs\//, [/^js\//, /^@tensorflow\/tfjs-core$/]],
  [/^js\//, [/^js\//]],
  // Pipelines and demo: public exports only.
  [/^models\/teachable\//, [/^models\/(teachable|shared|pose)\//, /^js\/index\.js$/, /^js\/(image|train)\/\w+\.js$/, /^dist\/zip\.js$/]],
  [/^models\//, [/^models\//, /^js\/index\.js$/, /^js\/image\/\w+\.js$/]],
  [/^demo\//, [/^demo\//, /^models\/\w+\/index\.js$/, /^js\/index\.js$/, /^js\/image\/\w+\.js$/, /^node:/, /^(sharp|vite)$/]],
]);

test('structure: dist/js/ is made of js/ and models/ as they are now (else: node scripts/build.js --js)', async () => {
  const files = await bundlePackage(PROJECT);
  assert.ok(Object.keys(files).length > 5);
  none(Object.keys(files).filter((file) => !existsSync(join(PROJECT, 'dist/js', file)) || read(`dist/js/${file}`) !== files[file]));
});

test('structure: JavaScript imports what its folder may', () => {
  assert.ok(JS_FILES.length > 25);
  none(
    JS_FILES.flatMap((file) => {
      const [, allowed] = JS_RULES.find(([files]) => files.test(file)) ?? assert.fail(file);
      const wrong = importsOf(read(file)).filter((from) => !allowed.some((rule) => rule.test(resolved(file, from))));
      return wrong.map((from) => `${file} imports ${from}`);
    }),
  );
});

test('structure: what package.json exports names at once all that it leads to, so that a browser fetches it in two levels', () => {
  const { exports } = JSON.parse(read('package.json'));
  const entries = Object.values(exports).flatMap((target) => (typeof target === 'string' ? [] : [normalize(target.default)]));
  assert.deepEqual(entries.sort(), JS_FILES.filter((file) => ENTRIES.test(file)).sort());
  // A dynamic import waits until it is needed.
  const staticImports = (/** @type {string} */ file) => {
    const found = [...code(read(file)).matchAll(/\b(?:import|from)\s*['"]([^'"]+)['"]/g)];
    return new Set(found.map(([, from]) => resolved(file, from)));
  };
  none(
    entries.flatMap((entry) => {
      const named = staticImports(entry);
      const files = [...named].filter((file) => file !== '@tensorflow/tfjs-core');
      assert.ok(files.length >= 2, entry);
      const needed = files.map((file) => [...staticImports(file)].map((from) => [file, from]));
      const missing = needed.flat().filter(([, from]) => !named.has(from));
      return missing.map(([file, from]) => `${entry} does not name ${from}, which ${file} imports`);
    }),
  );
});

test('structure: nothing that package.json exports reaches a bare import, the built glue included', () => {
  const { exports } = JSON.parse(read('package.json'));
  const entries = Object.entries(exports)
    .filter(([name]) => name !== './tfjs') // tfjs-core is its peer
    .map(([, target]) => (typeof target === 'string' ? target : target.default))
    .filter((target) => target.endsWith('.js'))
    .map((target) => normalize(target));
  assert.ok(entries.includes('js/index.js'));
  /** @type {Set<string>} */
  const reached = new Set();
  /** @type {string[]} */
  const findings = [];
  const visit = (/** @type {string} */ file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = read(file);
    // Not only literal ones: import(name) hides a file from bundlers as well.
    if (/\bimport\s*\(\s*(?!['"])/.test(code(text))) findings.push(`${file} has an import() of something computed`);
    for (const from of importsOf(text)) {
      const target = resolved(file, from);
      if (!/^\.\.?\//.test(from)) findings.push(`${file} imports ${from}`);
      else if (existsSync(join(PROJECT, target))) visit(target);
      else findings.push(`${file} imports ${from}, which is not there`);
    }
    // Workers are reached through new URL: the same rule for their scripts.
    for (const [, from] of text.matchAll(/new URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/g)) {
      const target = resolved(file, from);
      if (!existsSync(join(PROJECT, target))) findings.push(`${file} names ${from}, which is not there`);
      else if (target.endsWith('.js')) visit(target);
    }
  };
  for (const entry of entries) visit(entry);
  none(findings);
  for (const file of ['dist/js/image.js', 'dist/xnnjs-simd.js', 'dist/xnnjs-simd-threads.js', 'dist/js/index.js', 'dist/js/worker.js'])
    assert.ok(reached.has(file), `${file} was looked at`);
  for (const file of reached) assert.doesNotMatch(code(read(file)), /\brequire\s*\(\s*['"]\.|\beval\s*\(|new Function\(/, file);
});

// ---- all tracked files ----

const BINARY = /\.(png|jpe?g|bin|wasm|tgz|gz|ico|woff2?)$/;

/** Hosts that this machine is set up with: its name, its npm registry and its Debian mirror. */
function hostsOfThisMachine() {
  const texts = [
    '/etc/apt/sources.list',
    '/etc/apt/sources.list.d/debian.sources',
    join(os.homedir(), '.npmrc'),
    '/etc/npmrc',
    '/usr/etc/npmrc',
  ]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
  const urls = [...texts, ...Object.values(process.env)].flatMap((text) => [
    ...(text ?? '').matchAll(/\bhttps?:\/\/(?:[^\s/@'"]*@)?([\w.-]+\.[\w-]+)/g),
  ]);
  return [...new Set([os.hostname(), ...urls.map(([, host]) => host)])].filter(
    (host) => host.length > 6 && !/^(localhost|127\.)/.test(host),
  );
}

test('structure: no tracked file names a path or a host of the machine it was written on, or a registry', () => {
  const hosts = hostsOfThisMachine().filter((host) => !/(^|\.)(github\.com|debian\.org|nodejs\.org)$/.test(host));
  const patterns = [
    /(?<![\w.$}*\])-])\/(?:root|work|home\/\w+|Users\/\w+)\/\w/,
    /\bregistry\.(?:npmjs|yarnpkg|npmmirror)\.\w+/,
    /\b(?:deb|ftp|snapshot)\.(?:\w+\.)?debian\.org/,
  ];
  none(
    FILES.filter((file) => !BINARY.test(file)).flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) => {
          const host = hosts.find((name) => line.includes(name));
          const pattern = file === 'tests/structure/structure.test.js' ? undefined : patterns.find((item) => item.test(line));
          return host === undefined && pattern === undefined ? [] : [`${file}:${i + 1}: ${line.trim().slice(0, 120)}`];
        }),
    ),
  );
});

test('structure: package-lock.json pins hashes, not hosts', () => {
  const { packages } = JSON.parse(read('package-lock.json'));
  const entries = Object.entries(packages).filter(([name]) => name !== '');
  assert.ok(entries.length > 20);
  none(entries.filter(([, entry]) => 'resolved' in entry).map(([name]) => `${name} has a resolved host`));
  none(entries.filter(([, { integrity, link }]) => !/^sha\d+-/.test(integrity) && link !== true).map(([name]) => `${name} has no hash`));
});

test('structure: nothing that is built or downloaded is tracked', () => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: PROJECT, encoding: 'utf8' }).split('\n');
  none(tracked.filter((file) => /^(dist|build|out|node_modules)\/|\.(wasm|tgz|o|a|d\.ts)$/.test(file)));
});
