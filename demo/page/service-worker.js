// Keeps the page's files: what the build lists at once, and answers from there first. A new build has a new name and new files.
// Also makes the page cross-origin isolated (threads) where the server sends no such headers.

/** Put in by the build. @type {{ name: string, files: string[] }} */
const BUILD = /** @type {any} */ (self).__BUILD__;
const worker = /** @type {any} */ (self);
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(
    caches
      .open(BUILD.name)
      .then((cache) => cache.addAll(BUILD.files))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== BUILD.name).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  event.respondWith(answer(request));
});

/** @param {Request} request @returns {Promise<Response>} */
async function answer(request) {
  // Servers that vary by origin answer scripts and fetches alike.
  const kept = await caches.match(request, { ignoreSearch: true, ignoreVary: true, cacheName: BUILD.name });
  const response = kept ?? (await fetch(request));
  if (request.destination !== 'document' && !request.destination.endsWith('worker')) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
