// The convolutional network of @tensorflow-models/speech-commands: 43 frames of 232 frequencies, 18 words and two more classes.

import { createNetwork } from './network.js';

/** @param {{ frames?: number, frequencies?: number, classes?: number, seed?: number }} [options] */
export function speechCommands({ frames = 43, frequencies = 232, classes = 20, seed = 31 } = {}) {
  const net = createNetwork({ seed });
  let x = net.input('input', [1, frames, frequencies, 1]);
  for (const [i, filters] of [8, 32, 32, 32].entries()) {
    x = net.conv(x, filters, { kernelSize: [2, i === 0 ? 8 : 4], padding: 'VALID', activation: 'relu', gain: 2, name: `conv_${i}` });
    x = net.pool('MaxPool', x, [2, 2], i === 3 ? [1, 2] : [2, 2], 'VALID');
  }
  x = net.reshape(x, [1, x.shape[1] * x.shape[2] * x.shape[3]]);
  x = net.dense(x, 2000, { activation: 'relu', gain: 1, name: 'dense' });
  net.output(net.unary('Softmax', net.dense(x, classes, { gain: 2, name: 'logits' }), 'probabilities'));
  return net;
}
