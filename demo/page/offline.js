// The page's service worker keeps its files, so that the page opens without a network.

/** @param {Element} status  told when everything is kept. */
export async function keepOffline(status) {
  if (!('serviceWorker' in navigator) || document.documentElement.dataset.built === undefined) return;
  try {
    await navigator.serviceWorker.register('./service-worker.js');
    await navigator.serviceWorker.ready;
    status.textContent = 'Works offline';
  } catch {
    // A private window, say: the page works, with a network.
  }
}
