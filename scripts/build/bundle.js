// dist/js/: the modules that js/main.js leads to, in few files, since browsers fetch modules level by level.
//   index.js    what every page needs
//   PARTS       what index.js imports where it is needed
//   worker.js   the worker of `worker: true`, in one piece: bundlers turn workers into scripts, which import nothing
// js/errors.js and dist/builds.js stay as they are: the first is the class that all entry points of the package throw, and in the
// second bundlers look for literal URLs and workers, which minifying would hide.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup/errors.js';
import { writeIfChanged } from '../setup/files.js';

/** What stays outside, and where it is from dist/js/. */
const OUTSIDE = { 'js/errors.js': '../../js/errors.js', 'dist/builds.js': '../builds.js' };
const PARTS = ['tfjs-graph', 'tfjs-layers', 'tflite', 'check', 'remote-runtime', 'disk', 'cache'];
/** What several parts import goes into index.js: a file of its own would be fetched one level later. */
const SHARED = ['js/load/tfjs-attrs.js', 'js/load/tfjs-layers/layer-config.js', 'js/load/http.js'];

/**
 * @param {string} project
 * @returns {Promise<Record<string, string>>}  The files of dist/js/, by name.
 */
export async function bundlePackage(project) {
  const shared = SHARED.map((file, i) => `export * as shared${i} from '${join(project, file)}';`);
  const main = await bundle(project, 'index', [`export * from '${join(project, 'js/main.js')}';`, ...shared], true);
  const worker = await bundle(project, 'worker', [`import '${join(project, 'js/worker/worker.js')}';`], false);
  const strange = Object.keys({ ...main, ...worker }).filter((file) => !['index', 'worker', ...PARTS].includes(file.replace(/\.js$/, '')));
  if (strange.length > 0) throw new SetupError(`bundling makes ${strange.join(', ')}: see PARTS and SHARED in scripts/build/bundle.js`);
  const types = "export { check } from '../../js/check.js';\nexport { createRuntime } from '../../js/runtime.js';\n";
  return { ...main, ...worker, 'index.d.ts': types };
}

/** @param {string} project */
export async function writeBundle(project) {
  mkdirSync(join(project, 'dist/js'), { recursive: true });
  for (const [name, text] of Object.entries(await bundlePackage(project))) writeIfChanged(join(project, 'dist/js', name), text);
}

/**
 * @param {string} project @param {string} name @param {string[]} lines  Of the module that becomes the file `name`.
 * @param {boolean} codeSplitting
 * @returns {Promise<Record<string, string>>}
 */
async function bundle(project, name, lines, codeSplitting) {
  const { rolldown } = await import('rolldown'); // not before the set-up has installed it
  const paths = Object.fromEntries(Object.entries(OUTSIDE).map(([file, path]) => [join(project, file), path]));
  const entry = `\0${name}`;
  const made = await rolldown({
    input: { [name]: entry },
    cwd: project,
    external: Object.keys(paths),
    preserveEntrySignatures: 'allow-extension', // so that parts import from it what it has
    treeshake: { moduleSideEffects: (id) => id.endsWith('/worker.js') },
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
    const header = '// @ts-nocheck Made of js/ by scripts/build/bundle.js.\n';
    // Bundlers look for URLs in quotes.
    const quoted = (/** @type {string} */ code) => code.replace(/\b(import|new URL)\(`([^`$]*)`/g, '$1("$2"');
    return Object.fromEntries(output.map((file) => [file.fileName, file.type === 'chunk' ? header + quoted(file.code) : '']));
  } finally {
    await made.close();
  }
}
