import type { DataSource } from 'typeorm';
import { z } from 'zod';

import { text, uuidField } from '../../inventory/input-fields.js';
import { listWhereabouts, type NodeWhereabouts } from '../../state/index.js';
import type { Access } from '../auth/access.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { LIST_QUERY, parameter } from '../http/listing.js';
import type { Links } from '../http/resource.js';
import { WHEREABOUTS } from '../http/result-schemas.js';
import type { ApiServer } from '../http/types.js';

/** Most nodes that a request can name. */
const MOST_NODES = 100;

const WHEREABOUTS_QUERY = z.strictObject({
  limit: LIST_QUERY.limit,
  marker: parameter(uuidField, 'UUID of the last node of the previous page'),
  nodes: parameter(
    text(MOST_NODES * 37),
    `UUIDs of the nodes, at most ${MOST_NODES}, separated by commas; default all`,
  ),
});

export interface WhereaboutsRoute {
  dataSource: DataSource;
  links: Links;
  maxLimit: number;
}

/** Adds /v1/whereabouts: on which network every node is, and what happens to it. Ironic has no such resource. */
export function whereaboutsRoute(server: ApiServer, { dataSource, links, maxLimit }: WhereaboutsRoute): void {
  server.get(
    '/v1/whereabouts',
    {
      schema: {
        summary: 'List the networks that nodes are on',
        querystring: WHEREABOUTS_QUERY,
        response: WHEREABOUTS,
      },
      config: { policy: 'baremetal:node:list_all' },
    },
    async (request) => {
      const access = accessOf(request);
      const project = access.listed('baremetal:node');
      const { limit: wanted = maxLimit, marker = null, nodes } = request.query;
      const limit = Math.min(wanted, maxLimit);
      const filter = { project, nodes: nodes === undefined ? undefined : uuidsIn(nodes) };
      const found = await listWhereabouts(dataSource.manager, filter, { marker, limit });
      const last = found.length === limit ? found.at(-1) : undefined;
      return {
        whereabouts: found.map((one) => shownTo(access, one)),
        ...(last === undefined ? {} : { next: links.next(request, limit, last.node_uuid) }),
      };
    },
  );
}

/** @throws ApiError 400 */
function uuidsIn(list: string): string[] {
  const uuids = list.split(',');
  if (uuids.length > MOST_NODES) {
    throw new ApiError(400, `nodes: expected at most ${MOST_NODES} UUIDs, and got ${uuids.length}`);
  }
  return uuids.map((uuid) => {
    const read = uuidField.safeParse(uuid);
    if (read.success) return read.data;
    throw new ApiError(400, `nodes: expected UUIDs, separated by commas, and got ${uuid.slice(0, 80)}`);
  });
}

/** Without the operation, if the caller may not see the node's operations. */
function shownTo(access: Access, { owner, lessee, latest, ...others }: NodeWhereabouts): object {
  const visible = access.may('netprov:operation:list_all') || access.may('netprov:operation:get', { owner, lessee });
  return { ...others, latest: visible ? latest : null };
}
