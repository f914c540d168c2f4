// Each check of the C checker is a test here. The expected numbers are made in C, by scalar loops in double and by
// counting; check_*.c say from which definition.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openChecker } from './checker.js';

const SEED = process.env.XNNJS_SEED ?? '1';

for (const variant of ['simd', 'simd-threads']) {
  const check = await openChecker(variant);
  for (const line of (await check(['--list'])).lines) {
    const [name, title] = line.split('\t');
    test(`${title} (${variant})`, async (t) => {
      const { status, lines } = await check(['--seed', SEED, name]);
      assert.equal(status, 0, lines.join('\n'));
      assert.ok(lines.includes(`ok ${name}`), lines.join('\n'));
      assert.equal(lines[0], `seed ${SEED}, variant ${variant}`);
      for (const note of lines.filter((text) => text.startsWith('note '))) t.diagnostic(`${variant}: ${note.slice(5)}`);
    });
  }
}

test('checker: a check that does not exist fails, so that a test cannot pass by a wrong name', async () => {
  const { status, lines } = await (await openChecker('simd'))(['--seed', '1', 'nothing']);
  assert.equal(status, 1);
  assert.match(lines.join('\n'), /there is no check nothing/);
});
