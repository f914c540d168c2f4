// tfjs-core with its compiled specs, as modules that run in Node and in a page alike. Its files import each other without extensions and
// its packages' "main" are self-contained CommonJS bundles: loaded as they are, specs and backend would each have an engine of their own.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
/** @param {string} name */
const distOf = (name) => join(dirname(require.resolve(`@tensorflow/${name}/package.json`)), 'dist');
const CORE = distOf('tfjs-core');

/** The spec files that tfjs-core lists, in its order, as 'ops/abs'. */
export const SPEC_FILES = [...readFileSync(join(CORE, 'tests.js'), 'utf8').matchAll(/^import '\.\/(.+)_test';/gm)].map(([, file]) => file);

/**
 * @typedef {object} Bundle
 * @property {string} folder  Of this run alone: core.js, run.js, cpu.js, wasm.js, specs/ops/abs.js …
 * @property {string} path  The folder, from the project's root, with slashes.
 * @property {() => void} remove
 *
 * @returns {Promise<Bundle>}
 */
export async function bundle() {
  mkdirSync(join(PROJECT, 'build'), { recursive: true });
  const folder = mkdtempSync(join(PROJECT, 'build/conformance-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const build = await rolldown({
      input: {
        core: join(CORE, 'index.js'),
        run: join(PROJECT, 'tests/conformance/run.js'),
        cpu: join(distOf('tfjs-backend-cpu'), 'index.js'),
        wasm: join(distOf('tfjs-backend-wasm'), 'index.js'),
        ...Object.fromEntries(SPEC_FILES.map((file) => [`specs/${file}`, join(CORE, `${file}_test.js`)])),
      },
      platform: 'neutral',
      external: ['util', 'crypto', 'node-fetch', 'fs', 'path', 'url', 'worker_threads', 'perf_hooks', 'os'],
      resolve: { mainFields: ['module', 'main'], alias: { '@tensorflow/tfjs-core$': join(CORE, 'index.js') } },
      transform: { define: { global: 'globalThis' } },
      treeshake: false,
      logLevel: 'silent',
      plugins: [{ name: 'edits', transform: edit }],
    });
    await build.write({
      dir: folder,
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name].js',
      // One chunk: the core's files import each other in circles.
      codeSplitting: { groups: [{ name: 'core', test: /tfjs-core[\\/]dist[\\/](?!.*_test\.js$)/ }] },
    });
    await build.close();
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, path: relative(PROJECT, folder).replaceAll('\\', '/'), remove };
}

/**
 * What does not run as it is written: [file, text, text instead].
 * @type {[string, string | RegExp, string][]}
 */
const EDITS = [
  // flags_test.js puts spies on the namespace of device_util.js, which ES modules forbid: it and flags.js get an object instead.
  ['device_util', /\n\/\/# sourceMappingURL=.*/, '\nexport const spied = { mockIsMobile, isMobile, isBrowser };\n'],
  ['flags', "import * as device_util from './device_util'", "import { spied as device_util } from './device_util'"],
  ['flags_test', "import * as device_util from './device_util'", "import { spied as device_util } from './device_util'"],
  // Any other backend has its name taken for the kind of its canvas's context.
  ['ops/draw_test', "env.name === 'cpu'", "!env.name.startsWith('webg')"],
];

/** @param {string} code @param {string} id */
function edit(code, id) {
  const file = id.startsWith(CORE) ? relative(CORE, id).replaceAll('\\', '/').slice(0, -3) : '';
  const edits = EDITS.filter(([name]) => name === file);
  return edits.reduce((text, [name, from, to]) => {
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`tfjs-core's ${name}.js does not say ${from}`);
    return edited;
  }, code);
}
