import type { FastifyRequest } from 'fastify';

import type { Links } from './links.js';
import { assertAcceptable } from './microversion.js';
import { chosenFields, fieldsShown, represent, type Resource } from './resource.js';

/** One resource as the API answers it. @param fields the query parameter: which fields; all where there is none */
export function showItem<Row extends { uuid: string }>(
  resource: Resource<Row>,
  row: Row,
  request: FastifyRequest,
  links: Links,
  fields?: string,
): Record<string, unknown> {
  const base = links.base(request);
  return represent(resource, row, {
    names: fields === undefined ? fieldsShown(resource, request.minor) : chosenFields(resource, fields, request),
    whole: fields === undefined,
    minor: request.minor,
    linksOf: (path) => links.of(base, path),
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Fields of the body that are not null, as it was sent; null: before it was read. */
    given: readonly string[] | null;
  }
}

/** @throws ApiError 406 when this version has one of the fields not yet */
export function assertFieldsAcceptable<Row>(
  { fields }: Resource<Row>,
  names: readonly string[],
  request: FastifyRequest,
): void {
  for (const name of names) assertAcceptable(request, `the field ${name}`, fields[name]?.since ?? 1);
}
