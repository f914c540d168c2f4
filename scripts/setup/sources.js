import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SetupError } from './errors.js';
import { fillFolder, shortHash } from './files.js';
import { run } from './run.js';
import { SOURCES } from './versions.js';

/**
 * The sources of XNNPACK, pthreadpool and FXdiv: folders that the environment names, else pinned tarballs.
 * @param {import('./host.js').Host} host
 * @param {string} cache
 * @param {import('./debian.js').ReleaseArchive} archive
 * @returns {Promise<{ folders: Record<string, string>, versions: string }>}
 */
export async function needSources(host, cache, archive) {
  /** @type {Record<string, string>} */
  const folders = {};
  for (const item of SOURCES) {
    const own = host.env[item.variable];
    if (own !== undefined) {
      if (!existsSync(join(own, 'include'))) {
        throw new SetupError(`${item.variable} is set but ${own} holds no sources of ${item.name}: correct it or unset it`);
      }
      folders[item.variable] = resolve(own);
      continue;
    }
    const folder = join(cache, `${item.name}-${shortHash(JSON.stringify(item))}`);
    await fillFolder(folder, async (temporary) => {
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
    folders[item.variable] = folder;
  }
  return { folders, versions: JSON.stringify([folders, SOURCES]) };
}
