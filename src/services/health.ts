import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { errorText } from '../async/error-text.js';
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

/** The HTTP response for a path. */
interface Answer {
  status: number;
  contentType: string;
  body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Serves liveness, readiness and metrics over HTTP. GET /healthz answers 200 while the event loop of the process runs.
 * GET /readyz answers 200 when every part works, otherwise 503 with the reasons. GET /metrics is for Prometheus.
 *
 * It does without Fastify, which a worker would load for these three paths alone: a tenth of a second of its start.
 *
 * @param address port 0: any free port
 * @param measurements null: there is no /metrics
 */
export async function serveHealth(
  address: { host: string; port: number },
  readiness: () => Promise<Readiness>,
  measurements: Measurements | null = null,
): Promise<HealthServer> {
  const paths = new Map<string, () => Promise<Answer>>([
    ['/healthz', () => Promise.resolve(json(200, { status: 'alive' }))],
    [
      '/readyz',
      async () => {
        const state = await readiness();
        return json(state.ready ? 200 : 503, state);
      },
    ],
  ]);
  if (measurements !== null) {
    const { contentType } = measurements;
    paths.set('/metrics', async () => ({ status: 200, contentType, body: await measurements.metrics() }));
  }
  const server = createServer((request, response) => {
    void answer(paths, request, response);
  });
  server.listen(address);
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    close: () => close(server),
  };
}

async function answer(
  paths: ReadonlyMap<string, () => Promise<Answer>>,
  { url = '', method = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = ['GET', 'HEAD'].includes(method) ? paths.get(url.split('?', 1)[0] ?? '') : undefined;
  const { status, contentType, body } =
    found === undefined
      ? json(404, { error: 'Not Found' })
      : await found().catch((error: unknown) => json(500, { error: errorText(error) }));
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(method === 'HEAD' ? undefined : body);
}

function json(status: number, body: object): Answer {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}
