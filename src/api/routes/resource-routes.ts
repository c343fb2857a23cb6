import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { PageQuery } from '../../state/index.js';
import { JSON_PATCH, type JsonPatch, patchedFields } from '../http/json-patch.js';
import { ITEM_QUERY, LIST_QUERY, ListingPages, type ListQuery } from '../http/listing.js';
import { assertFieldsAcceptable, type Links, type Resource, showItem } from '../http/resource.js';
import { NOTHING, type ResourceResults } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';

/** Reads one page of a list. */
export type PageReader<Row> = (page: Omit<PageQuery<Row>, 'where'>) => Promise<Row[]>;

/** A list of items below an item of another resource, such as the ports of a node. */
interface Sublist<Row> {
  /** The other resource. Its `children` say since when it has the list. */
  parent: Pick<Resource<never>, 'title' | 'name' | 'children'>;
  params: z.ZodObject;
  /** @param ident the parent's UUID or name */
  list: (ident: string, request: FastifyRequest) => Promise<PageReader<Row>>;
}

/** A valid JSON patch of fields that the requested version has. */
interface FieldPatch {
  patch: JsonPatch;
  /** Names of the fields that it changes. */
  fields: readonly string[];
}

/**
 * Describes the routes of one resource, as far as they differ from those of other resources. resourceRoutes has the rest.
 *
 * The functions check what the caller may see and do. They throw what Access throws, InputRefused, and ApiError. Their
 * `ident` is a UUID or name from the URL.
 */
export interface ResourceRoutes<Row, Query extends ListQuery, Body> {
  resource: Resource<Row>;
  results: ResourceResults;
  /** The URL's parameter that names an item: it has the resource's name in the singular. */
  params: z.ZodObject;
  /** Query parameters of the lists. */
  query: z.ZodType<Query>;
  /** Body of a request that creates an item. */
  body: z.ZodType<Body>;
  /** Fields that a patch may name. */
  patchable: readonly string[];
  /** Summary of the route that creates an item. */
  creation: string;
  sublists: readonly Sublist<Row>[];
  list: (query: Query, request: FastifyRequest) => PageReader<Row> | Promise<PageReader<Row>>;
  create: (body: Body, request: FastifyRequest) => Promise<Row>;
  get: (ident: string, request: FastifyRequest) => Promise<Row>;
  update: (ident: string, change: FieldPatch, request: FastifyRequest) => Promise<Row>;
  remove: (ident: string, request: FastifyRequest) => Promise<void>;
  /** The item as the caller may see it. Every answer with an item passes through this. */
  visible: (row: Row, request: FastifyRequest) => Row;
}

/** How answers are built. */
export interface AnswerParts {
  links: Links;
  /** Most items in a page of a list. */
  maxLimit: number;
}

/**
 * Adds the routes of a resource, as Ironic has them: list, list in detail, lists below other resources, create, show,
 * change with a JSON patch, delete. The policy rule of each follows from the resource's name. A field that the requested
 * version does not have yet is refused in queries, bodies and patches.
 */
export function resourceRoutes<Row extends { uuid: string }, Query extends ListQuery, Body>(
  server: ApiServer,
  parts: AnswerParts,
  routes: ResourceRoutes<Row, Query, Body>,
): void {
  listRoutes(server, parts, routes);
  itemRoutes(server, parts, routes);
  changeRoutes(server, parts, routes);
}

type Noun = Lowercase<Resource<never>['title']>;

/** The resource's name in the singular, as in policy rules and URLs: `node`. */
function nounOf({ title }: Pick<Resource<never>, 'title'>): Noun {
  return title.toLowerCase() as Noun;
}

function listRoutes<Row extends { uuid: string }, Query extends ListQuery, Body>(
  server: ApiServer,
  { links, maxLimit }: AnswerParts,
  { resource, results, query, sublists, list, get, visible }: ResourceRoutes<Row, Query, Body>,
): void {
  const { name, since } = resource;
  const pages = new ListingPages(resource, links, maxLimit);
  const answer = (request: FastifyRequest, whole: boolean, read: PageReader<Row>): Promise<Record<string, unknown>> => {
    const fetch: PageReader<Row> = async (page) => (await read(page)).map((row) => visible(row, request));
    return pages.page(request.query as ListQuery, request, whole, fetch, (marker) => get(marker, request));
  };
  const policy = `baremetal:${nounOf(resource)}:list_all` as const;
  const response = { 200: results.list };
  const lists = [
    { url: `/v1/${name}`, summary: `List ${name}`, whole: false },
    { url: `/v1/${name}/detail`, summary: `List ${name} with all their fields`, whole: true },
  ];
  for (const { url, summary, whole } of lists) {
    server.get(
      url,
      { schema: { summary, querystring: query, response }, config: { policy, since } },
      async (request: FastifyRequest) => answer(request, whole, await list(request.query as Query, request)),
    );
  }
  for (const { parent, params, list: listBelow } of sublists) {
    const noun = nounOf(parent);
    const child = parent.children.find((one) => one.name === name);
    const schema = {
      summary: `List the ${name} of a ${noun}`,
      params,
      querystring: z.strictObject(LIST_QUERY),
      response,
    };
    server.get(
      `/v1/${parent.name}/:${noun}/${name}`,
      { schema, config: { policy, since: child?.since ?? since } },
      async (request: FastifyRequest) => answer(request, false, await listBelow(identIn(request, noun), request)),
    );
  }
}

function itemRoutes<Row extends { uuid: string }, Query extends ListQuery, Body>(
  server: ApiServer,
  { links }: AnswerParts,
  { resource, results, body, creation, params, create, get, visible }: ResourceRoutes<Row, Query, Body>,
): void {
  const { name, since } = resource;
  const noun = nounOf(resource);
  server.post(
    `/v1/${name}`,
    {
      schema: { summary: creation, body, response: { 201: results.item } },
      config: { policy: `baremetal:${noun}:create`, since },
    },
    async (request: FastifyRequest, reply) => {
      assertFieldsAcceptable(resource, request.given ?? [], request);
      const row = await create(request.body as Body, request);
      reply.code(201).header('Location', `${links.base(request)}/v1/${name}/${row.uuid}`);
      return reply.send(showItem(resource, visible(row, request), request, links));
    },
  );
  server.get(
    `/v1/${name}/:${noun}`,
    {
      schema: { summary: `Show a ${noun}`, params, querystring: ITEM_QUERY, response: { 200: results.item } },
      config: { policy: `baremetal:${noun}:get`, since },
    },
    async (request: FastifyRequest) => {
      const row = await get(identIn(request, noun), request);
      const { fields } = request.query as z.output<typeof ITEM_QUERY>;
      return showItem(resource, visible(row, request), request, links, fields);
    },
  );
}

function changeRoutes<Row extends { uuid: string }, Query extends ListQuery, Body>(
  server: ApiServer,
  { links }: AnswerParts,
  { resource, results, params, patchable, update, remove, visible }: ResourceRoutes<Row, Query, Body>,
): void {
  const { name, since } = resource;
  const noun = nounOf(resource);
  server.patch(
    `/v1/${name}/:${noun}`,
    {
      schema: { summary: `Change a ${noun}`, params, body: JSON_PATCH, response: { 200: results.item } },
      config: { policy: `baremetal:${noun}:update`, since },
    },
    async (request: FastifyRequest) => {
      const patch = request.body as JsonPatch;
      const fields = [...patchedFields(patch, patchable)];
      assertFieldsAcceptable(resource, fields, request);
      const row = await update(identIn(request, noun), { patch, fields }, request);
      return showItem(resource, visible(row, request), request, links);
    },
  );
  server.delete(
    `/v1/${name}/:${noun}`,
    {
      schema: { summary: `Delete a ${noun}`, params, response: NOTHING },
      config: { policy: `baremetal:${noun}:delete`, since },
    },
    async (request: FastifyRequest, reply) => {
      await remove(identIn(request, noun), request);
      return reply.code(204).send();
    },
  );
}

/** The UUID or name in the URL. */
function identIn(request: FastifyRequest, noun: Noun): string {
  return (request.params as Partial<Record<Noun, string>>)[noun] ?? '';
}
