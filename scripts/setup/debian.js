import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSources, sourceOfRelease } from './apt-sources.js';
import { SetupError } from './errors.js';
import { checkHash } from './files.js';
import { which } from './host.js';
import { CommandError, run } from './run.js';
import { RELEASE } from './versions.js';

/** @typedef {import('./versions.js').Download} Download */

/**
 * @param {import('./host.js').Host} host
 * @param {string} deb
 * @param {string} folder
 * @param {string[]} options  Of tar.
 */
export async function unpackDeb(host, deb, folder, options = []) {
  const script = 'd="$1"; f="$2"; shift 2; dpkg-deb --fsys-tarfile "$d" | tar -x -C "$f" "$@"';
  await run('sh', ['-c', script, 'sh', deb, folder, ...options], { env: host.env });
}

/**
 * Downloads packages of another Debian release through apt, with a configuration and lists of our own: the system's stay
 * as they are, and apt brings the proxies, mirrors and keys that the machine is set up for.
 */
export class ReleaseArchive {
  /**
   * @param {import('./host.js').Host} host
   * @param {string} cache
   * @param {(line: string) => void} log
   */
  constructor(host, cache, log) {
    this.host = host;
    this.log = log;
    this.folder = join(cache, 'apt');
    this.downloads = join(cache, 'download');
    this.updated = false;
  }

  /**
   * @param {Download} item
   * @param {'deb' | 'source'} kind
   * @returns {Promise<string>}  Path of the file, its hash checked.
   */
  async fetch(item, kind) {
    const path = join(this.downloads, item.file);
    if (existsSync(path)) {
      await checkHash(path, item);
      return path;
    }
    await this.update(item.name);
    const version = await this.version(item);
    this.log(`downloading ${item.name} ${version}`);
    const temporary = join(this.downloads, `${item.name}.tmp`);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    const what = `${item.name}=${version}`;
    // Without --tar-only apt wants the .dsc and Debian's patches too, which mirrors may miss.
    const args = kind === 'deb' ? ['download', what] : ['source', '--download-only', '--tar-only', what];
    const pinned = version === item.version;
    // What we have no hash of must come from a signed index, whatever this machine allows otherwise.
    const signed = pinned ? [] : ['-o', 'APT::Get::AllowUnauthenticated=false'];
    await this.apt('apt-get', ['-q', ...signed, ...args], item.name, temporary);
    const [file] = pinned ? [item.file] : readdirSync(temporary);
    const fetched = join(temporary, file ?? item.file);
    if (!existsSync(fetched)) throw new SetupError(`${item.name} ${version}: the mirror has no file ${item.file}`);
    if (pinned) await checkHash(fetched, item);
    const target = join(this.downloads, file ?? item.file);
    renameSync(fetched, target);
    rmSync(temporary, { recursive: true, force: true });
    return target;
  }

  /** The version to take: the pinned one, or what the release has now where that is allowed. */
  async version(/** @type {Download} */ item) {
    const rows = (await this.apt('apt-cache', ['madison', item.name], item.name)).split('\n').map((row) => row.split('|'));
    const found = rows.filter((row) => row[0]?.trim() === item.name).map((row) => row[1]?.trim() ?? '');
    if (found.includes(item.version)) return item.version;
    const [now] = found;
    if (now === undefined) {
      throw new SetupError(`${item.name} is not in ${RELEASE}'s index of this machine's mirror: run "npm run setup" again later`);
    }
    if (item.runtime) {
      this.log(`${item.name} ${now} in place of ${item.version}, which ${RELEASE} no longer has: it only runs Binaryen, apt checks it`);
      return now;
    }
    throw new SetupError(
      `${item.name} ${item.version} is pinned but ${RELEASE} has ${now} now: update scripts/setup/versions.js, or install emsdk 3.1.69`,
    );
  }

  async update(/** @type {string} */ missing) {
    if (this.updated) return;
    if (which(this.host, 'apt-get') === undefined) {
      throw new SetupError(
        `${missing} is missing and there is no apt-get here: use Debian 12, or put emsdk 3.1.69 on PATH and set XNNPACK_DIR, ` +
          'PTHREADPOOL_DIR and FXDIV_DIR to their sources',
      );
    }
    const source = sourceOfRelease(readSources(this.host.aptFolder), this.host.codename, RELEASE);
    if (source === undefined) {
      throw new SetupError(`${missing} is missing and ${this.host.aptFolder} names no Debian archive: add one to sources.list`);
    }
    this.log(`package lists of ${RELEASE}`);
    for (const folder of ['sources', 'state/lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(this.folder, folder), { recursive: true });
    }
    writeFileSync(join(this.folder, 'sources', `${RELEASE}.sources`), source);
    await this.apt('apt-get', ['-q', '-o', 'APT::Update::Error-Mode=any', 'update'], missing);
    this.updated = true;
  }

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {string} missing
   * @param {string} [cwd]
   */
  async apt(command, args, missing, cwd) {
    const options = [
      'Dir::Etc::sourcelist=/dev/null',
      `Dir::Etc::sourceparts=${this.folder}/sources`,
      `Dir::State=${this.folder}/state`,
      'Dir::State::status=/var/lib/dpkg/status',
      `Dir::Cache=${this.folder}/cache`,
      'APT::Sandbox::User=root',
      'Acquire::Languages=none',
      'Acquire::Retries=2',
    ].flatMap((option) => ['-o', option]);
    try {
      return await run(command, [...options, ...args], { cwd, env: { ...this.host.env, LC_ALL: 'C' } });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new SetupError(`${missing} could not be downloaded (${error.line}): check the network and run "npm run setup" again`);
    }
  }
}
