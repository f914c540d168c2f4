// xnnjs profile: where the time of a run goes, and what would help.
import { writeFile } from 'node:fs/promises';
import { toChromeTrace } from '../profile.js';
import { advise, bestSpeed } from './advice.js';
import { makeInputs } from './inputs.js';
import { profilePage } from './profile-page.js';
import { fixed, table } from './table.js';

/** @param {import('../profile.js').Profile} profile */
function byKind({ ops, ms: total }) {
  /** @type {Map<string, { count: number, ms: number, flops: number }>} */
  const kinds = new Map();
  for (const { kind, kernel, ms, flops } of ops) {
    const key = kernel === '' ? kind : `${kind} (${kernel})`;
    const sum = kinds.get(key) ?? { count: 0, ms: 0, flops: 0 };
    kinds.set(key, { count: sum.count + 1, ms: sum.ms + ms, flops: sum.flops + flops });
  }
  return [...kinds]
    .sort(([, a], [, b]) => b.ms - a.ms)
    .map(([kind, { count, ms, flops }]) => [kind, count, fixed(ms, 3), `${fixed((100 * ms) / total, 0)} %`, fixed(flops / ms / 1e6, 1)]);
}

/** @param {import('./arguments.js').Context} context */
export async function profile({ runtime, model: path, options }) {
  const model = await runtime.load(path, { precision: options.precision });
  const inputs = await makeInputs(model, options);
  await model.profile(inputs, { runs: 20 }); // until V8 has optimised
  const result = await model.profile(inputs, { runs: options.runs });
  const best = bestSpeed(result);
  console.log(`${path}: ${result.variant}, ${result.threads} thread(s), ${fixed(result.ms)} ms a run, mean of ${result.runs}\n`);
  console.log(table(['kind', 'ops', 'ms', 'share', 'GFLOP/s'], byKind(result)));
  const slow = [...result.ops].sort((a, b) => b.ms - a.ms).slice(0, 20);
  console.log(`\nthe ${slow.length} slowest of ${result.ops.length} ops`);
  console.log(
    table(
      ['ms', 'share', 'GFLOP/s', 'GB/s', 'kind', 'output', 'bound', 'what would help', 'name'],
      slow.map((op) => {
        const { bound, help } = advise(op, best);
        const { ms, flops, bytes, kind, shapes, name } = op;
        return [
          fixed(ms, 3),
          `${fixed((100 * ms) / result.ms, 1)} %`,
          fixed(flops / ms / 1e6, 1),
          fixed(bytes / ms / 1e6, 1),
          kind,
          `[${shapes.output}]`,
          bound,
          help,
          name,
        ];
      }),
    ),
  );
  if (options.trace !== undefined) {
    await writeFile(options.trace, JSON.stringify(toChromeTrace(result)));
    console.log(`\ntrace → ${options.trace} (open in chrome://tracing or ui.perfetto.dev)`);
  }
  if (options.html !== undefined) {
    await writeFile(options.html, await profilePage(path, result));
    console.log(`\npage → ${options.html}`);
  }
}
