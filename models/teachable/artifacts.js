// A layers model as a whole: its topology, and its weights as they are stored. What a base model is taken apart from.

import { XnnError } from '../../js/index.js';
import { beside, joinBytes, parseJson, readBytes, readJson } from '../shared/read-bytes.js';
import { isZip, unpack } from './zip.js';

/** @import { ReadOptions } from '../shared/read-bytes.js' */

/**
 * @typedef {{ name: string, shape: number[], dtype: string, quantization?: { dtype: string, scale?: number, min?: number } }} WeightSpec
 * @typedef {{ modelTopology: any, weightSpecs: WeightSpec[], weightData: Uint8Array }} Artifacts  weightData: one after the other.
 */

/** Bytes of one stored value (WeightsManifestEntry in tfjs-core's io/types.ts). */
const BYTES = /** @type {Record<string, number>} */ ({ float32: 4, int32: 4, uint16: 2, float16: 2, uint8: 1, bool: 1 });

/** @param {WeightSpec} spec */
export function storedBytes({ name, shape, dtype, quantization }) {
  const stored = BYTES[quantization?.dtype ?? dtype];
  if (stored === undefined)
    throw new XnnError('unsupported', `teachable: weight "${name}" of the base model is ${quantization?.dtype ?? dtype}`);
  return shape.reduce((product, size) => product * size, stored);
}

/**
 * @param {unknown} source  URL or path of a model.json; model.json and its weights as File[]; a zip with them; tfjs ModelArtifacts.
 * @param {ReadOptions} [options]
 * @returns {Promise<Artifacts>}
 * @throws {XnnError} 'network', 'bad-model', 'misuse'
 */
export async function readArtifacts(source, options) {
  if (typeof source === 'string' || source instanceof URL) {
    const json = await readJson(source, options);
    return fromManifest(json, (path) => readBytes(beside(source, path), options));
  }
  if (source instanceof Blob || source instanceof Uint8Array) {
    const bytes = source instanceof Blob ? await readBytes(source) : source;
    if (!isZip(bytes)) throw new XnnError('bad-model', 'teachable: the base model is no zip file');
    const files = await unpack(bytes);
    const find = async (/** @type {string} */ path) => {
      const content = files.get(fileName(path));
      if (content === undefined) throw new XnnError('bad-model', `the zip file has no ${fileName(path)}`);
      return content;
    };
    return fromManifest(parseJson(await find('model.json'), 'model.json'), find);
  }
  if (typeof source === 'object' && source !== null && Symbol.iterator in source) {
    const files = [.../** @type {Iterable<File>} */ (source)];
    const find = (/** @type {string} */ path) => {
      const file = files.find(({ name }) => name === fileName(path));
      if (file === undefined)
        throw new XnnError('misuse', `teachable: none of the ${files.length} files of the base model is ${fileName(path)}`);
      return readBytes(file);
    };
    return fromManifest(parseJson(await find('model.json'), 'model.json'), find);
  }
  const given = /** @type {any} */ (source);
  if (typeof given === 'object' && given?.modelTopology !== undefined && Array.isArray(given.weightSpecs) && given.weightData !== undefined)
    return checked({ ...given, weightData: toBytes(given.weightData) });
  throw new XnnError(
    'misuse',
    'teachable: a base model is the URL of a model.json, its files, or { modelTopology, weightSpecs, weightData }',
  );
}

/** @param {any} json @param {(path: string) => Promise<Uint8Array>} read @returns {Promise<Artifacts>} */
async function fromManifest(json, read) {
  const manifest = json?.weightsManifest;
  if (typeof json?.modelTopology !== 'object' || !Array.isArray(manifest))
    throw new XnnError('bad-model', 'teachable: the base model has no modelTopology or no weightsManifest');
  const shards = await Promise.all(manifest.flatMap(({ paths }) => paths).map(read));
  return checked({
    modelTopology: json.modelTopology,
    weightSpecs: manifest.flatMap(({ weights }) => weights),
    weightData: toBytes(shards),
  });
}

/** @param {Artifacts} artifacts */
function checked(artifacts) {
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const needed = weightSpecs.reduce((sum, spec) => sum + storedBytes(spec), 0);
  if (weightData.length !== needed)
    throw new XnnError('bad-model', `teachable: the base model's weights have ${weightData.length} bytes, not ${needed}`);
  return { modelTopology, weightSpecs, weightData };
}

/** @param {any} data  Bytes, or pieces of them. @returns {Uint8Array} */
function toBytes(data) {
  if (Array.isArray(data)) return joinBytes(data.map(toBytes));
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}

/** @param {string} path */
const fileName = (path) => path.slice(path.lastIndexOf('/') + 1);
