#!/usr/bin/env node
// The xnnjs command.
import { createRuntime, XnnError } from '../index.js';
import { parseCommand, USAGE } from './arguments.js';
import { bench } from './bench.js';
import { checkModel } from './check-model.js';
import { inspect } from './inspect.js';
import { profile } from './profile.js';
import { run } from './run.js';

/** @type {Record<string, (context: import('./arguments.js').Context) => Promise<void>>} */
const COMMANDS = { run, inspect, bench, profile };

/** @param {string[]} argv @returns {Promise<number>} exit code */
export async function main(argv) {
  try {
    const { command, model, options } = parseCommand(argv, ['check', ...Object.keys(COMMANDS)]);
    if (command === 'help') {
      console.log(USAGE);
      return 0;
    }
    if (command === 'check') return await checkModel({ model, options });
    const runtime = await createRuntime({ threads: options.threads, variant: options.variant });
    try {
      await COMMANDS[command]({ runtime, model, options });
    } finally {
      runtime.dispose();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof XnnError)) throw error;
    console.error(`xnnjs: ${error.code}: ${error.message}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
