// Writes dist/types: the declarations of everything that package.json exports, made from the JSDoc. Beside the sources they would
// stand in for them in every later check of types, so that they have a folder of their own.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runStep } from './build/step.js';
import { report, SetupError } from './setup/errors.js';

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = join(project, 'dist/types');

/** Keeps the declarations that the exported ones lead to. @param {string[]} files */
function prune(files) {
  const kept = new Set(files);
  for (const file of kept)
    for (const [, from] of readFileSync(file, 'utf8').matchAll(/(?:\bfrom|\bimport\()\s*['"](\.[^'"]+)\.js['"]/g))
      kept.add(join(dirname(file), `${from}.d.ts`));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (name.endsWith('.d.ts') && !kept.has(path)) rmSync(path);
  }
}

try {
  const { exports } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  /** @type {{ types: string, default: string }[]} */
  const entries = Object.values(exports).filter((entry) => typeof entry === 'object');
  rmSync(folder, { recursive: true, force: true });
  const options = ['--allowJs', '--checkJs', '--strict', '--declaration', '--emitDeclarationOnly', '--skipLibCheck'];
  const settings = [
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--lib',
    'es2022,dom,dom.iterable,dom.asynciterable,esnext.disposable',
    '--types',
    'node',
  ];
  const roots = ['--rootDir', project, '--outDir', folder, '--ignoreConfig', ...entries.map((entry) => join(project, entry.default))];
  await runStep(join(project, 'node_modules/.bin/tsc'), [...options, ...settings, ...roots], 'making the declarations', process.env);
  // Entries export what was bundled; its declarations lead to those of the modules, and what they only fetch has none.
  for (const { types } of entries) {
    const path = join(project, types);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^import ['"][^'"]*['"];\n/gm, ''));
  }
  mkdirSync(join(folder, 'dist/js'), { recursive: true });
  for (const name of readdirSync(join(project, 'dist/js')))
    if (name.endsWith('.d.ts')) copyFileSync(join(project, 'dist/js', name), join(folder, 'dist/js', name));
  prune(entries.map(({ types }) => join(project, types)));
  // Symbol.dispose is newer than what many projects compile for.
  for (const file of ['js/model.d.ts', 'js/runtime.d.ts']) {
    const path = join(folder, file);
    writeFileSync(path, `/// <reference lib="esnext.disposable" />\n${readFileSync(path, 'utf8')}`);
  }
  for (const { types } of entries)
    if (!existsSync(join(project, normalize(types)))) throw new SetupError(`package.json exports ${types}, which is not there`);
} catch (error) {
  report(error);
}
