import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './errors.js';
import { which } from './host.js';
import { CommandError, run } from './run.js';
import { CURRENT_NODE } from './versions.js';

/**
 * A Node of its own beside the one that runs this, from npm. It stays out of node_modules, where npm's scripts would find it
 * before the machine's own.
 * @param {import('./host.js').Host} host @param {string} cacheDir @param {(line: string) => void} log
 * @returns {Promise<string>}  Its path.
 */
export async function needCurrentNode(host, cacheDir, log) {
  const folder = join(cacheDir, `node-${CURRENT_NODE}`);
  const name = `node-${process.platform}-${host.arch}`;
  const node = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  if (which(host, 'npm') === undefined) throw new SetupError('npm is missing: install npm, it comes with Node 20');
  log(`Node ${CURRENT_NODE} for tests`);
  const temporary = `${folder}.${process.pid}.tmp`;
  mkdirSync(temporary, { recursive: true });
  try {
    const args = ['install', '--prefix', temporary, '--no-audit', '--no-fund', '--no-save', '--loglevel=error', `${name}@${CURRENT_NODE}`];
    await run('npm', args, { cwd: temporary, env: host.env });
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!(error instanceof CommandError)) throw error;
    throw new SetupError(
      `Node ${CURRENT_NODE} for tests could not be installed (${error.line}): check the network, or "npm install ${name}@${CURRENT_NODE}"`,
    );
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return node;
}
