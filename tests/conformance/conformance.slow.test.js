// tfjs-core's own specs on the TensorFlow.js backend, all of them; and that a run notices what may go wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.js';
import { complaints, count, FLOOR, runInBrowser, runInNode, summary } from './conformance.js';

/** @type {import('./bundle.js').Bundle} */
let specs;
before(async () => {
  specs = await bundle();
});
after(() => specs?.remove());

/** @param {import('./conformance.js').Result} result @param {number} floor */
const allPass = (result, floor) => assert.deepEqual(complaints(result, floor), [], summary(result));

test('conformance: all specs pass in Node with one thread', async () => {
  allPass(await runInNode(specs, { threads: 1 }), FLOOR.node);
});

test('conformance: all specs pass in Node with two threads', async () => {
  allPass(await runInNode(specs, { threads: 2 }), FLOOR.node);
});

test("conformance: all specs pass in Chromium, save those that TensorFlow.js's cpu backend fails in the same page", async () => {
  allPass(await runInBrowser(specs), FLOOR.browser);
});

const faulty = fileURLToPath(new URL('faulty.js', import.meta.url));

test('conformance: a run notices a wrong value, a leak, a missing kernel and a hang', async () => {
  const result = await runInNode(specs, { backend: faulty, files: ['ops/abs', 'ops/acos', 'ops/tan', 'ops/sinh'], patience: 3 });
  const found = complaints(result).join('\n');
  assert.match(found, /^ops\/abs: abs basic: .*Arrays differ/m);
  assert.match(found, /^ops\/acos: acos basic: .*internal memory leak/m);
  assert.match(found, /^ops\/tan: tan basic: .*Kernel 'Tan' not registered/m);
  assert.match(found, /^ops\/sinh: sinh basic: no answer for 3 s$/m);
  assert.match(summary(result), /missing kernels \(specs\): Tan \(\d+\)/);
});

test('conformance: a run notices a process that dies, and keeps what came before', async () => {
  const result = await runInNode(specs, { backend: faulty, files: ['ops/sin', 'ops/cosh'] });
  assert.match(complaints(result).join('\n'), /^ops\/cosh: cosh basic: the process ended \(SIGABRT\)/m);
  assert.deepEqual(count(result.specs).failed, 0);
  assert.ok(count(result.specs).passed > 5);
});

test('conformance: a run notices specs that are not there', async () => {
  const result = await runInNode(specs, { backend: 'cpu', files: ['ops/sin'] });
  const { passed } = count(result.specs);
  assert.ok(passed > 5);
  assert.deepEqual(complaints(result, passed), []);
  assert.deepEqual(complaints(result, passed + 1), [`${passed} specs passed, ${passed + 1} were expected`]);
});

test('conformance: the command ends with 1 after a failure, with 0 after none, and counts in its last line', () => {
  const run = (/** @type {string[]} */ ...args) => {
    const script = fileURLToPath(new URL('../../scripts/test-conformance.js', import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [script, ...args, '--files', 'ops/abs'], { encoding: 'utf8' });
    return { status, last: stdout.trimEnd().split('\n').at(-1) };
  };
  assert.deepEqual(run('--backend', 'cpu', '--grep', 'basic'), { status: 0, last: '1 passed, 0 failed, 0 skipped' });
  assert.deepEqual(run('--backend', faulty, '--grep', 'basic'), { status: 1, last: '0 passed, 1 failed, 0 skipped' });
});
