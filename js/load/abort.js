// Ending work early, and errors of files.
import { XnnError } from '../errors.js';

/** @param {AbortSignal} signal */
function abortedError(signal) {
  return new XnnError('aborted', 'loading was aborted', { cause: signal.reason });
}

/** @param {AbortSignal | undefined} signal */
export function throwIfAborted(signal) {
  if (signal?.aborted === true) throw abortedError(signal);
}

/**
 * Settles as `promise` does, or as soon as the signal is aborted (whoever made the promise may not look at it).
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
export function untilAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(abortedError(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/**
 * A controller of our own that is aborted with the caller's signal.
 * @param {AbortSignal | undefined} outer
 */
export function linkedController(outer) {
  const controller = new AbortController();
  const forward = () => controller.abort(outer?.reason);
  if (outer?.aborted === true) forward();
  outer?.addEventListener('abort', forward);
  return {
    signal: controller.signal,
    /** Stops whatever still uses the signal. */
    close() {
      outer?.removeEventListener('abort', forward);
      controller.abort();
    },
  };
}

/**
 * What a failed fetch or read is called.
 * @param {unknown} error @param {AbortSignal} signal @param {string} what
 */
export function networkError(error, signal, what) {
  if (error instanceof XnnError) return error;
  if (signal.aborted) return abortedError(signal);
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return new XnnError('network', `${what}: ${error instanceof Error ? error.message : String(error)}${cause}`, { cause: error });
}
