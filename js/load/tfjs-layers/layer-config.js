// Fields of a Keras config in JSON: `batch_input_shape` as Keras and TensorFlow.js write it, or `batchInputShape`. Whatever
// stands there, a field has the type that was asked for or ends in an XnnError with the layer's name.
import { XnnError } from '../../errors.js';
import { isObject, show } from '../tfjs-manifest.js';

/**
 * What messages call a layer. path: its name, after those of the models that it is nested in.
 * @typedef {{ path: string, className: string }} LayerName
 */

/** XJ_MAX_RANK of src/xj.h */
export const MAX_RANK = 8;
const MAX_INT = 2 ** 31 - 1;

/** @param {LayerName} layer @param {string} message @returns {never} */
export function badLayer({ path, className }, message) {
  throw new XnnError('bad-model', `layer "${path}" (${className}): ${message}`, { node: path });
}

/** @param {LayerName} layer @param {string} message @returns {never} */
export function unsupportedLayer({ path, className }, message) {
  const unsupported = [{ op: className, node: path, reason: message }];
  throw new XnnError('unsupported', `layer "${path}" (${className}): ${message}`, { node: path, unsupported });
}

/**
 * A field in either spelling; undefined where it is missing or null.
 * @param {Record<string, unknown>} object @param {string} name  In snake_case.
 * @returns {unknown}
 */
export function field(object, name) {
  if (Object.hasOwn(object, name) && object[name] !== null) return object[name];
  const camel = name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  return Object.hasOwn(object, camel) && object[camel] !== null ? object[camel] : undefined;
}

/** 'channelsFirst', 'channels_first' → 'channelsfirst' @param {string} text */
export const plainWord = (text) => text.replace(/[_-]/g, '').toLowerCase();

/**
 * @typedef {ReturnType<typeof readConfig>} LayerConfig
 *
 * @param {LayerName} layer
 * @param {Record<string, unknown>} object
 */
export function readConfig(layer, object) {
  /** @param {string} name */
  const raw = (name) => field(object, name);
  /** @param {string} name @returns {never} */
  const missing = (name) => badLayer(layer, `has no ${name}`);

  /** @param {unknown} value @param {string} what @param {number} least @returns {number} */
  function toInt(value, what, least) {
    if (typeof value !== 'number' || !Number.isInteger(value)) badLayer(layer, `${what} is no integer: ${show(value)}`);
    if (value < least || value > MAX_INT) badLayer(layer, `${what} is out of range: ${show(value)}`);
    return value + 0; // no -0
  }

  /**
   * @param {string} name @param {number} [otherwise]  Without one the field must be there. @param {number} [least]
   */
  function int(name, otherwise, least = -MAX_INT) {
    const value = raw(name) ?? otherwise;
    return value === undefined ? missing(name) : toInt(value, name, least);
  }

  /**
   * A list of integers, however long; a single one is a list as well.
   * @param {string} name @param {number[]} [otherwise] @param {number} [least]
   * @returns {number[]}
   */
  function list(name, otherwise, least = -MAX_INT) {
    const value = raw(name) ?? otherwise;
    if (value === undefined) missing(name);
    const values = Array.isArray(value) ? [...value.slice(0, MAX_RANK + 1)] : [value]; // a copy has no holes
    if (values.length > MAX_RANK) badLayer(layer, `${name} has more than ${MAX_RANK} values`);
    return values.map((item) => toInt(item, name, least));
  }

  /**
   * One integer for each of `count` axes; a single one stands for all.
   * @param {string} name @param {number} count @param {number[]} [otherwise] @param {number} [least]
   */
  function ints(name, count, otherwise, least = 1) {
    const values = list(name, otherwise, least);
    if (values.length === 1 && !Array.isArray(raw(name))) return Array.from({ length: count }, () => values[0]);
    return values.length === count ? values : badLayer(layer, `${name} has ${values.length} values, not ${count}`);
  }

  /**
   * Before and after each of `count` axes: [[top, bottom], [left, right]], [height, width], or one number for all.
   * @param {string} name @param {number} count @param {number} otherwise
   */
  function pairs(name, count, otherwise) {
    const value = raw(name) ?? otherwise;
    const sides = Array.isArray(value) ? [...value.slice(0, MAX_RANK)] : Array.from({ length: count }, () => value);
    if (count === 1 && sides.length === 2 && !sides.some(Array.isArray)) return [sides.map((side) => toInt(side, name, 0))];
    if (sides.length !== count) badLayer(layer, `${name} has ${sides.length} values, not ${count}`);
    return sides.map((side) => {
      const pair = Array.isArray(side) ? [...side.slice(0, 3)] : [side, side];
      if (pair.length !== 2) badLayer(layer, `${name} is no list of pairs: ${show(value)}`);
      return pair.map((item) => toInt(item, name, 0));
    });
  }

  /** @param {string} name @param {number} [otherwise] @returns {number} */
  function number(name, otherwise) {
    const value = raw(name) ?? otherwise;
    if (value === undefined) missing(name);
    if (typeof value !== 'number' || Number.isNaN(value)) badLayer(layer, `${name} is no number: ${show(value)}`);
    return value;
  }

  /** @param {string} name @param {boolean} otherwise @returns {boolean} */
  function bool(name, otherwise) {
    const value = raw(name) ?? otherwise;
    if (typeof value !== 'boolean') badLayer(layer, `${name} is neither true nor false: ${show(value)}`);
    return value;
  }

  /**
   * One of some words, as plainWord writes them.
   * @template {string} Word
   * @param {string} name @param {readonly Word[]} words @param {Word} otherwise
   * @returns {Word}
   */
  function choice(name, words, otherwise) {
    const value = raw(name) ?? otherwise;
    if (typeof value !== 'string') badLayer(layer, `${name} is no text: ${show(value)}`);
    const word = words.find((known) => known === plainWord(value));
    return word ?? unsupportedLayer(layer, `${name} ${show(value)}, only ${words.join(', ')} are supported`);
  }

  return { layer, raw, int, ints, list, pairs, number, bool, choice };
}

/**
 * Dtypes of Keras → those in which TensorFlow.js holds them.
 * @type {ReadonlyMap<string, 'float32' | 'int32' | 'bool'>}
 */
const DTYPES = new Map([
  ...names('float32', 'float32 float16 float64 bfloat16 half double mixed_float16 mixed_bfloat16'),
  ...names('int32', 'int32 int64 int16 int8 uint8 uint16 uint32 uint64'),
  ...names('bool', 'bool'),
]);

/** @template {string} T @param {T} dtype @param {string} words @returns {[string, T][]} */
function names(dtype, words) {
  return words.split(' ').map((word) => [word, dtype]);
}

/** What an input layer holds. @param {LayerName} layer @param {Record<string, unknown>} config */
export function readDtype(layer, config) {
  const given = field(config, 'dtype') ?? 'float32';
  // Keras 3 writes a policy: { class_name: 'DTypePolicy', config: { name } }
  const value = isObject(given) && isObject(given.config) ? given.config.name : given;
  if (typeof value !== 'string') badLayer(layer, `dtype is no text: ${show(value)}`);
  return DTYPES.get(value) ?? unsupportedLayer(layer, `inputs of dtype ${show(value)}`);
}

/**
 * A shape with -1 for dimensions that are free (null); undefined where the config has none.
 * @param {LayerName} layer @param {Record<string, unknown>} config
 * @returns {number[] | undefined}
 */
export function readInputShape(layer, config) {
  const whole = field(config, 'batch_input_shape') ?? field(config, 'batch_shape');
  if (whole !== undefined) return toShape(layer, whole, 'the input shape');
  const each = field(config, 'input_shape');
  if (each !== undefined) return [toDim(layer, field(config, 'batch_size') ?? null), ...toShape(layer, each, 'input_shape')];
  return undefined;
}

/** @param {LayerName} layer @param {unknown} value @param {string} what */
export function toShape(layer, value, what) {
  if (!Array.isArray(value)) badLayer(layer, `${what} is no list: ${show(value)}`);
  if (value.length > MAX_RANK) unsupportedLayer(layer, `${what} has ${value.length} dimensions, at most ${MAX_RANK} are supported`);
  return Array.from(value, (dim) => toDim(layer, dim));
}

/** @param {LayerName} layer @param {unknown} dim */
export function toDim(layer, dim) {
  if (dim === null || dim === undefined || dim === -1) return -1;
  if (typeof dim !== 'number' || !Number.isInteger(dim) || dim < 0 || dim > MAX_INT) badLayer(layer, `a dimension is ${show(dim)}`);
  return dim;
}
