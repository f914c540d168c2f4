// @tensorflow-models/blazeface: boxes and points of the faces on photographs, from MediaPipe's short-range detector.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { load } from '@tensorflow-models/blazeface';
import { photo, serveModels, testClient } from './client.js';
import { faceDetector } from './models.js';

const server = await serveModels({ blazeface: await faceDetector() });
after(server.close);
const photos = await Promise.all([0, 3].map(photo));
const from = '@tensorflow-models/blazeface';
const open = () => load({ modelUrl: server.url('blazeface'), scoreThreshold: 0.5 });
const dispose = (/** @type {Awaited<ReturnType<typeof open>>} */ client) => client.dispose();

testClient('blazeface', {
  from,
  load: open,
  dispose,
  limit: 1e-5, // measured: 8.0e-8
  check: ({ plain: first, flipped: second }) => assert.ok(first.length >= 2 && second.length >= 2 && first[0].landmarks.length === 6),
  run: async (client) => {
    const results = [];
    for (const [i, make] of photos.entries()) {
      const image = make();
      results.push(await client.estimateFaces(image, false, i === 1));
      image.dispose();
    }
    return { plain: results[0], flipped: results[1] };
  },
});

testClient('blazeface, results as tensors', {
  from,
  load: open,
  dispose,
  limit: 1e-5, // measured: 1.2e-7
  check: ({ faces }) => assert.ok(faces.length >= 2 && faces[0].topLeft.length === 2 && faces[0].landmarks.length === 12),
  run: async (client) => {
    const faces = await client.estimateFaces(photos[0](), true, true);
    return { faces: faces.map((face) => Object.fromEntries(Object.entries(face).map(([key, tensor]) => [key, [...tensor.dataSync()]]))) };
  },
});

testClient('blazeface, pixels and boxes only', {
  from,
  load: open,
  dispose,
  limit: 1e-5, // measured: 0
  check: ({ faces }) => assert.ok(faces.length >= 2 && !('landmarks' in faces[0])),
  // What an ImageData holds; TensorFlow.js reads it by fromPixels.
  run: async (client) => ({ faces: await client.estimateFaces(pixelsOf(photos[0]), false, false, false) }),
});

/** @param {() => tf.Tensor3D} make @returns {any} */
function pixelsOf(make) {
  const rgba = tf.tidy(() => tf.cast(tf.concat([make(), tf.fill([...make().shape.slice(0, 2), 1], 255, 'int32')], 2), 'int32'));
  const [height, width] = rgba.shape;
  const data = Uint8Array.from(rgba.dataSync());
  rgba.dispose();
  return { width, height, data };
}
