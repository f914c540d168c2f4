// TensorFlow.js's own API on several backends in one process.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';

export { markdown } from '../markdown.js';

/** @typedef {{ name: string, label: string, use: () => void }} Backend */

/** Options of every benchmark here. */
export const BACKEND_OPTIONS = /** @type {const} */ ({
  ours: { type: 'string', default: 'xnnjs' },
  rival: { type: 'string', default: 'wasm' },
  threads: { type: 'string', default: '1' },
  variant: { type: 'string', default: 'auto' },
  clock: { type: 'string', default: 'wall' },
});

/**
 * ms. 'cpu' counts what all threads of this process had of the processors: on a machine whose cores are wanted by others it says
 * more, as long as one thread computes.
 * @param {string} name
 */
export function clock(name) {
  if (name === 'wall') return () => performance.now();
  if (name !== 'cpu') throw new Error(`no clock ${name}: wall, cpu`);
  return () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
}

/** Runs this script in the Node that XNNJS_CURRENT_NODE names instead, where it names one. */
export function inCurrentNode() {
  const { XNNJS_CURRENT_NODE: node, ...env } = process.env;
  if (node === undefined) return;
  const { status } = spawnSync(node, process.argv.slice(1), { stdio: 'inherit', env });
  process.exit(status ?? 1);
}

/**
 * @param {string[]} names  xnnjs, wasm, cpu
 * @param {{ threads: string, variant: string }} options  of xnnjs
 * @returns {Promise<Backend[]>}
 */
export async function startBackends(names, { threads, variant }) {
  tf.env().set('PROD', true); // no checks of shapes between ops, as in a built page
  const backends = [];
  for (const name of names) {
    let label = `tfjs-backend-${name} ${tf.version_core}`;
    if (name === 'xnnjs') {
      const { setOptions } = await import(new URL('../../js/tfjs/index.js', import.meta.url).href);
      setOptions({ threads: Number(threads), variant });
      label = `xnnjs ${variant}, ${threads} thread${threads === '1' ? '' : 's'}`;
    } else await startPeer(name);
    if (!(await tf.setBackend(name)))
      throw new Error(`backend ${name} does not start; registered: ${Object.keys(tf.engine().registryFactory)}`);
    backends.push({ name, label, use: () => use(name) });
  }
  return backends;
}

/** In Node the WebAssembly backend has SIMD and no threads. @param {string} name */
async function startPeer(name) {
  const require = createRequire(import.meta.url);
  const file = pathToFileURL(require.resolve(`@tensorflow/tfjs-backend-${name}`));
  const peer = await import(file.href);
  if (name === 'wasm') peer.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
}

/**
 * What tf.setBackend leaves behind, without the set-up of every kernel: that makes new closures, which V8 would have to warm up
 * again after each turn.
 * @param {string} name
 */
function use(name) {
  const engine = /** @type {any} */ (tf.engine());
  engine.backendName = name;
  engine.backendInstance = engine.findBackend(name);
}

/** The tensors of a result, in a fixed order. @param {tf.TensorContainer} result @returns {tf.Tensor[]} */
export function tensorsOf(result) {
  if (result instanceof tf.Tensor) return [result];
  return Object.values(/** @type {object} */ (result)).flatMap(tensorsOf);
}

/** @param {tf.Tensor} tensor */
export const typedData = (tensor) => (tensor.dtype === 'string' ? [...tensor.dataSync()] : Array.from(tensor.dataSync()));

/**
 * max|a − b| over max|b|: 0 where all is equal; infinite where NaN, infinities, strings or lengths are not the same.
 * @param {readonly unknown[]} a @param {readonly unknown[]} b
 */
export function difference(a, b) {
  if (a.length !== b.length) return Infinity;
  let [worst, largest] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    if (Object.is(x, y) || x === y) {
      if (typeof y === 'number' && Number.isFinite(y)) largest = Math.max(largest, Math.abs(y));
      continue;
    }
    if (typeof x !== 'number' || typeof y !== 'number' || !Number.isFinite(x) || !Number.isFinite(y)) return Infinity;
    worst = Math.max(worst, Math.abs(x - y));
    largest = Math.max(largest, Math.abs(y));
  }
  return worst === 0 ? 0 : worst / largest;
}
