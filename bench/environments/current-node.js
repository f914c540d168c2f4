// The Node that is measured: one that has relaxed SIMD.
import { spawnSync } from 'node:child_process';
import { setUp } from '../../scripts/setup.js';

/** Its path: XNNJS_CURRENT_NODE, or the one that the set-up keeps. */
export async function findCurrentNode() {
  const { XNNJS_CURRENT_NODE: given } = process.env;
  return given ?? (await setUp({ toolchain: false, packages: false, currentNode: true })).currentNode ?? process.execPath;
}

const CHILD = 'XNNJS_IN_CURRENT_NODE';

/** Runs this script in that Node instead, and ends with it. */
export async function inCurrentNode() {
  if (process.env[CHILD] !== undefined) return;
  const { status } = spawnSync(await findCurrentNode(), process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, [CHILD]: '1' } });
  process.exit(status ?? 1);
}
