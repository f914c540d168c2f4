// What a topology is made of, in the terms of its own format. For reports: nothing here says that a model is sound.
import { isObject } from './tfjs-manifest.js';

/** Nodes of graphs that compute nothing. */
const VALUES = ['Const', 'Placeholder', 'PlaceholderWithDefault', 'NoOp'];

/**
 * How often a topology has each op (of layers models: each class of layers), whether the outputs need it or not.
 * @param {string} format @param {Record<string, unknown>} topology
 * @returns {{ op: string, count: number }[]}  The most frequent first.
 */
export function foreignOps(format, { modelTopology }) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const op of format === 'tfjs-layers' ? layerClasses(modelTopology) : graphOps(modelTopology))
    if (typeof op === 'string') counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].map(([op, count]) => ({ op, count })).sort((a, b) => b.count - a.count);
}

/** @param {unknown} list @returns {Record<string, unknown>[]} */
const objectsOf = (list) => (Array.isArray(list) ? list.filter(isObject) : []);

/** @param {unknown} graph */
function graphOps(graph) {
  return objectsOf(isObject(graph) ? graph.node : undefined)
    .map(({ op }) => op)
    .filter((op) => typeof op === 'string' && !VALUES.includes(op));
}

/** @param {unknown} topology  A Keras model, with or without what stands around its configuration. */
function* layerClasses(topology) {
  const waiting = [isObject(topology) ? (topology.model_config ?? topology) : undefined];
  for (let model = waiting.pop(); model !== undefined; model = waiting.pop()) {
    const config = isObject(model) ? model.config : undefined;
    for (const layer of objectsOf(isObject(config) ? config.layers : config)) {
      const isModel = isObject(layer.config) && Array.isArray(layer.config.layers);
      if (isModel) waiting.push(layer);
      else if (layer.class_name !== 'InputLayer') yield layer.class_name;
    }
  }
}
