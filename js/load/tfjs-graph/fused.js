// What the _Fused… ops share: inputs x, weights, then the bias if fused_ops has one, then the slope if it ends in Prelu.
import { badNode, floatAttr, stringsAttr, unsupportedNode } from '../tfjs-attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').Attributes} Attributes
 */

/** fused_ops that may stand last. @type {ReadonlyMap<string, { op: string, attrs?: (view: NodeView) => Attributes, slope?: true }>} */
const ACTIVATIONS = new Map([
  ['RELU', { op: 'relu' }],
  ['RELU6', { op: 'relu6' }],
  ['ELU', { op: 'elu', attrs: () => ({ alpha: 1 }) }],
  ['LEAKYRELU', { op: 'leaky_relu', attrs: (/** @type {NodeView} */ { node }) => ({ alpha: floatAttr(node, 'leakyrelu_alpha', 0.2) }) }],
  ['SIGMOID', { op: 'sigmoid' }],
  ['TANH', { op: 'tanh' }],
  ['GELUAPPROXIMATE', { op: 'gelu', attrs: () => ({ approximate: 1 }) }],
  ['GELUEXACT', { op: 'gelu', attrs: () => ({ approximate: 0 }) }],
  ['PRELU', { op: 'prelu', slope: true }],
]);

/**
 * Adds a layer, what fused_ops has after it, and gives the value at the end. The activation becomes an op of its own, which
 * the C passes fuse again.
 * @param {NodeView} view
 * @param {boolean} takesBias  Whether `layer` takes a constant bias as an input.
 * @param {(bias: string | undefined) => string} layer  Adds the layer.
 */
export function withFused(view, takesBias, layer) {
  const { node, inputs } = view;
  const given = stringsAttr(node, 'fused_ops');
  const names = given.map((name) => name.toUpperCase());
  const hasBias = names[0] === 'BIASADD';
  const activation = names.length > (hasBias ? 1 : 0) ? ACTIVATIONS.get(names[names.length - 1]) : undefined;
  if (names.length !== (hasBias ? 1 : 0) + (activation ? 1 : 0)) unsupportedNode(node, `fused ops ${given.join(', ').slice(0, 100)}`);
  const count = 2 + (hasBias ? 1 : 0) + (activation?.slope ? 1 : 0);
  if (inputs.length !== count) badNode(node, `has ${inputs.length} inputs, with fused ops [${names.join(', ')}] it needs ${count}`);

  const inside = hasBias && takesBias && view.constantShape(2)?.length === 1;
  let y = layer(inside ? view.use(2) : undefined);
  if (hasBias && !inside) y = view.add('add', [y, view.use(2)]);
  if (!activation) return y;
  return view.add(activation.op, activation.slope ? [y, view.use(count - 1)] : [y], activation.attrs?.(view) ?? {});
}
