// Scripts that are no modules, in a page.

/** @param {string} url @returns {Promise<void>}  when it has run. */
export const addScript = (url) =>
  new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`cannot load ${url}`));
    script.src = url;
    document.head.append(script);
  });
