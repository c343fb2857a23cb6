import Fastify from 'fastify';

import type { Readiness } from '../worker/options.js';

/** What can be asked for measurements, such as prom-client's Registry. */
export interface Measurements {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface HealthServer {
  /** The port that is listened on. */
  port: number;
  close(): Promise<void>;
}

/**
 * Liveness, readiness and measurements over HTTP. GET /healthz answers 200 as long as the process turns its event loop;
 * GET /readyz answers 200 when every part works, else 503 with the reasons; GET /metrics is for Prometheus.
 *
 * @param address port 0: any free one.
 * @param measurements null: there is no /metrics.
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
