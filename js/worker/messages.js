// What goes between a page and its worker: calls with a number, answers with the same number. Both sides use this.
import { XnnError } from '../errors.js';

/**
 * @typedef {{ code?: import('../errors.js').XnnErrorCode, message: string, node?: string,
 *   unsupported?: import('../errors.js').Unsupported[] }} ErrorData  code: of an XnnError.
 *
 * Page → worker:
 * @typedef {{ call: number, method: string, args: any[] }} Call
 * @typedef {{ call: number, piece?: import('../load/bytes.js').WeightPiece, error?: ErrorData, end?: true }} PieceMessage  Weights of
 *   the load with that number.
 * @typedef {{ call: number, cancel: true }} Cancel  Not begun calls end as 'aborted'.
 *
 * Worker → page:
 * @typedef {{ call: number, result?: any, error?: ErrorData, memory?: object }} Answer
 * @typedef {{ call: number, taken: number }} Taken  So many bytes of weights were worked in.
 */

/** @param {unknown} error @returns {ErrorData} */
export function errorData(error) {
  if (error instanceof XnnError) return { code: error.code, message: error.message, node: error.node, unsupported: error.unsupported };
  return { message: error instanceof Error ? error.message : String(error) };
}

/** @param {ErrorData} data @returns {Error} */
export function toError({ code, message, ...details }) {
  return code === undefined ? new Error(message) : new XnnError(code, message, details);
}

/**
 * A port that is the same in browsers and in Node.
 * @param {any} port  A Worker, the global of a worker, or one of Node's worker_threads.
 */
export function openPort(port) {
  return {
    /** @param {object} message @param {Transferable[]} [transfer] */
    post: (message, transfer = []) => port.postMessage(message, transfer),
    /** @param {(message: any) => void} take */
    onMessage(take) {
      if (port.on !== undefined) port.on('message', take);
      else port.onmessage = (/** @type {MessageEvent} */ { data }) => take(data);
    },
  };
}
