import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDeb822, parseOneLine, sourceOfRelease } from '../../scripts/setup/apt-sources.js';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const DEB822 = `# a comment before
Types: deb deb-src
# a comment inside
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: ${KEYRING}

Types: deb
URIs: http://mirror.invalid/debian-security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
`;

test('apt sources: deb822 stanzas keep fields and continued lines and drop comments', () => {
  const [debian, security, ...rest] = parseDeb822(DEB822);
  assert.deepEqual(rest, []);
  assert.deepEqual(debian, {
    Types: 'deb deb-src',
    URIs: 'http://mirror.invalid/debian',
    Suites: 'bookworm bookworm-updates',
    Components: 'main contrib',
    'Signed-By': KEYRING,
  });
  assert.equal(security?.['Signed-By'], '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc');
});

test('apt sources: one-line entries with and without options, comments dropped', () => {
  const text = `# deb http://old.invalid/debian bookworm main
deb [arch=amd64,arm64 signed-by=${KEYRING}] http://mirror.invalid/debian bookworm main non-free # note
deb-src http://mirror.invalid/debian bookworm main

deb http://mirror.invalid/flat ./
`;
  assert.deepEqual(parseOneLine(text), [
    {
      Types: 'deb',
      URIs: 'http://mirror.invalid/debian',
      Suites: 'bookworm',
      Components: 'main non-free',
      Architectures: 'amd64 arm64',
      'Signed-By': KEYRING,
    },
    { Types: 'deb-src', URIs: 'http://mirror.invalid/debian', Suites: 'bookworm', Components: 'main' },
    { Types: 'deb', URIs: 'http://mirror.invalid/flat', Suites: './', Components: '' },
  ]);
});

test('apt sources: both formats lead to the same stanza of another release', () => {
  const line = parseOneLine(`deb [signed-by=${KEYRING}] http://mirror.invalid/debian bookworm main`);
  const expected = [
    'Components: main',
    `Signed-By: ${KEYRING}`,
    'Suites: trixie',
    'Types: deb deb-src',
    'URIs: http://mirror.invalid/debian',
  ];
  for (const stanzas of [line, parseDeb822(DEB822)]) {
    assert.deepEqual(sourceOfRelease(stanzas, 'bookworm', 'trixie')?.trim().split('\n').sort(), expected);
  }
});

test('apt sources: third parties, security, source-only and disabled entries are not taken for Debian', () => {
  const others = parseOneLine(`deb http://packages.invalid/node bookworm main
deb http://mirror.invalid/debian-security bookworm-security main
deb-src http://mirror.invalid/debian bookworm main`);
  const disabled = parseDeb822('Types: deb\nURIs: http://off.invalid/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n');
  const debian = parseOneLine('deb http://mirror.invalid/debian bookworm main');
  assert.match(sourceOfRelease([...others, ...disabled, ...debian], 'bookworm', 'trixie') ?? '', /URIs: http:\/\/mirror.invalid\/debian\n/);
  assert.equal(sourceOfRelease(disabled, 'bookworm', 'trixie'), undefined);
});
