import { parseArgs } from 'node:util';
import { bundle } from '../tests/conformance/bundle.js';
import { complaints, count, FLOOR, runInBrowser, runInNode, summary, table } from '../tests/conformance/conformance.js';

// tfjs-core's specs on what is built: see tests/conformance/README.md.
const USAGE =
  'npm run test:conformance -- [--backend NAME] [--threads N] [--browser] [--files A,B] [--grep REGEX] [--markdown] [--verbose]';

/** @type {import('node:util').ParseArgsOptionsConfig} */
const options = {
  backend: { type: 'string' },
  threads: { type: 'string' },
  browser: { type: 'boolean', default: false },
  files: { type: 'string' },
  grep: { type: 'string' },
  markdown: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
};

/** @type {import('../tests/conformance/bundle.js').Bundle | undefined} */
let specs;
try {
  const { values } = parseArgs({ options });
  const { backend, threads, browser, files, grep, markdown, verbose } = /** @type {Record<string, any>} */ (values);
  const job = { backend, threads: threads && Number(threads), files: files?.split(','), grep, verbose };
  specs = await bundle();
  const result = await (browser ? runInBrowser : runInNode)(specs, job);
  const whole = files === undefined && grep === undefined;
  const found = complaints(result, whole ? FLOOR[browser ? 'browser' : 'node'] : 0);
  console.log(summary(result));
  if (markdown) console.log(`\n${table(result)}`);
  const { passed, skipped } = count(result.specs);
  if (found.length > 0) process.exitCode = 1;
  if (whole && found.length > 0) console.log(`\n${found.at(-1)}`);
  console.log(`\n${passed} passed, ${found.length} failed, ${skipped} skipped`);
} catch (error) {
  console.error(`xnnjs: ${/** @type {Error} */ (error).message}; usage: ${USAGE}`);
  process.exitCode = 1;
} finally {
  specs?.remove();
}
