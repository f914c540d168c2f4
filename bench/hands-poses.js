// Hands and poses, ms of a frame of 640×480 by stage in Node, one thread, beside the packages on tfjs-backend-wasm; all in one process, one
// frame each in turn: node bench/hands-poses.js [rounds] [size of the models: lite, full or both]

import { mediapipeModel } from '../demo/assets/mediapipe.js';
import { createRuntime } from '../js/index.js';
import { load as loadHands } from '../models/hands/index.js';
import { load as loadPose } from '../models/pose/index.js';
import { frameOfHand, MARKED_HANDS } from '../tests/support/hand-photos.js';
import { modelPath } from '../tests/support/photos.js';
import { blazePosePeer, handsPeer, moveNetPeer, startPeers } from '../tests/support/pose-peers.js';
import { readModelFiles } from '../tests/support/tfjs-engine.js';
import { markdown } from './markdown.js';
import { median } from './statistics.js';

/** @import { Engine } from '../models/shared/engine.js' */

const rounds = Number(process.argv[2] ?? 30);
const sizes = /** @type {('lite' | 'full')[]} */ (['lite', 'full'].filter((size) => (process.argv[3] ?? 'both').match(`${size}|both`)));

/** @typedef {{ total: number, models: number[] }} Times  models: of each model's runs, in the order of loading. */
/** @typedef {{ name: string, run: (image: any) => Promise<unknown>, reset: () => void, runs?: number[], first: Times[], tracked: Times[] }} Contestant */

const runtime = await createRuntime({ threads: 1 });

/** A runtime that takes the time of each model. @returns {Engine & { ms: number[] }} */
function timed() {
  /** @type {number[]} */
  const ms = [];
  return {
    ms,
    async load(source, options) {
      const model = await runtime.load(source, options);
      const index = ms.push(0) - 1;
      return {
        inputs: model.inputs,
        outputs: model.outputs,
        async run(inputs, wanted) {
          const start = performance.now();
          const result = await model.run(/** @type {any} */ (inputs), wanted);
          ms[index] += performance.now() - start;
          return result;
        },
        dispose: () => model.dispose(),
      };
    },
  };
}

/** @type {Contestant[]} */
const contestants = [];
/** @param {string} name @param {any} pipeline @param {number[]} [runs] */
const add = (name, pipeline, runs) =>
  contestants.push({
    name,
    run: (image) => (pipeline.estimateHands ?? pipeline.estimatePoses)(image),
    reset: () => pipeline.reset(),
    runs,
    first: [],
    tracked: [],
  });

await startPeers();
for (const size of sizes) {
  const engine = timed();
  const [detector, landmarks] = [`palm_detection_${size}`, `hand_landmark_${size}`];
  add(
    `hands ${size}: xnnjs`,
    await loadHands({ runtime: engine, detectorUrl: mediapipeModel(detector), landmarksUrl: mediapipeModel(landmarks), maxHands: 1 }),
    engine.ms,
  );
  add(`hands ${size}: hand-pose-detection, tfjs-wasm`, await handsPeer({ detector, landmarks, maxHands: 1 }));
}
for (const size of sizes) {
  const engine = timed();
  const models = { modelUrl: mediapipeModel(`pose_landmark_${size}`), detectorUrl: mediapipeModel('pose_detection') };
  const pose = await loadPose({ runtime: engine, ...models });
  add(`BlazePose ${size}: xnnjs`, pose, engine.ms);
  add(`BlazePose ${size}: pose-detection, tfjs-wasm`, await blazePosePeer(size));
}
const engine = timed();
add('MoveNet: xnnjs', await loadPose({ runtime: engine, modelUrl: modelPath('movenet-lightning') }), engine.ms);
add('MoveNet: pose-detection, tfjs-wasm', await moveNetPeer((await readModelFiles(modelPath('movenet-lightning'))).artifacts));

// A hand, and the woman whose hand it is; the camera moves a little.
const frames = await Promise.all(
  Array.from({ length: 5 }, (_, i) => frameOfHand(MARKED_HANDS[0], { zoom: 0.7, right: 100 - 3 * i, down: 150 + 2 * i })),
);

/** @param {Contestant} contestant @param {any} image @returns {Promise<Times>} */
async function frame({ name, run, runs }, image) {
  runs?.fill(0);
  const start = performance.now();
  const found = /** @type {unknown[]} */ (await run(image));
  const total = performance.now() - start;
  if (found.length !== 1) throw new Error(`${name} finds ${found.length}`);
  return { total, models: [...(runs ?? [])] };
}

for (let round = -1; round < rounds; round++) {
  for (const contestant of contestants) {
    contestant.reset();
    const first = await frame(contestant, frames[0].image);
    const times = [];
    for (const { image } of frames.slice(1)) times.push(await frame(contestant, image));
    if (round < 0) continue; // warming up
    contestant.first.push(first);
    contestant.tracked.push(...times);
  }
}

const ms = (/** @type {number[]} */ values) => `${Math.min(...values).toFixed(1)} / ${median(values).toFixed(1)}`;
console.log(`Least / median of ${rounds} first and ${rounds * 4} tracked frames, ${runtime.variant}, Node ${process.version}.\n`);
const rows = contestants.map(({ name, first, tracked, runs }) => {
  const model = tracked.map(({ models }) => models.reduce((a, b) => a + b, 0));
  const rest = tracked.map(({ total }, i) => total - model[i]);
  const totals = [first, tracked].map((times) => ms(times.map(({ total }) => total)));
  return [name, ...totals, ...(runs ? [ms(model), ms(rest)] : ['', ''])];
});
console.log(markdown(['', 'first frame', 'tracked frame', 'of it the model', 'crop and the rest'], rows));
runtime.dispose();
