import type { PortFilters } from './resources.js';

/** Longest query in characters. Servers commonly refuse request lines over 8,190 bytes (414 URI Too Long). */
const MAX_QUERY = 7_000;

/**
 * The query strings that list the ports with these filters: one, or several where it would be too long.
 * Where a filter has no values there is none, for Neutron would take it for no filter at all and list every port.
 */
export function portQueries(filters: PortFilters): string[] {
  const values: [string, readonly string[]][] = Object.entries(
    filters as Record<string, string | readonly string[]>,
  ).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]);
  return split(values);
}

function split(filters: [string, readonly string[]][]): string[] {
  if (filters.some(([, values]) => values.length === 0)) return [];
  const query = new URLSearchParams(
    filters.flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ).toString();
  const longest = Math.max(...filters.map(([, values]) => values.length));
  if (query.length <= MAX_QUERY || longest < 2) return [query];
  // Halves of the longest list: each port matches one value of it, so no port is listed twice.
  const at = filters.findIndex(([, values]) => values.length === longest);
  const half = (pick: (values: readonly string[]) => readonly string[]): string[] =>
    split(filters.map(([name, values], index) => [name, index === at ? pick(values) : values]));
  const middle = Math.ceil(longest / 2);
  return [...half((values) => values.slice(0, middle)), ...half((values) => values.slice(middle))];
}
