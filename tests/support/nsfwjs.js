// The models of nsfwjs: MobileNetV2 and InceptionV3 as layers models, another MobileNetV2 as a graph model; weights of 8 bits.

import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const FOLDER = new URL('../../node_modules/nsfwjs/dist/models/', import.meta.url);

/**
 * @param {'mobilenet_v2' | 'mobilenet_v2_mid' | 'inception_v3'} name
 * @returns {Promise<import('./tfjs-engine.js').ModelArtifacts>}
 */
export async function nsfwModel(name) {
  const folder = new URL(`${name}/`, FOLDER);
  const { modelTopology, weightsManifest, signature, userDefinedMetadata } = load(new URL('model.min.js', folder));
  const shards = (await readdir(folder)).filter((file) => file.startsWith('group1-')).sort();
  const bytes = Buffer.concat(shards.map((file) => Buffer.from(load(new URL(file, folder)), 'base64')));
  return {
    modelTopology,
    weightSpecs: weightsManifest.flatMap((/** @type {{ weights: object[] }} */ { weights }) => weights),
    weightData: new Uint8Array(bytes).buffer,
    signature: signature ?? userDefinedMetadata?.signature,
  };
}

/** A bundle of browserify. @param {URL} url @returns {any} */
function load(url) {
  const bundle = require(url.pathname);
  return bundle.default ?? bundle;
}
