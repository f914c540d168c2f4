// Exports of Teachable Machine, made for tests with seeded weights, and what TensorFlow.js's cpu backend says of them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { seeded } from '../support/random.js';

/** @typedef {import('../support/tfjs-engine.js').ModelArtifacts} ModelArtifacts */

/**
 * The three files as the site exports them.
 * @param {ModelArtifacts} artifacts @param {object} metadata
 * @returns {Record<string, Uint8Array<ArrayBuffer>>}
 */
export function exportFiles({ modelTopology, weightSpecs, weightData }, metadata) {
  const text = (/** @type {object} */ value) => new Uint8Array(new TextEncoder().encode(JSON.stringify(value)));
  return {
    'model.json': text({ modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] }),
    'weights.bin': new Uint8Array(weightData),
    'metadata.json': text(metadata),
  };
}

/** @param {Record<string, Uint8Array<ArrayBuffer>>} files */
export const asFiles = (files) => Object.entries(files).map(([name, bytes]) => new File([bytes], name));

/**
 * In a folder that goes with the test.
 * @param {import('node:test').TestContext} t @param {Record<string, Uint8Array>} files
 */
export async function onDisk(t, files) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-teachable-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
  return folder;
}

/** A picture with edges and gradients. @param {number} width @param {number} height @param {number} [seed] */
export function picture(width, height, seed = 3) {
  const random = seeded(seed);
  const data = new Uint8ClampedArray(width * height * 4);
  const waves = Array.from({ length: 3 }, () => ({ x: random() / 4, y: random() / 4, at: 6 * random() }));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      for (const [c, wave] of waves.entries())
        data[at + c] = 127 + 90 * Math.sin(wave.x * x + wave.y * y + wave.at) + 60 * (random() - 0.5);
      data[at + 3] = 255;
    }
  return { width, height, data };
}

/** The largest difference of two lists of probabilities. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export const apart = (a, b) => (a.length === b.length ? Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]))) : Infinity);
