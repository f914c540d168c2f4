// One run in a Node of its own: what specs do to the process stays here, and the parent keeps every result that came before it died.
import { writeSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {{ folder: string, module: string, threads?: number, job: import('./run.js').Job }} Order */

/** @type {Order} */
const { folder, module, threads, job } = JSON.parse(process.argv[2]);
/** @param {import('./run.js').Event} event */
const emit = (event) => writeSync(3, `${JSON.stringify(event)}\n`);

// tfjs-core requires what it wants of Node, and jasmine_util looks whether it could; the wasm backend finds its files by __dirname.
const load = createRequire(import.meta.url);
const wasm = load.resolve('@tensorflow/tfjs-backend-wasm');
const jasmineRequire = load('jasmine-core/lib/jasmine-core/jasmine.js');
Object.assign(globalThis, { jasmineRequire, require: load, __filename: wasm, __dirname: dirname(wasm) });
const bundled = (/** @type {string} */ name) => pathToFileURL(`${folder}/${name}.js`).href;
const data = { '@tensorflow/tfjs-core': bundled('core'), '@tensorflow/tfjs-backend-cpu': bundled('cpu') };
register('./hooks.js', { parentURL: import.meta.url, data });

const { run } = await import(bundled('run'));
const backend = await import(pathToFileURL(module).href);
if (threads !== undefined) backend.setOptions({ threads });
await run(job, emit);
process.exit(); // some specs leave timers
