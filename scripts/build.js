import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { finishBuild, listBuilds } from './build/glue.js';
import { runStep } from './build/step.js';
import { DEFAULT_VARIANTS, VARIANTS } from './build/variants.js';
import { needXnnpack } from './build/xnnpack.js';
import { report, SetupError } from './setup/errors.js';
import { shortHash, writeIfChanged } from './setup/files.js';
import { withLock } from './setup/lock.js';
import { setUp } from './setup.js';

const project = fileURLToPath(new URL('..', import.meta.url));

/**
 * Builds dist/xnnjs-VARIANT.{js,wasm}, each only as far as its sources changed.
 * @param {{ variants?: string[], check?: boolean, tools?: import('./setup.js').Tools, log?: (line: string) => void }} [options]
 *   check: also build/VARIANT/check.js, the checker of the kernels. tools: of a set-up that was done before.
 */
export async function build({ variants = DEFAULT_VARIANTS, check = false, tools, log = (line) => console.log(line) } = {}) {
  const chosen = variants.map((name) => {
    const variant = VARIANTS.find((item) => item.name === name);
    if (variant !== undefined) return variant;
    throw new SetupError(`no variant "${name}": choose from ${VARIANTS.map((item) => item.name).join(', ')}`);
  });
  const ready = tools ?? (await setUp());
  mkdirSync(join(project, 'dist'), { recursive: true });
  await withLock(
    join(project, 'build/lock'),
    async () => {
      for (const variant of chosen) await buildVariant(ready, variant, check, log);
      const present = VARIANTS.filter(({ name }) => existsSync(join(project, `dist/xnnjs-${name}.wasm`)));
      writeIfChanged(join(project, 'dist/builds.js'), listBuilds(present));
      const generator = join(project, 'scripts/generate-schema.js');
      if (existsSync(generator)) await runStep(process.execPath, [generator], 'generating the schema', process.env);
    },
    log,
  );
}

/**
 * @param {import('./setup.js').Tools} tools
 * @param {import('./build/variants.js').Variant} variant
 * @param {boolean} check
 * @param {(line: string) => void} log
 */
async function buildVariant(tools, variant, check, log) {
  const { name } = variant;
  const libs = await needXnnpack(tools, variant, project, log);
  const started = performance.now();
  const env = { ...process.env, ...tools.env, XNNJS_LIBS: libs };
  const folder = join(project, 'build', name);
  const settings = shortHash(JSON.stringify([tools.env, libs, check, readFileSync(join(project, 'CMakePresets.json'), 'utf8')]));
  const stamp = join(folder, 'settings');
  const old = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
  if (old !== settings) {
    // A changed tool chain is only taken up by a fresh configuration.
    const fresh = old === undefined ? [] : ['--fresh'];
    const args = ['--preset', name, '-S', project, ...fresh, `-DXNNJS_CHECK=${check ? 'ON' : 'OFF'}`];
    await runStep('cmake', args, `configuring ${name}`, env);
    writeIfChanged(stamp, settings);
  }
  await runStep('ninja', ['-C', folder], `building ${name}`, env);
  const made = (/** @type {string} */ type) => readFileSync(join(folder, `xnnjs-${name}.${type}`));
  const { js, wasm } = finishBuild(name, variant.threads, { js: made('js').toString(), wasm: made('wasm') });
  const files = { js: Buffer.from(js), wasm };
  const sizes = Object.entries(files).map(([type, bytes]) => {
    writeIfChanged(join(project, `dist/xnnjs-${name}.${type}`), bytes);
    return `${type} ${kilobytes(bytes)} (gzip ${kilobytes(gzipSync(bytes, { level: 9 }))})`;
  });
  log(`xnnjs-${name}: ${sizes.join(', ')}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function kilobytes(/** @type {Uint8Array} */ bytes) {
  return `${(bytes.length / 1000).toFixed(1)} kB`;
}

/**
 * Reads the options of the command line.
 * @param {string[]} argv
 * @returns {{ variants?: string[], check: boolean }}
 */
function options(argv) {
  try {
    const { values } = parseArgs({ args: argv, options: { variant: { type: 'string' }, check: { type: 'boolean', default: false } } });
    const all = VARIANTS.map((variant) => variant.name);
    return { variants: values.variant === 'all' ? all : values.variant?.split(','), check: values.check };
  } catch (error) {
    throw new SetupError(`${/** @type {Error} */ (error).message}; usage: npm run build -- [--variant a,b|all] [--check]`);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await build(options(process.argv.slice(2)));
  } catch (error) {
    report(error);
  }
}
