import type { FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';
import { z } from 'zod';

import { METHOD_NAMES } from '../../contract/methods.js';
import { text, uuidField } from '../../inventory/input-fields.js';
import { ACTION_KINDS, listActions, loadAction } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import type { ApiServer } from '../http/types.js';
import type { Actions } from '../operators/actions.js';
import { ACTION_BEGUN, ACTION_ITEM, ACTIONS } from '../operators/schemas.js';
import type { OperatorTools } from '../operators/tools.js';

const DRY_RUN = z.boolean().default(true).describe('Whether to tell only what would be done');
const place = z.union(
  [z.iso.datetime({ offset: true }).transform((value) => new Date(value)), z.int().min(0).max(Number.MAX_SAFE_INTEGER)],
  { error: 'expected a time such as 2026-11-24T22:00:00Z, or an offset' },
);

const REPLAY = z.strictObject({
  from: z.union([place, z.literal('first')]).describe('First entry of the journal: a time, an offset, or first'),
  to: place.nullable().default(null).describe('Last entry: a time or an offset; null: the last one'),
  conductor: text(255).optional().describe('Only requests of this conductor host'),
  node: uuidField.optional().describe('Only requests about this node'),
  method: z.enum(METHOD_NAMES).optional().describe('Only requests with this method'),
  failed_only: z.boolean().default(false).describe('Only failed requests, which are done again'),
  latest_per_node: z
    .boolean()
    .default(false)
    .describe('For each node, only the last request for each type of network, VIF and port'),
  force: z
    .boolean()
    .default(false)
    .describe('Whether to include finished requests, and requests older than a later operation of the node'),
  rate: z.int().min(1).max(100_000).nullable().default(null).describe('Most requests per second; null: no limit'),
  dry_run: DRY_RUN,
});

const MOST_NAMED = 1000;
const RECONCILIATION = z
  .strictObject({
    nodes: z.array(uuidField).min(1).max(MOST_NAMED).optional().describe('UUIDs of nodes'),
    conductors: z.array(text(255)).min(1).max(MOST_NAMED).optional().describe('All nodes of these conductor hosts'),
    all: z.boolean().default(false).describe('All recorded nodes'),
    dry_run: DRY_RUN,
  })
  .refine(
    ({ nodes, conductors, all }) => [nodes !== undefined, conductors !== undefined, all].filter(Boolean).length === 1,
    {
      error: 'expected one of nodes, conductors, and all: true',
    },
  );

const ACTION_PARAMS = z.strictObject({ action: uuidField.describe('Id of the action') });
const ACTION_QUERY = z.strictObject({
  limit: LIST_QUERY.limit,
  kind: parameter(z.enum(ACTION_KINDS), 'Kind of the actions'),
});

export interface ActionRoutes {
  dataSource: DataSource;
  tools: Pick<OperatorTools, 'replay' | 'reconcile'>;
  actions: Actions;
  maxLimit: number;
}

/**
 * Adds /v1/replays and /v1/reconciliations, which begin long actions, and /v1/actions, where their progress and their
 * reports are, and who had them done.
 */
export function actionRoutes(server: ApiServer, { dataSource, tools, actions, maxLimit }: ActionRoutes): void {
  server.post(
    '/v1/replays',
    {
      schema: { summary: 'Do requests of the journal again', body: REPLAY, response: ACTION_BEGUN },
      config: { policy: 'netprov:replay:create' },
    },
    async (request, reply) => {
      accessOf(request).assert('netprov:replay:create');
      const { dry_run: isTrial, failed_only: failedOnly, latest_per_node: latestPerNode, ...rest } = request.body;
      const wanted = { ...rest, failedOnly, latestPerNode };
      const action = await actions.start(request, 'replay', request.body, (context) =>
        tools.replay(wanted, isTrial, context),
      );
      return reply.code(202).send(action);
    },
  );
  server.post(
    '/v1/reconciliations',
    {
      schema: { summary: 'Compare nodes with Neutron, and repair them', body: RECONCILIATION, response: ACTION_BEGUN },
      config: { policy: 'netprov:reconciliation:create' },
    },
    async (request, reply) => {
      accessOf(request).assert('netprov:reconciliation:create');
      const { dry_run: isTrial, nodes, conductors } = request.body;
      const action = await actions.start(request, 'reconciliation', request.body, (context) =>
        tools.reconcile({ nodes, conductors }, isTrial, context),
      );
      return reply.code(202).send(action);
    },
  );
  listRoutes(server, dataSource, maxLimit);
}

function listRoutes(server: ApiServer, { manager }: DataSource, maxLimit: number): void {
  server.get(
    '/v1/actions',
    {
      schema: { summary: 'List what operators had done, newest first', querystring: ACTION_QUERY, response: ACTIONS },
      config: { policy: 'netprov:action:list' },
    },
    async (request) => {
      accessOf(request).assert('netprov:action:list');
      const { limit = maxLimit, kind } = request.query;
      return { actions: await listActions(manager, { kind, limit: Math.min(limit, maxLimit) }) };
    },
  );
  const options = {
    schema: { summary: 'Show an action and its report', params: ACTION_PARAMS, response: ACTION_ITEM },
    config: { policy: 'netprov:action:list' },
  } as const;
  server.get('/v1/actions/:action', options, async (request: FastifyRequest) => {
    accessOf(request).assert('netprov:action:list');
    const { action: id } = request.params as z.output<typeof ACTION_PARAMS>;
    const found = await loadAction(manager, id);
    if (found === null) throw new ApiError(404, `Action ${id} could not be found.`);
    return found;
  });
}
