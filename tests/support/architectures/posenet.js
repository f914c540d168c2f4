// PoseNet as @tensorflow-models/posenet has it: MobileNetV1 0.75, output stride 16, 257×257, four heads.

import { mobileNetV1Features } from './mobilenet.js';
import { createNetwork } from './network.js';

/** @param {{ size?: number, alpha?: number, outputStride?: number, seed?: number }} [options] */
export function poseNet({ size = 257, alpha = 0.75, outputStride = 16, seed = 21 } = {}) {
  const net = createNetwork({ seed });
  const features = mobileNetV1Features(net, net.input('sub_2', [1, size, size, 3]), { alpha, outputStride });
  for (const [name, channels] of /** @type {const} */ ([
    ['heatmap', 17],
    ['offset', 34],
    ['displacement_fwd', 32],
    ['displacement_bwd', 32],
  ]))
    net.output(net.conv(features, channels, { gain: 2, name: `${name}_2` }));
  return net;
}
