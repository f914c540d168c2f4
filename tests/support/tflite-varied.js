// A small TensorFlow Lite model with a bit of everything, for tests that break it.
import { writeTflite } from './tflite-writer.js';

/** @param {number} scale @param {number} [zero] */
const int8 = (scale, zero = 0) => ({ type: 'INT8', quantization: { scale: [scale], zeroPoint: [zero] } });
/** Quantised and sparse constants, shapes, a custom op, a second subgraph, a free dimension. */
export const VARIED = writeTflite({
  tensors: [
    { name: 'x', shape: [1, 4, 4, 2], shapeSignature: [-1, 4, 4, 2] },
    {
      name: 'w',
      shape: [3, 1, 1, 2],
      type: 'INT8',
      data: Int8Array.of(1, 2, 3, 4, 5, 6),
      quantization: { scale: [1, 2, 3], zeroPoint: [0, 0, 0] },
    },
    { name: 'b', shape: [3], type: 'FLOAT16', data: Uint16Array.of(1, 2, 3) },
    { name: 'bias', shape: [3] },
    { name: 'conv', shape: [1, 4, 4, 3] },
    { name: 'q', shape: [1, 4, 4, 3], ...int8(0.5) },
    { name: 'tanh', shape: [1, 4, 4, 3], ...int8(1 / 128) },
    { name: 'wq', shape: [4, 48], data: new Int8Array(192), ...int8(0.25) },
    { name: 'fc', shape: [1, 4], ...int8(1, 3) },
    {
      name: 's',
      shape: [2, 4],
      data: Float32Array.of(1, 2),
      sparsity: { order: [0, 1], levels: [{ size: 2 }, { segments: [0, 1, 2], indices: [1, 3] }] },
    },
    { name: 'sum', shape: [2, 4] },
    { name: 'shape', shape: [2], type: 'INT64', data: BigInt64Array.of(-1n, 8n) },
    { name: 'y', shape: [1, 8] },
    { name: 'f', shape: [1, 4] },
    { name: 'paddings', shape: [2, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 1) },
    { name: 'padded', shape: [1, 10] },
    { name: 'half', shape: [5], data: Uint8Array.of(1, 2, 3), type: 'INT4', quantization: { scale: [1], zeroPoint: [0] } },
    { name: 'gathered', shape: [1] },
    { name: 'index', shape: [1], type: 'INT32', data: Int32Array.of(2) },
    { name: 'matrix', shape: [1, 4, 4] },
    { name: 'cut', shape: [1, 16, 24, 2] },
  ],
  operators: [
    { op: 'DEQUANTIZE', inputs: ['b'], outputs: ['bias'] },
    { op: 'CONV_2D', inputs: ['x', 'w', 'bias'], outputs: ['conv'], options: { stride_w: 1, stride_h: 1, fused_activation_function: 1 } },
    { op: 'QUANTIZE', inputs: ['conv'], outputs: ['q'] },
    { op: 'TANH', inputs: ['q'], outputs: ['tanh'] },
    { op: 'FULLY_CONNECTED', inputs: ['tanh', 'wq', -1], outputs: ['fc'], options: {} },
    { op: 'DEQUANTIZE', inputs: ['fc'], outputs: ['f'] },
    { op: 'ADD', inputs: ['f', 's'], outputs: ['sum'] },
    { op: 'RESHAPE', inputs: ['sum', 'shape'], outputs: ['y'], options: { new_shape: [1, 8] } },
    { op: 'PAD', inputs: ['y', 'paddings'], outputs: ['padded'] },
    { op: 'GATHER', inputs: ['half', 'index'], outputs: ['gathered'], options: { axis: 0 } },
    // output_height 16, output_width 24, as a FlexBuffer: keys, their vector, values, types
    {
      op: 'TransformTensorBilinear',
      inputs: ['x', 'matrix'],
      outputs: ['cut'],
      version: 2,
      customOptions: Uint8Array.from([
        ...new TextEncoder().encode('output_height\0output_width\0'),
        ...[2, 28, 15, 2, 1, 2, 16, 24, 4, 4, 4, 36, 1],
      ]),
    },
  ],
  inputs: ['x', 'matrix'],
  outputs: ['padded', 'gathered', 'cut'],
  more: [{ tensors: [{ name: 'z', shape: [1] }], operators: [], inputs: [0], outputs: [0], name: 'other' }],
});
