// Einstein sums against loops in double: one factor, two, batches, outer products, integers beside floats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { seeded } from '../support/random.js';
import { withBackend } from './backends.js';

const SIZES = /** @type {Record<string, number>} */ ({ a: 2, b: 3, i: 4, j: 5, k: 3 });

/** @param {string} equation @param {ArrayLike<number>[]} factors @returns {number[]} */
function expected(equation, factors) {
  const [left, right] = equation.split('->');
  const terms = left.split(',');
  const letters = [...new Set(left.replace(/,/g, ''))];
  const place = (/** @type {string} */ term, /** @type {Record<string, number>} */ at) =>
    [...term].reduce((index, letter) => index * SIZES[letter] + at[letter], 0);
  const sums = new Array([...right].reduce((n, letter) => n * SIZES[letter], 1)).fill(0);
  const total = letters.reduce((n, letter) => n * SIZES[letter], 1);
  for (let n = 0; n < total; n++) {
    let rest = n;
    const at = Object.fromEntries(
      letters.map((letter) => {
        const index = rest % SIZES[letter];
        rest = Math.floor(rest / SIZES[letter]);
        return [letter, index];
      }),
    );
    sums[place(right, at)] += terms.reduce((product, term, f) => product * factors[f][place(term, at)], 1);
  }
  return sums;
}

for (const equation of [
  'ij->ji',
  'ij->i',
  'ij->',
  'ij,jk->ik',
  'ij,jk->ki',
  'ab,ab->',
  'i,j->ij',
  'aij,ajk->aik',
  'abij,abkj->abik',

  'ij,b->ji',
])
  for (const dtype of /** @type {const} */ (['float32', 'int32', 'mixed']))
    test(`einsum: ${equation} of ${dtype} is the sum of products`, () =>
      withBackend('xnnjs', () => {
        const random = seeded(equation.length);
        const terms = equation.split('->')[0].split(',');
        const before = tf.memory().numTensors;
        const tensors = terms.map((term, f) => {
          const integer = dtype === 'int32' || (dtype === 'mixed' && f === 0);
          const shape = [...term].map((letter) => SIZES[letter]);
          const values = Array.from({ length: shape.reduce((n, size) => n * size, 1) }, () => {
            const value = random() * 8 - 4;
            return integer ? Math.round(value) : Math.fround(value);
          });
          return tf.tensor(values, shape, integer ? 'int32' : 'float32');
        });
        const y = tf.einsum(equation, ...tensors);
        const sums = expected(
          equation,
          tensors.map((t) => t.dataSync()),
        );
        assert.deepEqual(
          y.shape,
          [...equation.split('->')[1]].map((letter) => SIZES[letter]),
        );
        const largest = Math.max(...sums.map(Math.abs), 1);
        y.dataSync().forEach((value, i) => {
          assert.ok(Math.abs(value - sums[i]) <= 1e-6 * largest, `[${i}] is ${value}, expected ${sums[i]}`);
        });
        tf.dispose([y, ...tensors]);
        assert.equal(tf.memory().numTensors, before);
      }));
