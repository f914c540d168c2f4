import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * What set-up reads of the machine; tests pass their own.
 * @typedef {object} Host
 * @property {NodeJS.ProcessEnv} env
 * @property {boolean} root
 * @property {string} nodeVersion
 * @property {string} arch
 * @property {string} aptFolder  Where the machine keeps its apt sources.
 * @property {string} codename  Of the machine's Debian release.
 * @property {string} project  Folder with package.json.
 */

/** @returns {Host} */
export function thisHost() {
  return {
    env: process.env,
    root: process.getuid?.() === 0,
    nodeVersion: process.versions.node,
    arch: process.arch,
    aptFolder: '/etc/apt',
    codename: debianCodename(),
    project: join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..'),
  };
}

function debianCodename() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^VERSION_CODENAME="?([a-z]+)/m.exec(text)?.[1] ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {Host} host
 * @returns {string}
 */
export function cacheFolder(host) {
  const { XNNJS_CACHE, XDG_CACHE_HOME, HOME } = host.env;
  return XNNJS_CACHE ?? join(XDG_CACHE_HOME ?? join(HOME ?? homedir(), '.cache'), 'xnnjs');
}

/**
 * Finds a command as the shell would, without starting a process.
 * @param {Host} host
 * @param {string} command
 * @returns {string | undefined}
 */
export function which(host, command) {
  for (const folder of (host.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      if (folder !== '' && statSync(path).isFile()) return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
