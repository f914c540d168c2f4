// Inputs for networks whose weights are made up: nothing real means anything to them.

import { seeded } from '../random.js';
import { count } from './network.js';

/** @import { TestInput } from '../engine.js' */

/**
 * Images and spectrograms: noise in [−1, 1]. Words: `words` of them, then padding; two segments.
 * @param {readonly { name: string, shape: readonly number[], dtype: string }[]} inputs  Dimensions that are −1 become 1.
 * @param {{ seed?: number, vocabulary?: number, words?: number }} [options]
 * @returns {Record<string, TestInput>}
 */
export function sampleInputs(inputs, { seed = 1, vocabulary = 30522, words = Infinity } = {}) {
  const random = seeded(seed);
  return Object.fromEntries(
    inputs.map(({ name, shape, dtype }) => {
      const dims = shape.map((size) => (size === -1 ? 1 : size));
      const length = count(dims);
      if (dtype !== 'int32') return [name, { dtype: 'float32', shape: dims, data: Float32Array.from({ length }, () => random() * 2 - 1) }];
      const last = dims.at(-1) ?? 1;
      const used = Math.min(words, last);
      const data = Int32Array.from({ length }, (_, i) => {
        const at = i % last;
        if (name === 'input_ids') return at < used ? 1 + Math.floor(random() * (vocabulary - 1)) : 0;
        if (name === 'input_mask') return at < used ? 1 : 0;
        return name === 'segment_ids' && at >= used / 4 && at < used ? 1 : 0;
      });
      return [name, { dtype: 'int32', shape: dims, data }];
    }),
  );
}
