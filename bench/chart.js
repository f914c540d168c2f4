// The medians of a comparison as an SVG: a bar for each engine and number of threads, in groups by model, each group with a scale of
// its own, since models differ a hundredfold. Colours follow the reader's scheme.
import { summary } from './contest.js';
import { figures, finished } from './report.js';

const COLOURS = /** @type {{ [engine: string]: string }} */ ({
  xnnjs: '#1a7f5a',
  'tfjs-backend-wasm': '#d9822b',
  'onnxruntime-web': '#7a6fbe',
  'LiteRT.js': '#4a8fd0',
});
const [WIDTH, LABELS, VALUES] = [760, 210, 110];
const [ROW, BAR, HEAD, GAP] = [18, 12, 24, 12];
const STYLE = `text{font:12px system-ui,sans-serif;fill:#24292f}.name{font-weight:600}.title{font-size:14px;font-weight:600}
.soft{fill:#57606a}@media (prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9198a1}}`;

/** @param {string} value */
const escaped = (value) => value.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** @param {string} content @param {number} x @param {number} y @param {string} [kind] @param {'start' | 'end'} [anchor] */
const text = (content, x, y, kind = '', anchor = 'start') =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${kind}" text-anchor="${anchor}">${escaped(content)}</text>`;

/** @param {import('./run.js').Results} results @returns {string} */
export function drawChart({ environment, models, versions }) {
  const parts = [
    text(`A run in ${environment}: ms, median`, 8, 20, 'title'),
    text('inputs in, inference, outputs out; shorter is faster, each model has a scale of its own', 8, 38, 'soft'),
  ];
  let y = 52;
  for (const { name, records } of models) {
    const bars = finished(records).map((record) => ({ ...record, ms: summary(record).median }));
    if (bars.length === 0) continue;
    const longest = Math.max(...bars.map((bar) => bar.ms));
    parts.push(text(name, 8, y + 16, 'name'));
    y += HEAD;
    for (const { engine, threads, label, ms } of bars) {
      const width = Math.max(1, (ms / longest) * (WIDTH - LABELS - VALUES));
      const fill = `fill="${COLOURS[engine]}" fill-opacity="${threads === 1 ? 1 : 0.65}"`;
      parts.push(
        text(label, LABELS - 8, y + BAR - 2, 'soft', 'end'),
        `<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" ${fill}/>`,
        text(figures(ms), LABELS + width + 6, y + BAR - 2),
      );
      y += ROW;
    }
    y += GAP;
  }
  const peers = Object.entries(versions).map(([engine, version]) => `${engine} ${version}`);
  parts.push(text(peers.join(' · '), 8, y + 12, 'soft'));
  const size = `width="${WIDTH}" height="${y + 24}" viewBox="0 0 ${WIDTH} ${y + 24}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img"><style>${STYLE}</style>\n${parts.join('\n')}\n</svg>\n`;
}
