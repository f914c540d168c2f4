import { spawn } from 'node:child_process';

/** A command that could not start or exited with another code than 0; `output` is all that it printed. */
export class CommandError extends Error {
  /**
   * @param {string} command
   * @param {string} reason
   * @param {string} output
   */
  constructor(command, reason, output) {
    super(`${command}: ${reason}`);
    this.output = output;
  }

  /** The line that most likely says why. */
  get line() {
    const lines = this.output.split('\n').filter((line) => line.trim() !== '');
    return (lines.find((line) => /^(E:|npm err|error)/i.test(line)) ?? lines.at(-1) ?? this.message).trim();
  }
}

/**
 * Runs a command to its end and returns what it printed on standard output.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean }} [options]  show: pass its output on.
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd, env, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'] });
    let out = '';
    let all = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      out += text;
      all += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      all += text;
    });
    child.on('error', (error) => reject(new CommandError(command, error.message, all)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new CommandError(command, `exit ${code ?? signal}`, all));
    });
  });
}
