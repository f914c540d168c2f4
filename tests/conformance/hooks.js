// Loader hooks of Node (module.register): who imports one of the bundle's packages gets the bundle's.

/** @type {Record<string, string>} */
let urls = {};

/** @param {Record<string, string>} data  Names of packages → URLs. */
export function initialize(data) {
  urls = data;
}

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  return Object.hasOwn(urls, specifier) ? { url: urls[specifier], format: 'module', shortCircuit: true } : next(specifier, context);
}
