import { outputOf, type OutputOptions } from './output.js';

/**
 * A page of a list that was read with one item more than was asked for, and the marker of the next page; null: there is
 * none, for that item is missing.
 */
export function pageOf<T, Marker>(
  found: readonly T[],
  limit: number,
  markerOf: (item: T) => Marker,
): { page: T[]; next: Marker | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { page, next: found.length > limit && last !== undefined ? markerOf(last) : null };
}

/** Says that there are more, where a person would not see it in the answer. */
export function tellMore(next: string | number | null, options: OutputOptions): void {
  if (next !== null && outputOf(options) === 'table') process.stderr.write(`there are more: --marker ${next}\n`);
}
