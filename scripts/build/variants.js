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

/**
 * For this machine, under sanitizers: no module comes of them. The second has WebAssembly's 32 bits for sizes and pointers, so
 * that sizes overflow where they do there. i386 has no folder of its own for the kernel's headers.
 * @type {(Variant & { flags: string })[]}
 */
export const NATIVE = [
  { name: 'native', threads: true, relaxed: false, flags: '-m64' },
  { name: 'native32', threads: true, relaxed: false, flags: '-m32 -msse4.1 -mfpmath=sse -idirafter /usr/include/x86_64-linux-gnu' },
];

/** Built when nothing else is asked for. */
export const DEFAULT_VARIANTS = VARIANTS.map(({ name }) => name);
