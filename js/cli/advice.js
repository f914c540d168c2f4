// What bounds each slow op of a profile, and what would help. The yardstick is the profile itself: the fastest of its large
// multiplications is what the machine can do here.

/** Ops that multiply enough for their speed to be a yardstick. */
const LARGE_FLOPS = 1e6;
/** Below this an op is mostly the cost of starting it. */
const SMALL_MS = 0.01;
/** Operations for each byte moved below which memory is the limit. */
const MEMORY_BOUND = 3;

/** @param {import('../profile.js').ProfileOp} op */
const speed = ({ flops, ms }) => (ms > 0 ? flops / ms / 1e6 : 0);

/** @param {import('../profile.js').Profile} profile @returns {number} GFLOP/s of its fastest large op */
export function bestSpeed({ ops }) {
  return Math.max(0, ...ops.filter(({ flops }) => flops >= LARGE_FLOPS).map(speed));
}

/**
 * @param {import('../profile.js').ProfileOp} op @param {number} best  bestSpeed of its profile
 * @returns {{ bound: string, help: string }}
 */
export function advise(op, best) {
  const { ms, flops, bytes, kind } = op;
  if (ms < SMALL_MS) return { bound: 'start', help: 'too small to matter by itself: fewer, larger ops help' };
  if (flops / bytes < MEMORY_BOUND) {
    const rate = (bytes / ms / 1e6).toFixed(1);
    return { bound: 'memory', help: `moves ${rate} GB/s: only fusing it with a neighbour, or smaller activations, would help` };
  }
  const share = best > 0 ? speed(op) / best : 1;
  if (share > 0.8)
    return { bound: 'compute', help: `runs at ${Math.round(share * 100)} % of the fastest op: fewer multiplications or threads help` };
  if (kind === 'depthwise_conv2d')
    return { bound: 'loads', help: 'each input is used by few multiplications: fusing with the next 1×1 convolution would help' };
  const channels = op.shapes.inputs[0]?.at(-1) ?? 0;
  if (kind === 'conv2d' && channels < 8)
    return { bound: 'loads', help: `${channels} input channels fill few lanes: a kernel for first convolutions would help` };
  return {
    bound: 'overhead',
    help: `runs at ${Math.round(share * 100)} % of the fastest op: few rows or channels for each start of a tile`,
  };
}
