// Stands in for a runtime in tests of xnnjs/qna: a model whose logits a test writes down, and which remembers what it was asked.

/**
 * @typedef {{ ids: number[], mask: number[], segments: number[] }} Question  As the model gets it.
 * @param {(question: Question) => { start: ArrayLike<number>, end: ArrayLike<number> }} answer
 * @param {{ longest?: number }} [options]
 */
export function createEngine(answer, { longest = 384 } = {}) {
  /** @type {Question[]} */
  const asked = [];
  /** What load was called with. @type {[unknown, object][]} */
  const loads = [];
  let disposed = 0;
  const port = (/** @type {string} */ name, /** @type {'int32' | 'float32'} */ dtype) => ({
    name,
    dtype,
    shape: [1, -1],
    declared: [1, longest],
  });
  const model = {
    inputs: ['input_ids', 'segment_ids', 'input_mask'].map((name) => port(name, 'int32')),
    outputs: ['start_logits', 'end_logits'].map((name) => port(name, 'float32')),
    /** @param {Record<string, { shape: number[], data: Int32Array }>} inputs */
    async run({ input_ids, input_mask, segment_ids }) {
      const [ids, mask, segments] = [input_ids, input_mask, segment_ids].map(({ shape, data }) => {
        if (shape.length !== 2 || shape[0] !== 1 || shape[1] !== data.length) throw new Error(`[${shape}] of ${data.length} values`);
        return [...data];
      });
      asked.push({ ids, mask, segments });
      const { start, end } = answer({ ids, mask, segments });
      return { start_logits: { data: Float32Array.from(start) }, end_logits: { data: Float32Array.from(end) } };
    },
    dispose() {
      disposed++;
    },
  };
  return {
    asked,
    loads,
    disposed: () => disposed,
    async load(/** @type {unknown} */ source, /** @type {object} */ options) {
      loads.push([source, options]);
      return model;
    },
  };
}
