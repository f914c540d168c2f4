// The worker's side: a Runtime of its own, and its models by number.
import { XnnError } from '../errors.js';
import { createRuntime, OpenedSource } from '../runtime.js';
import { errorData, openPort, toError } from './messages.js';

const { post, onMessage } = openPort(globalThis.process?.getBuiltinModule?.('node:worker_threads').parentPort ?? globalThis);

/** @type {import('../runtime.js').Runtime | undefined} */
let runtime;
/** @type {Map<number, import('../model.js').Model>} */
const models = new Map();
/** Loads that take pieces: call → what takes them. @type {Map<number, (message: import('./messages.js').PieceMessage) => void>} */
const loads = new Map();
/** @type {Set<number>} */
const cancelled = new Set();

/** The weights of a load, as the page sends them. @param {number} call */
async function* pieces(call) {
  /** @type {import('./messages.js').PieceMessage[]} */
  const queue = [];
  let wake = () => {};
  loads.set(call, (message) => {
    queue.push(message);
    wake();
  });
  for (;;) {
    const message = queue.shift();
    if (message === undefined) {
      await new Promise((resolve) => {
        wake = () => resolve(undefined);
      });
      continue;
    }
    if (message.error !== undefined) throw toError(message.error);
    if (message.piece === undefined) return;
    yield message.piece;
    post({ call, taken: message.piece.bytes.length });
  }
}

/** @param {number} id */
function modelOf(id) {
  const model = models.get(id);
  if (model === undefined) throw new XnnError('misuse', 'the model was disposed');
  return model;
}

/** Buffers of outputs are handed over, not copied. @param {Record<string, { data: { buffer: ArrayBufferLike } }>} outputs */
const buffersOf = (outputs) => Object.values(outputs).map(({ data }) => /** @type {ArrayBuffer} */ (data.buffer));

/** @type {Record<string, (call: number, ...args: any[]) => Promise<{ result?: any, transfer?: Transferable[] }>>} */
const METHODS = {
  async start(_call, options) {
    runtime = await createRuntime(options);
    const numbers = runtime.abortNumbers();
    const shared = typeof SharedArrayBuffer !== 'undefined' && numbers.buffer instanceof SharedArrayBuffer;
    return { result: { variant: runtime.variant, threads: runtime.threads, abortNumbers: shared ? numbers : undefined } };
  },
  async load(call, { format, topology, weights }, options) {
    const bytes = () => pieces(call);
    const model = await /** @type {import('../runtime.js').Runtime} */ (runtime).load(
      new OpenedSource({ format, topology, weights, bytes }),
      options,
    );
    models.set(call, model);
    return { result: { inputs: model.inputs, outputs: model.outputs, summary: model.summary() } };
  },
  async run(call, id, inputs, options) {
    const numbers = /** @type {import('../runtime.js').Runtime} */ (runtime).abortNumbers();
    Atomics.store(numbers, 1, call);
    try {
      const outputs = modelOf(id).runSync(inputs, options);
      return { result: { outputs, summary: modelOf(id).summary() }, transfer: buffersOf(outputs) };
    } finally {
      Atomics.store(numbers, 1, 0);
    }
  },
  async profile(_call, id, inputs, options) {
    return { result: await modelOf(id).profile(inputs, options) };
  },
  async dispose(_call, id) {
    models.get(id)?.dispose();
    models.delete(id);
    return {};
  },
};

/** Calls are answered in the order in which they come, but for loads, which take their time. */
let previous = Promise.resolve();
let waiting = 0;

/** Lets messages in that have come meanwhile: a queued run may have been cancelled. */
const takeMessages = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {import('./messages.js').Call} call */
async function answer({ call, method, args }) {
  try {
    if (waiting > 1) await takeMessages();
    if (cancelled.delete(call)) throw new XnnError('aborted', 'aborted before it began');
    const { result, transfer } = await METHODS[method](call, ...args);
    post({ call, result, memory: runtime?.memory() }, transfer);
  } catch (error) {
    post({ call, error: errorData(error), memory: runtime?.memory() });
  } finally {
    loads.delete(call);
    cancelled.delete(call);
    waiting--;
  }
}

onMessage((/** @type {any} */ message) => {
  if (message.cancel === true) {
    cancelled.add(message.call);
  } else if (message.method === undefined) {
    loads.get(message.call)?.(message);
  } else if (message.method === 'load') {
    waiting++;
    previous.then(() => answer(message));
  } else {
    waiting++;
    previous = previous.then(() => answer(message));
  }
});
