// dist/js/: the modules of the package in few files, since browsers fetch modules level by level.
//   index.js    what every page needs that runs a model
//   PARTS       what index.js imports where it is needed
//   worker.js   the worker of `worker: true`, in one piece: bundlers turn workers into scripts, which import nothing
//   ENTRIES     what package.json exports beside that, and what these have in common
// js/errors.js and dist/builds.js stay as they are: the first is the class that all entry points of the package throw, and in the
// second bundlers look for literal URLs and workers, which minifying would hide.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup/errors.js';
import { writeIfChanged } from '../setup/files.js';

/** What stays outside, and where it is from dist/js/. */
const OUTSIDE = {
  'js/errors.js': '../../js/errors.js',
  'dist/builds.js': '../builds.js',
  'dist/zip.js': '../zip.js',
  'dist/tfjs-shared.js': '../tfjs-shared.js',
};
const PARTS = ['tfjs-graph', 'tfjs-layers', 'tflite', 'check', 'remote-runtime', 'disk', 'cache'];
/** What several parts, or parts and tfjs.js, import goes into index.js: a file of its own would be fetched one level later. */
const PARTS_SHARE = ['js/load/tfjs-attrs.js', 'js/load/tfjs-layers/layer-config.js', 'js/load/http.js'];
const TFJS_SHARES = ['js/instantiate.js', 'js/model.js', 'js/runtime.js', 'js/schema.js', 'js/variants.js', 'js/wasm.js'];

/** @typedef {{ main: string, shares?: string[] }} Entry  shares: modules that other files import from this one, so that each is there once. */

/** @param {string} project @returns {Record<string, Entry>}  By the name of the file that they become. */
const entries = (project) => ({
  image: { main: 'js/image/main.js', shares: ['js/image/pixels.js', 'js/image/sampler.js', 'js/standalone.js'] },
  pipelines: { main: 'models/shared/engine.js', shares: listModules(project, 'models/shared') },
  facemesh: { main: 'models/facemesh/main.js' },
  'facemesh-compat': { main: 'models/facemesh/compat/facemesh-main.js' },
  'face-landmarks-detection': { main: 'models/facemesh/compat/face-landmarks-detection-main.js' },
  gestures: { main: 'models/gestures/main.js' },
  hands: { main: 'models/hands/main.js' },
  pose: { main: 'models/pose/main.js' },
  qna: { main: 'models/qna/main.js' },
  teachable: { main: 'models/teachable/main.js' },
  tfjs: { main: 'js/tfjs/main.js' },
});

/** @param {string} project @param {string} folder */
const listModules = (project, folder) =>
  readdirSync(join(project, folder))
    .filter((name) => name.endsWith('.js'))
    .map((name) => `${folder}/${name}`);

/**
 * @param {string} project
 * @returns {Promise<Record<string, string>>}  The files of dist/js/, by name.
 */
export async function bundlePackage(project) {
  const all = (/** @type {string[]} */ modules) => modules.map((file) => `export * from '${join(project, file)}';`);
  const shared = PARTS_SHARE.map((file, i) => `export * as shared${i} from '${join(project, file)}';`);
  const main = await bundle(project, 'index', [...all(['js/main.js', ...TFJS_SHARES]), ...shared], {
    external: OUTSIDE,
    codeSplitting: true,
  });
  const worker = await bundle(project, 'worker', [`import '${join(project, 'js/worker/worker.js')}';`], { external: OUTSIDE });
  const strange = Object.keys({ ...main, ...worker }).filter((file) => !['index', 'worker', ...PARTS].includes(file.replace(/\.js$/, '')));
  if (strange.length > 0)
    throw new SetupError(`bundling makes ${strange.join(', ')}: see PARTS and PARTS_SHARE in scripts/build/bundle.js`);
  /** @type {Record<string, string>} */
  const files = { ...main, ...worker, 'index.d.ts': TYPES };

  const table = entries(project);
  /** Which file has a module that others import. @type {Record<string, string>} */
  const owners = Object.fromEntries(['js/index.js', ...TFJS_SHARES].map((module) => [module, 'index']));
  for (const [name, entry] of Object.entries(table)) for (const module of [entry.main, ...(entry.shares ?? [])]) owners[module] = name;
  for (const [name, entry] of Object.entries(table)) {
    const others = Object.entries(owners).filter(([, owner]) => owner !== name);
    const external = { ...OUTSIDE, ...Object.fromEntries(others.map(([module, owner]) => [module, `./${owner}.js`])) };
    Object.assign(files, await bundle(project, name, all([...new Set([entry.main, ...(entry.shares ?? [])])]), { external }));
    files[`${name}.d.ts`] = `export * from '../../${entry.main}';\n`;
  }
  return files;
}

const TYPES = "export { check } from '../../js/check.js';\nexport { createRuntime } from '../../js/runtime.js';\n";

/** @param {string} project */
export async function writeBundle(project) {
  mkdirSync(join(project, 'dist/js'), { recursive: true });
  for (const [name, text] of Object.entries(await bundlePackage(project))) writeIfChanged(join(project, 'dist/js', name), text);
}

/**
 * @param {string} project @param {string} name @param {string[]} lines  Of the module that becomes the file `name`.
 * @param {{ external: Record<string, string>, codeSplitting?: boolean }} options  external: modules that stay outside, and where they are
 *   from dist/js/.
 * @returns {Promise<Record<string, string>>}
 */
async function bundle(project, name, lines, { external, codeSplitting = false }) {
  const { rolldown } = await import('rolldown'); // not before the set-up has installed it
  const paths = Object.fromEntries(Object.entries(external).map(([file, path]) => [join(project, file), path]));
  const entry = `\0${name}`;
  const made = await rolldown({
    input: { [name]: entry },
    cwd: project,
    external: [...Object.keys(paths), '@tensorflow/tfjs-core'],
    preserveEntrySignatures: 'allow-extension', // so that parts import from it what it has
    treeshake: { moduleSideEffects: (id) => /\/(worker\/worker|tfjs\/main)\.js$/.test(id) },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? lines.join('\n') : null),
      },
    ],
  });
  try {
    const options = { entryFileNames: '[name].js', chunkFileNames: '[name].js', comments: false, minify: true, paths, codeSplitting };
    const { output } = await made.generate({ format: 'es', ...options });
    const header = '// @ts-nocheck Made of js/ and models/ by scripts/build/bundle.js.\n';
    // Bundlers look for URLs in quotes.
    const quoted = (/** @type {string} */ code) => code.replace(/\b(import|new URL)\(`([^`$]*)`/g, '$1("$2"');
    return Object.fromEntries(output.map((file) => [file.fileName, file.type === 'chunk' ? header + quoted(file.code) : '']));
  } finally {
    await made.close();
  }
}
