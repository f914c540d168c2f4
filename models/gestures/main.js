// What hands do.

export { touchingFace } from './touch.js';
export { createTouchWatcher } from './watcher.js';

/**
 * @typedef {import('./face-shape.js').FaceLike} FaceLike
 * @typedef {import('./face-shape.js').FaceRegion} FaceRegion
 * @typedef {import('./touch.js').HandLike} HandLike
 * @typedef {import('./touch.js').Touch} Touch
 * @typedef {import('./touch.js').TouchOptions} TouchOptions
 * @typedef {import('./watcher.js').TouchState} TouchState
 * @typedef {import('./watcher.js').WatcherOptions} WatcherOptions
 */
