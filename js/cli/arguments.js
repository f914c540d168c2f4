// The command line of xnnjs.
import { parseArgs } from 'node:util';
import { XnnError } from '../errors.js';

export const USAGE = `xnnjs COMMAND MODEL [options]        MODEL: path or URL of a model.json or .tflite

  run      computes the outputs of --input NAME=FILE (raw little-endian values) or of made-up inputs; --output DIR writes them
  inspect  the graph before and after the passes, parameters, operations, the memory plan
  check    whether and how it would run, without downloading its weights; --json for programs; exit code 2 if it would not
  bench    ms of a run: median, least, and load to first result
  profile  ms of each op, and what bounds it; --html FILE and --trace FILE (for chrome://tracing) write more

  --threads N|auto   --variant auto|simd|relaxed   --precision float32|int8   --runs N   --shape NAME=1,192,192,3`;

/**
 * @typedef {object} Options
 * @property {'auto' | number} threads
 * @property {'auto' | 'simd' | 'relaxed'} variant
 * @property {'float32' | 'int8'} precision
 * @property {number} runs
 * @property {Record<string, number[]>} shapes
 * @property {Record<string, string>} inputs  name → file
 * @property {string} [output]
 * @property {string} [html]
 * @property {string} [trace]
 * @property {boolean} json
 *
 * @typedef {{ runtime: import('../runtime.js').Runtime, model: string, options: Options }} Context
 */

/** @param {string} text @param {string} option @returns {[string, string]} */
function pair(text, option) {
  const at = text.indexOf('=');
  if (at < 1) throw new XnnError('misuse', `--${option} ${text}: NAME=VALUE is expected`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** @param {string} text @param {string} option */
function count(text, option) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new XnnError('misuse', `--${option} ${text}: a whole number from 1 on is expected`);
  return value;
}

/** @param {string[]} texts  NAME=1,2,3 @returns {Record<string, number[]>} */
function readShapes(texts) {
  const pairs = texts.map((text) => pair(text, 'shape'));
  return Object.fromEntries(pairs.map(([name, dims]) => [name, dims.split(',').map(Number)]));
}

/**
 * @param {string[]} argv @param {string[]} commands
 * @returns {{ command: string, model: string, options: Options }}
 */
export function parseCommand(argv, commands) {
  const strings = ['threads', 'variant', 'precision', 'runs', 'output', 'html', 'trace'];
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        .../** @type {Record<string, { type: 'string' }>} */ (Object.fromEntries(strings.map((name) => [name, { type: 'string' }]))),
        shape: { type: 'string', multiple: true },
        input: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new XnnError('misuse', `${/** @type {Error} */ (error).message}\n\n${USAGE}`);
  }
  const [command, model, ...more] = parsed.positionals;
  const values = /** @type {Record<string, any>} */ (parsed.values);
  if (command === undefined || values.help) return { command: 'help', model: '', options: /** @type {any} */ ({}) };
  if (!commands.includes(command)) throw new XnnError('misuse', `no command "${command}"\n\n${USAGE}`);
  if (model === undefined || more.length > 0)
    throw new XnnError('misuse', `${command} takes one model, ${1 + more.length - (model === undefined ? 1 : 0)} are given\n\n${USAGE}`);
  return {
    command,
    model,
    options: {
      threads: values.threads === undefined || values.threads === 'auto' ? 'auto' : count(values.threads, 'threads'),
      variant: values.variant ?? 'auto',
      precision: values.precision ?? 'float32',
      runs: values.runs === undefined ? 50 : count(values.runs, 'runs'),
      shapes: readShapes(values.shape ?? []),
      inputs: Object.fromEntries((values.input ?? []).map((/** @type {string} */ text) => pair(text, 'input'))),
      output: values.output,
      html: values.html,
      trace: values.trace,
      json: values.json ?? false,
    },
  };
}
