// From a model's files to a compiled model: small constants first, the graph as soon as they are there, then every large
// weight on its way through staging as its bytes arrive.
import { XnnError } from './errors.js';
import { isSmall } from './load/bytes.js';
import { loadParser } from './load/parse.js';
import { createCollector } from './load/partial.js';
import { decodeWeight } from './load/tfjs-manifest.js';
import { fitsShape } from './tensors.js';

/** What a free side is taken to be where the model cannot be built for 1: most networks for images halve this 5 times. */
const LIKELY_SIZE = 256;
/** In inputShapes: every input that has as many dimensions and is not named itself. */
const ANY_INPUT = '*';
/** XJ_NONE */
const ABSENT = -1;

/**
 * @typedef {import('./load/tfjs-manifest.js').WeightSpec} WeightSpec
 * @typedef {import('./load/parse.js').GraphDescription} GraphDescription
 * @typedef {import('./wasm.js').CoreModel} CoreModel
 * @typedef {import('./tensors.js').Port} Port
 *
 * What decides about the graph. optimize: false leaves out the passes, but not the one that precision: 'int8' is.
 * @typedef {{ outputs?: string[], inputShapes?: Record<string, number[]>, optimize?: boolean, precision?: 'float32' | 'int8' }} BuildOptions
 *
 * A model that waits for its weights. inputs: with what inputShapes allows; shapes: those that it is first compiled for,
 * guessed where the model leaves more than its batch free and nobody has said the size.
 * @typedef {{ model: CoreModel, description: GraphDescription, inputs: Port[], shapes: number[][], guessed: boolean }} BuiltModel
 */

/**
 * Issues the builder calls of a description.
 * @param {import('./wasm.js').Core} core
 * @param {GraphDescription} description
 * @param {readonly WeightSpec[]} weights
 * @param {ReadonlyMap<string, import('./load/tfjs-manifest.js').WeightValues>} constants
 * @param {readonly number[][]} declared  The inputs' shapes that the graph is built for.
 * @param {readonly number[][]} shapes  What the inputs may have, -1 where any size.
 * @param {{ optimize: boolean, precision: 'float32' | 'int8' }} options
 * @returns {CoreModel}
 */
function buildGraph(core, description, weights, constants, declared, shapes, options) {
  const graph = core.createGraph();
  /** @type {GraphDescription['nodes'][number] | undefined} */
  let current;
  // Where inputShapes, not the model, say a size, it is not the model that is wrong.
  const byUser = description.inputs.some(({ shape }, i) => shape.some((dim, axis) => dim === -1 && declared[i][axis] !== 1));
  try {
    /** @type {Map<string, number>} */
    const ids = new Map();
    description.inputs.forEach(({ name, dtype }, i) => {
      const id = graph.input(name, dtype, declared[i]);
      if (!sameShape(shapes[i], declared[i])) graph.inputShape(id, shapes[i]);
      ids.set(name, id);
    });
    for (const { value, weight } of description.weights) {
      const { name, dtype, shape, storage } = weights[weight];
      const small = constants.get(name);
      const kind = /** @type {import('./wasm.js').Dtype} */ (dtype);
      ids.set(value, small === undefined ? graph.weight(weight, kind, shape, storage) : graph.constant(kind, shape, small));
    }
    for (const { value, dtype, shape, data } of description.constants ?? []) ids.set(value, graph.constant(dtype, shape, data));
    const idOf = (/** @type {string | null} */ ref) => {
      const id = ref === null ? ABSENT : ids.get(ref);
      if (id === undefined) throw new XnnError('bad-model', `there is no value "${ref}"`);
      return id;
    };
    for (const node of description.nodes) {
      current = node;
      ids.set(node.output, graph.node(node.op, node.name, node.inputs.map(idOf), node.attrs));
    }
    current = undefined;
    for (const { name, value } of description.outputs) graph.output(name, idOf(value));
    return graph.compile(options);
  } catch (error) {
    graph.release();
    if (current !== undefined && error instanceof XnnError && error.code === 'unsupported')
      error.unsupported ??= [{ op: current.op, node: current.name, reason: error.message }];
    throw byUser ? error : asModelError(error);
  }
}

/** Shapes that do not go together are the model's fault here: no user has given one yet. @param {unknown} error */
function asModelError(error) {
  if (!(error instanceof XnnError) || error.code !== 'bad-shape') return error;
  return new XnnError('bad-model', error.message, { node: error.node, cause: error });
}

/**
 * Builds and compiles the graph of an opened model.
 * @param {import('./wasm.js').Core} core
 * @param {Pick<import('./load/source.js').OpenModel, 'topology' | 'weights'>} opened
 * @param {import('./load/parse.js').Parser} parse  Of its format.
 * @param {ReadonlyMap<number, Uint8Array>} small  The bytes of all small weights (isSmall), by index.
 * @param {BuildOptions} options
 * @returns {BuiltModel}
 * @throws {XnnError} 'bad-model', 'unsupported'; 'misuse' and 'bad-shape' where options do not fit the model.
 */
export function buildModel(core, { topology, weights }, parse, small, options) {
  /** @type {Map<string, import('./load/tfjs-manifest.js').WeightValues>} */
  const constants = new Map();
  weights.forEach((spec, i) => {
    const bytes = small.get(i) ?? (spec.byteLength === 0 && spec.dtype !== 'string' ? new Uint8Array(0) : undefined);
    if (bytes !== undefined) constants.set(spec.name, decodeWeight(spec, bytes));
  });
  const description = parse(topology, weights, constants, { outputs: options.outputs });
  const given = givenShapes(description.inputs, options.inputShapes);
  const inputs = description.inputs.map((input, i) => ({
    name: input.name,
    dtype: input.dtype,
    shape: allowedShape(input.shape, given[i]),
    ...(given[i] !== undefined && { declared: input.shape }),
    ...meaningOf(input),
  }));
  const allowed = inputs.map(({ shape }) => shape);
  const how = { optimize: options.optimize ?? true, precision: options.precision ?? 'float32' };
  const build = (/** @type {number} */ free) => {
    const declared = description.inputs.map(({ shape }, i) => declaredShape(shape, given[i], free));
    const model = buildGraph(core, description, weights, constants, declared, allowed, how);
    return { model, description, inputs, shapes: declared.map((shape, i) => firstShape(shape, given[i])) };
  };
  try {
    return { ...build(1), guessed: false };
  } catch (error) {
    const isTooSmall =
      error instanceof XnnError && (error.code === 'bad-shape' || /** @type {XnnError} */ (error.cause)?.code === 'bad-shape');
    const isOpen = description.inputs.some(({ shape }, i) =>
      shape.some((dim, axis) => axis > 0 && dim === -1 && !(Number(given[i]?.[axis]) >= 0)),
    );
    if (!isTooSmall || !isOpen) throw error;
    try {
      return { ...build(LIKELY_SIZE), guessed: true };
    } catch {
      throw error;
    }
  }
}

/** @param {BuiltModel} built @returns {Port[]} */
export function outputsOf({ model, description }) {
  return description.outputs.map((output, i) => ({ name: output.name, ...model.outputType(i), ...meaningOf(output) }));
}

/** Feeds the weights that the model wants, from pieces in the order of the files. */
function createFeeder(/** @type {CoreModel} */ model, /** @type {readonly WeightSpec[]} */ weights) {
  const indices = new Map(model.wanted.map((id, index) => [id, index]));
  return (/** @type {{ weight: number, offset: number, bytes: Uint8Array }} */ { weight, offset, bytes }) => {
    const index = indices.get(weight);
    if (index === undefined) return;
    model.stage(offset, bytes);
    if (offset + bytes.length < weights[weight].byteLength) return;
    model.feed(index);
    indices.delete(weight);
  };
}

/**
 * @param {import('./wasm.js').Core} core
 * @param {Pick<import('./load/source.js').OpenModel, 'format' | 'topology' | 'weights' | 'bytes'>} opened
 * @param {BuildOptions} options
 * @returns {Promise<{ core: CoreModel, inputs: Port[], outputs: Port[], shapes: number[][], guessed: boolean }>}
 */
export async function compileModel(core, opened, options) {
  const { weights, bytes } = opened;
  const parser = loadParser(opened.format); // fetched while the weights are
  const collector = createCollector(weights);
  /** @type {import('./load/bytes.js').WeightPiece[]} what came before the graph could be built */
  let held = [];
  let smallLeft = weights.filter(isSmall).length;
  /** @type {unknown} what is wrong with the model, unless its files are not whole, which their end tells */
  let broken;
  /** @type {BuiltModel & { feed: ReturnType<typeof createFeeder> } | undefined} */
  let built;

  const build = async () => {
    const made = buildModel(core, opened, await parser, collector.all, options);
    built = { ...made, feed: createFeeder(made.model, weights) };
    const pieces = held;
    held = [];
    for (const piece of pieces) built.feed(piece);
    return built;
  };

  try {
    if (smallLeft === 0) await build();
    for await (const piece of bytes()) {
      if (broken !== undefined) continue;
      if (isSmall(weights[piece.weight])) {
        if (collector.take(piece)) smallLeft--;
      } else if (built === undefined) {
        held.push(piece);
      } else {
        built.feed(piece);
      }
      if (built !== undefined || smallLeft > 0) continue;
      try {
        await build();
      } catch (error) {
        if (!(error instanceof XnnError) || error.code !== 'bad-model') throw error;
        broken = error;
      }
    }
    if (broken !== undefined) throw broken;
    const done = built ?? (await build());
    return { core: done.model, inputs: done.inputs, outputs: outputsOf(done), shapes: done.shapes, guessed: done.guessed };
  } catch (error) {
    built?.model.release();
    throw error;
  }
}

/** What the numbers of an input or output mean, where they are quantised. @param {Pick<Port, 'quantization'>} port */
function meaningOf({ quantization }) {
  return quantization === undefined ? {} : { quantization };
}

/**
 * inputShapes, one for each input: undefined where none is given.
 * @param {readonly Port[]} inputs @param {Record<string, number[]>} [given]
 * @returns {(number[] | undefined)[]}
 */
function givenShapes(inputs, given = {}) {
  const names = inputs.map(({ name }) => name);
  for (const name of Object.keys(given))
    if (name !== ANY_INPUT && !names.includes(name))
      throw new XnnError('misuse', `inputShapes: the model has no input "${name}", only ${names.map((known) => `"${known}"`).join(', ')}`);
  return inputs.map(({ name, shape }) => {
    const own = Object.hasOwn(given, name);
    if (!own && !(Array.isArray(given[ANY_INPUT]) && given[ANY_INPUT].length === shape.length)) return undefined;
    const wanted = given[own ? name : ANY_INPUT];
    if (!Array.isArray(wanted)) throw new XnnError('misuse', `inputShapes: "${name}" is ${String(wanted)} instead of a list of numbers`);
    const fits = fitsShape(
      wanted.map((dim) => (dim === -1 ? 0 : dim)),
      shape.map(() => -1),
    );
    if (!fits) throw new XnnError('bad-shape', `inputShapes: input "${name}" has shape [${shape}], [${wanted}] is given`);
    return wanted;
  });
}

/** What an input may have: a dimension that the model leaves free stays so. @param {number[]} declared @param {number[]} [given] */
function allowedShape(declared, given = declared) {
  return declared.map((dim, i) => (dim === -1 ? -1 : given[i]));
}

/**
 * What a graph is built for: where the model leaves the size free the one that is given, else a batch of one and `free`.
 * @param {number[]} shape @param {number[] | undefined} given @param {number} free
 */
function declaredShape(shape, given, free) {
  return shape.map((dim, i) => (dim !== -1 ? dim : given !== undefined && given[i] >= 0 ? given[i] : i === 0 ? 1 : free));
}

/** What a model is first compiled for. @param {number[]} declared @param {number[]} [given] */
function firstShape(declared, given = declared) {
  return declared.map((dim, i) => (given[i] === -1 ? dim : given[i]));
}

/** @param {readonly number[]} a @param {readonly number[]} b */
function sameShape(a, b) {
  return a.every((dim, i) => dim === b[i]);
}
