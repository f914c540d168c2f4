import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './errors.js';
import { which } from './host.js';
import { CommandError, run } from './run.js';

/**
 * Whether node_modules holds what package-lock.json says. npm keeps its own copy of the lock there, without the root and
 * without what another platform needs; that copy is written last, so a killed install has none.
 * @param {string} project
 * @returns {boolean}
 */
export function packagesInstalled(project) {
  const installedLock = join(project, 'node_modules/.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const wanted = packagesOf(join(project, 'package-lock.json'));
  const installed = packagesOf(installedLock);
  delete wanted[''];
  for (const [path, entry] of Object.entries(wanted)) {
    const found = installed[path];
    if (found === undefined ? !entry.optional : found.version !== entry.version || found.integrity !== entry.integrity) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

/** @returns {Record<string, { version?: string, integrity?: string, optional?: boolean }>} */
function packagesOf(/** @type {string} */ path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}

/**
 * @param {import('./host.js').Host} host
 * @param {(line: string) => void} log
 */
export async function needPackages(host, log) {
  if (!existsSync(join(host.project, 'package-lock.json'))) return;
  if (packagesInstalled(host.project)) return;
  if (which(host, 'npm') === undefined) throw new SetupError('npm is missing: install npm, it comes with Node 20');
  log('npm ci');
  try {
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: host.project, env: host.env });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new SetupError(`the npm packages could not be installed (${error.line}): check the network and run "npm ci"`);
  }
}
