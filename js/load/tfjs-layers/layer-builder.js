// Collects the nodes of our graph while the rows of tfjs-layers-ops.js describe their layers.
import { badLayer, readConfig, unsupportedLayer } from './layer-config.js';
import { countOf, NO_SIZE, shapeOf } from './layer-shapes.js';
import { createWeightFinder } from './layer-weights.js';

/**
 * @typedef {import('../parse.js').GraphDescription} GraphDescription
 * @typedef {import('./layer-models.js').Layer} Layer
 * @typedef {import('../tfjs-layers-ops.js').LayerRow} LayerRow
 * @typedef {import('./layer-shapes.js').Attributes} Attributes
 *
 * A tensor of our graph. masked: time steps of it are to be left out, as Masking and Embedding say.
 * @typedef {{ ref: string, dtype: import('../../wasm.js').Dtype, shape: number[], masked?: boolean }} Value
 *
 * How long an axis of a value is, or how many elements `count` axes from it on have.
 * @typedef {{ of: Value, axis: number, count?: number }} Size
 *
 * What a row sees of its layer.
 * @typedef {object} LayerView
 * @property {import('./layer-config.js').LayerConfig} config
 * @property {Value[]} inputs
 * @property {Value} x  The first of them.
 * @property {(op: string, inputs: (Value | null)[], attrs?: Attributes, type?: Partial<Pick<Value, 'dtype' | 'shape'>>) => Value} emit
 *   Adds a node. The type needs to be told where it is neither that of the first input nor known to layer-shapes.js.
 * @property {(name: string | string[], rank?: number) => Value} weight  A variable of the layer; several names are alternatives.
 *   To be asked for in the order in which tfjs-layers makes them.
 * @property {(values: number[], options?: { dtype?: 'float32' | 'int32', shape?: number[] }) => Value} constant  A scalar, or as `shape` says.
 * @property {(x: Value, dtype: 'float32' | 'int32' | 'bool') => Value} cast  Nothing where it is of this dtype.
 * @property {(x: Value, dims: (number | Size)[], settings?: { computed?: boolean }) => Value} reshape  To these sizes. computed: one
 *   that is free is read where it stands, not left over as -1.
 * @property {(message: string) => never} bad
 * @property {(message: string) => never} unsupported
 * @property {(row: LayerRow, inputs: Value[], config: Record<string, unknown>) => Value} apply  Another class with a config of its own.
 */

/** Where a layer is of several nodes, the one of these has its name. @type {ReadonlySet<string>} */
const MAIN_OPS = new Set([
  ...['conv2d', 'depthwise_conv2d', 'conv2d_transpose', 'conv3d', 'dense', 'batch_matmul', 'gather', 'mean', 'reduce_max'],
  ...['max_pool2d', 'avg_pool2d', 'max_pool3d', 'avg_pool3d', 'resize_bilinear', 'resize_nearest', 'layer_norm', 'prelu', 'bincount'],
]);
/** xj_dtype */
const DTYPES = ['float32', 'int32', 'bool'];

/**
 * @param {readonly import('../tfjs-manifest.js').WeightSpec[]} specs
 * @param {readonly Value[]} ports  The model's inputs, whose refs are their names.
 */
export function createBuilder(specs, ports) {
  const taken = new Set(ports.map(({ ref }) => ref));
  const finder = createWeightFinder(specs);
  /** @type {Map<number, Value>} */
  const used = new Map();
  /** @type {GraphDescription['weights']} */
  const weights = [];
  /** @type {NonNullable<GraphDescription['constants']>} */
  const constants = [];
  /** @type {GraphDescription['nodes']} */
  const nodes = [];
  return { add, weights, constants, nodes };

  /** A ref that nothing has yet. @param {string} wish */
  function freshRef(wish) {
    let ref = `${wish}#${taken.size}`;
    while (taken.has(ref)) ref += '#';
    taken.add(ref);
    return ref;
  }

  /**
   * Describes one call of a layer.
   * @param {Layer} layer  One that has a row. @param {number} number  Of the call. @param {Value[]} inputs
   * @returns {Value}
   */
  function add(layer, number, inputs) {
    const { row } = layer;
    if (row === undefined) throw new TypeError(`layer "${layer.path}" has no row`);
    const [least, most] = row.inputs ?? [1, 1];
    if (inputs.length < least || inputs.length > most)
      badLayer(layer, `has ${inputs.length} inputs, needs ${least === most ? least : `${least} to ${most}`}`);
    const first = nodes.length;
    const result = describe(layer, row, layer.config, inputs, { variables: [] });
    nameNodes(nodes.slice(first), number === 0 ? layer.path : `${layer.path}:${number}`);
    const masked = row.masked?.(readConfig(layer, layer.config)) ?? (row.masking === true && inputs.some((input) => input.masked));
    return masked === (result.masked ?? false) ? result : { ...result, masked };
  }

  /**
   * @param {Layer} layer @param {LayerRow} row @param {Record<string, unknown>} settings @param {Value[]} given
   * @param {{ variables: string[] }} state
   * @returns {Value}
   */
  function describe(layer, row, settings, given, state) {
    const cast = (/** @type {Value} */ x, /** @type {Value['dtype']} */ dtype) =>
      x.dtype === dtype ? x : emit('cast', [x], { dtype: DTYPES.indexOf(dtype) }, { dtype });
    const inputs = row.anyType === true ? given : given.map((x) => cast(x, 'float32'));
    const { rank } = row;
    for (const { shape } of inputs)
      if (rank !== undefined && shape.length !== rank) badLayer(layer, `its input has ${shape.length} dimensions, not ${rank}`);
    return row.build({
      config: readConfig(layer, settings),
      inputs,
      x: inputs[0],
      emit,
      weight,
      constant,
      cast,
      reshape,
      bad: (message) => badLayer(layer, message),
      unsupported: (message) => unsupportedLayer(layer, message),
      apply: (other, values, config) => describe(layer, other, config, values, state),
    });

    /** @type {LayerView['emit']} */
    function emit(op, operands, attrs = {}, type = {}) {
      const present = operands.filter((value) => value !== null);
      const shape = type.shape ?? shapeOf(op, present.map((value) => value.shape), attrs); // biome-ignore format: one idea
      if (shape.includes(NO_SIZE)) badLayer(layer, `${op} of [${present[0].shape}] has no size`);
      const output = freshRef(layer.path);
      nodes.push({ op, name: '', inputs: operands.map((value) => value?.ref ?? null), attrs, output });
      return { ref: output, dtype: type.dtype ?? present[0].dtype, shape };
    }

    /** @type {LayerView['weight']} */
    function weight(name, wanted) {
      const names = [name].flat();
      if (!state.variables.includes(names[0])) state.variables.push(names[0]);
      const index = finder.find(layer, names, state.variables.indexOf(names[0]));
      const value = used.get(index) ?? useWeight(layer, index);
      if (wanted !== undefined && value.shape.length !== wanted)
        badLayer(layer, `weight "${specs[index].name}" has shape [${value.shape}], not ${wanted} dimensions`);
      return value;
    }

    /** @type {LayerView['constant']} */
    function constant(values, { dtype = 'float32', shape = [] } = {}) {
      const value = freshRef(layer.path);
      constants.push({ value, dtype, shape, data: dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values) });
      return { ref: value, dtype, shape };
    }

    /** @type {LayerView['reshape']} */
    function reshape(x, dims, { computed = false } = {}) {
      const known = dims.map((dim) => (typeof dim === 'number' ? dim : countOf(dim.of.shape.slice(dim.axis, dim.axis + (dim.count ?? 1)))));
      // A -1 is clear as long as nothing but the batch is free.
      const clear = !computed && known.filter((size) => size < 0).length <= 1 && x.shape.slice(1).every((size) => size >= 0);
      if (clear || known.every((size) => size >= 0)) return emit('reshape', [x], { shape: known });
      const parts = dims.map((dim, i) =>
        typeof dim === 'number' || known[i] >= 0 ? constant([known[i]], { dtype: 'int32', shape: [1] }) : sizeOf(dim),
      );
      return emit('reshape', [x, emit('concat', parts, { axis: 0 })], {}, { shape: known });
    }

    /** As int32 [1]. @param {Size} size */
    function sizeOf({ of, axis, count = 1 }) {
      const shape = emit('shape', [of], {}, { dtype: 'int32', shape: [of.shape.length] });
      const sizes = emit('slice', [shape], { axes: [0], begin: [axis], size: [count] }, { shape: [count] });
      return count === 1 ? sizes : emit('reduce_prod', [sizes], { axes: [0], keep_dims: 1 }, { shape: [1] });
    }
  }

  /** @param {Layer} layer @param {number} index @returns {Value} */
  function useWeight(layer, index) {
    const { name, dtype, shape } = specs[index];
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') unsupportedLayer(layer, `weight "${name}" holds ${dtype} values`);
    /** @type {Value} */
    const value = { ref: freshRef(name), dtype, shape };
    weights.push({ value: value.ref, weight: index });
    used.set(index, value);
    return value;
  }
}

/** @param {GraphDescription['nodes']} nodes  Those of one layer. @param {string} name */
function nameNodes(nodes, name) {
  const main = nodes.find(({ op }) => MAIN_OPS.has(op)) ?? nodes.at(-1);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const node of nodes) {
    const count = counts.get(node.op) ?? 0;
    counts.set(node.op, count + 1);
    node.name = node === main ? name : `${name}/${node.op}${count === 0 ? '' : `_${count}`}`;
  }
}
