/** What the items of a list have in common: by field, one value, or several of which any may match. */
export type Filters = Readonly<Record<string, string | readonly string[]>>;

/** Longest query in characters. Servers commonly refuse request lines over 8,190 bytes (414 URI Too Long). */
const MAX_QUERY = 7_000;

/**
 * The query strings that list what has these filters: one, or several where it would be too long.
 * Where a filter has no values there is none, for Neutron would take it for no filter at all and list everything.
 */
export function listQueries(filters: Filters): string[] {
  return split(Object.entries(filters).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]));
}

function split(filters: [string, readonly string[]][]): string[] {
  if (filters.some(([, values]) => values.length === 0)) return [];
  const query = new URLSearchParams(
    filters.flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ).toString();
  const longest = Math.max(...filters.map(([, values]) => values.length));
  if (query.length <= MAX_QUERY || longest < 2) return [query];
  // Halves of the longest list: each item matches one value of it, so none is listed twice.
  const at = filters.findIndex(([, values]) => values.length === longest);
  const half = (pick: (values: readonly string[]) => readonly string[]): string[] =>
    split(filters.map(([name, values], index) => [name, index === at ? pick(values) : values]));
  const middle = Math.ceil(longest / 2);
  return [...half((values) => values.slice(0, middle)), ...half((values) => values.slice(middle))];
}
