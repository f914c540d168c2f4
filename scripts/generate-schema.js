// Writes dist/schema.js: the op table as the built module states it. js/wasm.js packs attributes by it and compares it with
// that of the module it has loaded.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeIfChanged } from './setup/files.js';

const dist = new URL('../dist/', import.meta.url);
const { default: createModule } = await import(new URL('xnnjs-simd.js', dist).href);
const wasmBinary = readFileSync(new URL('xnnjs-simd.wasm', dist));
const module = await createModule({
  instantiateWasm(/** @type {WebAssembly.Imports} */ imports, /** @type {Function} */ done) {
    WebAssembly.instantiate(wasmBinary, imports).then(({ instance, module }) => done(instance, module));
    return {};
  },
});
const bytes = new Uint8Array(module.wasmMemory.buffer);
const start = module._xj_schema();
const text = new TextDecoder().decode(bytes.slice(start, bytes.indexOf(0, start)));
const lines = text
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => `  ${JSON.stringify(line)},\n`);
writeIfChanged(
  fileURLToPath(new URL('schema.js', dist)),
  `// Generated from src/ops.def: op, least and most inputs, outputs, attributes (i: int32, f: float32, I: list of int32).\nexport const SCHEMA = [\n${lines.join('')}];\n`,
);
