// Which input and output of a model is which: MobileBERT comes with other names and orders in each format.

import { XnnError } from '../../js/index.js';

/**
 * @typedef {{ name: string, dtype: string, shape: readonly number[], declared?: readonly number[] }} Port
 *
 * @typedef {object} Roles  Names.
 * @property {string} ids
 * @property {string} mask
 * @property {string} segments
 * @property {string[]} steps  Scalars that count training steps and change nothing: global_step.
 * @property {string} start
 * @property {string} end
 * @property {number} longest  Tokens that the model takes.
 */

/**
 * By names: TensorFlow Hub's graph model has input_ids, segment_ids, input_mask and start_logits, end_logits; TensorFlow Lite files
 * ids or input_ids, mask, segments or token_type_ids. Where names say nothing (Identity_1, args_2), by order, which TensorFlow's
 * converters make alphabetical: ids, mask, segments; end, start.
 * @param {{ inputs: readonly Port[], outputs: readonly Port[] }} model  Loaded with '*': [1, -1] as its inputShapes.
 * @returns {Roles}
 * @throws {XnnError} 'unsupported' where the model is no other than these.
 */
export function findRoles({ inputs, outputs }) {
  const lists = inputs.filter(({ shape, dtype }) => shape.length === 2 && dtype === 'int32');
  const steps = inputs.filter(({ shape, dtype }) => shape.length === 0 && dtype === 'int32');
  const logits = outputs.filter(({ dtype }) => dtype === 'float32');
  const given = assign(lists, { segments: /seg|type/i, mask: /mask/i, ids: /ids?\b|word|token/i }, ['ids', 'mask', 'segments']);
  const made = assign(logits, { start: /start/i, end: /end/i }, ['end', 'start']);
  if (given === undefined || made === undefined || inputs.length !== lists.length + steps.length)
    throw new XnnError(
      'unsupported',
      `qna: the model should have three inputs [1, n] of int32 (ids, mask, segments) and two outputs of float32 (start, end); it has ${describe(inputs)} and ${describe(outputs)}`,
    );
  // Of a model whose length is free none is said: MobileBERT was trained with 384.
  const said = lists.map(({ declared, shape }) => (declared ?? shape)[1]).filter((size) => size > 0);
  const longest = said.length > 0 ? Math.min(...said) : 384;
  return { ...given, ...made, steps: steps.map(({ name }) => name), longest };
}

/**
 * Each role its port: the first whose name it matches, of those that are left; by order where a role finds none.
 * @template {string} R @param {readonly Port[]} ports @param {Record<R, RegExp>} patterns @param {R[]} order
 * @returns {Record<R, string> | undefined}
 */
function assign(ports, patterns, order) {
  if (ports.length !== order.length) return undefined;
  const names = ports.map(({ name }) => name);
  const roles = /** @type {R[]} */ (Object.keys(patterns));
  const left = [...names];
  const found = roles.map((role) => {
    const at = left.findIndex((name) => patterns[role].test(name));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  });
  const named = found.every((name) => name !== undefined);
  const chosen = named ? roles.map((role, i) => [role, found[i]]) : order.map((role, i) => [role, names[i]]);
  return Object.fromEntries(chosen);
}

/** @param {readonly Port[]} ports */
const describe = (ports) => ports.map(({ name, dtype, shape }) => `"${name}" ${dtype} [${shape.join(', ')}]`).join(', ');
