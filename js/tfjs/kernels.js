// All kernels of the backend, by tfjs-core's names.
import { convolutions } from './kernels/convolutions.js';
import { creation } from './kernels/creation.js';
import { elementwise } from './kernels/elementwise.js';
import { fourierTransforms } from './kernels/fourier.js';
import { images } from './kernels/images.js';
import { matrices } from './kernels/matrices.js';
import { moving } from './kernels/moving.js';
import { normalization } from './kernels/normalization.js';
import { pooling } from './kernels/pooling.js';
import { reductions } from './kernels/reductions.js';
import { selections } from './kernels/selections.js';
import { sparse } from './kernels/sparse.js';
import { strings } from './kernels/strings.js';

/** @type {import('./kernels/rows.js').Kernels} */
export const KERNELS = {
  ...elementwise,
  ...reductions,
  ...normalization,
  ...matrices,
  ...convolutions,
  ...pooling,
  ...moving,
  ...creation,
  ...images,
  ...fourierTransforms,
  ...selections,
  ...sparse,
  ...strings,
};
