/** Something this machine lacks: told in one line, without a stack. */
export class SetupError extends Error {}

/**
 * Prints what went wrong and sets the exit code.
 * @param {unknown} error
 */
export function report(error) {
  if (error instanceof SetupError) console.error(`xnnjs: ${error.message}`);
  else console.error(error);
  process.exitCode = 1;
}
