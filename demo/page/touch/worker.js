// The worker that watches: one way at a time, a frame in, what it shows out. The page stays smooth whatever a frame costs.

import { createPixelReader } from '../../../js/image/pixels.js';
import { createRuntime } from '../../../js/index.js';

/** @import { compareReports } from '../../../models/teachable/index.js' */

/**
 * @typedef {'landmarks' | 'image' | 'pose' | 'file'} Way
 * @typedef {{ way: Way, base: string, files?: File[] }} WatchOptions  base: the page's address; files: of a Teachable Machine export.
 * @typedef {{ x: number, y: number }} Point
 * @typedef {object} Look  of one frame.
 * @property {boolean} touching
 * @property {string} [what]  touches what, in words.
 * @property {{ kind: 'face' | 'hand' | 'pose', points: Point[] }[]} seen  in pixels of the frame.
 * @property {{ className: string, probability: number }[]} [probabilities]
 * @property {number} width  of the frame.
 * @property {number} height
 * @property {Record<string, number>} ms  by stage.
 * @typedef {{ epoch: number, epochs: number, loss: number, accuracy: number, validationLoss?: number, validationAccuracy?: number }} Progress
 *
 * @typedef {ReturnType<typeof compareReports>['changes'][number]} Change
 * @typedef {{ seconds: number, report: string, changes?: Change[] }} Training  report: a picture; changes: from the training before.
 *
 * @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Pixels
 * @typedef {object} Watcher  one way of watching.
 * @property {(pixels: Pixels) => Promise<Omit<Look, 'width' | 'height'>>} look
 * @property {(pixels: Pixels, label: string) => Promise<void>} [addExample]
 * @property {(onProgress: (progress: Progress) => void) => Promise<Training>} [train]
 * @property {() => Promise<Uint8Array<ArrayBuffer>>} [exportZip]
 * @property {() => { all: string[], warnFor: string }} [labels]
 * @property {(label: string) => void} [warnFor]
 * @property {() => void} dispose
 */

/** @type {Record<Way, () => Promise<{ createWatcher: (options: WatchOptions & { runtime: Runtime }) => Promise<Watcher> }>>} */
const WAYS = {
  landmarks: () => import('./ways/landmarks.js'),
  image: () => import('./ways/image.js'),
  pose: () => import('./ways/pose.js'),
  file: () => import('./ways/file.js'),
};

/** @typedef {Awaited<ReturnType<typeof createRuntime>>} Runtime */
/** @type {Promise<Runtime> | undefined} */
let starting;
/** @type {Watcher | undefined} */
let watcher;
/** How often a way was asked for. */
let asked = 0;
/** The examples that are still to be taken. @type {{ label: string, left: number, total: number, onCount: (count: number) => void, done: () => void } | undefined} */
let recording;
const reader = createPixelReader();

/** A part that not every way has. @template {keyof Watcher} K @param {K} part @returns {NonNullable<Watcher[K]>} */
function partOf(part) {
  const found = watcher?.[part];
  if (found === undefined) throw new Error('this way of watching has nothing to train');
  return /** @type {NonNullable<Watcher[K]>} */ (found);
}

/** @type {Record<string, (value: any, onEvent: (event: any) => void) => unknown>} */
const CALLS = {
  async watch(/** @type {WatchOptions} */ options) {
    const mine = ++asked;
    watcher?.dispose();
    watcher = undefined;
    starting ??= createRuntime();
    const runtime = await starting;
    const { createWatcher } = await WAYS[options.way]();
    const made = await createWatcher({ ...options, runtime });
    // Another way may have been asked for meanwhile.
    if (mine === asked) watcher = made;
    else made.dispose();
  },

  async look(/** @type {VideoFrame | ImageBitmap} */ frame) {
    const began = performance.now();
    const { width, height, data } = await reader.readAsync(frame);
    frame.close();
    const pixels = { width, height, data: /** @type {Uint8ClampedArray} */ (data) };
    const readTime = performance.now() - began;
    const empty = { touching: false, seen: [], ms: {} };
    if (watcher === undefined) return { ...empty, width, height };
    if (recording !== undefined && watcher.addExample !== undefined) {
      await watcher.addExample(pixels, recording.label);
      recording.onCount(recording.total - --recording.left);
      if (recording.left === 0) {
        recording.done();
        recording = undefined;
      }
    }
    const look = await watcher.look(pixels);
    return { ...look, width, height, ms: { 'frame read': readTime, ...look.ms } };
  },

  record({ label, count }, onCount) {
    return new Promise((resolve) => {
      recording?.done();
      recording = { label, left: count, total: count, onCount, done: () => resolve(undefined) };
    });
  },

  train: (_, onProgress) => partOf('train')(onProgress),
  exportZip: () => partOf('exportZip')(),
  labels: () => partOf('labels')(),
  warnFor: (label) => partOf('warnFor')(label),
};

addEventListener('message', async ({ data: { id, name, value } }) => {
  try {
    const result = await CALLS[name](value, (event) => postMessage({ id, event }));
    postMessage({ id, result });
  } catch (error) {
    const { message, code } = /** @type {Error & { code?: string }} */ (error);
    postMessage({ id, error: { message, code } });
  }
});
