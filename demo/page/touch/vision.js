// The page's side of the worker that watches: one call, one answer.

/** @import { Look, Progress, Training, WatchOptions } from './worker.js' */

/**
 * @typedef {object} Vision
 * @property {(options: WatchOptions) => Promise<void>} watch  begins a way of watching, ends the one before.
 * @property {(frame: VideoFrame | ImageBitmap) => Promise<Look>} look  takes the frame.
 * @property {(label: string, count: number, onCount: (count: number) => void) => Promise<void>} record  the next frames become examples.
 * @property {(onProgress: (progress: Progress) => void) => Promise<Training>} train
 * @property {() => Promise<Uint8Array<ArrayBuffer>>} exportZip
 * @property {() => Promise<{ all: string[], warnFor: string }>} labels  of an export's classes.
 * @property {(label: string) => Promise<void>} warnFor
 */

/** @returns {Vision} */
export function createVision() {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'vision' });
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void, onEvent?: (value: any) => void }>} */
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data: { id, event, result, error } }) => {
    const call = waiting.get(id);
    if (event !== undefined) return call?.onEvent?.(event);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(Object.assign(new Error(error.message), { code: error.code }));
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message ?? 'the worker did not start'));
    waiting.clear();
  };
  /** @param {string} name @param {any} [value] @param {Transferable[]} [transfer] @param {(value: any) => void} [onEvent] @returns {Promise<any>} */
  const call = (name, value, transfer = [], onEvent) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject, onEvent });
      worker.postMessage({ id, name, value }, transfer);
    });
  return {
    watch: (options) => call('watch', options),
    look: (frame) => call('look', frame, [frame]),
    record: (label, count, onCount) => call('record', { label, count }, [], onCount),
    train: (onProgress) => call('train', undefined, [], onProgress),
    exportZip: () => call('exportZip'),
    labels: () => call('labels'),
    warnFor: (label) => call('warnFor', label),
  };
}
