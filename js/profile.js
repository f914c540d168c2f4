// What a profiled run says, as plain data.

/**
 * One op of a program. `kind` is the op, `kernel` the way it was computed ('' where there is one only), `shapes` those of its
 * inputs and of its output; `ms` is the mean over the runs; `flops` and `bytes` (read and written) are of one run.
 * @typedef {{ name: string, kind: string, kernel: string, shapes: { inputs: number[][], output: number[] }, ms: number,
 *   flops: number, bytes: number, parameters: number, threads: number }} ProfileOp
 *
 * @typedef {{ variant: string, threads: number, runs: number, ms: number, flops: number, ops: ProfileOp[] }} Profile
 */

/**
 * @param {import('./wasm.js').StepInfo[]} steps @param {Float64Array} totals  ms of all runs, for each step
 * @param {{ runs: number, variant: string, threads: number }} how
 * @returns {Profile}
 */
export function makeProfile(steps, totals, { runs, variant, threads }) {
  const ops = steps.map(({ name, op, kernel, inputs, output, flops, bytes, parameters, threads: used }, i) => ({
    name,
    kind: op,
    kernel,
    shapes: { inputs, output },
    ms: totals[i] / runs,
    flops,
    bytes,
    parameters,
    threads: used,
  }));
  const sum = (/** @type {'ms' | 'flops'} */ key) => ops.reduce((total, op) => total + op[key], 0);
  return { variant, threads, runs, ms: sum('ms'), flops: sum('flops'), ops };
}

/**
 * A profile in the trace event format that chrome://tracing and ui.perfetto.dev open: one mean run, op after op.
 * @param {Profile} profile
 * @returns {{ traceEvents: object[], displayTimeUnit: 'ms' }}
 */
export function toChromeTrace({ variant, threads, ops }) {
  let at = 0;
  const traceEvents = ops.map(({ name, kind, ms, ...args }) => {
    const event = { name, cat: kind, ph: 'X', pid: 1, tid: 1, ts: at * 1000, dur: ms * 1000, args };
    at += ms;
    return event;
  });
  const process = { name: 'process_name', ph: 'M', pid: 1, tid: 1, args: { name: `xnnjs ${variant}, ${threads} threads` } };
  return { traceEvents: [process, ...traceEvents], displayTimeUnit: 'ms' };
}
