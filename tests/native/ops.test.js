// The cases of tests/ops in the native build, under sanitizers, with 64 bits and with 32, against the same references: all
// that are small, and a few of each op that are not. Each runs twice, the second time with the arena poisoned but for what
// the step may touch (replay.c).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { opRow, packAttributes } from '../../js/schema.js';
import { sanitizerEnv } from '../../scripts/build/sanitizers.js';
import { NATIVE } from '../../scripts/build/variants.js';
import { canBuildNative } from '../../scripts/setup.js';
import { CASES } from '../ops/cases/index.js';
import { EXACT, FLUSHES, LIMIT } from '../ops/limits.js';
import { REFERENCES } from '../ops/reference/index.js';
import { makeInputs, measure } from '../ops/run.js';

/** @import { Case } from '../ops/run.js' */
/** @import { Reference } from '../ops/reference/tensor.js' */

/** Elements of all inputs together. */
const SMALL = 8_000;
const LARGE = 200_000;
const LARGE_ONES = 2; // of each op
/** xj_dtype */
const DTYPES = /** @type {const} */ (['float32', 'int32', 'bool', 'uint8', 'int8', 'float16', 'uint16']);
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, int8: Int8Array };
const KINDS = { input: 0, constant: 1, weight: 2 };

/** @param {Case[]} cases */
function thin(cases) {
  let large = 0;
  return cases.filter(({ inputs }) => {
    const n = inputs.reduce((sum, input) => sum + (input?.shape.reduce((product, dim) => product * dim, 1) ?? 0), 0);
    return n <= SMALL || (n <= LARGE && large++ < LARGE_ONES);
  });
}

/** A number as the two words of a double. @param {number} value */
const wordsOf = (value) => new Int32Array(Float64Array.of(value).buffer);

/** As replay.c reads it. @param {string} op @param {ReturnType<typeof makeInputs>} inputs @param {Case['attributes']} attributes */
function encode(op, inputs, attributes = {}) {
  const row = opRow(op);
  /** @type {Uint8Array[]} */
  const pieces = [];
  const putWords = (/** @type {number[]} */ ...words) => pieces.push(new Uint8Array(Int32Array.from(words).buffer));
  const putBytes = (/** @type {Uint8Array} */ bytes) => {
    putWords(bytes.length);
    pieces.push(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
  };
  putWords(row.number);
  putBytes(packAttributes(row, op, attributes));
  putWords(inputs.length);
  for (const input of inputs) {
    if (input === undefined) {
      putWords(-1);
      continue;
    }
    const { dtype, shape, from, bytes = new Uint8Array() } = input;
    /** @type {{ dtype: import('../ops/run.js').Stored['dtype'] | import('../ops/reference/tensor.js').Dtype, scale?: number, min?: number }} */
    const stored = input.stored ?? { dtype };
    const storage = [DTYPES.indexOf(stored.dtype), ...wordsOf(stored.scale ?? 0), ...wordsOf(stored.min ?? 0)];
    putWords(KINDS[from], DTYPES.indexOf(dtype), shape.length, ...shape, ...storage);
    putBytes(bytes);
  }
  return Buffer.concat(pieces);
}

/** Results one after the other. @param {Buffer} file */
function decoder(file) {
  let at = 0;
  const take = () => {
    at += 4;
    return file.readInt32LE(at - 4);
  };
  const takeBytes = () => {
    const n = take();
    const bytes = new Uint8Array(file.subarray(at, at + n)).buffer; // a copy: aligned
    at += Math.ceil(n / 4) * 4;
    return bytes;
  };
  return () => {
    if (take() !== 0) return { error: new TextDecoder().decode(takeBytes()) };
    const dtype = /** @type {keyof typeof ARRAYS} */ (DTYPES[take()]);
    const shape = Array.from({ length: take() }, take);
    return { dtype, shape, data: new ARRAYS[dtype](takeBytes()) };
  };
}

const why = canBuildNative() ? false : 'sanitizers are used on x64 Linux';
if (why) test('native build: the cases of all ops', { skip: why }, () => {});

/** @type {{ op: string, testCase: Case, expected: Reference }[]} */
const all = [];
const folder = mkdtempSync(join(tmpdir(), 'xnnjs-replay-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
if (!why) {
  /** @type {Buffer[]} */
  const encoded = [];
  for (const [op, cases] of Object.entries(CASES))
    for (const testCase of thin(cases)) {
      const inputs = makeInputs(testCase);
      encoded.push(encode(op, inputs, testCase.attributes));
      all.push({ op, testCase, expected: REFERENCES[op](inputs, testCase.attributes ?? {}) });
    }
  writeFileSync(join(folder, 'cases'), Buffer.concat(encoded));
}

for (const { name: build } of why ? [] : NATIVE) {
  const path = fileURLToPath(new URL(`../../build/${build}/replay`, import.meta.url));
  assert.ok(existsSync(path), `${path} is missing: npm run build -- --native makes it`);

  test(`ops: ${all.length} cases agree with their definitions under sanitizers (${build})`, async (t) => {
    const file = join(folder, build);
    await promisify(execFile)(path, [join(folder, 'cases'), file], { env: sanitizerEnv() });
    const next = decoder(readFileSync(file));
    let largest = 0;
    /** @type {string[]} */
    const failures = [];
    for (const threads of [1, 2])
      for (const { op, testCase, expected } of all) {
        const context = `${op} ${testCase.name}, ${threads} threads`;
        const actual = next();
        if (actual.error !== undefined) {
          failures.push(`${context}: ${actual.error}`);
          continue;
        }
        if (String(actual.shape) !== String(expected.shape) || actual.dtype !== (expected.dtype ?? 'float32'))
          failures.push(`${context}: ${actual.dtype} [${actual.shape}], expected [${expected.shape}]`);
        const exact = EXACT.has(op) && testCase.attributes?.activation !== 2;
        const { error, where } = measure(/** @type {ArrayLike<number>} */ (actual.data), expected, { exact, flushes: FLUSHES.has(op) });
        if (!(error <= LIMIT)) failures.push(`${context}: error ${error.toExponential(2)}, ${where}`);
        else largest = Math.max(largest, error);
      }
    t.diagnostic(`${build}: largest error ${largest.toExponential(2)} of |result| + sum|terms|`);
    assert.equal(failures.length, 0, `${failures.length} failures\n${failures.slice(0, 30).join('\n')}`);
  });
}
