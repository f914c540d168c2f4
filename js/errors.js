/** Messages are for people, and names and lists in them come from files. */
const MOST_CHARACTERS = 1000;

/**
 * What cannot be run: an op ('' where it is none), the first node that has it, and why.
 * @typedef {{ op: string, node: string, reason: string }} Unsupported
 */

/** @typedef {'bad-model' | 'bad-shape' | 'unsupported' | 'out-of-memory' | 'misuse' | 'aborted' | 'network' | 'integrity'} XnnErrorCode */

/**
 * The one class of errors that xnnjs throws. `code` is stable, `message` is for people.
 *
 * - 'bad-model'      the model's files are broken or contradict themselves
 * - 'bad-shape'      a shape given does not fit the model
 * - 'unsupported'    the model is valid, but needs something that xnnjs cannot do (yet)
 * - 'out-of-memory'  more memory is needed than there is or than was allowed; the runtime stays usable
 * - 'misuse'         the caller's mistake
 * - 'aborted'        the caller's signal was aborted
 * - 'network'        a file could not be fetched or read
 * - 'integrity'      a file's hash is not the expected one
 */
export class XnnError extends Error {
  /**
   * @param {XnnErrorCode} code
   * @param {string} message  With the numbers in it.
   * @param {{ node?: string, cause?: unknown, unsupported?: Unsupported[] }} [details]  node: the name of the model's node that
   *   it is about; unsupported: what a model needs that is missing, as far as it is known, where code is 'unsupported'.
   */
  constructor(code, message, { node, cause, unsupported } = {}) {
    super(
      message.length > MOST_CHARACTERS ? `${message.slice(0, MOST_CHARACTERS)}…` : message,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'XnnError';
    /** @type {XnnErrorCode} */
    this.code = code;
    /** @type {string | undefined} */
    this.node = node;
    /** @type {Unsupported[] | undefined} */
    this.unsupported = unsupported;
  }
}
