import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from './errors.js';
import { which } from './host.js';
import { CommandError, run } from './run.js';
import { NATIVE_FILES } from './versions.js';

/** @typedef {import('./host.js').Host} Host */

/**
 * A command on PATH; or a file relative to the folder that the command really lies in.
 * @typedef {{ command: string, file?: string, package: string }} Command
 */

function isPresent(/** @type {Host} */ host, /** @type {Command} */ { command, file }) {
  const folder = folderOf(host, command);
  return folder !== undefined && (file === undefined || existsSync(join(folder, file)));
}

/** The folder that a command really lies in. */
function folderOf(/** @type {Host} */ host, /** @type {string} */ command) {
  const path = which(host, command);
  return path && dirname(realpathSync(path));
}

/**
 * NATIVE_FILES for this machine.
 * @param {Host} host  clang-19 must be there.
 * @returns {Command[]}
 */
export function nativeFiles(host) {
  const gcc = join(folderOf(host, 'clang-19') ?? '', '../../gcc/x86_64-linux-gnu');
  const versions = existsSync(gcc) ? readdirSync(gcc).map(Number).filter(Number.isInteger) : [];
  if (versions.length === 0) throw new SetupError(`there is no GCC in ${gcc}, whose libraries clang-19 uses: run "apt-get install gcc"`);
  const fill = (/** @type {string} */ text) => text.replace('GCC', String(Math.max(...versions)));
  return NATIVE_FILES.map((item) => ({ command: 'clang-19', file: fill(item.file), package: fill(item.package) }));
}

/**
 * Sees to it that commands are on PATH, through apt-get where they are not.
 * @param {Host} host
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
