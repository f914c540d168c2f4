import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from './errors.js';
import { which } from './host.js';
import { CommandError, run } from './run.js';

/**
 * A command on PATH; or a file relative to the folder that the command really lies in.
 * @typedef {{ command: string, file?: string, package: string }} Command
 */

function isPresent(/** @type {import('./host.js').Host} */ host, /** @type {Command} */ { command, file }) {
  const path = which(host, command);
  return path !== undefined && (file === undefined || existsSync(join(dirname(realpathSync(path)), file)));
}

/**
 * Sees to it that commands are on PATH, through apt-get where they are not.
 * @param {import('./host.js').Host} host
 * @param {Command[]} commands
 * @param {(line: string) => void} log
 */
export async function needCommands(host, commands, log) {
  const missing = commands.filter((item) => !isPresent(host, item));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((item) => item.package))];
  const names = packages.join(', ');
  const are = packages.length === 1 ? 'is' : 'are';
  const byHand = `apt-get install ${packages.join(' ')}`;
  if (which(host, 'apt-get') === undefined) {
    throw new SetupError(`${names} ${are} missing and there is no apt-get here: install ${names} with this system's package manager`);
  }
  if (!host.root) {
    throw new SetupError(`${names} ${are} missing and this user cannot install: run "${byHand}" as root`);
  }
  log(`installing ${packages.join(' ')}`);
  const env = { ...host.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const apt = (/** @type {string[]} */ ...args) => run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', ...args], { env });
  const install = () => apt('install', '--no-install-recommends', ...packages);
  try {
    // The lists of a fresh machine are empty or old: only then are they brought up to date.
    await install().catch(() => apt('update').then(install));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new SetupError(`${names} ${are} missing and could not be installed (${error.line}): run "${byHand}" as root`);
  }
  const still = missing.find((item) => !isPresent(host, item));
  if (still === undefined) return;
  const what = still.file === undefined ? `${still.command} is not on PATH` : `${still.file} is not beside ${still.command}`;
  throw new SetupError(`${still.package} is installed but ${what}: add its folder to PATH`);
}
