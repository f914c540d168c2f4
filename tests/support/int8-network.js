// A small network all in int8, as TensorFlow Lite's converter quantises one: a scale for each channel of a filter, biases of
// int32, clamps of relu6. Seeded weights. What every layer gives is an output too, as the float32 that it means.

import { seeded } from './random.js';
import { writeTflite } from './tflite-writer.js';

/**
 * @typedef {import('./tflite-writer.js').TfliteTensor} TfliteTensor
 * @typedef {import('./tflite-writer.js').TfliteOperator} TfliteOperator
 * @typedef {{ name: string, shape: number[], scale: number, zeroPoint: number }} Value
 */

/** @param {readonly number[]} shape */
const count = (shape) => shape.reduce((product, size) => product * size, 1);

/**
 * @param {{ size?: number, seed?: number }} [options]  size: of the square input "x" of float32 in [0, 1].
 * @returns {{ bytes: Uint8Array, outputs: Value[], layers: { op: string, bytes: Uint8Array, inputs: Value[], output: Value }[] }}
 *   outputs: with the step between neighbouring values. layers: each alone, of outputs of the network, its image or both.
 */
export function int8Network({ size = 64, seed = 5 } = {}) {
  const random = seeded(seed);
  /** @type {TfliteTensor[]} */
  const tensors = [{ name: 'x', shape: [1, size, size, 3] }];
  /** @type {TfliteOperator[]} */
  const operators = [];
  /** @type {Value[]} */
  const outputs = [];
  /** @type {{ op: string, inputs: string[], y: string, options?: Record<string, any> }[]} */
  const parts = [];

  /** @param {string} name @param {number[]} shape @param {number} scale @param {number} zeroPoint @returns {Value} */
  function value(name, shape, scale, zeroPoint) {
    tensors.push({ name, shape, type: 'INT8', quantization: { scale: [scale], zeroPoint: [zeroPoint] } });
    tensors.push({ name: `${name}/float`, shape });
    outputs.push({ name: `${name}/float`, shape, scale, zeroPoint });
    return { name, shape, scale: Math.fround(scale), zeroPoint };
  }

  /** @param {string} op @param {(string | Value)[]} inputs @param {Value} y @param {Record<string, any>} [options] */
  function add(op, inputs, y, options) {
    const names = inputs.map((input) => (typeof input === 'string' ? input : input.name));
    operators.push({ op, inputs: names, outputs: [y.name], options });
    if (op !== 'QUANTIZE') parts.push({ op, inputs: names, y: y.name, options });
    operators.push({ op: 'DEQUANTIZE', inputs: [y.name], outputs: [`${y.name}/float`] });
    return y;
  }

  /**
   * The filter and bias of a layer, with variance `gain` over the terms of a sum.
   * @param {Value} x @param {string} name @param {number[]} shape @param {number} axis  of channels @param {number} gain
   */
  function weights(x, name, shape, axis, gain) {
    const channels = shape[axis];
    const bound = Math.sqrt((3 * gain * channels) / count(shape));
    const scale = Array.from({ length: channels }, () => Math.fround((bound * (0.5 + random())) / 127));
    const data = Int8Array.from({ length: count(shape) }, () => Math.round((random() * 2 - 1) * 127));
    tensors.push({ name: `${name}/w`, shape, type: 'INT8', data, quantization: { scale, zeroPoint: scale.map(() => 0), axis } });
    const steps = scale.map((step) => Math.fround(step * x.scale));
    const bias = Int32Array.from(steps, (step) => Math.round((random() * 0.6 - 0.1) / step));
    const quantization = { scale: steps, zeroPoint: steps.map(() => 0), axis: 0 };
    tensors.push({ name: `${name}/b`, shape: [channels], type: 'INT32', data: bias, quantization });
    return [`${name}/w`, `${name}/b`];
  }

  const RELU6 = { fused_activation_function: 3 };
  const SAME = { padding: 0, stride_w: 1, stride_h: 1 };
  const half = size / 2;
  const quarter = size / 4;

  const image = add('QUANTIZE', ['x'], value('image', [1, size, size, 3], 1 / 255, -128));
  const stem = add('CONV_2D', [image, ...weights(image, 'stem', [16, 3, 3, 3], 0, 8)], value('stem', [1, half, half, 16], 6 / 255, -128), {
    padding: 0,
    stride_w: 2,
    stride_h: 2,
    ...RELU6,
  });
  const separate = add(
    'DEPTHWISE_CONV_2D',
    [stem, ...weights(stem, 'separate', [1, 3, 3, 16], 3, 2)],
    value('separate', [1, half, half, 16], 6 / 255, -128),
    { ...SAME, depth_multiplier: 1, ...RELU6 },
  );
  const project = add(
    'CONV_2D',
    [separate, ...weights(separate, 'project', [16, 1, 1, 16], 0, 1)],
    value('project', [1, half, half, 16], 0.045, 3),
    SAME,
  );
  const sum = add('ADD', [stem, project], value('sum', [1, half, half, 16], 0.06, -20), {});
  const down = add(
    'DEPTHWISE_CONV_2D',
    [sum, ...weights(sum, 'down', [1, 3, 3, 16], 3, 1)],
    value('down', [1, quarter, quarter, 16], 0.07, 5),
    { padding: 0, stride_w: 2, stride_h: 2, depth_multiplier: 1 },
  );
  const wide = add(
    'CONV_2D',
    [down, ...weights(down, 'wide', [40, 3, 3, 16], 0, 2)],
    value('wide', [1, quarter, quarter, 40], 6 / 255, -128),
    { ...SAME, ...RELU6 },
  );
  const pool = { padding: 1, stride_w: 1, stride_h: 1, filter_width: quarter, filter_height: quarter };
  const mean = add('AVERAGE_POOL_2D', [wide], value('mean', [1, 1, 1, 40], 6 / 255, -128), pool);
  const logits = add('FULLY_CONNECTED', [mean, ...weights(mean, 'logits', [100, 40], 0, 2)], value('logits', [1, 100], 0.08, -10), {});
  add('SOFTMAX', [logits], value('probabilities', [1, 100], 1 / 256, -128), { beta: 1 });

  const bytes = writeTflite({ tensors, operators, inputs: ['x'], outputs: outputs.map(({ name }) => name) });
  const tensorOf = (/** @type {string} */ name) => /** @type {TfliteTensor} */ (tensors.find((tensor) => tensor.name === name));
  const outputOf = (/** @type {string} */ name) => /** @type {Value} */ (outputs.find((output) => output.name === `${name}/float`));
  const layers = parts.map(({ op, inputs, y, options }) => {
    const computed = inputs.filter((name) => tensorOf(name).data === undefined);
    const floats = computed.map((name) => `${name}/float`);
    const layer = writeTflite({
      tensors: [...inputs, ...floats, y, `${y}/float`].map(tensorOf),
      operators: [
        ...computed.map((name) => ({ op: 'QUANTIZE', inputs: [`${name}/float`], outputs: [name] })),
        { op, inputs, outputs: [y], options },
        { op: 'DEQUANTIZE', inputs: [y], outputs: [`${y}/float`] },
      ],
      inputs: floats,
      outputs: [`${y}/float`],
    });
    return { op, bytes: layer, inputs: computed.map(outputOf), output: outputOf(y) };
  });
  return { bytes, outputs, layers };
}
