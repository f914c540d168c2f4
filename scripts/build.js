import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { writeBundle } from './build/bundle.js';
import { finishBuild, listBuilds } from './build/glue.js';
import { thirdPartyLicenses } from './build/licenses.js';
import { buildPreset } from './build/preset.js';
import { buildStandalone } from './build/standalone.js';
import { runStep } from './build/step.js';
import { bundleShared } from './build/tfjs-shared.js';
import { DEFAULT_VARIANTS, NATIVE, VARIANTS } from './build/variants.js';
import { needXnnpack } from './build/xnnpack.js';
import { bundleZip } from './build/zip.js';
import { report, SetupError } from './setup/errors.js';
import { writeIfChanged } from './setup/files.js';
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
      await buildStandalone(project, ready, log);
      const present = VARIANTS.filter(({ name }) => existsSync(join(project, `dist/xnnjs-${name}.wasm`)));
      writeIfChanged(join(project, 'dist/builds.js'), listBuilds(present));
      writeIfChanged(join(project, 'dist/THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(ready));
      // What draws the page of `xnnjs profile --html`.
      writeIfChanged(join(project, 'dist/chart.js'), readFileSync(join(project, 'node_modules/chart.js/dist/chart.umd.min.js')));
      const kernels = readdirSync(join(project, 'js/tfjs/kernels')).map((file) => `js/tfjs/kernels/${file}`);
      const shared = await bundleShared(project, kernels);
      writeIfChanged(join(project, 'dist/tfjs-shared.js'), shared.js);
      writeIfChanged(join(project, 'dist/tfjs-shared.d.ts'), shared.types);
      const zip = await bundleZip(project);
      writeIfChanged(join(project, 'dist/zip.js'), zip.js);
      writeIfChanged(join(project, 'dist/zip.d.ts'), zip.types);
      const generator = join(project, 'scripts/generate-schema.js');
      if (existsSync(generator)) await runStep(process.execPath, [generator], 'generating the schema', process.env);
      await writeBundle(project);
    },
    log,
  );
}

/** Builds the small modules beside the engine alone. */
async function buildSmall() {
  const tools = await setUp();
  await withLock(join(project, 'build/lock'), () => buildStandalone(project, tools, console.log), console.log);
}

/**
 * Builds core, checker, native tests and fuzzers for this machine, under sanitizers, in build/native and build/native32.
 * @param {{ tools?: import('./setup.js').Tools, log?: (line: string) => void }} [options]  tools: of a set-up with `native`.
 */
export async function buildNative({ tools, log = (line) => console.log(line) } = {}) {
  const ready = tools ?? (await setUp({ toolchain: false, native: true, packages: false }));
  const work = async () => {
    for (const variant of NATIVE) {
      const libs = await needXnnpack(ready, variant, project, log);
      const started = performance.now();
      await buildPreset(project, variant.name, { tools: ready, libs, args: [`-DCMAKE_C_FLAGS=${variant.flags}`] });
      log(`${variant.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
  };
  await withLock(join(project, 'build/native.lock'), work, log);
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
  const folder = await buildPreset(project, name, {
    tools,
    libs,
    args: [`-DXNNJS_CHECK=${check ? 'ON' : 'OFF'}`],
    threads: variant.threads,
  });
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
 * @returns {{ variants?: string[], check: boolean, native: boolean, standalone: boolean, js: boolean }}
 */
function options(argv) {
  try {
    const flag = /** @type {const} */ ({ type: 'boolean', default: false });
    const known = { variant: /** @type {const} */ ({ type: 'string' }), check: flag, native: flag, standalone: flag, js: flag };
    const { values } = parseArgs({ args: argv, options: known });
    const all = VARIANTS.map((variant) => variant.name);
    return {
      variants: values.variant === 'all' ? all : values.variant?.split(','),
      check: values.check,
      native: values.native,
      standalone: values.standalone,
      js: values.js,
    };
  } catch (error) {
    throw new SetupError(
      `${/** @type {Error} */ (error).message}; usage: npm run build -- [--variant a,b|all] [--check] | --native | --standalone | --js`,
    );
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const { native, standalone, js, ...modules } = options(process.argv.slice(2));
    if (native) await buildNative();
    else if (standalone) await buildSmall();
    else if (js)
      await writeBundle(project); // what changes in js/ alone
    else await build(modules);
  } catch (error) {
    report(error);
  }
}
