import { run } from '../setup/run.js';

/**
 * The interpreter behind python3, which may be the shim of a version manager: Emscripten starts it for every file, and the shim takes
 * longer than the interpreter.
 * @param {NodeJS.ProcessEnv} env @returns {Promise<NodeJS.ProcessEnv>} what is added to the environment
 */
export async function directPython(env) {
  if (env.EMSDK_PYTHON !== undefined) return {};
  try {
    return { EMSDK_PYTHON: (await run('python3', ['-c', 'import sys; print(sys.executable)'], { env })).trim() };
  } catch {
    return {}; // Emscripten looks for one itself
  }
}
