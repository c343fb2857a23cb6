import Fastify from 'fastify';

import type { Readiness } from '../worker/options.js';

/** A source of metrics, such as prom-client's Registry. */
export interface Measurements {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface HealthServer {
  /** The port that it listens on. */
  port: number;
  close(): Promise<void>;
}

/**
 * Serves liveness, readiness and metrics over HTTP. GET /healthz answers 200 while the event loop of the process runs.
 * GET /readyz answers 200 when every part works, otherwise 503 with the reasons. GET /metrics is for Prometheus.
 *
 * @param address port 0: any free port
 * @param measurements null: there is no /metrics
 */
export async function serveHealth(
  address: { host: string; port: number },
  readiness: () => Promise<Readiness>,
  measurements: Measurements | null = null,
): Promise<HealthServer> {
  const server = Fastify({ bodyLimit: 1024 });
  server.get('/healthz', () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const state = await readiness();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  if (measurements !== null) {
    server.get('/metrics', async (_request, reply) =>
      reply.type(measurements.contentType).send(await measurements.metrics()),
    );
  }
  await server.listen(address);
  const bound = server.server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    close: () => server.close(),
  };
}
