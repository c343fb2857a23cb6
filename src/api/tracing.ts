import { traceOf } from '../rpc/index.js';
import { openSpan, type OpenSpan } from '../tracing.js';
import type { ApiServer } from './types.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where no traces are made. */
    span: OpenSpan | null;
  }
}

/**
 * Makes a span of each request, which goes on with the trace that its W3C headers name, and has the handler's own
 * requests go on with it. To be called before the routes are added.
 */
export function traceRequests(server: ApiServer): void {
  server.decorateRequest('span', null);
  server.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions, id } = request;
    const route = routeOptions.url ?? null;
    request.span = openSpan(route === null ? method : `${method} ${route}`, () => ({
      kind: 'server',
      parent: traceOf((key) => headers[key]),
      attributes: {
        'http.request.method': method,
        ...(route !== null && { 'http.route': route }),
        'openstack.request_id': id,
      },
    }));
    done();
  });
  // Not earlier: a body that is read comes in the context of its socket.
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.span) request.span.within(done);
    else done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    request.span?.end({ 'http.response.status_code': reply.statusCode }, reply.statusCode >= 500);
    done();
  });
}
