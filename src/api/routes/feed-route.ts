import { Readable } from 'node:stream';

import { z } from 'zod';

import { limitedSignal } from '../../async/limited-signal.js';
import { METHOD_NAMES } from '../../contract/methods.js';
import { networkProvider, text } from '../../inventory/input-fields.js';
import type { Nodes } from '../../inventory/nodes.js';
import { accessOf } from '../auth/guard.js';
import { ApiError } from '../http/errors.js';
import { parameter } from '../http/listing.js';
import type { ApiServer } from '../http/types.js';
import type { FeedEvent, OperationFeed } from '../live/operation-feed.js';

/** Limits on streams. Tests set others. */
export interface StreamLimits {
  /** Most streams at once. */
  most: number;
  /** Milliseconds after which a stream ends. The client comes back, and proves again who it is. */
  time: number;
}

const LIMITS: StreamLimits = { most: 500, time: 600_000 };
/** Bytes that wait in this process for a client that reads slowly. */
const BUFFER = 64 * 1024;

const FEED_QUERY = z.strictObject({
  node: parameter(text(255), 'UUID or name of the node'),
  method: parameter(z.enum(METHOD_NAMES), 'Method of the operations'),
  conductor: parameter(text(255), 'Conductor host that sent the request'),
  network_provider: parameter(networkProvider, 'Network provider of the operations'),
});
const FEED_HEADERS = z.object({
  'last-event-id': z.string().max(255).optional().describe('Id of the last event that the client has got'),
});
/** The schema is for the document: the answer is text. */
const FEED = {
  200: {
    description:
      'Server-sent events. `reset`: read /v1/operations now, because earlier events are not sent. `operation`: what ' +
      'happened (`began`, `held`, `retried`, `succeeded` or `failed`), when, the operation, and after its end the place of ' +
      'its node, with the fields of /v1/whereabouts, as JSON',
    content: { 'text/event-stream': { schema: z.string() as z.ZodType } },
  },
};

export interface FeedRoute {
  feed: OperationFeed;
  nodes: Nodes;
  /** Those that differ from the usual ones. */
  limits?: Partial<StreamLimits> | undefined;
}

/**
 * Adds /v1/operations/events: what happens to operations, as it happens. Ironic has no such resource.
 *
 * Source: HTML Living Standard, section 9.2, Server-sent events.
 */
export function feedRoute(server: ApiServer, { feed, nodes, limits }: FeedRoute): void {
  const { most, time } = { ...LIMITS, ...limits };
  server.addHook('preClose', (done) => {
    feed.close();
    done();
  });
  server.get(
    '/v1/operations/events',
    {
      // HEAD would follow the operations too, and tell nobody.
      exposeHeadRoute: false,
      schema: {
        summary: 'Follow operations live',
        querystring: FEED_QUERY,
        headers: FEED_HEADERS,
        response: FEED,
      },
      config: { policy: 'netprov:operation:list_all' },
    },
    async (request, reply) => {
      const access = accessOf(request);
      const owner = access.listed('netprov:operation');
      const { node, method, conductor, network_provider: provider } = request.query;
      const uuid = node === undefined ? undefined : (await access.node(nodes, node)).uuid;
      const wanted = ({ operation, tenancy }: FeedEvent): boolean =>
        (owner === undefined || tenancy?.owner === owner) &&
        (uuid === undefined || operation.node_uuid === uuid) &&
        (method === undefined || operation.method === method) &&
        (conductor === undefined || operation.conductor_host === conductor) &&
        (provider === undefined || operation.network_provider === provider);
      if (feed.streams >= most) {
        const message = `There are ${most} streams of events already. Try again later.`;
        throw new ApiError(503, message, { 'retry-after': '10' });
      }
      const { expiresAt } = access.identity;
      const valid = expiresAt ? Math.max(0, expiresAt.getTime() - Date.now()) : Infinity;
      const { signal: over } = limitedSignal(Math.min(time, valid), closeOf(request.raw));
      const events = feed.stream(wanted, request.headers['last-event-id'] ?? null, over);
      reply.headers({
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // A proxy such as nginx would otherwise keep events back until it has collected some.
        'x-accel-buffering': 'no',
        // When the API stops, it does not wait until the client closes a connection that is kept alive.
        connection: 'close',
      });
      return reply.send(Readable.from(events, { objectMode: false, highWaterMark: BUFFER }));
    },
  );
}

/** A signal that is aborted when the client has closed the connection. */
function closeOf({ socket }: { socket: NodeJS.EventEmitter }): AbortSignal {
  const closed = new AbortController();
  socket.once('close', () => {
    closed.abort();
  });
  return closed.signal;
}
