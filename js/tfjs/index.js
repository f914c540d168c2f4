/**
 * The xnnjs backend of TensorFlow.js: `import 'xnnjs/tfjs'; await tf.setBackend('xnnjs')`. It is main.js, bundled
 * (scripts/build/bundle.js); all files are named here, so that a browser fetches them at once.
 *
 * @typedef {import('./options.js').BackendOptions} BackendOptions
 * @typedef {import('./compile.js').CompiledModel} CompiledModel
 * @typedef {import('./compile.js').CompileOptions} CompileOptions
 */
import '@tensorflow/tfjs-core';
import '../../dist/builds.js';
import '../../dist/js/index.js';
import '../../dist/tfjs-shared.js';
import '../errors.js';

export { compile, setOptions } from '../../dist/js/tfjs.js';
