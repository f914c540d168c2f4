import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { unpackDeb } from './debian.js';
import { SetupError } from './errors.js';
import { fillFolder, shortHash } from './files.js';
import { run } from './run.js';
import { SIMDE, SOURCES } from './versions.js';

/** @typedef {import('./host.js').Host} Host */

/**
 * The sources of XNNPACK, pthreadpool and FXdiv: folders that the environment names, else pinned tarballs.
 * @param {Host} host
 * @param {string} cache
 * @param {import('./debian.js').ReleaseArchive} archive
 * @returns {Promise<{ folders: Record<string, string>, versions: string }>}  versions: enters the key of what is built from them.
 */
export async function needSources(host, cache, archive) {
  /** @type {Record<string, string>} */
  const folders = {};
  const versions = [];
  for (const item of SOURCES) {
    const own = ownFolder(host, item, 'include');
    folders[item.variable] = own ?? join(cache, `${item.name}-${shortHash(JSON.stringify(item))}`);
    versions.push(own === undefined ? JSON.stringify(item) : `${own} ${fingerprint(own)}`);
    if (own !== undefined) continue;
    await fillFolder(folders[item.variable] ?? '', async (temporary) => {
      const tarball = await archive.fetch(item, 'source');
      archive.log(`unpacking ${item.name}`);
      await run('tar', ['-xf', tarball, '-C', temporary], { env: host.env });
      // Some tarballs have one folder at the top, others hold the files themselves.
      const [top, ...others] = readdirSync(temporary);
      if (top !== undefined && others.length === 0) {
        renameSync(join(temporary, top), `${temporary}.top`);
        rmSync(temporary, { recursive: true });
        renameSync(`${temporary}.top`, temporary);
      }
      rmSync(tarball);
    });
  }
  return { folders, versions: versions.join(' ') };
}

/**
 * SIMDe's headers, in `include` of the folder.
 * @param {Host} host
 * @param {string} cache
 * @param {import('./debian.js').ReleaseArchive} archive
 * @returns {Promise<string>}
 */
export async function needSimde(host, cache, archive) {
  const own = ownFolder(host, SIMDE, 'include/simde');
  if (own !== undefined) return own;
  const folder = join(cache, `simde-${shortHash(JSON.stringify(SIMDE))}`);
  await fillFolder(folder, async (temporary) => {
    const deb = await archive.fetch(SIMDE, 'deb');
    archive.log('unpacking SIMDe');
    mkdirSync(join(temporary, 'include'));
    await unpackDeb(host, deb, temporary, ['--strip-components=2', './usr/include']);
    rmSync(deb);
  });
  return folder;
}

/** The folder that the environment names for a package, if it does. */
function ownFolder(/** @type {Host} */ host, /** @type {{ variable: string, name: string }} */ item, /** @type {string} */ proof) {
  const own = host.env[item.variable];
  if (own === undefined || own === '') return undefined;
  if (existsSync(join(own, proof))) return resolve(own);
  throw new SetupError(`${item.variable} is set but ${own} holds no sources of ${item.name}: correct it or unset it`);
}

/** Of a source folder that may be worked on: its CMakeLists.txt, and name, size and time of every file that is compiled. */
function fingerprint(/** @type {string} */ folder) {
  const list = join(folder, 'CMakeLists.txt');
  const rows = [existsSync(list) ? readFileSync(list, 'utf8') : ''];
  for (const part of ['cmake', 'include', 'src'].map((name) => join(folder, name)).filter(existsSync)) {
    for (const name of readdirSync(part, { recursive: true, encoding: 'utf8' }).sort()) {
      const stat = statSync(join(part, name), { throwIfNoEntry: false });
      if (stat?.isFile()) rows.push(`${part} ${name} ${stat.size} ${stat.mtimeMs}`);
    }
  }
  return shortHash(rows.join('\n'));
}
