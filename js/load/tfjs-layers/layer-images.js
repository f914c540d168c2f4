// Preprocessing layers: tfjs-layers src/layers/preprocessing.
import { range } from './layer-shapes.js';

/**
 * @typedef {import('./layer-builder.js').LayerView} LayerView
 * @typedef {import('./layer-builder.js').Value} Value
 */

/** @param {LayerView} view */
export function rescaling({ config, x, emit, constant }) {
  const y = emit('mul', [x, constant([config.number('scale')])]);
  const offset = config.number('offset', 0);
  return offset === 0 ? y : emit('add', [y, constant([offset])]);
}

/** An image, or a batch of them. @param {LayerView} view @param {(x: Value) => Value} work */
function onBatch({ x, emit, bad }, work) {
  const rank = x.shape.length;
  if (rank === 4) return work(x);
  if (rank !== 3) bad(`its input has ${rank} dimensions, not 3 or 4`);
  return emit('squeeze', [work(emit('expand_dims', [x], { axis: 0 }))], { axes: [0] });
}

/**
 * As Keras resizes, by the centres of pixels: a model of TensorFlow.js cannot have the layer, whose call fails there.
 * @param {LayerView} view
 */
export function resizing(view) {
  const { config, emit, unsupported } = view;
  const op = config.choice('interpolation', ['bilinear', 'nearest'], 'bilinear') === 'nearest' ? 'resize_nearest' : 'resize_bilinear';
  const [out_h, out_w] = [config.int('height', undefined, 1), config.int('width', undefined, 1)];
  for (const name of ['pad_to_aspect_ratio', 'antialias']) if (config.bool(name, false)) unsupported(name);
  const cropped = config.bool('crop_to_aspect_ratio', false);
  return onBatch(view, (x) => {
    const [height, width] = x.shape.slice(1, 3);
    if (cropped && (height < 0 || width < 0)) unsupported('crop_to_aspect_ratio of an image of unknown size');
    const kept = cropped
      ? [Math.min(height, Math.floor((width * out_h) / out_w)), Math.min(width, Math.floor((height * out_w) / out_h))]
      : [];
    const begin = kept.map((size, i) => Math.floor((x.shape[1 + i] - size) / 2));
    const part = cropped ? emit('slice', [x], { axes: [1, 2], begin, size: kept }, { shape: [x.shape[0], ...kept, x.shape[3]] }) : x;
    return emit(op, [part], { out_h, out_w, align_corners: 0, half_pixel: 1 });
  });
}

/**
 * The middle; of an image that is smaller in one direction, all of it resized. TensorFlow.js crops with cropAndResize, whose boxes end
 * at size - 1, so that rows are left out now and then; which ones is computed here in its arithmetic.
 * @param {LayerView} view
 */
export function centerCrop(view) {
  const { config, emit, constant, unsupported } = view;
  const sides = [config.int('height', undefined, 1), config.int('width', undefined, 1)];
  return onBatch(view, (x) => {
    const sizes = x.shape.slice(1, 3);
    if (sizes.some((size) => size < 0)) unsupported('an image of unknown size');
    const before = sizes.map((size, i) => Math.floor((size - sides[i]) / 2));
    if (before[1] === 0 && sizes[1] !== sides[1]) before[1] = 1;
    if (before.some((count) => count < 0))
      return emit('resize_bilinear', [x], { out_h: sides[0], out_w: sides[1], align_corners: 0, half_pixel: 0 });
    return sides.reduce((image, side, i) => {
      const places = cropPlaces(sizes[i], side, before[i]);
      return emit('gather', [image, constant(places, { dtype: 'int32', shape: [side] })], { axis: 1 + i, batch_dims: 0 });
    }, x);
  });
}

/** Where the crop's rows or columns come from. @param {number} size @param {number} side @param {number} before */
function cropPlaces(size, side, before) {
  const from = Math.fround(before / size);
  const to = Math.fround((side + before) / size);
  if (side === 1) return [Math.round(0.5 * (from + to) * (size - 1))];
  const step = ((to - from) * (size - 1)) / (side - 1);
  return range(0, side).map((i) => Math.min(Math.round(from * (size - 1) + i * step), size - 1));
}

/** @param {LayerView} view */
export function categoryEncoding({ config, x, emit, cast, bad, unsupported }) {
  const mode = config.choice('output_mode', ['multihot', 'onehot', 'count', 'int'], 'multihot');
  const tokens = cast(x, 'int32');
  if (mode === 'int') return tokens;
  const last = x.shape.at(-1) ?? 1;
  if (mode === 'onehot' && last < 0) unsupported('one_hot of an unknown number of tokens');
  const alone = x.shape.length === 0 || (mode === 'onehot' && last !== 1);
  const rows = alone ? emit('expand_dims', [tokens], { axis: x.shape.length }) : tokens;
  if (rows.shape.length > 2) bad(`output_mode ${config.raw('output_mode')} of [${x.shape}]`);
  const size = config.int('num_tokens', undefined, 1);
  return emit('bincount', [rows], { size, binary: mode === 'count' ? 0 : 1 }, { dtype: 'float32' });
}
