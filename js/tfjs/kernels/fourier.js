// Fourier transforms of complex64.
/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/** Half of a tensor whose first axis is 2. @param {XnnjsBackend} backend @param {TensorInfo} t @param {number} index @returns {TensorInfo} */
function half(backend, t, index) {
  const y = backend.op('slice', [t], { axes: [0], begin: [index], size: [1] });
  return { ...y, shape: t.shape.slice(1) };
}

/** @param {number} inverse @returns {Kernel} */
function fourier(inverse) {
  return ({ inputs: { input }, backend }) => {
    const { real, imag } = backend.parts(input);
    const both = backend.op('fft', [real, imag], { inverse });
    const y = backend.complex(half(backend, both, 0), half(backend, both, 1));
    backend.drop(both);
    return y;
  };
}

/** @type {Kernels} */
export const fourierTransforms = { FFT: fourier(0), IFFT: fourier(1) };
