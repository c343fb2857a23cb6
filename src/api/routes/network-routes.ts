import type { DataSource } from 'typeorm';
import { z } from 'zod';

import { uuidField } from '../../inventory/input-fields.js';
import { listNetworks } from '../../state/index.js';
import { accessOf } from '../auth/guard.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import type { Links } from '../http/resource.js';
import type { ApiServer } from '../http/types.js';
import { NETWORKS } from '../operators/schemas.js';
import { SharedAnswer } from '../operators/shared-answer.js';
import type { OperatorTools } from '../operators/tools.js';

/** Milliseconds for which the first page of all networks is kept: finding it takes a look at every binding. */
const KEEP = 5_000;

const NETWORKS_QUERY = z.strictObject({
  limit: LIST_QUERY.limit,
  marker: parameter(uuidField, 'UUID of the last network of the previous page'),
});

export interface NetworkRoutes {
  dataSource: DataSource;
  tools: Pick<OperatorTools, 'networkNames'>;
  links: Links;
  maxLimit: number;
}

/**
 * Adds /v1/networks: the networks that nodes are on, with their names in Neutron. A caller sees the networks of the nodes
 * that he sees. Without Neutron, the networks have no names.
 */
export function networkRoutes(server: ApiServer, { dataSource, tools, links, maxLimit }: NetworkRoutes): void {
  const { manager } = dataSource;
  const first = new SharedAnswer(() => listNetworks(manager, undefined, { marker: null, limit: maxLimit }), KEEP);
  server.get(
    '/v1/networks',
    {
      schema: { summary: 'List the networks that nodes are on', querystring: NETWORKS_QUERY, response: NETWORKS },
      config: { policy: 'baremetal:node:list_all' },
    },
    async (request) => {
      const project = accessOf(request).listed('baremetal:node');
      const { limit: wanted = maxLimit, marker = null } = request.query;
      const limit = Math.min(wanted, maxLimit);
      const isShared = project === undefined && marker === null && limit === maxLimit;
      const ids = await (isShared ? first.get() : listNetworks(manager, project, { marker, limit }));
      const names = await tools.networkNames(ids);
      const last = ids.length === limit ? ids.at(-1) : undefined;
      return {
        networks: ids.map((id) => ({ id, name: names.get(id) ?? null })),
        ...(last === undefined ? {} : { next: links.next(request, limit, last) }),
      };
    },
  );
}
