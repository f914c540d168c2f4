// How a TensorFlow Lite file is told from others, without what it takes to read it.

export const IDENTIFIER = 'TFL3';

/** @param {Uint8Array} bytes */
export function isTflite(bytes) {
  return bytes.length >= 8 && String.fromCharCode(...bytes.subarray(4, 8)) === IDENTIFIER;
}
