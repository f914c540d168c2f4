import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One place that packages come from, in the words of apt's deb822 format ("Types", "URIs", "Suites", "Signed-By" …).
 * @typedef {Record<string, string>} Stanza
 */

/**
 * Parses a `*.sources` file: stanzas of fields, a value continued on lines that begin with a blank.
 * @param {string} text
 * @returns {Stanza[]}
 */
export function parseDeb822(text) {
  const stanzas = [];
  /** @type {Stanza} */
  let stanza = {};
  let field = '';
  for (const line of [...text.split(/\r?\n/), '']) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      if (Object.keys(stanza).length > 0) stanzas.push(stanza);
      stanza = {};
      field = '';
    } else if (/^[ \t]/.test(line)) {
      if (field !== '') stanza[field] += `\n${line}`;
    } else {
      const colon = line.indexOf(':');
      if (colon < 0) continue;
      field = fieldName(line.slice(0, colon).trim());
      stanza[field] = line.slice(colon + 1).trim();
    }
  }
  return stanzas;
}

/**
 * Parses a `*.list` file: `deb [signed-by=… arch=…] URI suite component…`, one a line.
 * @param {string} text
 * @returns {Stanza[]}
 */
export function parseOneLine(text) {
  const stanzas = [];
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)((?:\s+[^#\s]+)*)\s*(?:#.*)?$/.exec(line);
    if (match === null) continue;
    const [, types = '', options = '', uris = '', suites = '', components = ''] = match;
    /** @type {Stanza} */
    const stanza = { Types: types, URIs: uris, Suites: suites, Components: components.trim() };
    for (const option of options.split(/\s+/)) {
      const equals = option.indexOf('=');
      if (equals < 0) continue;
      stanza[fieldName(option.slice(0, equals))] = option.slice(equals + 1).replaceAll(',', ' ');
    }
    stanzas.push(stanza);
  }
  return stanzas;
}

/** Field names match whatever their case; the one-line format writes some in another form. */
function fieldName(/** @type {string} */ name) {
  const lower = name.toLowerCase();
  const known = ['Types', 'URIs', 'Suites', 'Components', 'Signed-By', 'Enabled', 'Trusted', 'Check-Valid-Until', 'Architectures'];
  if (lower === 'arch') return 'Architectures';
  return known.find((field) => field.toLowerCase() === lower) ?? name;
}

/**
 * Reads all of the machine's sources, in apt's own order of files.
 * @param {string} aptFolder
 * @returns {Stanza[]}
 */
export function readSources(aptFolder) {
  const stanzas = [];
  const list = join(aptFolder, 'sources.list');
  if (existsSync(list)) stanzas.push(...parseOneLine(readFileSync(list, 'utf8')));
  const parts = join(aptFolder, 'sources.list.d');
  for (const name of existsSync(parts) ? readdirSync(parts).sort() : []) {
    const text = () => readFileSync(join(parts, name), 'utf8');
    if (name.endsWith('.sources')) stanzas.push(...parseDeb822(text()));
    if (name.endsWith('.list')) stanzas.push(...parseOneLine(text()));
  }
  return stanzas;
}

/**
 * The machine's own Debian archive, turned to another release; undefined if it has none. Third parties' archives may
 * carry the same suite and component names, so one signed by Debian's keys or at a path `/debian` comes first.
 * @param {Stanza[]} stanzas
 * @param {string} codename  Of the machine's release.
 * @param {string} release  Wanted instead.
 * @returns {string | undefined}  A deb822 stanza.
 */
export function sourceOfRelease(stanzas, codename, release) {
  const names = new Set([codename, release, 'stable', 'oldstable', 'testing', 'unstable', 'sid']);
  const words = (/** @type {string | undefined} */ value) => (value ?? '').split(/\s+/);
  const score = (/** @type {Stanza} */ stanza) =>
    (/debian-archive/.test(stanza['Signed-By'] ?? '') ? 2 : 0) + (words(stanza.URIs).some((uri) => /\/debian\/?$/.test(uri)) ? 1 : 0);
  const [best] = stanzas
    .filter(
      (stanza) =>
        words(stanza.Types).includes('deb') &&
        !/^(no|false|0)$/i.test(stanza.Enabled ?? 'yes') &&
        words(stanza.Components).includes('main') &&
        words(stanza.Suites).some((suite) => names.has(suite)),
    )
    .sort((a, b) => score(b) - score(a));
  if (best === undefined) return undefined;
  const { Enabled, Architectures, ...rest } = best;
  const fields = { ...rest, Types: 'deb deb-src', Suites: release, Components: 'main' };
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n`;
}
