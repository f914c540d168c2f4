// What a topology is made of, in the terms of its own format. For reports: nothing here says that a model is sound.
import { field } from './tfjs-layers/layer-config.js';
import { isObject } from './tfjs-manifest.js';

/** Nodes of graphs that compute nothing. */
const VALUES = ['Const', 'Placeholder', 'PlaceholderWithDefault', 'NoOp'];

/**
 * How often a topology has each op (of layers models: each class of layers), whether the outputs need it or not.
 * @param {string} format @param {Record<string, unknown>} topology
 * @returns {{ op: string, count: number }[]}  The most frequent first.
 */
export function foreignOps(format, topology) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const op of OPS[format]?.(topology) ?? []) if (typeof op === 'string') counts.set(op, (counts.get(op) ?? 0) + 1);
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
  if (!isObject(topology)) return;
  const models = new Set([field(topology, 'model_config') ?? topology]);
  // for…of also visits what is added meanwhile; a Set, as models in memory can hold each other
  for (const model of models) {
    for (const layer of layersOf(model) ?? []) {
      const className = field(layer, 'class_name');
      if (layersOf(layer) !== undefined) models.add(layer);
      else if (className !== 'InputLayer') yield className;
    }
  }
}

/** The layers of what is a model. @param {unknown} model */
function layersOf(model) {
  const config = isObject(model) ? field(model, 'config') : undefined;
  const layers = isObject(config) ? field(config, 'layers') : config;
  return Array.isArray(layers) ? objectsOf(layers) : undefined;
}

/** @type {Record<string, (topology: Record<string, unknown>) => Iterable<unknown>>} */
const OPS = {
  'tfjs-graph': ({ modelTopology }) => graphOps(modelTopology),
  'tfjs-layers': ({ modelTopology }) => layerClasses(modelTopology),
  tflite: ({ operators }) => objectsOf(operators).map(({ op, custom }) => (custom === true ? `custom op ${op}` : op)),
};
