import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from '../../scripts/setup/lock.js';
import { fakeHost } from './fake-host.js';

test('lock: one left by a dead process is taken over at once', async (t) => {
  const path = join(fakeHost(t).folder, 'lock');
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  writeFileSync(path, `${pid} 123`);
  const started = performance.now();
  assert.equal(await withLock(path, async () => readFileSync(path, 'utf8').startsWith(`${process.pid} `)), true);
  assert.ok(performance.now() - started < 1000);
  assert.equal(existsSync(path), false);
});

test('lock: a process id that another process was given since then counts as dead', { skip: !existsSync('/proc/self/stat') }, async (t) => {
  const path = join(fakeHost(t).folder, 'lock');
  writeFileSync(path, `${process.pid} 1`);
  assert.equal(await withLock(path, async () => 'taken'), 'taken');
});

test('lock: a killed holder that nobody waits for counts as dead', { skip: !existsSync('/proc/self/stat') }, async (t) => {
  const path = join(fakeHost(t).folder, 'lock');
  // sleep replaces the shell and never waits for the shell's child.
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => parent.kill());
  const pid = await new Promise((resolve) => parent.stdout.on('data', (text) => resolve(Number(text))));
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  writeFileSync(path, `${pid} ${stat()[19]}`);
  await withLock(path, async () => assert.equal(stat()[0], 'Z'));
});

test('lock: a live holder is waited for', async (t) => {
  const path = join(fakeHost(t).folder, 'lock');
  /** @type {string[]} */
  const order = [];
  /** @type {string[]} */
  const said = [];
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  const first = withLock(path, async () => {
    order.push('first in');
    await held;
    order.push('first out');
  });
  const second = withLock(
    path,
    async () => order.push('second in'),
    (line) => {
      said.push(line);
      release();
    },
  );
  await Promise.all([first, second]);
  assert.deepEqual(order, ['first in', 'first out', 'second in']);
  assert.match(said[0] ?? '', new RegExp(`waiting for process ${process.pid}`));
});

test('lock: it is freed when the work throws', async (t) => {
  const path = join(fakeHost(t).folder, 'lock');
  await assert.rejects(
    withLock(path, async () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(existsSync(path), false);
});

test('lock: four processes that find a stale one never hold it at once', async (t) => {
  const { folder } = fakeHost(t);
  const path = join(folder, 'lock');
  writeFileSync(path, '999999999 1');
  // mkdir fails where the folder exists, so it shows two at a time.
  const code = `import { withLock } from ${JSON.stringify(new URL('../../scripts/setup/lock.js', import.meta.url).href)};
    import { mkdirSync, rmdirSync } from 'node:fs';
    for (let i = 0; i < 3; i++) await withLock(${JSON.stringify(path)}, async () => {
      mkdirSync(${JSON.stringify(join(folder, 'inside'))});
      await new Promise((resolve) => setTimeout(resolve, 20));
      rmdirSync(${JSON.stringify(join(folder, 'inside'))});
    });`;
  const codes = await Promise.all(
    [1, 2, 3, 4].map(() => new Promise((resolve) => spawn(process.execPath, ['--input-type=module', '-e', code]).on('close', resolve))),
  );
  assert.deepEqual(codes, [0, 0, 0, 0]);
});
