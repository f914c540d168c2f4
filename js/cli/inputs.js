// Inputs for a model: from files, or made up.
import { readFile } from 'node:fs/promises';
import { XnnError } from '../errors.js';

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, int8: Int8Array };

/**
 * @param {import('../model.js').Model} model @param {import('./arguments.js').Options} options
 * @returns {Promise<Record<string, import('../tensors.js').Tensor>>}  Made-up values lie in −1 … 1, integers in 0 … 255.
 */
export async function makeInputs(model, { shapes, inputs }) {
  for (const name of [...Object.keys(shapes), ...Object.keys(inputs)])
    if (!model.inputs.some((port) => port.name === name))
      throw new XnnError('misuse', `the model has no input "${name}", only ${model.inputs.map((port) => `"${port.name}"`).join(', ')}`);
  const entries = model.inputs.map(async ({ name, dtype, shape: declared }) => {
    const shape = shapes[name] ?? declared.map((dim) => (dim === -1 ? 1 : dim));
    const size = shape.reduce((n, dim) => n * dim, 1);
    const data = inputs[name] === undefined ? makeValues(dtype, size) : await readValues(inputs[name], dtype);
    return [name, { dtype, shape, data }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** @param {import('../wasm.js').Dtype} dtype @param {number} size */
function makeValues(dtype, size) {
  const values = new ARRAYS[dtype](size);
  for (let i = 0; i < size; i++) values[i] = dtype === 'float32' ? Math.sin(i * 0.37) : dtype === 'bool' ? i % 2 : (i * 37) % 256;
  return values;
}

/** @param {string} path @param {import('../wasm.js').Dtype} dtype */
async function readValues(path, dtype) {
  const bytes = await readFile(path).catch((error) => {
    throw new XnnError('network', `cannot read ${path}: ${error.message}`);
  });
  const { BYTES_PER_ELEMENT: size } = ARRAYS[dtype];
  if (bytes.length % size !== 0) throw new XnnError('bad-shape', `${path} has ${bytes.length} bytes, no whole number of ${dtype} values`);
  return new ARRAYS[dtype](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
