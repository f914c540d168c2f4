// The Node that is measured: one that has relaxed SIMD.
import { setUp } from '../../scripts/setup.js';

/** Its path: XNNJS_CURRENT_NODE, or the one that the set-up keeps. */
export async function findCurrentNode() {
  const { XNNJS_CURRENT_NODE: given } = process.env;
  return given ?? (await setUp({ toolchain: false, packages: false, currentNode: true })).currentNode ?? process.execPath;
}
