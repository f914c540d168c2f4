// A model's topology → the calls that build our graph, whatever its format.
import { XnnError } from '../errors.js';
import { importPart } from './part.js';

/**
 * What the 8-bit numbers of an input or output mean: (value - zeroPoint) * scale.
 * @typedef {{ scale: number, zeroPoint: number }} PortQuantization
 *
 * A value ref names a tensor of a description; each format has its own.
 *
 * @typedef {object} GraphDescription
 * @property {{ name: string, dtype: import('../wasm.js').Dtype, shape: number[], quantization?: PortQuantization }[]} inputs  -1 where
 *   free; all that the model has, also those that these outputs do not need. Their value refs are their names.
 * @property {{ name: string, value: string, quantization?: PortQuantization }[]} outputs
 * @property {{ value: string, weight: number }[]} weights  Constants that nodes use as tensors: value ref → index of the weight.
 * @property {{ value: string, dtype: import('../wasm.js').Dtype, shape: number[], data: import('../wasm.js').Values }[]} [constants]
 *   Small ones that are in no file: made by the parser.
 * @property {{ op: string, name: string, inputs: (string | null)[], attrs: Record<string, number | number[]>, output: string }[]} nodes
 *   Sorted: a node's inputs come before it. Only those that the outputs need. op and attrs are those of src/ops.def; null is
 *   an optional input that is absent.
 *
 * What a parser takes: the topology, all weights, the values of the small ones (decodeWeight) by name, and names of the
 * outputs that are wanted instead of the model's own.
 * @typedef {(topology: Record<string, unknown>, weights: readonly import('./tfjs-manifest.js').WeightSpec[],
 *   constants: ReadonlyMap<string, import('./tfjs-manifest.js').WeightValues>, options: { outputs?: readonly string[] }) =>
 *   GraphDescription} Parser
 */

/** Each is a part of its own. @type {ReadonlyMap<string, () => Promise<Parser>>} */
const PARSERS = new Map([
  ['tfjs-graph', async () => (await importPart(import('./tfjs-graph.js'))).parseGraph],
  ['tflite', async () => (await importPart(import('./tflite.js'))).parseTflite],
  ['tfjs-layers', async () => (await importPart(import('./tfjs-layers.js'))).parseLayers],
]);

/**
 * @param {string} format
 * @returns {Promise<Parser>}
 * @throws {XnnError} 'unsupported', in the call itself; 'network'
 */
export function loadParser(format) {
  const load = PARSERS.get(format);
  if (load === undefined) throw new XnnError('unsupported', `models of the format ${format} are not supported`);
  const parser = load();
  parser.catch(() => {}); // told to whoever awaits it
  return parser;
}
