import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortHash, writeIfChanged } from '../setup/files.js';
import { directPython } from './python.js';
import { runStep } from './step.js';

/**
 * Configures a preset of CMakePresets.json where what it depends on changed, and builds it.
 * @param {string} project
 * @param {string} name
 * @param {{ tools: import('../setup.js').Tools, libs: string, args?: string[] }} options  libs: from needXnnpack. args: of CMake.
 * @returns {Promise<string>}  build/NAME.
 */
export async function buildPreset(project, name, { tools, libs, args = [] }) {
  const env = { ...process.env, ...tools.env, XNNJS_LIBS: libs };
  const folder = join(project, 'build', name);
  const settings = shortHash(JSON.stringify([tools.env, libs, args, readFileSync(join(project, 'CMakePresets.json'), 'utf8')]));
  const stamp = join(folder, 'settings');
  const old = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
  if (old !== settings) {
    // A changed tool chain is only taken up by a fresh configuration.
    const fresh = old === undefined ? [] : ['--fresh'];
    await runStep('cmake', ['--preset', name, '-S', project, ...fresh, ...args], `configuring ${name}`, env);
    writeIfChanged(stamp, settings);
  }
  await runStep('ninja', ['-C', folder], `building ${name}`, { ...env, ...(await directPython(env)) });
  return folder;
}
