// npm run demo (serves the page) and npm run demo:build (into build/demo).
import { createReadStream, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const packages = new URL('../../node_modules/@vladmandic/', import.meta.url);
/** Files of npm packages that the page asks for: path in the page → file. @type {Map<string, URL>} */
const ASSETS = new Map(
  /** @type {[string, URL][]} */ ([
    ...['blazeface.json', 'blazeface.bin', 'facemesh.json', 'facemesh.bin'].map((name) => [
      `models/${name}`,
      new URL(`human/models/${name}`, packages),
    ]),
    ...[1, 2, 3, 4, 5, 6].map((n) => [`photos/sample${n}.jpg`, new URL(`face-api/demo/sample${n}.jpg`, packages)]),
  ]),
);

/** Shared memory, and with it threads, is only there in cross-origin isolated pages. */
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** @returns {import('vite').Plugin} */
function packageAssets() {
  return {
    name: 'package-assets',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const asset = ASSETS.get((request.url ?? '').replace(/\?.*/, '').slice(1));
        if (asset === undefined) return next();
        createReadStream(asset).on('error', next).pipe(response);
      });
    },
    generateBundle() {
      for (const [fileName, file] of ASSETS) this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [packageAssets()],
  server: { headers, fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] } },
  preview: { headers },
  worker: { format: 'es' },
  build: { outDir: fileURLToPath(new URL('../../build/demo', import.meta.url)), emptyOutDir: true, target: 'es2022' },
});
