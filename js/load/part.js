// Parts of the package that are fetched only where they are needed.
import { XnnError } from '../errors.js';

/**
 * @template T
 * @param {Promise<T>} part  Of import().
 * @returns {Promise<T>}
 * @throws {XnnError} 'network'
 */
export function importPart(part) {
  return part.catch((error) => {
    throw new XnnError('network', `a part of xnnjs cannot be fetched: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  });
}
