// Which weight of the manifest a layer's variable is. tfjs-layers (Container.loadWeights) takes `layer/kernel`, whatever models
// the layer is nested in, and `layer/cell/kernel`; converters also wrote `model/layer/kernel`, `layer/kernel:0`, and for Keras 3
// the variable's number, `layer/0` or `_layers/layer/vars/0`.
import { badLayer } from './layer-config.js';

/**
 * @typedef {import('./layer-models.js').Layer} Layer
 * @typedef {import('../tfjs-manifest.js').WeightSpec} WeightSpec
 */

/** Names are known by their last parts, at most so many: enough for any layer, and linear for any file. */
const MAX_PARTS = 12;
/** As Keras 3 names folders between a layer and its variables. */
const FOLDERS = /(^|\/)(vars|_layer_checkpoint_dependencies)(?=\/)/g;

/**
 * @param {readonly WeightSpec[]} specs
 */
export function createWeightFinder(specs) {
  /** @type {Map<string, number>} */
  const whole = new Map();
  /** @type {Map<string, number[]>} The last parts of a name → the weights whose names end so. */
  const endings = new Map();
  /** @type {Map<string, number>} Without the last part but one. */
  const shorter = new Map();
  /** @type {Map<number, Layer>} */
  const taken = new Map();
  for (const [index, { name }] of specs.entries()) {
    const plain = name.replace(/:\d{1,9}$/, '');
    add(plain, index);
    const bare = plain
      .replace(FOLDERS, '')
      .replace(/(^|\/)_/g, '$1')
      .replace(/^\//, '');
    if (bare !== plain) add(bare, index);
  }
  return { find };

  /** @param {string} name @param {number} index */
  function add(name, index) {
    if (!whole.has(name)) whole.set(name, index);
    const last = name.lastIndexOf('/');
    let from = last;
    for (let parts = 2; parts <= MAX_PARTS && from > 0; parts++) {
      from = name.lastIndexOf('/', from - 1);
      const ending = name.slice(from + 1);
      const found = endings.get(ending);
      if (found === undefined) endings.set(ending, [index]);
      else if (found.length === 1 && found[0] !== index) found.push(index); // two are as bad as many
    }
    const cell = name.lastIndexOf('/', last - 1);
    if (last > 0 && cell > 0) shorter.set(name.slice(0, cell) + name.slice(last), index);
  }

  /** @param {Layer} layer @param {string} variable */
  function lookUp({ path, weightsName }, variable) {
    const exact = whole.get(`${path}/${variable}`) ?? whole.get(`${weightsName}/${variable}`);
    if (exact !== undefined) return exact;
    for (const ending of [`${path}/${variable}`, `${weightsName}/${variable}`]) {
      const found = endings.get(ending) ?? [];
      if (found.length === 1) return found[0];
    }
    return shorter.get(`${weightsName}/${variable}`);
  }

  /**
   * @param {Layer} layer @param {readonly string[]} names  Of the variable, the usual one first.
   * @param {number} place  Its number among the layer's variables.
   * @returns {number}  The weight's index.
   * @throws {XnnError} 'bad-model'
   */
  function find(layer, names, place) {
    const index = [...names, `${place}`].map((name) => lookUp(layer, name)).find((found) => found !== undefined);
    if (index === undefined) badLayer(layer, `its weight "${layer.weightsName}/${names[0]}" is not in the weights manifest`);
    const other = taken.get(index);
    if (other !== undefined && other !== layer) badLayer(layer, `its weight "${specs[index].name}" is already that of "${other.path}"`);
    taken.set(index, layer);
    return index;
  }
}
