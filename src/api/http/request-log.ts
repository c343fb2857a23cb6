import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { FastifyRequest } from 'fastify';
import { Counter, Histogram } from 'prom-client';

import type { Logger } from '../../log/log.js';
import type { Registry } from '../../metrics/registry.js';
import { traceOf } from '../../rpc/index.js';
import { type OpenSpan, openSpan } from '../../tracing/tracing.js';
import type { ApiServer } from './types.js';

/** Logs a line for each request, with the id that the answer carries too. */
export function logRequests(server: ApiServer, log: Logger): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('Openstack-Request-Id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const milliseconds = Math.round(reply.elapsedTime);
    log.info('request', { ...requestFieldsOf(request), status: reply.statusCode, duration_ms: milliseconds });
    done();
  });
}

/** Fields of a log line about a request. The query is left out, because it may contain anything. */
export function requestFieldsOf(request: FastifyRequest): Record<string, unknown> {
  const { id, method, ip, identity } = request;
  return { request_id: id, method, path: pathOf(request), client: ip, user_id: identity?.userId };
}

/** The path of a request, without the query. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}

/**
 * Upper bounds in seconds. They cover a root document, a page of a thousand nodes, and a call that waits for Neutron.
 */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Label for every path without a route. Otherwise a scanner could create one series per path. */
const NO_ROUTE = 'none';

/**
 * Counts and times a server's requests by the template of the route (/v1/nodes/:node), never by the actual path. Call
 * it before the routes are added.
 */
export function registerMetrics(server: ApiServer, registry: Registry): void {
  const labelNames = ['method', 'route', 'status'] as const;
  const requests = new Counter({
    name: 'netprov_http_requests_total',
    help: 'Requests to the REST API.',
    labelNames,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'netprov_http_request_duration_seconds',
    help: 'Time from the receipt of a request to the end of its answer.',
    labelNames: ['method', 'route'] as const,
    buckets: SECONDS,
    registers: [registry],
  });
  server.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url ?? NO_ROUTE;
    requests.inc({ method, route, status: reply.statusCode });
    duration.observe({ method, route }, reply.elapsedTime / 1000);
    done();
  });
}

const REQUEST_ID = /^req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** OpenStack's id of a request: the caller's own id if it is valid, otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-openstack-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : `req-${randomUUID()}`;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** null when tracing is off. */
    span: OpenSpan | null;
  }
}

/**
 * Makes a span of each request. The span continues the trace that the W3C headers name, and requests that the handler
 * makes continue it in turn. Call it before the routes are added.
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
  // Not in an earlier hook: after the body is read, the code runs in the async context of the socket.
  server.addHook('preHandler', (request, _reply, done) => {
    if (request.span) request.span.within(done);
    else done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    request.span?.end({ 'http.response.status_code': reply.statusCode }, reply.statusCode >= 500);
    done();
  });
}
