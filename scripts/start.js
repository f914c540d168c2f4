import { build } from './build.js';
import { report } from './setup/errors.js';
import { setUp } from './setup.js';

try {
  // What the demo prints is its own affair: progress goes to standard error.
  const log = (/** @type {string} */ line) => console.error(`xnnjs: ${line}`);
  await build({ tools: await setUp({ log }), log });
  // Named at run time, so that the scripts can be checked without the demos.
  const run = async (/** @type {string} */ demo, /** @type {string[]} */ argv) => (await import(demo)).main(argv);
  const argv = process.argv.slice(2);
  let code = await run('../demo/photo/main.js', argv);
  if (code === 0 && argv.length === 0) {
    console.log('\nQuestions about a passage (npm run ask -- --passage FILE "question"):\n');
    code = await run('../demo/qna/ask.js', []);
  }
  process.exitCode ??= code;
} catch (error) {
  report(error);
}
