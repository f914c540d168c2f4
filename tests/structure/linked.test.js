// What of XNNPACK is in the modules: a table of its configurations that something names brings dozens of micro-kernels along.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VARIANTS } from '../../scripts/build/variants.js';

/** XNNPACK's micro-kernels that something runs, with the file that does. @type {Record<string, string>} */
const RUN = {};

for (const { name } of VARIANTS) {
  test(`linked: of XNNPACK's micro-kernels ${name} has those that run, and no table of others`, (t) => {
    const map = fileURLToPath(new URL(`../../build/${name}/xnnjs-${name}.map`, import.meta.url));
    if (!existsSync(map)) throw new Error(`${map} is missing: npm run build makes it`);
    // wasm-ld: address, offset and size, all in hex, then the name of a symbol, or file:(symbol) of what was taken from it.
    const names = new Set(
      [...readFileSync(map, 'utf8').matchAll(/^ *\S+ +[0-9a-f]+ +[0-9a-f]+ +([A-Za-z_]\w*)$/gm)].map(([, symbol]) => symbol),
    );
    assert.ok(names.has('xj_gemm_f32_4x8') && names.has('xnn_compute_igemm'), 'the map is read as it is meant');
    const xnnpack = [...names].filter((symbol) => symbol.startsWith('xnn_'));
    t.diagnostic(`${xnnpack.length} of ${names.size} symbols are XNNPACK's`);
    const strange = xnnpack.filter((symbol) => /_ukernel_|^xnn_(init_\w+_config|pack_)/.test(symbol) && !(symbol in RUN));
    assert.deepEqual(
      strange.filter((symbol) => symbol !== 'xnn_init_hardware_config'),
      [],
    );
    assert.deepEqual(
      Object.keys(RUN).filter((symbol) => !names.has(symbol)),
      [],
    );
  });
}
