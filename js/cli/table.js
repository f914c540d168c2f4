// Columns of text.

/**
 * @param {string[]} head @param {(string | number)[][]} rows  Numbers are set flush right.
 * @returns {string}
 */
export function table(head, rows) {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => /^-?[\d.,]+( %)?$/.test(String(row[column]))));
  return lines
    .map((line) => line.map((cell, i) => (right[i] ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** @param {number} value @param {number} [digits] */
export const fixed = (value, digits = 2) => value.toFixed(digits);

/** @param {{ name: string, dtype: string, shape: number[] }} port */
export const portText = ({ name, dtype, shape }) => `${name} ${dtype} [${shape}]`;
