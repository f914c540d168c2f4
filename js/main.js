// What the package consists of. dist/js/ is this file and all that it leads to, bundled: see scripts/build/bundle.js. js/index.js lists
// what of it is public; tests import this file, so that they need no bundle.
import { importPart } from './load/part.js';

export { XnnError } from './errors.js';
export { createRuntime, OpenedSource } from './runtime.js';

/** @type {typeof import('./check.js').check} */
export const check = async (source, options) => (await importPart(import('./check.js'))).check(source, options);
