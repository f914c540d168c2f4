// The calls of @tensorflow-models/face-landmarks-detection: what face-landmarks-detection-main.js exports, bundled (scripts/build/bundle.js). All files are named here, so that a browser fetches them at once.
import '../../../dist/builds.js';
import '../../../dist/js/facemesh.js';
import '../../../dist/js/image.js';
import '../../../dist/js/index.js';
import '../../../dist/js/pipelines.js';
import '../../../js/errors.js';

export * from '../../../dist/js/face-landmarks-detection.js';
