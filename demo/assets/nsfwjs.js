// nsfwjs's MobileNetV2, a layers model whose files are scripts: the base of classifiers that are trained in the page.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const FOLDER = new URL('../../node_modules/nsfwjs/dist/models/mobilenet_v2/', import.meta.url);

/** @param {string} file @returns {any} */
function load(file) {
  const bundle = require(new URL(file, FOLDER).pathname);
  return bundle.default ?? bundle;
}

/** The model.json that names `weights` as its one shard. @param {string} weights @returns {string} */
export function mobilenetJson(weights) {
  const { weightsManifest, ...model } = load('model.min.js');
  if (weightsManifest.length !== 1) throw new Error(`nsfwjs: ${weightsManifest.length} groups of weights, 1 is expected`);
  return JSON.stringify({ ...model, weightsManifest: [{ ...weightsManifest[0], paths: [weights] }] });
}

export const mobilenetWeights = () => new Uint8Array(Buffer.from(load('group1-shard1of1.min.js'), 'base64'));
