// Pictures as tensors: what main.js exports, bundled (scripts/build/bundle.js). All files are named here, so that a browser fetches them
// at once.
import '../errors.js';

export { readImage, toTensor } from '../../dist/js/image.js';

/**
 * @typedef {import('./crop.js').RgbaImage} RgbaImage
 * @typedef {import('./main.js').ImageTensor} ImageTensor
 * @typedef {import('./options.js').Rectangle} Rectangle
 * @typedef {import('./options.js').TensorOptions} TensorOptions
 * @typedef {import('./pixels.js').ImageLike} ImageLike
 */
