// Contestants in Node: each in a process of its own.
import { execFileSync, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findCurrentNode } from './current-node.js';

const ROOT = new URL('../..', import.meta.url).href;
const CHILD = fileURLToPath(new URL('node-child.js', import.meta.url));

/** @returns {Promise<import('./index.js').OpenEnvironment>} */
export async function openNode() {
  const execPath = await findCurrentNode();
  const version = execFileSync(execPath, ['--version'], { encoding: 'utf8' }).trim();
  return {
    title: `Node ${version.slice(1).split('.')[0]}`,
    root: ROOT,
    async open() {
      const child = fork(CHILD, { execPath, serialization: 'advanced', silent: true });
      /** @type {string[]} */
      const problems = [];
      child.stderr?.on('data', (text) => problems.push(String(text)));
      return {
        call: (method, argument) =>
          new Promise((resolve, reject) => {
            const ended = (/** @type {number | null} */ code) => reject(new Error(`the process ended with ${code}: ${problems.join('')}`));
            child.once('exit', ended);
            child.once('message', (/** @type {{ result: any, error?: string }} */ { result, error }) => {
              child.off('exit', ended);
              if (error === undefined) resolve(result);
              else reject(new Error(error));
            });
            child.send({ method, argument });
          }),
        problems,
        close: () =>
          new Promise((resolve) => {
            child.once('exit', () => resolve(undefined));
            if (child.exitCode === null && child.signalCode === null) child.kill();
            else resolve(undefined);
          }),
      };
    },
    close: async () => {},
  };
}
