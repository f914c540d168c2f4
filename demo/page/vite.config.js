// npm run demo (serves the page) and npm run demo:build (into build/demo).
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { ASSETS } from './assets.js';

/** Shared memory, and with it threads, is only there in cross-origin isolated pages. */
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Files of npm packages, served and built as if they lay in the page's folder. @returns {import('vite').Plugin} */
function packageAssets() {
  return {
    name: 'package-assets',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const asset = ASSETS.get((request.url ?? '').replace(/\?.*/, '').slice(1));
        if (asset === undefined) return next();
        response.end(asset());
      });
    },
    generateBundle() {
      for (const [fileName, read] of ASSETS) this.emitFile({ type: 'asset', fileName, source: read() });
    },
  };
}

/** The service worker, with the list of everything that was built. @returns {import('vite').Plugin} */
function serviceWorker() {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    transformIndexHtml: (html) => html.replace('<html ', '<html data-built '),
    generateBundle(_, bundle) {
      const text = readFileSync(new URL('./service-worker.js', import.meta.url), 'utf8');
      const hash = createHash('sha256');
      for (const part of Object.values(bundle)) hash.update(part.type === 'chunk' ? part.code : part.source);
      const files = ['./', './icon.svg', './manifest.webmanifest', ...Object.keys(bundle).filter((name) => name !== 'index.html')];
      const build = JSON.stringify({ name: `touch ${hash.digest('hex').slice(0, 12)}`, files });
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: `self.__BUILD__ = ${build};\n${text}` });
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [packageAssets(), serviceWorker()],
  server: { headers, fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] } },
  preview: { headers },
  worker: { format: 'es' },
  build: { outDir: fileURLToPath(new URL('../../build/demo', import.meta.url)), emptyOutDir: true, target: 'es2022' },
});
