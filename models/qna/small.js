// The small model that ships with xnnjs: what small/README.md says. Each file is a literal URL, so that bundlers take it along,
// and right from here as from dist/js/, where this is bundled to.

import { readBytes, readText } from '../shared/read-bytes.js';

export const SMALL_VOCABULARY = new URL('../../models/qna/small/vocab.txt', import.meta.url);

/** What runtime.load takes: a handler as TensorFlow.js has it. @param {import('../shared/read-bytes.js').ReadOptions} options */
export const smallModel = (options) => ({
  async load() {
    const [text, weights] = await Promise.all([
      readText(new URL('../../models/qna/small/model.json', import.meta.url), options),
      readBytes(new URL('../../models/qna/small/weights.bin', import.meta.url), options),
    ]);
    const { weightsManifest, ...topology } = JSON.parse(text);
    return { ...topology, weightSpecs: weightsManifest[0].weights, weightData: weights.buffer };
  },
});
