// Collects the nodes of our graph while the operators of a TensorFlow Lite model are gone through: which value stands for
// which tensor, in which form.
import { badNode, unsupportedNode } from '../tfjs-attrs.js';
import { clampTable, isQuantized, lookupTable, quantizationOf, sameQuantization } from './quantized.js';
import { dtypeOf, wantsFloat } from './weights.js';

/**
 * @typedef {import('./file.js').TfliteTensor} TfliteTensor
 * @typedef {import('./file.js').TfliteOperator} TfliteOperator
 * @typedef {import('../parse.js').GraphDescription} GraphDescription
 * @typedef {Record<string, number | number[]>} Attributes
 * @typedef {ReturnType<ReturnType<typeof createBuilder>['viewOf']>} NodeView
 *
 * A foreign op: least and most number of inputs, and what adds our nodes and sets the outputs.
 * @typedef {{ inputs: [least: number, most: number], emit: (view: NodeView) => void }} OpRow
 *
 * A constant that is still to be multiplied by one number for each index of its axis. Layers do that themselves.
 * @typedef {{ scale: string, axis: number, rank: number, zeroPoints: number[] }} Channels
 */

/** xj_dtype */
export const DTYPES = ['float32', 'int32', 'bool', 'uint8', 'int8'];
/** Ops that only prepare or finish another one, which bears the operator's name. */
const HELPERS = ['dequantize', 'dequantize_axis', 'requantize', 'quantize', 'reshape', 'expand_dims', 'transpose', 'shape', 'mul', 'sub'];
/** ActivationFunctionType */
const ACTIVATIONS = ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'];

/**
 * @param {import('./file.js').TfliteTopology} topology
 * @param {readonly import('../tfjs-manifest.js').WeightSpec[]} specs
 * @param {ReadonlyMap<string, import('../tfjs-manifest.js').WeightValues>} known  The values of the small weights, by name.
 */
export function createBuilder({ tensors, inputs }, specs, known) {
  /** @type {GraphDescription['nodes']} */
  const nodes = [];
  /** @type {GraphDescription['weights']} */
  const weights = [];
  /** @type {NonNullable<GraphDescription['constants']>} */
  const constants = [];
  /** @type {Map<number, string>} tensor → its value, of the type that the tensor has */
  const values = new Map(inputs.map((index) => [index, tensors[index].ref]));
  /** @type {Map<number, string>} quantised tensor → the float32 it means */
  const floats = new Map();
  /** Values that are known when the model is compiled. @type {Set<string>} */
  const fixed = new Set();
  /** @type {Map<string, Channels>} value → what is still to be done */
  const channels = new Map();
  /** @type {Map<string, string>} value with Channels → without */
  const plainValues = new Map();
  const names = new Set([...tensors.map(({ ref }) => ref), ...specs.map(({ name }) => name)]);
  /** @type {Set<number>} */
  const used = new Set();

  /** @param {string} stem */
  function freshName(stem) {
    let name = stem;
    for (let i = 1; names.has(name); i++) name = `${stem}_${i}`;
    names.add(name);
    return name;
  }

  /** A weight as a value. @param {number} index */
  function weightValue(index) {
    const value = specs[index].name;
    if (!used.has(index)) {
      used.add(index);
      weights.push({ value, weight: index });
      fixed.add(value);
    }
    return value;
  }

  /** @param {string} name @param {string} op @param {(string | null)[]} given @param {Attributes} [attrs] */
  function emit(name, op, given, attrs = {}) {
    const list = [...given];
    while (list.at(-1) === null) list.pop();
    const output = freshName(`${name}:${op}`);
    nodes.push({ op, name: `${name}/${op}`, inputs: list, attrs, output });
    if (list.every((value) => value === null || fixed.has(value)) && op !== 'random' && op !== 'multinomial') fixed.add(output);
    return output;
  }

  /** @param {string} name @param {import('../../wasm.js').Dtype} dtype @param {number[]} shape @param {import('../../wasm.js').Values} data */
  function constant(name, dtype, shape, data) {
    const value = freshName(`${name}:constant`);
    constants.push({ value, dtype, shape, data });
    fixed.add(value);
    return value;
  }

  /** Does what is still to be done. @param {string} name @param {string} value */
  function plain(name, value) {
    const todo = channels.get(value);
    if (todo === undefined) return value;
    let result = plainValues.get(value);
    if (result !== undefined) return result;
    const { scale, axis, rank, zeroPoints } = todo;
    const shape = Array.from({ length: rank }, (_, i) => (i === axis ? zeroPoints.length : 1));
    result = value;
    if (zeroPoints.some((zero) => zero !== 0))
      result = emit(name, 'sub', [result, constant(name, 'float32', shape, Float32Array.from(zeroPoints))]);
    result = emit(name, 'mul', [result, emit(name, 'reshape', [scale], { shape })]);
    plainValues.set(value, result);
    return result;
  }

  /** The value of a tensor, of its own type. @param {number} index @param {TfliteOperator} user */
  function stored(index, user) {
    const tensor = tensors[index];
    const value = values.get(index);
    if (value !== undefined) return plain(user.name, value);
    if (dtypeOf(tensor.type) === undefined) unsupportedNode(user, `tensor "${tensor.ref}" is of type ${tensor.type}`);
    if (tensor.variable) unsupportedNode(user, `tensor "${tensor.ref}" is a variable`);
    const weight = tensor.weights.stored;
    if (weight === undefined) badNode(user, `tensor "${tensor.ref}" is used before an operator computes it`);
    const made = weightValue(weight);
    values.set(index, made);
    return made;
  }

  /** A quantised tensor as float32, perhaps with Channels. @param {number} index @param {TfliteOperator} user */
  function dequantized(index, user) {
    const done = floats.get(index);
    if (done !== undefined) return done;
    const { weights: made, shape, quantization } = tensors[index];
    const { scales, zeroPoints, axis } = /** @type {import('./file.js').Quantization} */ (quantization);
    let value;
    if (made.float !== undefined && wantsFloat(tensors, user)) {
      value = weightValue(made.float);
      if (made.scale !== undefined) channels.set(value, { scale: weightValue(made.scale), axis, rank: shape.length, zeroPoints });
    } else if (scales.length === 1) {
      value = emit(user.name, 'dequantize', [stored(index, user)], { scale: scales[0], zero_point: zeroPoints[0] });
    } else {
      if (made.scale === undefined)
        unsupportedNode(user, `tensor "${tensors[index].ref}" has ${scales.length} scales, but is computed at run time`);
      const zeros = zeroPoints.some((zero) => zero !== 0)
        ? constant(user.name, 'int32', [zeroPoints.length], Int32Array.from(zeroPoints))
        : null;
      value = emit(user.name, 'dequantize_axis', [stored(index, user), weightValue(made.scale), zeros], { axis });
    }
    floats.set(index, value);
    return value;
  }

  /** What a row sees of an operator, and adds nodes with. @param {TfliteOperator} operator */
  function viewOf(operator) {
    const { name, options } = operator;
    /** @param {string} message @returns {never} */
    const bad = (message) => badNode(operator, message);
    /** @param {string} message @returns {never} */
    const unsupported = (message) => unsupportedNode(operator, message);
    const indexOf = (/** @type {number} */ i) => operator.inputs[i] ?? -1;
    const has = (/** @type {number} */ i) => indexOf(i) >= 0;
    const input = (/** @type {number} */ i) => tensors[has(i) ? indexOf(i) : bad(`input ${i} is missing`)];
    const output = (k = 0) => tensors[operator.outputs[k] ?? bad(`output ${k} is missing`)];
    const storedInput = (/** @type {number} */ i) => stored(has(i) ? indexOf(i) : bad(`input ${i} is missing`), operator);

    /** @param {number} i  As float32, perhaps with Channels. */
    function raw(i) {
      const tensor = input(i);
      if (isQuantized(tensor) || (tensor.type === 'INT32' && tensor.quantization !== undefined)) return dequantized(indexOf(i), operator);
      if (dtypeOf(tensor.type) !== 'float32') unsupported(`input ${i} ("${tensor.ref}") is of type ${tensor.type}`);
      return values.get(indexOf(i)) ?? stored(indexOf(i), operator);
    }
    /** Input i as float32. @param {number} i */
    const float = (i) => plain(name, raw(i));
    /** Input i as float32 or int32. @param {number} i */
    const number = (i) => (dtypeOf(input(i).type) === 'int32' ? storedInput(i) : float(i));
    const emitHere = (/** @type {string} */ op, /** @type {(string | null)[]} */ given, /** @type {Attributes} */ attrs = {}) =>
      emit(name, op, given, attrs);
    /** @param {string} value  Float32. @param {TfliteTensor} tensor */
    const quantize = (value, tensor) => {
      const { scale, zero } = quantizationOf(tensor, operator);
      return emit(name, 'quantize', [value], { scale, zero_point: zero, dtype: DTYPES.indexOf(dtypeOf(tensor.type) ?? '') });
    };
    /** Output k is this value, of the output's own type. @param {string} value @param {number} [k] */
    const set = (value, k = 0) => {
      output(k);
      values.set(operator.outputs[k], value);
    };
    const activation = () => ACTIVATIONS[options.activation ?? 0] ?? bad(`activation ${options.activation}`);

    return {
      operator,
      options,
      count: operator.inputs.length,
      outputs: operator.outputs.length,
      bad,
      unsupported,
      dtypeOf,
      has,
      input,
      output,
      stored: storedInput,
      float,
      number,
      emit: emitHere,
      set,
      activation,
      constant: (
        /** @type {import('../../wasm.js').Dtype} */ dtype,
        /** @type {number[]} */ shape,
        /** @type {import('../../wasm.js').Values} */ data,
      ) => constant(name, dtype, shape, data),
      isConstant: (/** @type {number} */ i) => has(i) && (input(i).constant || fixed.has(values.get(indexOf(i)) ?? '')),

      /** The constant of a layer: scale is null unless there is one for each index of the axis. @param {number} i @param {number} axis */
      layerWeight(i, axis) {
        const value = raw(i);
        const todo = channels.get(value);
        const simple = todo !== undefined && todo.axis === axis && todo.zeroPoints.every((zero) => zero === 0);
        return simple ? { value, scale: todo.scale } : { value: plain(name, value), scale: null };
      },

      /** The scales of a quantised constant as a value. @param {number} i */
      scalesOf(i) {
        const { weights: made, quantization } = input(i);
        if (made.scale !== undefined) return weightValue(made.scale);
        const { scales } = quantization ?? bad(`input ${i} has no scale`);
        return constant(name, 'float32', [scales.length], Float32Array.from(scales));
      },

      /** The elements of a constant, if they are at hand. @param {number} i */
      numbers(i) {
        const weight = has(i) ? input(i).weights.stored : undefined;
        const data = weight === undefined ? undefined : known.get(specs[weight].name);
        return data === undefined ? undefined : [...data];
      },

      /** Input i in the form of output k, for ops that only move elements. @param {number} i @param {number} [k] */
      carry(i, k = 0) {
        const from = input(i);
        const to = output(k);
        if (isQuantized(from) && isQuantized(to)) {
          if (sameQuantization(from, to)) return storedInput(i);
          const x = quantizationOf(from, operator);
          const y = quantizationOf(to, operator);
          const dtype = DTYPES.indexOf(dtypeOf(to.type) ?? '');
          return emit(name, 'requantize', [storedInput(i)], { x_scale: x.scale, x_zero: x.zero, y_scale: y.scale, y_zero: y.zero, dtype });
        }
        if (isQuantized(from) && dtypeOf(to.type) === 'float32') return float(i);
        if (isQuantized(to) && dtypeOf(from.type) === 'float32') return quantize(float(i), to);
        if (dtypeOf(from.type) !== dtypeOf(to.type)) unsupported(`"${from.ref}" is of type ${from.type}, "${to.ref}" of type ${to.type}`);
        return storedInput(i);
      },

      /** Two inputs to compare: as they are stored, where that means the same. @param {number} i @param {number} j */
      alike(i, j) {
        const [a, b] = [input(i), input(j)];
        const direct = !isQuantized(a) && !isQuantized(b) ? true : sameQuantization(a, b);
        return direct ? [storedInput(i), storedInput(j)] : [float(i), float(j)];
      },

      /** Output k is this float32 or int32 value, after the fused activation, and quantised. @param {string} value @param {number} [k] */
      finish(value, k = 0) {
        const kind = activation();
        if (kind === 'RELU') value = emit(name, 'relu', [value]);
        else if (kind === 'RELU6') value = emit(name, 'relu6', [value]);
        else if (kind === 'RELU_N1_TO_1') value = emit(name, 'clamp', [value], { min: -1, max: 1 });
        else if (kind === 'TANH') value = emit(name, 'tanh', [value]);
        else if (kind !== 'NONE') unsupported(`the fused activation ${kind}`);
        set(isQuantized(output(k)) ? quantize(value, output(k)) : value, k);
      },

      /** The same for a value of the output's own 8-bit type. @param {string} value */
      finishStored(value) {
        const table = clampTable(output(), activation(), operator);
        set(table === undefined ? value : emit(name, 'lookup', [value, constant(name, table.dtype, [256], table.values)]));
      },

      /** f of a quantised input, where the output is quantised, too. @param {(x: number) => number} f @returns {boolean} whether it is so */
      lookup(f) {
        const from = input(0);
        if (!isQuantized(from) || !isQuantized(output()) || from.constant) return false;
        const table = lookupTable(from, output(), f, operator);
        set(emit(name, 'lookup', [storedInput(0), constant(name, table.dtype, [256], table.values)]));
        return true;
      },

      /** Whether these inputs and output 0 are 8-bit numbers of one dtype that mean others. @param {number[]} list */
      allQuantized: (list) =>
        [...list.map(input), output()].every((tensor) => isQuantized(tensor) && dtypeOf(tensor.type) === dtypeOf(output().type)),

      /** The output is a constant's float32 values, or those of what an operator made. */
      dequantize() {
        set(input(0).constant && isQuantized(input(0)) ? raw(0) : float(0));
      },
    };
  }

  return {
    nodes,
    weights,
    constants,
    viewOf,

    /** @param {TfliteOperator} operator @param {OpRow} row */
    add(operator, row) {
      const [least, most] = row.inputs;
      const count = operator.inputs.length;
      if (count < least || count > most) badNode(operator, `has ${count} inputs, needs ${least === most ? least : `${least} to ${most}`}`);
      const first = nodes.length;
      row.emit(viewOf(operator));
      const own = nodes.slice(first);
      const main = own.find(({ op }) => !HELPERS.includes(op)) ?? own.at(-1);
      if (main !== undefined) main.name = operator.name;
      for (const index of operator.outputs) if (!values.has(index)) badNode(operator, `has ${operator.outputs.length} outputs`);
    },

    /** @param {number} index  Of an output of the model. */
    valueOf: (index) =>
      stored(index, { op: 'output', custom: false, version: 1, name: tensors[index].ref, inputs: [], outputs: [], options: {} }),
  };
}
