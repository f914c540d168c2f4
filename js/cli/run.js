// xnnjs run: outputs of given or made-up inputs.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeInputs } from './inputs.js';

/** @param {import('./arguments.js').Context} context */
export async function run({ runtime, model: path, options }) {
  const model = await runtime.load(path, { precision: options.precision });
  const outputs = await model.run(await makeInputs(model, options));
  for (const [name, { dtype, shape, data }] of Object.entries(outputs)) {
    const shown = [...data.subarray(0, 8)].map((value) => Number(value.toPrecision(6)));
    console.log(`${name} ${dtype} [${shape}] ${shown.join(' ')}${data.length > 8 ? ' …' : ''}`);
    if (options.output === undefined) continue;
    await mkdir(options.output, { recursive: true });
    const file = join(options.output, `${name.replace(/[^\w.-]+/g, '_')}.bin`);
    await writeFile(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    console.log(`  → ${file}`);
  }
}
