// The checker of the kernels as a function: build/VARIANT/check.js, made by `npm run build -- --check`.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @param {string} variant
 * @returns {Promise<(args: string[]) => Promise<{ status: number, lines: string[] }>>}  Runs check with arguments, each
 *   time in a fresh instance, so that one that failed leaves the next alone.
 */
export async function openChecker(variant) {
  const folder = new URL(`../../build/${variant}/`, import.meta.url);
  const script = new URL('check.js', folder);
  if (!existsSync(script)) throw new Error(`${fileURLToPath(script)} is missing: npm run build -- --check makes it`);
  const { default: createModule } = await import(script.href);
  const compiled = await WebAssembly.compile(readFileSync(new URL('check.wasm', folder)));
  return async (args) => {
    /** @type {string[]} */
    const lines = [];
    const print = (/** @type {string} */ line) => lines.push(line);
    const module = await createModule({
      threads: 1,
      print,
      printErr: print,
      /** @param {WebAssembly.Imports} imports @param {(instance: WebAssembly.Instance, module: WebAssembly.Module) => void} done */
      instantiateWasm(imports, done) {
        WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled));
        return {};
      },
    });
    const { exitCode } = process; // which Emscripten's exit() sets
    try {
      return { status: module.callMain(args), lines };
    } catch (error) {
      return { status: -1, lines: [...lines, String(error)] }; // a trap, or an assert
    } finally {
      process.exitCode = exitCode;
    }
  };
}
