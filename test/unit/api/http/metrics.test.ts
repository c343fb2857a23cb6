import { expect } from 'chai';
import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

import { registerMetrics } from '../../../../src/api/http/request-log.js';
import type { ApiServer } from '../../../../src/api/http/types.js';
import { createRegistry, type Registry } from '../../../../src/metrics/registry.js';

describe('metrics of the API', () => {
  let registry: Registry;
  let server: ApiServer;

  beforeEach(() => {
    registry = createRegistry();
    server = Fastify().withTypeProvider<ZodTypeProvider>();
    registerMetrics(server, registry);
    server.get('/v1/nodes/:node', () => ({}));
    server.get('/v1/broken', () => {
      throw new Error('broken');
    });
  });
  afterEach(() => server.close());

  it('count requests by the template of their route, never by their path', async () => {
    await server.inject('/v1/nodes/node-1?fields=uuid');
    await server.inject('/v1/nodes/node-2');
    await server.inject('/v1/broken');
    const text = await registry.metrics();
    for (const line of [
      'netprov_http_requests_total{method="GET",route="/v1/nodes/:node",status="200"} 2',
      'netprov_http_requests_total{method="GET",route="/v1/broken",status="500"} 1',
      'netprov_http_request_duration_seconds_count{method="GET",route="/v1/nodes/:node"} 2',
    ]) {
      expect(text).to.contain(line);
    }
    expect(text).to.not.contain('node-1').and.to.not.contain('fields');
  });

  it('use one series for all paths without a route', async () => {
    for (const path of ['/wp-login.php', '/.env', '/v1/nodes/a/b/c']) await server.inject(path);
    const text = await registry.metrics();
    expect(text).to.contain('netprov_http_requests_total{method="GET",route="none",status="404"} 3');
    expect(text).to.not.contain('wp-login');
  });
});
