// What of XNNPACK is in the modules: a table of its configurations that something names brings dozens of micro-kernels along.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VARIANTS } from '../../scripts/build/variants.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** What the kernels call of XNNPACK, by name, and what xnn_initialize() calls: a description of the machine that only those tables read. */
const CALLED = new Set([
  'xnn_init_hardware_config',
  ...readdirSync(`${PROJECT}/kernels`)
    .filter((file) => /\.[ch]$/.test(file))
    .flatMap((file) => readFileSync(`${PROJECT}/kernels/${file}`, 'utf8').match(/\bxnn_\w+/g) ?? []),
]);

for (const { name } of VARIANTS) {
  test(`linked: of XNNPACK's micro-kernels, tables of them and packing ${name} has what kernels/ names, and nothing else`, (t) => {
    const map = `${PROJECT}/build/${name}/xnnjs-${name}.map`;
    if (!existsSync(map)) throw new Error(`${map} is missing: npm run build makes it`);
    // wasm-ld: address, offset and size, then file:(symbol) of what was taken from it, and the symbol alone in the next line.
    const names = [...readFileSync(map, 'utf8').matchAll(/^ *\S+ +[0-9a-f]+ +[0-9a-f]+ +([A-Za-z_]\w*)$/gm)].map(([, symbol]) => symbol);
    assert.ok(names.includes('xj_gemm_f32_4x8') && names.includes('xnn_compute_igemm'), 'the map is read as it is meant');
    const chosen = names.filter((symbol) => /^xnn_.*(_ukernel_|_config$)|^xnn_pack_/.test(symbol));
    t.diagnostic(`${names.filter((symbol) => symbol.startsWith('xnn_')).length} of ${names.length} symbols are XNNPACK's: ${chosen}`);
    assert.deepEqual(
      chosen.filter((symbol) => !CALLED.has(symbol)),
      [],
    );
  });
}
