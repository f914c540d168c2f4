// Teachable Machine: what main.js exports, bundled (scripts/build/bundle.js). All files are named here, so that a browser fetches them at once.
import '../../dist/builds.js';
import '../../dist/js/image.js';
import '../../dist/js/index.js';
import '../../dist/js/pipelines.js';
import '../../js/errors.js';

export * from '../../dist/js/teachable.js';
