/** A table. @param {readonly string[]} head @param {readonly (readonly (string | number)[])[]} rows */
export function markdown(head, rows) {
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
