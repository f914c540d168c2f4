// What bench/faces.js calls in a page: one contestant, and frames for it.
import { CONTESTANTS } from './contestants.js';
import { createFrames } from './frames.js';

/** @type {import('./contestants.js').Contestant} */
let contestant;
/** @type {ReturnType<typeof createFrames>} */
let frames;
const overlay = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
const context = /** @type {CanvasRenderingContext2D} */ (overlay.getContext('2d'));
let frame = 0;

/** @param {import('./contestants.js').Points} points */
function draw(points) {
  context.clearRect(0, 0, overlay.width, overlay.height);
  for (const { x, y } of points) context.fillRect(x - 1, y - 1, 2, 2);
}

/** @param {{ name: string, threads: number, photo: string, face: { x: number, y: number, size: number } }} task */
export async function start({ name, threads, photo, face }) {
  document.body.append(overlay);
  const image = Object.assign(new Image(), { src: photo });
  await image.decode();
  frames = createFrames(await createImageBitmap(image), face);
  const began = performance.now();
  contestant = await CONTESTANTS[name](threads);
  await contestant.estimate(frames.show(0));
  return performance.now() - began;
}

/**
 * Some frames one after the other, as fast as they come.
 * @param {number} count
 */
export async function run(count) {
  contestant.stages?.();
  const times = [];
  const drawn = [];
  let found = 0;
  for (let i = 0; i < count; i++) {
    const canvas = frames.show(frame++);
    const start = performance.now();
    const points = await contestant.estimate(canvas);
    const estimated = performance.now();
    draw(points);
    drawn.push(performance.now() - estimated);
    times.push(estimated - start);
    if (points.length > 0) found++;
    if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve)); // the page breathes
  }
  const stages = Object.fromEntries(Object.entries(contestant.stages?.() ?? {}).map(([stage, ms]) => [stage, ms / count]));
  return { times, drawn, found, stages, heapBytes: contestant.heapBytes?.() };
}

/** Where one frame's points are, to compare. @param {number} i */
export async function answer(i) {
  for (let settle = 10; settle > 0; settle--) await contestant.estimate(frames.show(i));
  return contestant.estimate(frames.show(i));
}
