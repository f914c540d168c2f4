import { build } from './build.js';
import { report } from './setup/errors.js';
import { setUp } from './setup.js';

try {
  // What the demo prints is its own affair: progress goes to standard error.
  const log = (/** @type {string} */ line) => console.error(`xnnjs: ${line}`);
  await build({ tools: await setUp({ log }), log });
  // Named at run time, so that the scripts can be checked without the demo.
  const demo = '../demo/photo/main.js';
  const { main } = await import(demo);
  const code = await main(process.argv.slice(2));
  process.exitCode ??= typeof code === 'number' ? code : 0;
} catch (error) {
  report(error);
}
