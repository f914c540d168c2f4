// js/load/stream.js: the same bytes from streams that read into a buffer and from those that only give pieces; ends, errors, aborts.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { diskFiles } from '../../js/load/disk.js';
import { readAll, readStream } from '../../js/load/stream.js';

const CONTENT = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 2654435761) >>> 24);

/**
 * @param {object} options
 * @param {boolean} options.bytes  Whether it reads into buffers that it is given.
 * @param {number} [options.length]  Of what comes.
 * @param {number} [options.pieceLength]
 * @param {Error} [options.error]  At its end.
 * @param {boolean} [options.stalls]  Instead of ending.
 */
function source({ bytes, length = CONTENT.length, pieceLength = 7001, error, stalls = false }) {
  const seen = { cancelled: /** @type {unknown} */ (undefined), pieces: 0 };
  let at = 0;
  const underlying = {
    ...(bytes && { type: 'bytes' }),
    /** @param {any} controller @returns {Promise<void> | void} */
    pull(controller) {
      if (at < length) {
        const piece = CONTENT.slice(at, Math.min(length, at + pieceLength));
        at += piece.length;
        seen.pieces++;
        controller.enqueue(piece);
        return;
      }
      if (stalls) return new Promise(() => {});
      if (error !== undefined) {
        controller.error(error);
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    /** @param {unknown} reason */
    cancel(reason) {
      seen.cancelled = reason ?? 'without a reason';
    },
  };
  const stream = new ReadableStream(/** @type {any} */ (underlying));
  return { seen, stream };
}

/** @param {ReturnType<typeof source>} from @param {number | undefined} size @param {AbortSignal} [signal] */
function fileOf({ stream }, size, signal = new AbortController().signal) {
  const file = { path: 'a', open: async () => Object.assign(readStream(stream, signal, 'a'), { size }) };
  return readAll(file, signal);
}

for (const bytes of [true, false]) {
  const kind = bytes ? 'a stream of bytes' : 'a stream of pieces';

  for (const [what, size] of /** @type {[string, number | undefined][]} */ ([
    ['is known', CONTENT.length],
    ['is not known', undefined],
    ['is said too small', 1000],
    ['is said too small by one', CONTENT.length - 1],
    ['is said too large', 10 * CONTENT.length],
  ]))
    test(`${kind} whose size ${what} gives all its bytes`, async () => {
      const all = await fileOf(source({ bytes }), size);
      assert.deepEqual(all, CONTENT);
      assert.ok(all.buffer.byteLength <= 2 * CONTENT.length + 2, 'what is kept is not much larger than the file');
    });

  test(`${kind} may be empty`, async () => {
    assert.equal((await fileOf(source({ bytes, length: 0 }), 0)).length, 0);
    assert.equal((await fileOf(source({ bytes, length: 0 }), 5000)).length, 0);
  });

  test(`${kind} gives its pieces in order`, async () => {
    const pieces = [];
    for await (const piece of readStream(source({ bytes }).stream, new AbortController().signal, 'a')) pieces.push(...piece);
    assert.deepEqual(Uint8Array.from(pieces), CONTENT);
  });

  test(`${kind} that breaks off is told, with its name and cause`, async () => {
    await assert.rejects(fileOf(source({ bytes, error: new Error('the cable was pulled') }), CONTENT.length), {
      code: 'network',
      message: /^a: .*the cable was pulled/,
    });
  });

  test(`${kind} that no longer sends is left when the load is aborted`, async () => {
    const controller = new AbortController();
    const from = source({ bytes, length: 50_000, stalls: true });
    const reading = fileOf(from, CONTENT.length, controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await assert.rejects(reading, { code: 'aborted' });
    assert.match(String(from.seen.cancelled), /enough/);
    assert.ok(from.seen.pieces > 0);
  });

  test(`${kind} of a load that was aborted before is not read`, async () => {
    const from = source({ bytes });
    await assert.rejects(fileOf(from, CONTENT.length, AbortSignal.abort()), { code: 'aborted' });
    assert.notEqual(from.seen.cancelled, undefined);
  });

  test(`${kind} whose reader leaves is cancelled`, async () => {
    const from = source({ bytes });
    for await (const piece of readStream(from.stream, new AbortController().signal, 'a')) if (piece.length > 0) break;
    assert.notEqual(from.seen.cancelled, undefined);
  });
}

test('only a stream of bytes is read into one buffer, and tells how far it is', async () => {
  const { signal } = new AbortController();
  /** @type {number[]} */
  const loaded = [];
  const all = await readStream(source({ bytes: true }).stream, signal, 'a').whole(CONTENT.length, (n) => loaded.push(n));
  assert.deepEqual(all, CONTENT);
  assert.equal(loaded.at(-1), CONTENT.length);
  assert.ok(loaded.every((n, i) => n > (loaded[i - 1] ?? 0)));
  const pieces = readStream(source({ bytes: false }).stream, signal, 'a');
  assert.equal(await pieces.whole(CONTENT.length), undefined);
  const first = await pieces.next(); // nothing was lost
  assert.deepEqual(first.value, CONTENT.subarray(0, 7001));
});

test('a file of a disk is read into one buffer, whatever its size is said to be, and what is no file is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'xnnjs-stream-'));
  const { signal } = new AbortController();
  try {
    const path = join(folder, 'a.bin');
    await writeFile(path, CONTENT);
    const { main } = diskFiles(path);
    const stream = await main.open(signal);
    assert.equal(stream.size, CONTENT.length);
    /** @type {number[]} */
    const loaded = [];
    for (const size of [CONTENT.length, 0, 1000, 10 * CONTENT.length])
      assert.deepEqual(await stream.whole?.(size, (n) => loaded.push(n)), CONTENT);
    assert.equal(loaded.at(-1), CONTENT.length);
    assert.deepEqual(await readAll(main, signal), CONTENT);
    await assert.rejects(async () => (await main.open(AbortSignal.abort())).whole?.(5), { code: 'aborted' });
    await assert.rejects(readAll(diskFiles(join(folder, 'b.bin')).main, signal), { code: 'network', message: /^no such file: .*b\.bin$/ });
  } finally {
    await rm(folder, { recursive: true });
  }
});
