// A profile as one HTML file that needs no network: a timeline, bars by kind of op, and the table. Drawn by Chart.js, which
// the build puts into dist/.
import { readFile } from 'node:fs/promises';
import { XnnError } from '../errors.js';
import { advise, bestSpeed } from './advice.js';

const CHART = new URL('../../dist/chart.js', import.meta.url);

/** @param {unknown} text */
const escapeHtml = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Runs in the page. @param {any} Chart @param {any} data */
function draw(Chart, data) {
  const { ops, kinds, colours } = data;
  const options = { animation: false, indexAxis: 'y', maintainAspectRatio: false, plugins: { legend: { display: false } } };
  new Chart(document.querySelector('#timeline'), {
    type: 'bar',
    data: {
      labels: kinds.map((/** @type {any} */ { kind }) => kind),
      datasets: [
        {
          data: ops.map((/** @type {any} */ op) => ({ x: [op.start, op.start + op.ms], y: op.kind, name: op.name, ms: op.ms })),
          backgroundColor: ops.map((/** @type {any} */ op) => colours[op.kind]),
          barPercentage: 0.9,
          minBarLength: 1,
        },
      ],
    },
    options: {
      ...options,
      plugins: {
        ...options.plugins,
        tooltip: { callbacks: { label: (/** @type {any} */ { raw }) => `${raw.name}: ${raw.ms.toFixed(3)} ms` } },
      },
      scales: { x: { title: { display: true, text: 'ms since the start of the run' } } },
    },
  });
  new Chart(document.querySelector('#kinds'), {
    type: 'bar',
    data: {
      labels: kinds.map((/** @type {any} */ { kind }) => kind),
      datasets: [
        { data: kinds.map((/** @type {any} */ { ms }) => ms), backgroundColor: kinds.map((/** @type {any} */ { kind }) => colours[kind]) },
      ],
    },
    options: { ...options, scales: { x: { title: { display: true, text: 'ms' } } } },
  });
}

/**
 * @param {string} title @param {import('../profile.js').Profile} profile
 * @returns {Promise<string>}
 */
export async function profilePage(title, profile) {
  const chart = await readFile(CHART, 'utf8').catch(() => {
    throw new XnnError('network', 'dist/chart.js is missing: build xnnjs anew');
  });
  const best = bestSpeed(profile);
  /** @type {Map<string, number>} */
  const sums = new Map();
  let start = 0;
  const ops = profile.ops.map(({ name, kind, ms }) => {
    sums.set(kind, (sums.get(kind) ?? 0) + ms);
    const op = { name, kind, ms, start };
    start += ms;
    return op;
  });
  const kinds = [...sums].sort(([, a], [, b]) => b - a).map(([kind, ms]) => ({ kind, ms }));
  const colours = Object.fromEntries(kinds.map(({ kind }, i) => [kind, `hsl(${(i * 137) % 360} 60% 50%)`]));
  const rows = [...profile.ops]
    .sort((a, b) => b.ms - a.ms)
    .map((op) => {
      const { bound, help } = advise(op, best);
      const cells = [
        op.ms.toFixed(3),
        ((100 * op.ms) / profile.ms).toFixed(1),
        (op.flops / op.ms / 1e6).toFixed(1),
        op.kind,
        op.kernel,
        `[${op.shapes.output}]`,
        bound,
        help,
        op.name,
      ];
      return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
    });
  const data = JSON.stringify({ ops, kinds, colours }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>
  body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 1200px; padding: 0 1rem; }
  .chart { height: ${80 + 28 * kinds.length}px; }
  table { border-collapse: collapse; font-size: 12px; width: 100%; }
  th, td { border-bottom: 1px solid #ddd; padding: 2px 8px; text-align: left; overflow-wrap: anywhere; }
  td:nth-child(-n + 3) { text-align: right; white-space: nowrap; }
</style>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(profile.variant)}, ${profile.threads} thread(s): ${profile.ms.toFixed(2)} ms a run, mean of ${profile.runs} runs,
${(profile.flops / 1e6).toFixed(0)} MFLOP, ${(profile.flops / profile.ms / 1e6).toFixed(1)} GFLOP/s.</p>
<h2>One run</h2>
<div class="chart"><canvas id="timeline"></canvas></div>
<h2>By kind of op</h2>
<div class="chart"><canvas id="kinds"></canvas></div>
<h2>Ops, slowest first</h2>
<table>
<tr><th>ms<th>%<th>GFLOP/s<th>kind<th>kernel<th>output<th>bound<th>what would help<th>name</tr>
${rows.join('\n')}
</table>
<script>${chart.replaceAll('</script', '<\\/script')}</script>
<script>(${draw})(Chart, ${data});</script>
`;
}
