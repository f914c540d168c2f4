// The models of the comparison, each in every format that there is of it, written to out/bench/ where no package has the file.
// Architectures have seeded weights; those of @vladmandic/human and MediaPipe's packages are real.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mediapipeModel } from '../demo/assets/mediapipe.js';
import { readGraph } from '../tests/support/architectures/from-graph.js';
import { ARCHITECTURES } from '../tests/support/architectures/index.js';
import { count } from '../tests/support/architectures/network.js';
import { teachableImage } from '../tests/support/architectures/teachable.js';
import { toGraphModel } from '../tests/support/architectures/to-graph.js';
import { toOnnx } from '../tests/support/architectures/to-onnx.js';
import { toTflite } from '../tests/support/architectures/to-tflite.js';
import { seeded } from '../tests/support/random.js';

/**
 * @typedef {import('./engines/index.js').Format} Format
 * @typedef {import('./contestant.js').Port} Port
 * @typedef {{ modelTopology: object, weightSpecs: object[], weightData: ArrayBuffer, signature?: object, format?: string }} Artifacts
 *
 * @typedef {object} BenchModel
 * @property {string} name
 * @property {Partial<Record<Format, string>>} files  Paths in the project.
 * @property {string} inputs  Path of the values of all ports.
 * @property {Port[]} ports
 */

const ROOT = new URL('../', import.meta.url);
const FOLDER = 'out/bench/';
const SHARD_BYTES = 4 * 2 ** 20; // as tensorflowjs_converter cuts weights
const VOCABULARY = 30522;

/** @type {Record<string, Port>} */
const HUMAN = {
  facemesh: { name: 'input_1', shape: [1, 192, 192, 3], dtype: 'float32' },
  blazeface: { name: 'input', shape: [1, 256, 256, 3], dtype: 'float32' },
  emotion: { name: 'input_1', shape: [1, 64, 64, 1], dtype: 'float32' },
  'movenet-lightning': { name: 'input', shape: [1, 192, 192, 3], dtype: 'int32' },
  'handlandmark-lite': { name: 'input_1', shape: [1, 224, 224, 3], dtype: 'float32' },
};
/** Those of them whose ops from-graph.js knows; the peers lack the others. */
const CONVERTED = ['facemesh', 'blazeface', 'emotion'];
/** Teachable Machine's image networks, layers models. @type {Record<string, { grayscale: boolean, shape: number[] }>} */
const TEACHABLE = {
  'teachable-rgb': { grayscale: false, shape: [1, 224, 224, 3] },
  'teachable-grayscale': { grayscale: true, shape: [1, 96, 96, 1] },
};
/** @type {Record<string, Port>} */
const TFLITE = { 'face_landmark.tflite': { name: 'input_1', shape: [1, 192, 192, 3], dtype: 'float32' } };

export const MODEL_NAMES = [HUMAN, TEACHABLE, TFLITE, ARCHITECTURES].flatMap(Object.keys);
export const DEFAULT_MODELS = ['facemesh', 'blazeface', 'movenet-lightning', 'mobilenet-v2', 'posenet', 'teachable-rgb', 'mobilebert'];

/** @param {string} path @param {string | Uint8Array} content */
async function write(path, content) {
  const url = new URL(path, ROOT);
  await mkdir(dirname(decodeURIComponent(url.pathname)), { recursive: true });
  await writeFile(url, content);
  return path;
}

/** A model.json with its shards. @param {string} folder @param {Artifacts} artifacts */
async function writeArtifacts(folder, { weightSpecs, weightData, ...topology }) {
  /** @type {string[]} */
  const paths = [];
  for (let at = 0; at < weightData.byteLength; at += SHARD_BYTES) {
    const path = `group1-shard${paths.length + 1}.bin`;
    await write(folder + path, new Uint8Array(weightData, at, Math.min(SHARD_BYTES, weightData.byteLength - at)));
    paths.push(path);
  }
  return write(`${folder}model.json`, JSON.stringify({ ...topology, weightsManifest: [{ paths, weights: weightSpecs }] }));
}

/** Images in 0 … 1 or of 0 … 255; words, all in use, of two segments. @param {Port[]} ports */
function makeInputs(ports) {
  const random = seeded(1);
  const arrays = ports.map(({ name, shape, dtype }) => {
    const length = count(shape);
    if (dtype === 'float32') return Float32Array.from({ length }, random);
    const last = shape.at(-1) ?? 1;
    return Int32Array.from({ length }, (_, i) => {
      if (name === 'input_ids') return Math.floor(random() * VOCABULARY);
      if (name === 'input_mask') return 1;
      return name === 'segment_ids' ? Number(i % last >= last / 4) : Math.floor(random() * 256);
    });
  });
  return Buffer.concat(arrays.map((array) => new Uint8Array(array.buffer)));
}

/** A network in the formats of the peers. @param {string} folder @param {Parameters<typeof toOnnx>[0]} network */
async function writeConverted(folder, network) {
  return {
    tflite: await write(`${folder}model.tflite`, toTflite(network, { fused: true })),
    onnx: await write(`${folder}model.onnx`, toOnnx(network)),
  };
}

/** @param {string} name @param {string} folder @returns {Promise<{ files: BenchModel['files'], ports: Port[] }>} */
async function writeFiles(name, folder) {
  if (name in HUMAN) {
    const graph = `node_modules/@vladmandic/human/models/${name}.json`;
    const ports = [HUMAN[name]];
    if (!CONVERTED.includes(name)) return { files: { graph }, ports };
    const network = await readGraph(fileURLToPath(new URL(graph, ROOT)));
    return { files: { graph, ...(await writeConverted(folder, network)) }, ports };
  }
  if (name in TFLITE)
    return {
      files: { tflite: await write(`${folder}model.tflite`, mediapipeModel(name.replace('.tflite', ''))) },
      ports: [TFLITE[name]],
    };
  if (name in TEACHABLE) {
    const { grayscale, shape } = TEACHABLE[name];
    const artifacts = /** @type {Artifacts} */ (await teachableImage({ grayscale }));
    return { files: { layers: await writeArtifacts(folder, artifacts) }, ports: [{ name: 'x', shape, dtype: 'float32' }] };
  }
  if (!(name in ARCHITECTURES)) throw new Error(`no model ${name}: ${MODEL_NAMES.join(', ')}`);
  const network = ARCHITECTURES[name]();
  const ports = network.inputs.map(({ name: port, shape, dtype }) => ({
    name: port,
    shape: shape.map((size) => (size === -1 ? 1 : size)),
    dtype: /** @type {Port['dtype']} */ (dtype),
  }));
  return {
    files: {
      graph: await writeArtifacts(`${folder}graph/`, toGraphModel(network)),
      ...(await writeConverted(folder, network)),
    },
    ports,
  };
}

/** @param {string} name @returns {Promise<BenchModel>} */
export async function writeModel(name) {
  const folder = `${FOLDER}${name}/`;
  const { files, ports } = await writeFiles(name, folder);
  return { name, files, ports, inputs: await write(`${folder}inputs.bin`, makeInputs(ports)) };
}

/** Values of some ports. @param {string} name @param {Port[]} ports @param {string} file */
export const writeInputs = (name, ports, file) => write(`${FOLDER}${name}/${file}.bin`, makeInputs(ports));

/** @param {string} name  Of a package in node_modules. @returns {Promise<string>} */
export async function packageVersion(name) {
  return JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, ROOT), 'utf8')).version;
}
