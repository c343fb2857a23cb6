import { z } from 'zod';

/** Filters of a list: for each field one value, or several values of which any may match. */
export type Filters = Readonly<Record<string, string | readonly string[]>>;

/** The longest query in characters. Servers commonly refuse request lines over 8,190 bytes (414 URI Too Long). */
const MAX_QUERY = 7_000;

/**
 * The query strings for a list with these filters: one, or several if it would be too long. If a filter has an empty
 * list of values, there is no query, because Neutron would ignore such a filter and list everything.
 *
 * @param fields the fields of an item that Neutron should answer with. Neutron leaves out a field that it does not have
 */
export function listQueries(filters: Filters, fields: readonly string[]): string[] {
  const listed = Object.entries(filters).map(([name, value]): Listed => [
    name,
    typeof value === 'string' ? [value] : value,
  ]);
  return split(listed, fields);
}

type Listed = [name: string, values: readonly string[]];

function split(filters: Listed[], fields: readonly string[]): string[] {
  if (filters.some(([, values]) => values.length === 0)) return [];
  const all: Listed[] = [...filters, ['fields', fields]];
  const query = new URLSearchParams(
    all.flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ).toString();
  const longest = Math.max(...filters.map(([, values]) => values.length));
  if (query.length <= MAX_QUERY || longest < 2) return [query];
  // Split the longest list of values in half. Each item matches only one of its values, so no item is listed twice.
  const at = filters.findIndex(([, values]) => values.length === longest);
  const half = (pick: (values: readonly string[]) => readonly string[]): string[] =>
    split(
      filters.map(([name, values], index) => [name, index === at ? pick(values) : values]),
      fields,
    );
  const middle = Math.ceil(longest / 2);
  return [...half((values) => values.slice(0, middle)), ...half((values) => values.slice(middle))];
}

/**
 * The query of a list's next page, or null. A server with pagination_max_limit cuts lists and links the next page. The
 * link may have an address that is only valid for the server itself, so this takes only the query from it.
 */
export function nextQuery(body: unknown, name: string): string | null {
  const Link = z.object({ rel: z.string(), href: z.string() });
  const links = z.object({ [`${name}_links`]: z.array(Link) }).safeParse(body);
  const next = links.data?.[`${name}_links`]?.find((link) => link.rel === 'next');
  return next === undefined ? null : next.href.slice(next.href.indexOf('?') + 1);
}
