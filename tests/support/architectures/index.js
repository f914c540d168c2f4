// The architectures at their full sizes, by the names that benchmarks and tests call them.

import { mobileBert } from './mobilebert.js';
import { efficientNetLite0, mobileNetV1, mobileNetV2, mobileNetV3 } from './mobilenet.js';
import { poseNet } from './posenet.js';
import { speechCommands } from './speech-commands.js';

/** @type {Record<string, () => import('./network.js').Network>} */
export const ARCHITECTURES = {
  'mobilenet-v1': mobileNetV1,
  'mobilenet-v2': mobileNetV2,
  'mobilenet-v3-large': mobileNetV3,
  'mobilenet-v3-small': () => mobileNetV3({ large: false }),
  'efficientnet-lite0': efficientNetLite0,
  posenet: poseNet,
  'speech-commands': speechCommands,
  mobilebert: mobileBert,
};
