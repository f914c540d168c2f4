// dist/THIRD-PARTY-LICENSES.txt: the licences of what is compiled into the modules, as their sources state them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from '../setup/errors.js';

const RULE = '='.repeat(80);

/**
 * @param {import('../setup.js').Tools} tools
 * @returns {string}
 */
export function thirdPartyLicenses(tools) {
  const parts = [
    ['XNNPACK', 'https://github.com/google/XNNPACK', join(tools.xnnpackDir ?? '', 'LICENSE')],
    ['pthreadpool', 'https://github.com/Maratyszcza/pthreadpool', join(tools.pthreadpoolDir ?? '', 'LICENSE')],
    ['FXdiv', 'https://github.com/Maratyszcza/FXdiv', join(tools.fxdivDir ?? '', 'LICENSE')],
    ['Emscripten', 'https://emscripten.org', tools.emLicense ?? ''],
    ['Chart.js, in chart.js', 'https://www.chartjs.org', fileURLToPath(new URL('../../node_modules/chart.js/LICENSE.md', import.meta.url))],
    [
      'fflate, in zip.js',
      'https://github.com/101arrowz/fflate',
      fileURLToPath(new URL('../../node_modules/fflate/LICENSE', import.meta.url)),
    ],
    ['TensorFlow.js, in tfjs-shared.js', 'https://www.tensorflow.org/js', fileURLToPath(new URL('../../LICENSE', import.meta.url))],
    ['musl, in Emscripten', 'https://musl.libc.org', join(tools.emccDir ?? '', 'system/lib/libc/musl/COPYRIGHT')],
  ];
  const texts = parts.map(([name = '', url = '', file = '']) => {
    if (!existsSync(file)) throw new SetupError(`the licence of ${name} is not at ${file}: the modules must not be given away without it`);
    return `${RULE}\n${name} — ${url}\n${RULE}\n\n${linkedParts(readFileSync(file, 'utf8')).trim()}\n`;
  });
  return `The files in this folder contain parts of the following.\n\n${texts.join('\n')}`;
}

/**
 * Of a copyright file of Debian's (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) the paragraphs on what a
 * module is linked from, and the licences that these name; of any other file all.
 * @param {string} text
 */
export function linkedParts(text) {
  if (!text.startsWith('Format:')) return text;
  const [header = '', ...paragraphs] = text.split(/\n\n+/);
  const linked = /^ (\*|system\/lib\/(libc|compiler-rt|dlmalloc|pthread)\b.*)$/m;
  const filesOf = (/** @type {string} */ paragraph) => /^Files:(.*(\n .*)*)/.exec(paragraph)?.[1];
  const kept = paragraphs.filter((paragraph) => linked.test(filesOf(paragraph)?.replace(/^ *(?=\S)/, ' ') ?? ''));
  const names = new Set(kept.flatMap((paragraph) => /^License: *(.*)$/m.exec(paragraph)?.[1]?.split(/ (?:or|and) /) ?? []));
  const licenses = paragraphs.filter((paragraph) => names.has(/^License: *(.*)/.exec(paragraph)?.[1] ?? ''));
  return [header.replace(/^Files-Excluded:\n( .*\n?)*/m, ''), ...kept, ...licenses].join('\n\n');
}
