/** Counts how often each of the names is among the items. */
export function countOf(names: readonly string[], items: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, items.filter((item) => item === name).length]));
}

/** A table of counts, with their sum. */
export function countTable(head: readonly [string, string], counts: Record<string, number>): string {
  return markdownTable(head, [...Object.entries(counts), ['all', sumOf(counts)]]);
}

export function sumOf(numbers: Record<string, number>): number {
  return Object.values(numbers).reduce((all, number) => all + number, 0);
}

/** A Markdown table, which people can read too. */
export function markdownTable(head: readonly string[], cells: readonly (readonly (string | number)[])[]): string {
  const rows = cells.map((row) => row.map(String));
  const widths = head.map((name, column) => Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
