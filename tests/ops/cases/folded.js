// Cases of what the passes fold into layers: scales and residuals; and of filters that are stored output channel first.
import { conv2d as conv2dReference, depthwise_conv2d as depthwiseReference } from '../reference/window.js';
import { conv2d, depthwise_conv2d } from './windows.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Reference } from '../reference/tensor.js' */

const sizeOf = (/** @type {number[]} */ shape) => shape.reduce((n, dim) => n * dim, 1);

/** The shape of a layer's output. @param {Case} layer @param {typeof conv2dReference} reference */
function outputOf({ inputs: [x, w], attributes = {} }, reference) {
  const zeros = [x, w].map((operand) => ({ shape: operand?.shape ?? [], data: new Float32Array(sizeOf(operand?.shape ?? [])) }));
  return reference(zeros, { ...attributes, activation: 0 }).shape;
}

/**
 * The layer with a scale, with a residual, with both, and with factors of the residual.
 * @param {Case} layer @param {number[]} shape  of the output @returns {Case[]}
 */
function folded(layer, shape) {
  const inputs = [...layer.inputs, null, null].slice(0, 4);
  /** @type {Operand} */
  const scale = { shape: [/** @type {number} */ (shape.at(-1))], from: 'constant' };
  /** @type {Operand} */
  const residual = { shape };
  return [
    { ...layer, name: `${layer.name}, scaled`, inputs: [...inputs, scale] },
    { ...layer, name: `${layer.name}, residual`, inputs: [...inputs, null, residual] },
    { ...layer, name: `${layer.name}, scaled, residual`, inputs: [...inputs, { ...scale, from: 'weight' }, residual] },
    { ...layer, name: `${layer.name}, scaled, residual times`, inputs: [...inputs, scale, residual, { ...scale, from: 'weight' }] },
    { ...layer, name: `${layer.name}, residual times one`, inputs: [...inputs, null, residual, { shape: [1], from: 'constant' }] },
  ];
}

/** The same with the filter [OC,KH,KW,C]. @param {Case} layer @returns {Case} */
function outFirst(layer) {
  const [x, w, ...rest] = layer.inputs;
  const [h, width, c, out] = w?.shape ?? [];
  return {
    name: `${layer.name}, output channel first`,
    inputs: [x, { .../** @type {Operand} */ (w), shape: [out, h, width, c] }, ...rest],
    attributes: { ...layer.attributes, filter_layout: 1 },
  };
}

/** @param {number[]} a @param {number[]} b @param {number[]} c @param {import('../reference/tensor.js').Attributes} [attributes] @param {Partial<Case> & { fill?: import('../run.js').Fill, slope?: number[] }} [options] @returns {Case} */
const product = (a, b, c, attributes = {}, { fill, slope } = {}) => ({
  name: `[${a}] * [${b}] + [${c}], ${JSON.stringify(attributes)}, ${fill}, slope [${slope}]`,
  inputs: [
    { shape: a, fill },
    { shape: b, from: 'constant', fill },
    { shape: c, from: 'weight', fill },
    ...(slope === undefined ? [] : [{ shape: slope, from: /** @type {const} */ ('constant') }]),
  ],
  attributes,
});
const CLAMP = { activation: 1, act_min: -0.25, act_max: 0.5 };

/** @type {Case[]} */
export const mul_add = [
  ...[1, 3, 4, 5, 16, 17].flatMap((n) => [product([3, n], [n], [n]), product([n], [1], [1]), product([n], [n], [])]),
  product([], [], []),
  product([2, 3, 4], [4], [3, 1]),
  product([2, 1, 4], [3, 1], [4]),
  product([4], [2, 3, 1], [3, 4]),
  product([2, 3, 5], [2, 3, 5], [2, 3, 5]),
  product([0, 4], [4], [4]),
  product([5000], [5000], [5000], CLAMP),
  product([300, 70], [70], [70], CLAMP),
  product([3, 5], [5], [5], { activation: 2 }, { slope: [5] }),
  product([3, 5], [5], [5], { activation: 2 }, { slope: [1] }),
  product([1500, 3], [3], [3], { activation: 2 }, { slope: [3] }),
  product([7, 9], [9], [9], {}, { fill: 'specials' }),
  product([7, 9], [1], [1], CLAMP, { fill: 'specials' }),
];

/** Every third one: the whole table is long. @param {Case[]} cases */
const some = (cases) => cases.filter((_, i) => i % 3 === 0);

export const foldedConv2d = [
  ...some(conv2d).flatMap((layer) => folded(layer, outputOf(layer, conv2dReference))),
  ...some(conv2d).map(outFirst),
];
export const foldedDepthwise = some(depthwise_conv2d).flatMap((layer) => folded(layer, outputOf(layer, depthwiseReference)));
/** @param {Case[]} dense */
export const foldedDense = (dense) =>
  dense
    .filter((layer) => sizeOf(layer.inputs[0]?.shape ?? []) < 20000)
    .flatMap((layer) => {
      const [x, w] = layer.inputs.map((operand) => operand?.shape ?? []);
      return folded(layer, [...x.slice(0, -1), layer.attributes?.transpose_b ? w[0] : w[1]]);
    });
