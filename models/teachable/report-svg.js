// A report as a picture: SVG text, which a page puts into itself. Text has the colour of what is around it.

import { XnnError } from '../../js/index.js';

/** @import { Gap, Rates, Report, Score } from './evaluate.js' */

const WIDTH = 640;
const MARGIN = 16;
const LINE = 18;
const LABEL_WIDTH = 150;
/** Okabe and Ito's colours (Color Universal Design, 2008), which people who see colours differently tell apart. */
const BLUE = '#0072b2';
const ORANGE = '#d55e00';
const MEASURES = { falsePositiveRate: 'false alarms', falseNegativeRate: 'misses', accuracy: 'accuracy' };

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
/** @param {number | undefined} value */
const percent = (value) => (value === undefined ? '–' : `${Math.round(value * 1000) / 10} %`);
/** @param {string} text @param {number} most  characters. */
const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/**
 * @param {Report} report
 * @param {{ title?: string, threshold?: number }} [options]  threshold: one of the report's, whose rates are drawn; its first if left
 *   out.
 * @returns {string}  an svg element with a title and a description, 640 wide in its own units.
 * @throws {XnnError} 'misuse' if the report has no such threshold.
 */
export function drawReport(report, { title = 'How well the classifier does', threshold = report.thresholds[0] } = {}) {
  return drawAll([{ name: '', report }], title, threshold);
}

/**
 * Two of them side by side: each row of bars has both.
 * @param {{ name: string, report: Report }[]} reports  of the same classes and thresholds.
 * @param {{ title?: string, threshold?: number }} [options]
 * @returns {string}
 */
export function drawComparison(reports, { title = 'The classifiers side by side', threshold = reports[0]?.report.thresholds[0] } = {}) {
  if (reports.length === 0) throw new XnnError('misuse', 'teachable: there are 0 reports to draw');
  return drawAll(reports, title, threshold);
}

/** @param {{ name: string, report: Report }[]} reports @param {string} title @param {number} threshold */
function drawAll(reports, title, threshold) {
  const [{ report: first }] = reports;
  for (const { report } of reports) {
    if (!report.thresholds.includes(threshold))
      throw new XnnError('misuse', `teachable: the report has no threshold ${threshold}, only ${report.thresholds.join(', ')}`);
    if (String(report.labels) !== String(first.labels)) throw new XnnError('misuse', 'teachable: the reports have different classes');
  }
  const parts = [];
  let y = MARGIN + 10;
  const heading = (/** @type {string} */ text) => {
    parts.push(textAt(MARGIN, y, text, 'font-weight="bold"'));
    y += LINE;
  };
  for (const { name, report } of reports) {
    heading(`${name === '' ? '' : `${short(name, 30)}: `}${percent(report.accuracy)} of ${report.count} examples right`);
    const matrix = drawMatrix(report, y);
    parts.push(matrix.svg);
    y = matrix.bottom + LINE;
  }
  for (const [label, className] of first.labels.entries()) {
    heading(`${short(className, 40)}, at a probability of ${threshold} or more`);
    const rows = rowsOf(reports, label, threshold);
    for (const row of rows) {
      parts.push(drawRow(row, y));
      y += row.height;
    }
    y += LINE / 2;
  }
  parts.push(legend(y));
  y += 1.5 * LINE;
  const gaps = reports.flatMap(({ name, report }) =>
    report.gaps.slice(0, 3).map((gap) => `${name === '' ? '' : `${name}: `}${sayGap(gap)}`),
  );
  if (gaps.length > 0) {
    heading('Largest gaps');
    for (const line of gaps) {
      parts.push(textAt(MARGIN, y, short(line, 100)));
      y += LINE;
    }
  }
  const described = reports.map(({ name, report }) => describe(name, report, threshold)).join(' ');
  const height = Math.ceil(y);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" ` +
    `style="max-width:100%;height:auto" font-family="system-ui, sans-serif" font-size="13" fill="currentColor">` +
    `<title>${escaped(title)}</title><desc>${escaped(described)}</desc>${parts.join('')}</svg>`
  );
}

/** @param {number} x @param {number} y  of the base line. @param {string} text @param {string} [attributes] */
const textAt = (x, y, text, attributes = '') =>
  `<text x="${round(x)}" y="${round(y)}"${attributes === '' ? '' : ` ${attributes}`}>${escaped(text)}</text>`;

/** @param {number} value */
const round = (value) => Math.round(value * 100) / 100;

/**
 * Rows are the examples' own classes, columns what they were taken for.
 * @param {Report} report @param {number} top
 */
function drawMatrix({ labels, confusion }, top) {
  const width = Math.min(112, (WIDTH - LABEL_WIDTH - 2 * MARGIN) / labels.length);
  const height = 34;
  const left = MARGIN + LABEL_WIDTH;
  const fits = Math.max(2, Math.floor(width / 7.5));
  const parts = [textAt(MARGIN, top, 'is ↓  taken for →', 'opacity="0.7"')];
  for (const [column, label] of labels.entries())
    parts.push(textAt(left + (column + 0.5) * width, top, short(label, fits), 'text-anchor="middle"'));
  for (const [row, counts] of confusion.entries()) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const y = top + 6 + row * height;
    parts.push(textAt(left - 8, y + height / 2 + 4, short(labels[row], 20), 'text-anchor="end"'));
    for (const [column, count] of counts.entries()) {
      const share = total > 0 ? count / total : 0;
      const colour = row === column ? BLUE : ORANGE;
      const box = `x="${round(left + column * width + 1)}" y="${round(y + 1)}" width="${round(width - 2)}" height="${height - 2}"`;
      parts.push(`<rect ${box} rx="4" fill="${colour}" fill-opacity="${round(0.08 + 0.6 * share)}"/>`);
      parts.push(textAt(left + (column + 0.5) * width, y + height / 2 + 4, String(count), 'text-anchor="middle"'));
    }
  }
  return { svg: parts.join(''), bottom: top + 6 + labels.length * height + 10 };
}

/**
 * @typedef {{ name: string, rates: Rates }} Bars
 * @typedef {{ label: string, bars: Bars[], height: number }} BarRow
 */

/** @param {{ name: string, report: Report }[]} reports @param {number} label @param {number} threshold @returns {BarRow[]} */
function rowsOf(reports, label, threshold) {
  const [{ report }] = reports;
  const at = report.thresholds.indexOf(threshold);
  const barsOf = (/** @type {(report: Report) => Score | undefined} */ find) =>
    reports.flatMap(({ name, report: other }) => {
      const score = find(other);
      return score === undefined ? [] : [{ name, rates: score.classes[label].rates[at] }];
    });
  const row = (/** @type {string} */ text, /** @type {Bars[]} */ bars) => ({ label: text, bars, height: bars.length * (LINE + 6) + 6 });
  const groups = report.slices.flatMap(({ slice, groups }) =>
    groups.map(({ group }) =>
      row(
        `${slice}: ${group}`,
        barsOf((other) =>
          other.slices.find((candidate) => candidate.slice === slice)?.groups.find((candidate) => candidate.group === group),
        ),
      ),
    ),
  );
  return [
    row(
      'all',
      barsOf((other) => other),
    ),
    ...groups,
  ];
}

/** False alarms above, misses below, on one scale of 0 to 100 %. @param {BarRow} row @param {number} top */
function drawRow({ label, bars }, top) {
  const left = MARGIN + LABEL_WIDTH;
  const full = WIDTH - left - MARGIN - 160;
  const parts = [textAt(left - 8, top + 4, short(label, 22), 'text-anchor="end"')];
  for (const [i, { name, rates }] of bars.entries()) {
    const y = top - 7 + i * (LINE + 6);
    for (const [j, [rate, colour]] of /** @type {const} */ ([
      [rates.falsePositiveRate, ORANGE],
      [rates.falseNegativeRate, BLUE],
    ]).entries()) {
      const at = `x="${left}" y="${round(y + j * 9)}" height="8" rx="2"`;
      parts.push(`<rect ${at} width="${full}" fill="currentColor" fill-opacity="0.08"/>`);
      if (rate !== undefined && rate > 0) parts.push(`<rect ${at} width="${round(Math.max(rate * full, 1))}" fill="${colour}"/>`);
    }
    const values = `${percent(rates.falsePositiveRate)} · ${percent(rates.falseNegativeRate)}`;
    parts.push(textAt(left + full + 8, y + 13, name === '' ? values : `${values} ${short(name, 12)}`, 'font-size="11"'));
  }
  return parts.join('');
}

/** @param {number} y */
function legend(y) {
  const entry = (/** @type {number} */ x, /** @type {string} */ colour, /** @type {string} */ text) =>
    `<rect x="${x}" y="${y - 9}" width="10" height="10" rx="2" fill="${colour}"/>${textAt(x + 16, y, text)}`;
  return entry(MARGIN, ORANGE, 'false alarms: others taken for it') + entry(MARGIN + 250, BLUE, 'misses: its own not taken for it');
}

/** @param {Gap} gap */
export function sayGap({ slice, measure, className, threshold, worst, best }) {
  const what = className === undefined ? MEASURES[measure] : `${MEASURES[measure]} of ${className} at ${threshold}`;
  return `${what}: ${percent(worst.value)} for ${slice} ${worst.group}, ${percent(best.value)} for ${best.group}`;
}

/** What the picture says, in words. @param {string} name @param {Report} report @param {number} threshold */
function describe(name, report, threshold) {
  const at = report.thresholds.indexOf(threshold);
  const classes = report.classes.map(({ className, rates }) => {
    const { falsePositiveRate, falseNegativeRate } = rates[at];
    return `${className}: ${percent(falsePositiveRate)} false alarms, ${percent(falseNegativeRate)} misses.`;
  });
  const gaps = report.gaps.slice(0, 3).map((gap) => `${sayGap(gap)}.`);
  const lead = `${name === '' ? '' : `${name}. `}${percent(report.accuracy)} of ${report.count} examples are right.`;
  return [lead, `At a probability of ${threshold} or more:`, ...classes, ...(gaps.length > 0 ? ['Largest gaps:', ...gaps] : [])].join(' ');
}
