/**
 * Repeatable uniform numbers (Marsaglia's xorshift32, J. Stat. Soft. 8(14), 2003).
 * @param {number} seed  a positive integer.
 * @returns {() => number}  in [0, 1).
 */
export function seeded(seed) {
  let state = Math.imul(seed, 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
