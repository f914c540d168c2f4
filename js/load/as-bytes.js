// What holds bytes, whatever its type and realm.

/** @param {unknown} value @returns {value is ArrayBuffer | SharedArrayBuffer} */
function isBuffer(value) {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

/** A view of what holds bytes; undefined if it is something else. @param {unknown} value @returns {Uint8Array | undefined} */
export function asBytes(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isBuffer(value) ? new Uint8Array(value) : undefined;
}
