import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { boolean, text, uuidField } from '../../inventory/input-fields.js';
import type { PageQuery } from '../../state/index.js';
import { ApiError } from './errors.js';
import { assertAcceptable, SINCE } from './microversion.js';
import { chosenFields, columnsOf, fieldsShown, type Links, represent, type Resource } from './resource.js';

const limit = z
  .string()
  .regex(/^\s*[+-]?\d{1,15}\s*$/, { error: 'expected a whole number' })
  .transform(Number)
  .refine((value) => value > 0, { error: 'Limit must be positive' })
  .meta({ type: 'integer', minimum: 1, pattern: undefined });

/** A query parameter: its meaning, and the first minor version that accepts it. */
export function parameter<T extends z.ZodType>(type: T, description: string, since = 1): z.ZodOptional<T> {
  return type.optional().meta({ description, 'x-since': `1.${since}` });
}

/** @throws ApiError 406 when the requested version does not yet have a parameter of the query */
export function assertQueryAcceptable(
  { shape }: z.ZodObject<Record<string, z.ZodType>>,
  request: FastifyRequest,
): void {
  for (const name of Object.keys(request.query ?? {})) {
    const type = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const [, since] = (type?.meta()?.['x-since'] ?? '1.1').split('.');
    assertAcceptable(request, `the query parameter ${name}`, Number(since));
  }
}

/** Query parameters of every list. */
export const LIST_QUERY = {
  limit: parameter(limit, 'Maximum number of items in the page; the default, and the limit, is api.max_limit'),
  marker: parameter(uuidField, 'UUID of the last item of the previous page'),
  sort_key: parameter(text(64), 'Field to sort by, except objects; default uuid'),
  sort_dir: parameter(
    z.enum(['asc', 'desc'], { error: "Acceptable values are 'asc' or 'desc'" }),
    'Sort direction; rows with the same sort_key are sorted by UUID; default asc',
  ),
  fields: parameter(text(2048), 'Fields to show, separated by commas', SINCE.fields),
  detail: parameter(boolean, 'Whether to show all fields', SINCE.detailQuery),
};
export type ListQuery = z.output<z.ZodObject<typeof LIST_QUERY>>;

/** Query parameters of a single item. */
export const ITEM_QUERY = z.strictObject({ fields: LIST_QUERY.fields });

/** What a client asked of a list. */
interface Listing<Row> {
  page: Omit<PageQuery<Row>, 'where' | 'after'> & { marker: string | null };
  names: string[];
  whole: boolean;
}

/**
 * Reads the query of a list.
 *
 * @throws ApiError 400, 406
 */
function readListing<Row>(
  resource: Resource<Row>,
  query: ListQuery,
  request: FastifyRequest,
  { maxLimit, whole = false }: { maxLimit: number; whole?: boolean },
): Listing<Row> {
  if (query.fields !== undefined && query.detail === true) {
    throw new ApiError(400, "Can't fetch a subset of fields with 'detail' set");
  }
  const all = whole || query.detail === true;
  const shown = fieldsShown(resource, request.minor);
  const names =
    query.fields !== undefined
      ? chosenFields(resource, query.fields, request)
      : shown.filter((name) => all || resource.listed.includes(name));
  const sortKey = readSortKey(resource, query.sort_key === '' ? 'uuid' : (query.sort_key ?? 'uuid'), request);
  return {
    names,
    whole: all,
    page: {
      columns: columnsOf(resource, names),
      sortKey,
      sortDir: query.sort_dir ?? 'asc',
      marker: query.marker ?? null,
      limit: Math.min(query.limit ?? maxLimit, maxLimit),
    },
  };
}

/** Reads sort_key. Ironic's default `id` means the order of creation there; here it means the order of UUIDs. */
function readSortKey<Row>({ fields }: Resource<Row>, name: string, request: FastifyRequest): keyof Row & string {
  const field = name === 'id' ? fields['uuid'] : fields[name];
  const [key] = field?.columns ?? [];
  if (field === undefined || key === undefined || !field.sortable) {
    throw new ApiError(400, `The sort_key value ${name} is an invalid field for sorting`);
  }
  assertAcceptable(request, `the sort_key ${name}`, field.since);
  return key;
}

/** Reads the query of a list, fetches the page and builds the answer. */
export class ListingPages<Row extends { uuid: string }> {
  constructor(
    private readonly resource: Resource<Row>,
    private readonly links: Links,
    private readonly maxLimit: number,
  ) {}

  /**
   * @param whole whether the URL asks for all fields
   * @param fetch reads the page
   * @param find reads the item that the marker names
   * @throws ApiError 400, 406; what fetch and find throw
   */
  async page(
    query: ListQuery,
    request: FastifyRequest,
    whole: boolean,
    fetch: (page: Omit<PageQuery<Row>, 'where'>) => Promise<Row[]>,
    find: (marker: string) => Promise<Row>,
  ): Promise<Record<string, unknown>> {
    const listing = readListing(this.resource, query, request, { maxLimit: this.maxLimit, whole });
    const { marker, ...page } = listing.page;
    const rows = await fetch({ ...page, after: marker === null ? null : await find(marker) });
    return collectionOf(this.resource, rows, listing, request, this.links);
  }
}

/** The answer for a page, with a link to the next page if there may be one. */
function collectionOf<Row extends { uuid: string }>(
  resource: Resource<Row>,
  rows: readonly Row[],
  { names, whole, page }: Listing<Row>,
  request: FastifyRequest,
  links: Links,
): Record<string, unknown> {
  const base = links.base(request);
  const representation = { names, whole, minor: request.minor, linksOf: (path: string) => links.of(base, path) };
  const last = rows.length === page.limit ? rows.at(-1) : undefined;
  return {
    [resource.name]: rows.map((row) => represent(resource, row, representation)),
    ...(last === undefined ? {} : { next: links.next(request, page.limit, last.uuid) }),
  };
}
