// Runs two models in every variant and prints, as JSON, how far each is from TensorFlow.js and a hash of its bits. A program of
// its own, for other versions of Node than the tests'.
import { createHash } from 'node:crypto';
import { createRuntime } from '../../js/main.js';
import { compareOutputs } from '../support/agreement.js';
import { BLAZEFACE_URL, FACEMESH_URL } from '../support/photos.js';
import { loadReference } from '../support/reference.js';

const MODELS = [
  { url: BLAZEFACE_URL, input: 'input', size: 256 },
  { url: FACEMESH_URL, input: 'input_1', size: 192 },
];

const results = [];
for (const variant of process.argv.slice(2)) {
  for (const threads of [1, 2]) {
    const start = performance.now();
    const runtime = await createRuntime({ variant: /** @type {'simd' | 'relaxed'} */ (variant), threads });
    const startMs = performance.now() - start;
    const hash = createHash('sha256');
    let error = 0;
    for (const { url, input, size } of MODELS) {
      const values = Float32Array.from({ length: size * size * 3 }, (_, i) => Math.sin(i * 0.0037) * 0.5 + 0.5);
      const model = await runtime.load(url);
      const outputs = await model.run(values);
      error = Math.max(error, compareOutputs(outputs, await (await loadReference(url)).run({ [input]: values })).error);
      for (const { data } of Object.values(outputs)) hash.update(new Uint8Array(data.buffer));
    }
    results.push({ variant: runtime.variant, threads: runtime.threads, error, bits: hash.digest('hex'), startMs });
    runtime.dispose();
  }
}
process.stdout.write(`RESULT ${JSON.stringify(results)}\n`);
