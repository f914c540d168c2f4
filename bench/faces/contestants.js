// Who finds faces, in a page: each gives the landmarks of one face in a canvas, tracked from frame to frame.

import { addScript } from '../add-script.js';

/**
 * @typedef {{ x: number, y: number }[]} Points  in pixels of the canvas; empty if there is no face.
 * @typedef {object} Contestant
 * @property {(canvas: HTMLCanvasElement) => Promise<Points>} estimate
 * @property {() => Record<string, number>} [stages]  ms of each since it was last asked.
 * @property {() => number} [heapBytes]
 */

/** @param {string} base64 @returns {Promise<Uint8Array>} */
const bytesOf = async (base64) => new Uint8Array(await (await fetch(`data:application/octet-stream;base64,${base64}`)).arrayBuffer());

/** @param {string} url @returns {Promise<any>} */
const json = async (url) => (await fetch(url)).json();

/** The short-range detector and 468 landmarks of @mediapipe/face_mesh: the same weights for all. */
const MODELS = '/bench-models.json';

/** @type {Record<string, (threads: number) => Promise<Contestant>>} */
export const CONTESTANTS = {
  async xnnjs(threads) {
    const [main, facemesh] = ['/js/index.js', '/models/facemesh/index.js'];
    const { createRuntime } = await import(main);
    const { load } = await import(facemesh);
    const { detector, landmarks } = (await json(MODELS)).tflite;
    /** @type {Record<string, number>} */
    let stages = {};
    const runtime = await createRuntime({ threads });
    const pipeline = await load({
      runtime,
      detectorUrl: await bytesOf(detector),
      landmarksUrl: await bytesOf(landmarks),
      maxFaces: 1,
      onStage: (/** @type {string} */ stage, /** @type {number} */ ms) => {
        stages[stage] = (stages[stage] ?? 0) + ms;
      },
    });
    return {
      estimate: async (canvas) => (await pipeline.estimateFaces(canvas))[0]?.keypoints ?? [],
      stages() {
        const taken = stages;
        stages = {};
        return taken;
      },
      heapBytes: () => runtime.memory().wasmBytes,
    };
  },

  async 'face-landmarks-detection'(threads) {
    const packages = '/node_modules/';
    // Its pool has half of the processors' threads and no more, whatever it is asked for.
    if (threads > 1) Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 2 * threads });
    for (const script of [
      '@tensorflow/tfjs-core/dist/tf-core.min.js',
      '@tensorflow/tfjs-converter/dist/tf-converter.min.js',
      '@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js',
      '@tensorflow-models/face-landmarks-detection/dist/face-landmarks-detection.min.js',
    ])
      await addScript(packages + script);
    const { tf, faceLandmarksDetection } = /** @type {any} */ (globalThis);
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
    tf.wasm.setThreadsCount(threads);
    tf.wasm.setWasmPaths(`${packages}@tensorflow/tfjs-backend-wasm/dist/`);
    await tf.setBackend('wasm');
    const { detector, landmarks } = (await json(MODELS)).tfjs;
    const handlerOf = (/** @type {any} */ artifacts) => ({
      load: async () => ({ ...artifacts, weightData: (await bytesOf(artifacts.weightData)).buffer }),
    });
    const pipeline = await faceLandmarksDetection.createDetector('MediaPipeFaceMesh', {
      runtime: 'tfjs',
      maxFaces: 1,
      refineLandmarks: false,
      detectorModelUrl: handlerOf(detector),
      landmarkModelUrl: handlerOf(landmarks),
    });
    return { estimate: async (canvas) => (await pipeline.estimateFaces(canvas, { flipHorizontal: false }))[0]?.keypoints ?? [] };
  },

  async face_mesh() {
    const folder = '/node_modules/@mediapipe/face_mesh/';
    await addScript(`${folder}face_mesh.js`);
    const { FaceMesh } = /** @type {any} */ (globalThis);
    const solution = new FaceMesh({ locateFile: (/** @type {string} */ file) => folder + file });
    solution.setOptions({ maxNumFaces: 1, refineLandmarks: false });
    /** @type {any} */
    let results;
    solution.onResults((/** @type {any} */ found) => {
      results = found;
    });
    return {
      async estimate(canvas) {
        await solution.send({ image: canvas });
        const [face = []] = results?.multiFaceLandmarks ?? [];
        return face.map((/** @type {{ x: number, y: number }} */ { x, y }) => ({ x: x * canvas.width, y: y * canvas.height }));
      },
    };
  },
};
