import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS } from '../../scripts/setup/versions.js';

const SOURCES = 'Types: deb\nURIs: http://mirror.invalid/debian\nSuites: bookworm\nComponents: main\n';

/**
 * A machine of its own folder: PATH holds only the commands named here, each a shell script.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} [commands]  Name → body of the script.
 * @param {Partial<import('../../scripts/setup/host.js').Host>} [changes]
 */
export function fakeHost(t, commands = {}, changes = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'xnnjs-setup-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, body] of Object.entries(commands)) writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const aptFolder = join(folder, 'apt');
  mkdirSync(join(aptFolder, 'sources.list.d'), { recursive: true });
  writeFileSync(join(aptFolder, 'sources.list.d/debian.sources'), SOURCES);
  const cache = join(folder, 'cache');
  /** @type {import('../../scripts/setup/host.js').Host} */
  const host = {
    env: { PATH: bin, XNNJS_CACHE: cache },
    root: true,
    nodeVersion: '20.0.0',
    arch: 'x64',
    aptFolder,
    codename: 'bookworm',
    project: folder,
    ...changes,
  };
  return { host, folder, bin, cache };
}

/** Scripts for all commands that a build needs. */
export const ALL_COMMANDS = Object.fromEntries(COMMANDS.map(({ command }) => [command, 'exit 0']));

/** Options that print nothing. */
export const QUIET = { log: () => {} };
