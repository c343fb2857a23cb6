import { outputOf, type OutputOptions } from './output.js';

/** A page of a list, and the marker of the next one; null: there is none. */
export interface ListPage<T extends { id: string | number }> {
  page: T[];
  next: T['id'] | null;
}

/** Of a list that was read with one item more than was asked for, which tells whether there are more. */
export function pageOf<T extends { id: string | number }>(found: readonly T[], limit: number): ListPage<T> {
  const page = found.slice(0, limit);
  return { page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** Says that there are more, where a person would not see it in the answer. */
export function tellMore(next: string | number | null, options: OutputOptions): void {
  if (next !== null && outputOf(options) === 'table') process.stderr.write(`there are more: --marker ${next}\n`);
}
