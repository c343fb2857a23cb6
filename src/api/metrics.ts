import { Counter, Histogram } from 'prom-client';

import type { Registry } from '../metrics/registry.js';
import type { ApiServer } from './types.js';

/** Upper bounds in seconds: from a root document to a page of a thousand nodes, and to a call that waits for Neutron. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Stands for every path that no route has: whoever scans for some would else make a series of each. */
const NO_ROUTE = 'none';

/**
 * Counts and times a server's requests, by the templates of their routes (/v1/nodes/:node): never by what was asked for.
 * To be called before the routes are added.
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
    help: 'From the receipt of a request to the end of its answer.',
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
