import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SetupError } from '../../scripts/setup/errors.js';
import { checkHash, fillFolder, sha256, writeIfChanged } from '../../scripts/setup/files.js';
import { packagesInstalled } from '../../scripts/setup/npm.js';
import { fakeHost } from './fake-host.js';

// FIPS 180-2, appendix B.1: the digest of "abc".
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('download: the right hash passes; a wrong one names the package and removes the file', async (t) => {
  const path = join(fakeHost(t).folder, 'file');
  writeFileSync(path, 'abc');
  assert.equal(await sha256(path), ABC);
  await checkHash(path, { name: 'binaryen', version: '1', sha256: ABC });
  await assert.rejects(checkHash(path, { name: 'binaryen', version: '1', sha256: ABC.replace('b', 'c') }), (error) => {
    assert.ok(error instanceof SetupError);
    assert.match(error.message, /^binaryen 1 was downloaded with sha256 ba7816bf[^\n]*$/);
    return true;
  });
  assert.equal(existsSync(path), false);
});

test('step: one killed half-way leaves nothing that looks finished, and the next starts clean', async (t) => {
  const folder = join(fakeHost(t).folder, 'tool');
  await assert.rejects(
    fillFolder(folder, async (temporary) => {
      writeFileSync(join(temporary, 'half'), '');
      throw new Error('killed');
    }),
    /killed/,
  );
  assert.equal(existsSync(folder), false);
  await fillFolder(folder, async (temporary) => writeFileSync(join(temporary, 'whole'), ''));
  assert.deepEqual(readdirSync(folder), ['whole']);
  await fillFolder(folder, () => assert.fail('a finished step ran again'));
});

test('files: one with the same content is not written again', (t) => {
  const path = join(fakeHost(t).folder, 'a/b');
  assert.equal(writeIfChanged(path, 'one'), true);
  assert.equal(writeIfChanged(path, 'one'), false);
  assert.equal(writeIfChanged(path, 'two'), true);
  assert.equal(readFileSync(path, 'utf8'), 'two');
});

test('npm packages: installed only if every locked one is there in its version, optional ones apart', (t) => {
  const { folder } = fakeHost(t);
  const lock = (/** @type {string} */ path, /** @type {object} */ packages) =>
    writeFileSync(join(folder, path), JSON.stringify({ packages }));
  const a = { version: '1.0.0', integrity: 'x' };
  lock('package-lock.json', { '': {}, 'node_modules/a': a, 'node_modules/mac': { version: '1.0.0', optional: true } });
  assert.equal(packagesInstalled(folder), false);
  mkdirSync(join(folder, 'node_modules'));
  const cases = /** @type {const} */ ([
    [{ 'node_modules/a': a }, true],
    [{ 'node_modules/a': { ...a, version: '1.0.1' } }, false],
    [{ 'node_modules/a': { ...a, integrity: 'y' } }, false],
    [{ 'node_modules/a': a, 'node_modules/left': a }, false],
    [{}, false],
  ]);
  for (const [installed, expected] of cases) {
    lock('node_modules/.package-lock.json', installed);
    assert.equal(packagesInstalled(folder), expected, JSON.stringify(installed));
  }
});
