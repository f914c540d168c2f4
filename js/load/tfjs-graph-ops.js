// TensorFlow's ops → the ops of src/ops.def: one row per foreign op, by the families of tfjs-converter's op lists. What
// tfjs-graph/builder.js does with a row:
//   inputs   least and most number of inputs
//   kind     'input' (a placeholder), 'constant', 'pass' (output i is input i)
//   passes   of the kind 'pass': how many of the inputs are outputs; all if nothing is said
//   float    computes in float32: with another type T it is 'unsupported'
//   numeric  the same for float32 and the integers, which are int32 all
// A row that is one op of ours:
//   op       our op
//   tensors  which inputs are tensors, as arguments of slice; the others become attributes
//   lists    tensors (by their place) that become an attribute where they are short constants
//   attrs    our other attributes
// Any other row:
//   emit     adds ops of ours and says which value is which output
// Attributes and their defaults: tensorflow/core/ops/{array,math,nn,image}_ops.cc.
import { arithmeticOps } from './tfjs-graph/arithmetic.js';
import { convolutionOps } from './tfjs-graph/convolution.js';
import { creationOps } from './tfjs-graph/creation.js';
import { imageOps } from './tfjs-graph/image.js';
import { mathOps } from './tfjs-graph/math.js';
import { matrixOps } from './tfjs-graph/matrices.js';
import { movingOps } from './tfjs-graph/moving.js';
import { normalizationOps } from './tfjs-graph/normalization.js';
import { reductionOps } from './tfjs-graph/reduction.js';
import { shapeOps } from './tfjs-graph/shapes.js';

/**
 * A foreign node and what stands behind its inputs; and what makes ours of it.
 * @typedef {object} NodeView
 * @property {import('./tfjs-attrs.js').ForeignNode} node
 * @property {string[]} inputs  Value refs; those of constants are resolved through pass-through nodes.
 * @property {(input: number) => WeightValues} constant  The values of an input which is to become an attribute.
 * @property {(input: number) => WeightValues | undefined} values  The same, undefined where they are not at hand.
 * @property {(input: number) => number[] | undefined} constantShape  The shape of an input if it is a constant of the file.
 * @property {(value: string) => boolean} isConstant  Whether a value follows from constants alone.
 * @property {(input: number) => string} use  The value of an input that is a tensor.
 * @property {(input: number) => { real: string, imag: string }} pair  The values of an input that is complex.
 * @property {(dtype: 'float32' | 'int32' | 'bool', values: number[], shape?: number[]) => string} literal  Makes a constant; without
 *   a shape it is a list.
 * @property {(op: string, inputs: (string | null)[], attrs?: Attributes) => string} add  Adds a node of ours and gives its value.
 * @property {(real: string, imag: string) => string} complex  A value that is only a pair of values.
 *
 * @typedef {import('./tfjs-manifest.js').WeightValues} WeightValues
 * @typedef {Record<string, number | number[]>} Attributes
 *
 * @typedef {object} OpRow
 * @property {[least: number, most: number]} inputs
 * @property {'input' | 'constant' | 'pass'} [kind]
 * @property {number} [passes]
 * @property {boolean} [float]
 * @property {boolean} [numeric]
 * @property {string} [op]
 * @property {[start: number, end?: number] | ((view: NodeView) => [start: number, end: number])} [tensors]
 * @property {Record<number, string>} [lists]
 * @property {(view: NodeView) => Attributes} [attrs]
 * @property {(view: NodeView) => string | string[]} [emit]
 *
 * @typedef {[string, OpRow][]} OpRows
 */

/** @type {ReadonlyMap<string, OpRow>} */
export const tfjsGraphOps = new Map([
  ...convolutionOps,
  ...arithmeticOps,
  ...mathOps,
  ...matrixOps,
  ...normalizationOps,
  ...reductionOps,
  ...movingOps,
  ...shapeOps,
  ...imageOps,
  ...creationOps,
]);
