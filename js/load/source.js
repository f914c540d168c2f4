// What load() is given → a model whose topology is known and whose weights can be read.
import { XnnError } from '../errors.js';
import { linkedController, networkError, throwIfAborted, untilAborted } from './abort.js';
import { asBytes } from './as-bytes.js';
import { readSources, readWeights } from './bytes.js';
import { blobFiles, hasDisk, memoryFile, streamFile } from './files.js';
import { urlFiles } from './http.js';
import { checkIntegrityPaths, readIntegrity, verified } from './integrity.js';
import { loadParser } from './parse.js';
import { importPart } from './part.js';
import { collectSmall, readSmall } from './partial.js';
import { readAll } from './stream.js';
import { isObject, parseManifest, parseSpecs } from './tfjs-manifest.js';
import { isTflite } from './tflite/identifier.js';

/**
 * @typedef {import('./files.js').ByteFile} ByteFile
 * @typedef {import('./bytes.js').FileGroup} FileGroup
 * @typedef {import('./bytes.js').WeightPiece} WeightPiece
 * @typedef {import('./tfjs-manifest.js').WeightSpec} WeightSpec
 *
 * @typedef {object} OpenOptions
 * @property {'auto' | 'tfjs' | 'tflite'} [format]
 * @property {(url: string, init?: RequestInit) => Promise<Response>} [fetch]
 * @property {RequestInit} [requestInit]
 * @property {AbortSignal} [signal]  Also ends bytes().
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress]  Bytes of weights, as bytes() reads them; of a
 *   .tflite file its own bytes, while it is opened.
 * @property {{ [path: string]: string }} [integrity]  'sha256-<base64>' of files by their path in model.json; of the
 *   model.json itself by its name.
 * @property {boolean | string} [cache]  Keeps what comes over the network; see cache.js.
 *
 * @typedef {object} OpenModel
 * @property {'tfjs-graph' | 'tfjs-layers' | 'tflite'} format
 * @property {Record<string, unknown>} topology  What the format's parser takes (parse.js); plain data, as it goes to workers.
 *   Of TensorFlow.js: { modelTopology, signature?, userDefinedMetadata? }; of TensorFlow Lite: TfliteTopology.
 * @property {WeightSpec[]} weights
 * @property {() => AsyncGenerator<WeightPiece>} bytes  Reads the weights, anew with each call. Pieces come in the order of
 *   the files; a piece belongs to one tensor, is a view where possible, and must not be changed. String tensors have none.
 * @property {() => Promise<Map<number, Uint8Array>>} smallWeights  Reads those that isSmall (bytes.js) says are small, by index:
 *   as stored, whole, and of the files no more than needed. For this reason hashes of the files (`integrity`) are not checked,
 *   but that of the main file is.
 */

/**
 * Opens a model: reads and checks all but its weights.
 * @param {unknown} source  A URL or a path of a model.json or .tflite, File[], the bytes of a .tflite,
 *   { topology | modelTopology, weightsManifest, weights },
 *   or a tfjs IOHandler.
 * @param {OpenOptions} [options]
 * @returns {Promise<OpenModel>}
 * @throws {XnnError}
 */
export async function openSource(source, options = {}) {
  const { format = 'auto' } = options;
  if (!['auto', 'tfjs', 'tflite'].includes(format)) throw new XnnError('misuse', `unknown format "${format}"`);
  throwIfAborted(options.signal);
  const hashes = readIntegrity(options.integrity);
  const cache = await openCache(options.cache);
  const { signal, close } = linkedController(options.signal);
  try {
    const bytes = asBytes(source);
    if (bytes !== undefined) return await parseModel(bytes, format, () => undefined, options, hashes);
    if (isObject(source) && !(source instanceof URL) && !isList(source)) {
      if (typeof source.load === 'function') return openArtifacts(await callHandler(source, signal), options, hashes);
      if ('weightSpecs' in source) return openArtifacts(source, options, hashes);
      if ('topology' in source || 'modelTopology' in source) return openMemory(source, options, hashes);
    }
    const files = await findFiles(source, options, cache);
    const tflite = format === 'tflite' || (format === 'auto' && /\.tflite$/i.test(files.main.path));
    if (tflite) loadParser('tflite'); // while the file is on its way
    const main = tflite ? counted(files.main, options) : files.main;
    const content = await readAll(verified(main, hashes), signal);
    const model = tflite
      ? await openTflite(content, { signal: options.signal }, hashes, [files.main.path])
      : await parseModel(content, format, (paths) => paths.map(files.file), options, hashes, files.main.path);
    if (cache === undefined) return model;
    return {
      ...model,
      bytes: () => forgetting(model.bytes(), cache),
      smallWeights: () =>
        model.smallWeights().catch(async (error) => {
          if (isBroken(error)) await cache.forget();
          throw error;
        }),
    };
  } catch (error) {
    if (isBroken(error)) await cache?.forget();
    throw error;
  } finally {
    close();
  }
}

/** @param {unknown} error */
function isBroken(error) {
  return error instanceof XnnError && (error.code === 'bad-model' || error.code === 'integrity');
}

/** A model that is broken must not stay in the cache. @param {AsyncGenerator<WeightPiece>} pieces @param {import('./cache.js').FileCache} cache @returns {AsyncGenerator<WeightPiece>} */
async function* forgetting(pieces, cache) {
  try {
    yield* pieces;
  } catch (error) {
    if (isBroken(error)) await cache.forget();
    throw error;
  }
}

/** The same file, whose reading is reported. @param {ByteFile} file @param {OpenOptions} options @returns {ByteFile} */
function counted(file, { onProgress }) {
  if (onProgress === undefined) return file;
  return {
    path: file.path,
    async open(signal) {
      const opened = await file.open(signal);
      const { size, whole } = opened;
      const report = (/** @type {number} */ loaded) => onProgress({ loaded, total: Math.max(loaded, size ?? 0) });
      const finish = (/** @type {number} */ loaded) => {
        if (loaded < (size ?? 0)) onProgress({ loaded, total: loaded });
      };
      const pieces = (async function* () {
        let loaded = 0;
        for await (const piece of opened) {
          loaded += piece.length;
          report(loaded);
          yield piece;
        }
        finish(loaded);
      })();
      return Object.assign(pieces, {
        size,
        /** @type {import('./files.js').ReadWhole} */
        async whole(expected) {
          const all = await whole?.(expected, report);
          if (all !== undefined) finish(all.length);
          return all;
        },
      });
    },
  };
}

/**
 * @param {Uint8Array} bytes @param {OpenOptions} options @param {ReadonlyMap<string, string>} hashes
 * @param {string[]} checked  Files that integrity may name.
 * @returns {Promise<OpenModel>}
 */
async function openTflite(bytes, options, hashes, checked) {
  checkIntegrityPaths(hashes, checked);
  const { readTflite } = await importPart(import('./tflite.js'));
  const { topology, weights, sources } = readTflite(bytes);
  return {
    format: 'tflite',
    topology: { ...topology },
    weights,
    bytes: () => readSources(weights, sources, options),
    smallWeights: () => collectSmall(weights, readSources(weights, sources, { signal: options.signal })),
  };
}

/** @param {string | URL} source */
async function filesOnDisk(source) {
  return (await importPart(import('./disk.js'))).diskFiles(source);
}

/** @param {OpenOptions['cache']} cache */
async function openCache(cache) {
  return cache === undefined || cache === false ? undefined : (await importPart(import('./cache.js'))).createCache(cache);
}

/** @param {unknown} source @returns {source is Iterable<File>} File[] or FileList */
function isList(source) {
  return typeof source === 'object' && source !== null && Symbol.iterator in source;
}

/** @param {unknown} source @param {OpenOptions} options @param {import('./cache.js').FileCache | undefined} cache @returns {Promise<import('./files.js').ModelFiles>} */
async function findFiles(source, options, cache) {
  if (isList(source)) {
    const files = [...source];
    if (files.length > 0 && files.every((file) => typeof file?.name === 'string' && typeof file.stream === 'function'))
      return blobFiles(files);
  }
  if ((typeof source === 'string' && source !== '') || source instanceof URL) {
    // A scheme has two letters at least: C:\ is a path.
    const absolute = source instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(source);
    if (!absolute && hasDisk()) return filesOnDisk(/** @type {string} */ (source));
    const { document, location } = /** @type {{ document?: Document, location?: Location }} */ (globalThis);
    const base = document?.baseURI ?? location?.href;
    if (!URL.canParse(String(source), base)) throw new XnnError('misuse', `"${source}" is no URL`);
    const url = new URL(source, base);
    return url.protocol === 'file:' && hasDisk() ? filesOnDisk(url) : urlFiles(url, options, cache);
  }
  throw new XnnError('misuse', 'the source is no URL, path, list of files, model in memory or IOHandler');
}

/**
 * @param {Uint8Array} bytes  Of the main file.
 * @param {string} format
 * @param {(paths: string[]) => ByteFile[] | undefined} find
 * @param {OpenOptions} options @param {ReadonlyMap<string, string>} hashes
 * @param {string} [name]
 * @returns {Promise<OpenModel>}
 */
async function parseModel(bytes, format, find, options, hashes, name) {
  if (format === 'tflite' || (format === 'auto' && isTflite(bytes)))
    return openTflite(bytes, options, hashes, name === undefined ? [] : [name]);
  if (name === undefined) throw new XnnError('bad-model', 'these bytes are no TensorFlow Lite model');
  const json = parseJson(bytes, name);
  if (!isObject(json)) throw new XnnError('bad-model', `"${name}" holds no object`);
  const topology = readTopology(json.modelTopology, json);
  const { weights, groups } = parseManifest(json.weightsManifest ?? []);
  const fileGroups = groups.map(({ paths, first, end }) => ({ files: find(paths) ?? [], first, end }));
  return openModel(topology, weights, fileGroups, options, hashes, [name]);
}

/** @param {Uint8Array} bytes @param {string} name @returns {unknown} */
function parseJson(bytes, name) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const hint = bytes[0] === 60 ? ' (it looks like a web page)' : '';
    throw new XnnError('bad-model', `"${name}" is not JSON${hint}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/**
 * What parseGraph needs of a model.json.
 * @param {unknown} modelTopology @param {Record<string, unknown>} json
 */
function readTopology(modelTopology, json) {
  if (asBytes(modelTopology) !== undefined) throw new XnnError('unsupported', 'binary topologies are not supported');
  if (!isObject(modelTopology)) throw new XnnError('bad-model', 'the model has no modelTopology');
  const { signature, userDefinedMetadata } = json;
  return { modelTopology, signature, userDefinedMetadata };
}

/** Layers models hold a Keras config instead of a GraphDef. @param {Record<string, unknown>} topology */
function formatOf({ modelTopology }) {
  return isObject(modelTopology) && ('model_config' in modelTopology || 'class_name' in modelTopology) ? 'tfjs-layers' : 'tfjs-graph';
}

/** @param {Record<string, unknown>} source @param {OpenOptions} options @param {ReadonlyMap<string, string>} hashes */
function openMemory(source, options, hashes) {
  const given = source.topology ?? source.modelTopology;
  // `topology` may be a whole model.json.
  /** @type {Record<string, unknown>} */
  const json =
    isObject(given) && isObject(given.modelTopology)
      ? { ...given, ...source, modelTopology: given.modelTopology }
      : { ...source, modelTopology: given };
  const topology = readTopology(json.modelTopology, json);
  const { weights, groups } = parseManifest(json.weightsManifest ?? []);
  const data = source.weights;
  if (typeof data === 'function') {
    const fileGroups = groups.map(({ paths, first, end }) => ({ files: paths.map((path) => calledFile(path, data)), first, end }));
    return openModel(topology, weights, fileGroups, options, hashes);
  }
  if (Array.isArray(data) && data.length === groups.length) {
    const fileGroups = groups.map(({ first, end }, i) => ({ files: [bufferFile(data[i], `weights[${i}]`)], first, end }));
    return openModel(topology, weights, fileGroups, options, hashes);
  }
  return openModel(topology, weights, [{ files: [bufferFile(data ?? [], 'weights')], first: 0, end: weights.length }], options, hashes);
}

/** @param {unknown} data  A BufferSource, or some that are one sequence of bytes. @param {string} what @returns {ByteFile} */
function bufferFile(data, what) {
  const pieces = (Array.isArray(data) ? data.flat(2) : [data]).map((piece) => {
    const bytes = asBytes(piece);
    if (bytes === undefined) throw new XnnError('misuse', `${what} are neither an ArrayBuffer nor a typed array`);
    return bytes;
  });
  return memoryFile(what, pieces);
}

/** @param {string} path @param {Function} find @returns {ByteFile} */
function calledFile(path, find) {
  return {
    path,
    async open(signal) {
      let data;
      try {
        data = await untilAborted(Promise.resolve(find(path)), signal);
      } catch (error) {
        throw networkError(error, signal, `weights("${path}")`);
      }
      return bufferFile(data, `weights("${path}")`).open(signal);
    },
  };
}

/** @param {Record<string, unknown>} handler @param {AbortSignal} signal */
async function callHandler(handler, signal) {
  try {
    const artifacts = await untilAborted(Promise.resolve(/** @type {Function} */ (handler.load).call(handler)), signal);
    if (isObject(artifacts)) return artifacts;
  } catch (error) {
    throw networkError(error, signal, 'the IOHandler failed');
  }
  throw new XnnError('bad-model', 'the IOHandler gave no model');
}

/** @param {Record<string, unknown>} artifacts  tfjs ModelArtifacts. @param {OpenOptions} options @param {ReadonlyMap<string, string>} hashes */
function openArtifacts(artifacts, options, hashes) {
  const topology = readTopology(artifacts.modelTopology, artifacts);
  const weights = parseSpecs(artifacts.weightSpecs ?? []);
  const { weightData, getWeightStream } = artifacts;
  const what = 'weightData';
  const streams = (weightData === undefined || weightData === null) && typeof getWeightStream === 'function';
  const file = streams ? streamFile(what, () => getWeightStream.call(artifacts)) : bufferFile(weightData ?? [], what);
  return openModel(topology, weights, [{ files: [file], first: 0, end: weights.length }], options, hashes);
}

/**
 * @param {Record<string, unknown>} topology
 * @param {WeightSpec[]} weights @param {FileGroup[]} groups
 * @param {OpenOptions} options @param {ReadonlyMap<string, string>} hashes
 * @param {string[]} [checked]  Other files that integrity may name.
 * @returns {OpenModel}
 */
function openModel(topology, weights, groups, options, hashes, checked = []) {
  checkIntegrityPaths(hashes, [...checked, ...groups.flatMap(({ files }) => files.map(({ path }) => path))]);
  const sure = groups.map((group) => ({ ...group, files: group.files.map((file) => verified(file, hashes)) }));
  return {
    format: formatOf(topology),
    topology,
    weights,
    bytes: () => readWeights(weights, sure, options),
    smallWeights: () => readSmall(weights, groups, options),
  };
}
