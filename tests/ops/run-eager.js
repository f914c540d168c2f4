// Runs one op eagerly: tensors of the heap, no graph.
import { opRow } from '../../js/schema.js';
import { DTYPES } from '../../js/wasm.js';

/**
 * @import { Core } from '../../js/wasm.js'
 * @import { Attributes } from './reference/tensor.js'
 * @typedef {Omit<import('./run.js').Made, 'data'> & { data: import('../../js/wasm.js').Values }} Made
 */

/** What stands in ops.def's flags for an op that packs its operands 1, 2 and 4: the rows of layers. */
export const PACKING = new Set([
  'conv2d',
  'depthwise_conv2d',
  'dense',
  'conv2d_transpose',
  'q_conv2d',
  'q_depthwise_conv2d',
  'q_dense',
  'q_transpose_conv2d',
]);

/**
 * Puts operands on the heap; release() takes them off again.
 * @param {Core} core @param {(Made | undefined)[]} inputs
 */
export function place(core, inputs) {
  const tensors = inputs.map((input) => {
    if (input === undefined) return 0;
    const tensor = core.eager.create(input.data.byteLength);
    core.eager.write(tensor, new Uint8Array(input.data.buffer, input.data.byteOffset, input.data.byteLength));
    return tensor;
  });
  return {
    tensors,
    release() {
      for (const tensor of tensors) core.eager.release(tensor);
    },
  };
}

/**
 * @param {Core} core @param {string} op @param {(Made | undefined)[]} inputs @param {number[]} tensors @param {Attributes} attributes
 * @param {{ contents?: number[], into?: number }} [options]  contents: names of what operands hold, 0 where absent
 */
export function callEager(core, op, inputs, tensors, attributes, { contents = [], into = -1 } = {}) {
  const { eager } = core;
  eager.begin();
  inputs.forEach((input, i) => {
    if (input === undefined) eager.absent();
    else {
      // What is constant to a graph is known before the run, as far as an op could want it.
      const isKnown = input.from !== 'input' && !PACKING.has(op) && input.data.byteLength <= 256;
      eager.operand(tensors[i], DTYPES.indexOf(input.dtype), input.shape, contents[i] ?? 0, isKnown);
    }
  });
  const tensor = eager.run(opRow(op), attributes, into);
  const shape = eager.shape();
  const dtype = eager.dtype();
  const count = shape.reduce((n, size) => n * size, 1);
  return { tensor, shape, dtype, data: eager.read(tensor, dtype, count) };
}
