import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while no other process holds the lock file; a lock whose process is gone is taken over.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {(line: string) => void} [log]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, log = () => {}) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}.${randomUUID()}`;
  writeFileSync(mine, identity(process.pid));
  try {
    let told = false;
    while (!take(path, mine)) {
      const holder = read(path);
      if (holder !== undefined && !alive(holder)) {
        removeStale(path, holder);
        continue;
      }
      if (!told && holder !== undefined) log(`waiting for process ${holder.split(' ')[0]}, which holds ${path}`);
      told = true;
      await sleep(100);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    if (read(path) === identity(process.pid)) unlinkSync(path);
  }
}

/** A link is made with its content or not at all, unlike a file created and then written. */
function take(/** @type {string} */ path, /** @type {string} */ mine) {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** Two may find the same stale lock: only the one whose rename moved that very lock has removed it. */
function removeStale(/** @type {string} */ path, /** @type {string} */ stale) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (read(aside) !== stale) {
    try {
      linkSync(aside, path);
    } catch {
      // Someone else took it in between; the robbed one has finished or will write the same files again.
    }
  }
  rmSync(aside, { force: true });
}

function read(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Process ids are used again after a restart, so the time of the start belongs to it. A killed process that nobody waits
 * for (as in containers without an init) stays in the table as a zombie and must not count as alive.
 */
function identity(/** @type {number} */ pid) {
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  return fields?.[0] === 'Z' ? `${pid} zombie` : `${pid} ${fields?.[19] ?? ''}`;
}

function alive(/** @type {string} */ holder) {
  const pid = Number(holder.split(' ')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
  return identity(pid) === holder;
}
