import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { expect } from 'chai';
import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';

import { traceRequests } from '../../../../src/api/http/request-log.js';
import type { ApiServer } from '../../../../src/api/http/types.js';
import { setTracing, traceHeaders } from '../../../../src/tracing/tracing.js';
import { until } from '../../../../testkit/fixtures/poll.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

describe('traces of the API', () => {
  let server: ApiServer;
  let address: string;
  let exporter: InMemorySpanExporter;
  let provider: NodeTracerProvider;

  beforeEach(async () => {
    exporter = new InMemorySpanExporter();
    provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    provider.register();
    server = Fastify().withTypeProvider<ZodTypeProvider>();
    traceRequests(server);
    server.post('/v1/nodes/:node/vifs', () => traceHeaders());
    server.get('/v1/broken', () => {
      throw new Error('broken');
    });
    address = await server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    setTracing(false);
    await server.close();
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  });

  const post = (): Promise<Response> =>
    fetch(`${address}/v1/nodes/node-1/vifs?secret=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CALLER}-01` },
      body: JSON.stringify({ id: 'x'.repeat(100_000) }),
    });

  /** A span ends when its answer has left, which may be after it has come. */
  const ended = (count: number): Promise<ReadableSpan[]> =>
    until(`${count} spans end`, () => {
      const spans = exporter.getFinishedSpans();
      return spans.length >= count && spans;
    });

  it("continue the caller's trace, and put the handler's spans under the request's", async () => {
    setTracing(true);
    const headers = await (await post()).json();
    const [span] = await ended(1);
    expect(span?.name).to.equal('POST /v1/nodes/:node/vifs');
    expect(span?.kind).to.equal(SpanKind.SERVER);
    expect(span?.parentSpanContext?.spanId).to.equal(CALLER);
    expect(span?.attributes).to.include({ 'http.route': '/v1/nodes/:node/vifs', 'http.response.status_code': 200 });
    expect(headers).to.deep.equal({ traceparent: `00-${TRACE}-${span?.spanContext().spanId ?? ''}-01` });
  });

  it('mark failed requests', async () => {
    setTracing(true);
    await fetch(`${address}/v1/broken`);
    await fetch(`${address}/no/such/path`);
    const [broken, missing] = await ended(2);
    expect(broken?.status.code).to.equal(SpanStatusCode.ERROR);
    expect(missing?.name).to.equal('GET');
    expect(missing?.status.code).to.equal(SpanStatusCode.UNSET);
  });

  it('are not made when tracing is off', async () => {
    expect(await (await post()).json()).to.deep.equal({});
    expect(exporter.getFinishedSpans()).to.deep.equal([]);
  });
});
