import { SetupError } from '../setup/errors.js';
import { CommandError, run } from '../setup/run.js';

/**
 * Runs a quiet command; if it fails, shows what it printed and ends with one line.
 * @param {string} command
 * @param {string[]} args
 * @param {string} what
 * @param {NodeJS.ProcessEnv} env
 */
export async function runStep(command, args, what, env) {
  try {
    return await run(command, args, { env });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const lines = error.output.split('\n').filter((line) => !/^(\[\d+\/\d+\] |cache:|system_libs:|ninja: Entering|: && )/.test(line));
    console.error(lines.join('\n').trim());
    throw new SetupError(`${what} failed (${error.message}): see above`);
  }
}
