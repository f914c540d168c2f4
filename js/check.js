// Whether and how a model would run, found out without its large weights: the graph is built and compiled, the weights are
// zeros.
import { buildModel, outputsOf } from './compile.js';
import { XnnError } from './errors.js';
import { instantiate } from './instantiate.js';
import { throwIfAborted } from './load/abort.js';
import { foreignOps } from './load/foreign-ops.js';
import { loadParser } from './load/parse.js';
import { openSource } from './load/source.js';
import { chooseVariant } from './variants.js';

/**
 * @typedef {import('./load/source.js').OpenModel} OpenModel
 * @typedef {import('./tensors.js').Port} Port
 *
 * As for load(). A file's `integrity` is only checked where the file is read whole.
 * @typedef {Omit<import('./load/source.js').OpenOptions, 'onProgress'> & { outputs?: string[], inputShapes?: Record<string, number[]>,
 *   variant?: 'auto' | import('./variants.js').Variant, wasm?: import('./instantiate.js').WasmOption }} CheckOptions
 *
 * What check() finds. `flops` and `memory` are those of one thread, and there where the model is supported.
 * @typedef {object} Report
 * @property {OpenModel['format'] | 'unknown'} format
 * @property {boolean} supported
 * @property {import('./errors.js').Unsupported[]} unsupported  All ops that are missing, with the first node of each; or the one
 *   thing that is found first.
 * @property {Port[]} inputs  As the loaded model's; none where it is not supported.
 * @property {Port[]} outputs
 * @property {{ op: string, count: number, flops?: number }[]} ops  The steps of a run, what computes most first; where the model
 *   is not supported the ops of its own format.
 * @property {number} nodes  Of the graph before the passes; where the model is not supported of its own graph.
 * @property {number} parameters  Numbers that the model has learned: the elements of its constants but integers of 32 bits
 *   and truth values, which are shapes and indices.
 * @property {number} weightBytes  As stored in the files; of TensorFlow Lite as they are taken out: sparse ones are filled up.
 * @property {number} [flops]  Of a run with the first shapes: those of inputShapes, 1 for what is free.
 * @property {{ weights: number, arena: number, staging: number, peak: number }} [memory]  Bytes: packed weights; what a run
 *   needs; the largest weight on its way; and the most that loading and running take, together with all else.
 * @property {string[]} [notes]  What limits these statements.
 */

/**
 * Says whether and how a model would run, without downloading its weights: of their files only the small constants are read
 * (HTTP ranges; from servers without them the files' beginnings); a .tflite file is read whole. Takes the memory that load() would take, for a moment.
 * @param {unknown} source  As for Runtime.load.
 * @param {CheckOptions} [options]
 * @returns {Promise<Report>}
 * @throws {XnnError} as Runtime.load for what is broken, and never for a model that is not supported.
 */
export async function check(source, options = {}) {
  const variant = chooseVariant(options.variant ?? 'auto');
  /** @type {OpenModel | undefined} */
  let opened;
  /** @type {import('./load/parse.js').Parser} */
  let parse;
  /** @type {Map<number, Uint8Array>} */
  let small;
  try {
    opened = await openSource(source, options);
    parse = await loadParser(opened.format);
    small = await opened.smallWeights();
  } catch (error) {
    return refusal(error, opened);
  }
  const { core, terminate } = await instantiate({ variant, threads: 1, wasm: options.wasm });
  try {
    throwIfAborted(options.signal);
    return examine(core, opened, parse, small, options);
  } catch (error) {
    return refusal(error, opened);
  } finally {
    core.stop();
    terminate();
  }
}

/** @param {unknown} error @param {OpenModel} [opened] @returns {Report} */
function refusal(error, opened) {
  if (!(error instanceof XnnError) || error.code !== 'unsupported') throw error;
  const ops = opened === undefined ? [] : foreignOps(opened.format, opened.topology);
  return {
    format: opened?.format ?? 'unknown',
    supported: false,
    unsupported: error.unsupported ?? [{ op: '', node: error.node ?? '', reason: error.message }],
    inputs: [],
    outputs: [],
    ops,
    nodes: sum(ops.map(({ count }) => count)),
    parameters: countParameters(opened?.weights ?? []),
    weightBytes: sum((opened?.weights ?? []).map(({ byteLength }) => byteLength)),
  };
}

/**
 * @param {import('./wasm.js').Core} core @param {OpenModel} opened @param {import('./load/parse.js').Parser} parse
 * @param {ReadonlyMap<number, Uint8Array>} small @param {CheckOptions} options
 * @returns {Report}
 */
function examine(core, opened, parse, small, options) {
  const { format, weights } = opened;
  const { outputs: wanted, inputShapes } = options;
  const built = buildModel(core, opened, parse, small, { outputs: wanted, inputShapes });
  const { model, description, inputs, shapes } = built;
  try {
    const staging = feedZeros(model, weights);
    const outputs = outputsOf(built);
    const program = model.createProgram(shapes);
    const { weightBytes, arenaBytes, peakHeapBytes } = core.memory(); // describing steps takes some, too
    const steps = program.steps();
    const notes = [...freeNotes(inputs, shapes), ...integrityNotes(options)];
    return {
      format,
      supported: true,
      unsupported: [],
      inputs,
      outputs,
      ops: countSteps(steps),
      nodes: description.nodes.length,
      parameters: countParameters(description.weights.map(({ weight }) => weights[weight])),
      weightBytes: sum(weights.map(({ byteLength }) => byteLength)),
      flops: sum(steps.map(({ flops }) => flops)),
      memory: { weights: weightBytes, arena: arenaBytes, staging, peak: peakHeapBytes },
      ...(notes.length === 0 ? {} : { notes }),
    };
  } finally {
    model.release();
  }
}

/**
 * Packs zeros in place of all weights that are wanted: takes the memory, and computes what follows from them, as loading does.
 * @param {import('./wasm.js').CoreModel} model @param {OpenModel['weights']} weights
 * @returns {number}  Bytes of staging.
 */
function feedZeros(model, weights) {
  const bytes = model.wanted.reduce((most, weight) => Math.max(most, weights[weight].byteLength), 0);
  const zeros = new Uint8Array(Math.min(bytes, 1 << 20));
  for (let at = 0; at < bytes; at += zeros.length) model.stage(at, zeros.subarray(0, bytes - at));
  for (const index of model.wanted.keys()) model.feed(index);
  return bytes;
}

/** @param {readonly number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** @param {readonly import('./load/tfjs-manifest.js').WeightSpec[]} weights */
function countParameters(weights) {
  const learned = weights.filter(({ dtype }) => !['int32', 'bool', 'string'].includes(dtype));
  return sum(learned.map(({ shape }) => shape.reduce((product, size) => product * size, 1)));
}

/** @param {readonly import('./wasm.js').StepInfo[]} steps */
function countSteps(steps) {
  /** @type {Map<string, { op: string, count: number, flops: number }>} */
  const counts = new Map();
  for (const { op, flops } of steps) {
    const { count, flops: before } = counts.get(op) ?? { count: 0, flops: 0 };
    counts.set(op, { op, count: count + 1, flops: before + flops });
  }
  return [...counts.values()].sort((a, b) => b.flops - a.flops || b.count - a.count);
}

/** @param {readonly Port[]} inputs @param {readonly number[][]} shapes */
function freeNotes(inputs, shapes) {
  return inputs.flatMap(({ name, shape }, i) =>
    shape.includes(-1) ? [`input "${name}" has the free shape [${shape}]; flops and memory are those of [${shapes[i]}]`] : [],
  );
}

/** @param {CheckOptions} options */
function integrityNotes({ integrity }) {
  return integrity === undefined ? [] : ['hashes of files with weights were not checked, since only parts of them were read'];
}
