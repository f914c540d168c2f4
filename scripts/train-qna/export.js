// What export.py wrote, as a TensorFlow.js graph model of the shape that TensorFlow Hub's MobileBERT has: model.json, weights.bin.
//   node scripts/train-qna/export.js FOLDER OUT

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mobileBert } from '../../tests/support/architectures/mobilebert.js';
import { toGraphModel } from '../../tests/support/architectures/to-graph.js';

/** @typedef {import('../../tests/support/architectures/network.js').Network} Network */

/**
 * Puts trained weights in the place of the seeded ones.
 * @param {Network} network
 * @param {{ name: string, shape: number[] }[]} described @param {Float32Array} values  One behind the other.
 */
function setWeights(network, described, values) {
  /** @type {Map<string, import('../../tests/support/architectures/network.js').Tensor>} */
  const places = new Map();
  for (const node of network.nodes)
    for (const tensor of node.kind === 'op' ? node.inputs : [node.weights, node.bias])
      if (tensor?.data instanceof Float32Array && tensor.shape.length > 0) places.set(tensor.name, tensor);
  let at = 0;
  for (const { name, shape } of described) {
    const place = places.get(name);
    if (place?.data === undefined || `${place.shape}` !== `${shape}`)
      throw new Error(`${name} [${shape}] is trained, the network has [${place?.shape}]`);
    place.data = values.slice(at, at + place.data.length);
    at += place.data.length;
    places.delete(name);
  }
  if (places.size > 0 || at !== values.length)
    throw new Error(`without weights: ${[...places.keys()]}; ${values.length - at} values are left`);
}

const [from, to] = process.argv.slice(2);
const { sizes, weights } = JSON.parse(readFileSync(join(from, 'weights.json'), 'utf8'));
const bytes = readFileSync(join(from, 'weights.f32'));
const network = mobileBert({ blocks: sizes.blocks, sequence: sizes.sequence, vocabulary: sizes.vocabulary, sizes });
setWeights(network, weights, new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
const { format, modelTopology, signature, weightSpecs, weightData } = toGraphModel(network, { storage: 'float16', dynamic: true });
const manifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
const generatedBy = 'xnnjs scripts/train-qna';
writeFileSync(
  join(to, 'model.json'),
  `${JSON.stringify({ format, generatedBy, convertedBy: null, signature, modelTopology, weightsManifest: manifest })}\n`,
);
writeFileSync(join(to, 'weights.bin'), new Uint8Array(weightData));
