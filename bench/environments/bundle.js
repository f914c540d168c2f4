// The project as a page has it: bundled and minified, as its peers come. Module by module it would take as long to fetch as to compute.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Writes out/bench/xnnjs/xnnjs.js, and beside it what it fetches. */
export async function bundleXnnjs() {
  await rm(path('out/bench/xnnjs'), { recursive: true, force: true });
  await build({
    root: path('.'),
    configFile: false,
    logLevel: 'warn',
    base: './',
    publicDir: false,
    worker: { format: 'es' },
    build: {
      outDir: path('out/bench/xnnjs'),
      target: 'es2022',
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: path('js/index.js'),
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'xnnjs.js' },
      },
    },
  });
}
