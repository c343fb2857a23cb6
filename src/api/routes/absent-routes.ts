import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { text } from '../../inventory/input-fields.js';
import type { Nodes } from '../../inventory/nodes.js';
import { accessOf } from '../auth/guard.js';
import type { Rule } from '../auth/policy.js';
import { ApiError } from '../http/errors.js';
import { SINCE } from '../http/microversion.js';
import { LIST_OF_NOTHING, NOTHING_THERE, STATES } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';
import { NODE_PARAMS } from './node-routes.js';

/** Lists that Ironic has and that are always empty here: [URL below /v1, since, name of an item]. */
const LISTS: readonly (readonly [string, number, string])[] = [
  ['chassis', 1, 'Chassis'],
  ['drivers', 1, 'Driver'],
  ['volume/connectors', SINCE.volume, 'Volume connector'],
  ['volume/targets', SINCE.volume, 'Volume target'],
  ['conductors', SINCE.conductor, 'Conductor'],
  ['allocations', SINCE.allocations, 'Allocation'],
  ['deploy_templates', SINCE.deployTemplates, 'Deploy template'],
  ['shards', SINCE.shard, 'Shard'],
  ['runbooks', SINCE.runbooks, 'Runbook'],
  ['inspection_rules', SINCE.inspectionRules, 'Inspection rule'],
];

/** Lists of a node that are always empty here: [URL below the node, since]. */
const NODE_LISTS: readonly (readonly [string, number])[] = [
  ['volume/connectors', SINCE.volume],
  ['volume/targets', SINCE.volume],
  ['traits', SINCE.traits],
  ['bios', SINCE.bios],
  ['history', SINCE.history],
  ['children', SINCE.parentNode],
  ['firmware', SINCE.firmware],
];

type Verb = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** Actions of a driver on a node's hardware. There are no drivers here. [URL below the node, since, HTTP methods]. */
const HARDWARE: readonly (readonly [string, number, ...Verb[]])[] = [
  ['maintenance', 1, 'PUT', 'DELETE'],
  ['states/power', 1, 'PUT'],
  ['states/provision', 1, 'PUT'],
  ['states/console', 1, 'GET', 'PUT'],
  ['states/raid', SINCE.raid, 'PUT'],
  ['states/boot_mode', SINCE.bootMode, 'PUT'],
  ['states/secure_boot', SINCE.bootMode, 'PUT'],
  ['management/boot_device', 1, 'GET', 'PUT'],
  ['management/boot_device/supported', 1, 'GET'],
  ['management/inject_nmi', SINCE.injectNmi, 'PUT'],
  ['management/indicators', SINCE.indicators, 'GET'],
  ['vendor_passthru/methods', 1, 'GET'],
  ['vmedia', SINCE.virtualMedia, 'GET', 'POST', 'DELETE'],
  ['traits', SINCE.traits, 'PUT', 'DELETE'],
  ['inventory', SINCE.inventory, 'GET'],
];

/**
 * Adds routes for what Ironic has and this service does not. They answer as Ironic does in a deployment without the
 * feature: lists are empty, items are not found, and no driver supports an action on hardware.
 */
export function absentRoutes(server: ApiServer, { nodes }: { nodes: Nodes }): void {
  for (const [path, since, what] of LISTS) listRoute(server, path, since, what);
  for (const [path, since] of NODE_LISTS) nodeListRoute(server, nodes, path, since);
  for (const [path, since, ...verbs] of HARDWARE) {
    for (const verb of verbs) hardwareRoute(server, nodes, verb, path, since);
  }
  server.get(
    '/v1/nodes/:node/states',
    {
      schema: { summary: 'Show the known states of a node', params: NODE_PARAMS, response: STATES },
      config: { policy: 'baremetal:node:get' },
    },
    async (request) => {
      const { provision_state } = await accessOf(request).node(nodes, request.params.node, 'baremetal:node:get');
      const nothing = { power_state: null, target_power_state: null, target_provision_state: null, last_error: null };
      return { provision_state, ...nothing, provision_updated_at: null, console_enabled: false };
    },
  );
}

function listRoute(server: ApiServer, path: string, since: number, what: string): void {
  const key = nameOf(path);
  const config = { policy: 'baremetal:node:list', since } as const;
  server.get(
    `/v1/${path}`,
    { schema: { summary: `List ${words(key)}: always empty here`, response: LIST_OF_NOTHING }, config },
    (request) => {
      accessOf(request).assert('baremetal:node:list');
      return { [key]: [] };
    },
  );
  const params = z.strictObject({ ident: text(255).describe('UUID or name') });
  server.get(
    `/v1/${path}/:ident`,
    { schema: { summary: `Show one of ${words(key)}: always 404 here`, params, response: NOTHING_THERE }, config },
    (request) => {
      accessOf(request).assert('baremetal:node:list');
      const { ident } = request.params;
      throw new ApiError(404, `${what} ${ident.slice(0, 80)} could not be found.`);
    },
  );
}

function nodeListRoute(server: ApiServer, nodes: Nodes, path: string, since: number): void {
  const key = nameOf(path);
  server.get(
    `/v1/nodes/:node/${path}`,
    {
      schema: {
        summary: `List the ${words(key)} of a node: always empty here`,
        params: NODE_PARAMS,
        response: LIST_OF_NOTHING,
      },
      config: { policy: 'baremetal:node:get', since },
    },
    async (request) => {
      await accessOf(request).node(nodes, request.params.node, 'baremetal:node:get');
      return { [key]: [] };
    },
  );
}

function hardwareRoute(server: ApiServer, nodes: Nodes, method: Verb, path: string, since: number): void {
  const policy: Rule = method === 'GET' ? 'baremetal:node:get' : 'baremetal:node:update';
  server.route({
    method,
    url: `/v1/nodes/:node/${path}`,
    schema: { summary: `Not supported here: ${words(path)}`, params: NODE_PARAMS, response: NOTHING_THERE },
    config: { policy, since },
    // Fastify infers the type of a handler's parameters only for its own method functions, such as get().
    handler: async (request: FastifyRequest) => {
      const { node } = request.params as z.output<typeof NODE_PARAMS>;
      const { uuid } = await accessOf(request).node(nodes, node, policy);
      // Ironic's own message. Source: Ironic, common/exception.py UnsupportedDriverExtension.
      throw new ApiError(
        400,
        `The driver of node ${uuid} does not support ${words(path)} (disabled or not implemented): ask Ironic.`,
      );
    },
  });
}

function nameOf(path: string): string {
  return path.split('/').at(-1) ?? path;
}

function words(path: string): string {
  return path.replace(/[/_]/g, ' ');
}
