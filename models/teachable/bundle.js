// An export of Teachable Machine, wherever its three files are → what runtime.load takes, and the metadata.

import { XnnError } from '../../js/index.js';
import { beside, parseJson, readBytes, readJson } from '../shared/read-bytes.js';
import { readMetadata } from './metadata.js';
import { isZip, unpack } from './zip.js';

/** @import { Metadata } from './metadata.js' */
/** @import { ReadOptions } from '../shared/read-bytes.js' */

/**
 * The URL (in Node also the path) of a model.json or of the exported zip; the zip's bytes or file; the three files of it
 * (model.json, weights.bin, metadata.json); a model in memory, as runtime.load takes it.
 * @typedef {string | URL | Blob | ArrayBuffer | Uint8Array | readonly File[] | FileList | object} BundleSource
 *
 * What runtime.load takes, and what the metadata says.
 * @typedef {{ model: unknown, metadata: Metadata }} Bundle
 */

/**
 * @param {BundleSource} source
 * @param {string | URL | Blob | Metadata | object | undefined} metadata  where it is, or itself; left out: metadata.json beside or among
 *   the files.
 * @param {ReadOptions} [options]
 * @returns {Promise<Bundle>}
 * @throws {XnnError} 'network'; 'bad-model'; 'misuse'
 */
export async function openBundle(source, metadata, options) {
  if (typeof source === 'string' || source instanceof URL) {
    if (/\.zip$/i.test(String(source).replace(/[?#].*$/, ''))) return openZip(await readBytes(source, options), metadata, options);
    return { model: source, metadata: await findMetadata(metadata ?? beside(source, 'metadata.json'), options) };
  }
  if (source instanceof Blob) return openZip(await readBytes(source, options), metadata, options);
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return openZip(asBytes(source), metadata, options);
  if (typeof source !== 'object' || source === null)
    throw new XnnError('misuse', 'teachable: the source is no URL, file, list of files or model');
  if (Symbol.iterator in source) return openFiles(/** @type {Iterable<File>} */ (source), metadata, options);
  if (metadata === undefined) throw new XnnError('misuse', 'teachable: a model in memory needs its metadata');
  return { model: source, metadata: await findMetadata(metadata, options) };
}

/** @param {ArrayBuffer | ArrayBufferView} data */
const asBytes = (data) => (ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data));

/** @param {unknown} metadata @param {ReadOptions} [options] */
async function findMetadata(metadata, options) {
  const where = typeof metadata === 'string' || metadata instanceof URL || metadata instanceof Blob;
  return readMetadata(where ? await readJson(metadata, options) : metadata);
}

/** @param {Uint8Array} bytes @param {unknown} metadata @param {ReadOptions} [options] @returns {Promise<Bundle>} */
async function openZip(bytes, metadata, options) {
  if (!isZip(bytes)) throw new XnnError('bad-model', `teachable: these ${bytes.length} bytes are no zip file`);
  const files = await unpack(bytes);
  const names = [...files.keys()].join(', ');
  const need = (/** @type {string} */ name) => {
    const content = files.get(name);
    if (content === undefined) throw new XnnError('bad-model', `the zip file has no ${name}, only ${names.slice(0, 300)}`);
    return content;
  };
  if (!files.has('model.json') && files.has('model_unquant.tflite'))
    throw new XnnError(
      'unsupported',
      'the zip file is the TensorFlow Lite export: give its .tflite and labels, or export as TensorFlow.js',
    );
  const json = /** @type {Record<string, unknown>} */ (parseJson(need('model.json'), 'model.json'));
  if (typeof json !== 'object' || json === null) throw new XnnError('bad-model', 'model.json holds no object');
  const weights = (/** @type {string} */ path) => need(path.slice(path.lastIndexOf('/') + 1));
  return {
    model: { ...json, weights },
    metadata: await findMetadata(metadata ?? parseJson(need('metadata.json'), 'metadata.json'), options),
  };
}

/** @param {Iterable<File>} list @param {unknown} metadata @param {ReadOptions} [options] @returns {Promise<Bundle>} */
async function openFiles(list, metadata, options) {
  const files = [...list];
  const described = files.find(({ name }) => name === 'metadata.json') ?? files.find(({ name }) => /metadata.*\.json$/i.test(name));
  const model = files.filter((file) => file !== described);
  if (model.length === 1 && /\.zip$/i.test(model[0].name)) return openZip(await readBytes(model[0]), metadata ?? described, options);
  if (metadata === undefined && described === undefined)
    throw new XnnError(
      'misuse',
      `teachable: none of the ${files.length} files is metadata.json (${files
        .map(({ name }) => name)
        .join(', ')
        .slice(0, 300)})`,
    );
  return { model, metadata: await findMetadata(metadata ?? described, options) };
}
