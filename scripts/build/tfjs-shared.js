// dist/tfjs-shared.js: the pure functions of tfjs-backend-cpu that js/tfjs uses for strings, sparse and ragged tensors, in one file
// without another import than tfjs-core, so that the package works unbundled.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup/errors.js';

const SHARED = '@tensorflow/tfjs-backend-cpu/dist/shared.js';

/** @param {string} project @returns {string[]} the functions that js/tfjs imports */
function namesUsed(project, /** @type {string[]} */ files) {
  const imports = files.flatMap((file) => [
    ...readFileSync(join(project, file), 'utf8').matchAll(/import\s*\{([^}]*)\}\s*from\s*'[^']*dist\/tfjs-shared\.js'/g),
  ]);
  return [...new Set(imports.flatMap(([, names]) => names.split(',').map((name) => name.trim())))].filter((name) => name !== '').sort();
}

/**
 * @param {string} project @param {string[]} files  Those that may import them.
 * @returns {Promise<{ js: string, types: string }>}
 */
export async function bundleShared(project, files) {
  const names = namesUsed(project, files);
  const { rolldown } = await import('rolldown'); // not before the set-up has installed it
  const entry = '\0tfjs-shared';
  const bundle = await rolldown({
    input: entry,
    cwd: project,
    external: ['@tensorflow/tfjs-core'],
    treeshake: { moduleSideEffects: false },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? `export { ${names.join(', ')} } from '${SHARED}';` : null),
      },
    ],
  });
  try {
    const { output } = await bundle.generate({ format: 'es', minify: true, comments: false });
    if (output.length !== 1) throw new SetupError(`${SHARED} became ${output.length} files instead of one`);
    const header = `// @ts-nocheck — of ${SHARED}, Apache-2.0: see THIRD-PARTY-LICENSES.txt\n`;
    return { js: header + output[0].code, types: `export { ${names.join(', ')} } from '${SHARED}';\n` };
  } finally {
    await bundle.close();
  }
}
