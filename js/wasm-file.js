// From where a .wasm is to a compiled module.
import { XnnError } from './errors.js';

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {URL} url */
async function compileFromDisk(url) {
  const fs = globalThis.process.getBuiltinModule('node:fs');
  let bytes;
  try {
    bytes = await fs.promises.readFile(url);
  } catch (error) {
    throw new XnnError('network', `cannot read ${url.href}: ${messageOf(error)}`, { cause: error });
  }
  return compileBytes(bytes, url.href, 'network');
}

/** @param {URL} url */
async function compileFromNetwork(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new XnnError('network', `cannot fetch ${url.href}: ${messageOf(error)}`, { cause: error });
  }
  if (!response.ok) throw new XnnError('network', `cannot fetch ${url.href}: HTTP status ${response.status}`);
  // Servers that do not know .wasm call it something else, which browsers do not compile while it arrives.
  const isWasm = response.headers.get('content-type')?.startsWith('application/wasm') ?? false;
  try {
    if (isWasm && WebAssembly.compileStreaming !== undefined) return await WebAssembly.compileStreaming(response);
    return await compileBytes(await response.arrayBuffer(), url.href, 'network');
  } catch (error) {
    if (error instanceof XnnError) throw error;
    const what = error instanceof WebAssembly.CompileError ? `${url.href} is no WebAssembly module` : `cannot fetch ${url.href}`;
    throw new XnnError('network', `${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** @param {BufferSource} bytes @param {string} what  For messages. @param {import('./errors.js').XnnErrorCode} code  If they are no module. */
export async function compileBytes(bytes, what, code) {
  try {
    // A DataView is no buffer source to every engine.
    const source = bytes instanceof DataView ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice() : bytes;
    return await WebAssembly.compile(source);
  } catch (error) {
    throw new XnnError(code, `${what} is no WebAssembly module: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * @param {URL} url  Node reads file: itself.
 * @returns {Promise<WebAssembly.Module>}
 * @throws {XnnError} 'network' if it is not there or no module.
 */
export function compileUrl(url) {
  const onDisk = url.protocol === 'file:' && globalThis.process?.getBuiltinModule !== undefined;
  return onDisk ? compileFromDisk(url) : compileFromNetwork(url);
}
