/**
 * @typedef {object} Variant
 * @property {string} name  Of the CMake preset and in the names of the files.
 * @property {boolean} threads
 * @property {boolean} relaxed
 */

/** @type {Variant[]} */
export const VARIANTS = [
  { name: 'simd', threads: false, relaxed: false },
  { name: 'simd-threads', threads: true, relaxed: false },
  { name: 'relaxed', threads: false, relaxed: true },
  { name: 'relaxed-threads', threads: true, relaxed: true },
];

/** For this machine, under sanitizers: no module comes of it. @type {Variant} */
export const NATIVE = { name: 'native', threads: true, relaxed: false };

/** Built when nothing else is asked for. */
export const DEFAULT_VARIANTS = ['simd', 'simd-threads'];
