import type { FastifyRequest } from 'fastify';

import type { Logger } from '../log.js';
import type { ApiServer } from './types.js';

/** Logs a line for each request, with the id that is answered too. */
export function logRequests(server: ApiServer, log: Logger): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('Openstack-Request-Id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const milliseconds = Math.round(reply.elapsedTime);
    log.info('request', { ...fieldsOf(request), status: reply.statusCode, duration_ms: milliseconds });
    done();
  });
}

/** What a line of the log says of a request: not its query, which may hold anything. */
export function fieldsOf(request: FastifyRequest): Record<string, unknown> {
  const { id, method, ip, identity } = request;
  return { request_id: id, method, path: pathOf(request), client: ip, user_id: identity?.userId };
}

/** What was asked for, without the query. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}
