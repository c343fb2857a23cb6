import { randomBytes, randomUUID } from 'node:crypto';

import { context, propagation, trace, TraceFlags } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { expect } from 'chai';

import { NetworkProviderClient } from '../../src/client/network-provider-client.js';
import type { Task } from '../../src/contract/types.js';
import {
  attributesOf,
  OtlpReceiver,
  type ReceivedSpan,
  SPAN_KIND,
  STATUS_ERROR,
} from '../../testkit/fakes/otlp-receiver.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { makeNode, makeTask } from '../../testkit/fixtures/tasks.js';
import { EXCHANGE, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { HttpProxy } from '../../testkit/proxies/http-proxy.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { required } from '../../testkit/servers/environment.js';
import { Netprov } from '../../testkit/servers/netprov.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { PythonScript } from '../../testkit/servers/python.js';

const HOST = 'conductor-1';
const QUEUE = `${TOPIC}.${HOST}`;
const RESULTS = `${TOPIC}_results.${HOST}`;
const PLANTED = 'planted-token';
const STAGES = ['lane', 'look_up', 'provider', 'commit', 'answer'];

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

describe('traces of a worker', () => {
  let fixture: WorkerFixture;
  let neutron: TestNeutron;
  let agents: BaremetalAgents;
  let proxy: HttpProxy;
  let receiver: OtlpReceiver;
  let worker: Netprov;
  let task: Task;

  before(async () => {
    neutron = new TestNeutron();
    agents = new BaremetalAgents();
    const network = await neutron.makeNetwork();
    // Neutron itself runs without Keystone; the token goes to it all the same.
    proxy = await HttpProxy.start(neutron.endpoint);
    receiver = await OtlpReceiver.start();
    fixture = await WorkerFixture.create();
    worker = new Netprov(['worker'], {
      NETPROV_HOST: HOST,
      NETPROV_TRANSPORT_URL: fixture.broker.url(),
      NETPROV_DATABASE_URL: fixture.database.connection,
      NETPROV_NEUTRON_AUTH_TYPE: 'password',
      NETPROV_NEUTRON_AUTH_URL: required('NETPROV_KEYSTONE_URL'),
      NETPROV_NEUTRON_USERNAME: required('NETPROV_KEYSTONE_USERNAME'),
      NETPROV_NEUTRON_PASSWORD: required('NETPROV_KEYSTONE_PASSWORD'),
      NETPROV_NEUTRON_PROJECT_NAME: required('NETPROV_KEYSTONE_PROJECT'),
      NETPROV_NEUTRON_ENDPOINT: proxy.url,
      NETPROV_DEFAULT_NETWORK_PROVIDER: 'neutron',
      NETPROV_PROVISIONING_NETWORK: network.id,
      NETPROV_TRACING_ENABLED: 'true',
      NETPROV_TRACING_ENDPOINT: receiver.url,
      NETPROV_HEALTH_PORT: 'null',
    });
    await worker.says('the worker is ready');
    await fixture.listen(RESULTS);
    task = makeTask({ node: makeNode({ network_provider: null }) });
    await agents.report(task.node.uuid);
  });
  after(async () => {
    await worker.stop();
    await fixture.drop();
    await receiver.stop();
    await proxy.stop();
    await agents.drop();
    await neutron.drop();
  });

  /** Sends a request as oslo.messaging writes it, with a context and headers of a test's own. */
  const send = async (
    method: string,
    own: Record<string, unknown>,
    headers = {},
    node: object = task,
  ): Promise<string> => {
    const id = randomUUID();
    const message = { method, version: '1.0', args: { task: node }, _unique_id: id, ...own };
    const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) });
    const options = { contentType: 'application/json', headers };
    await fixture.broker.onChannel((channel) =>
      Promise.resolve(channel.publish(EXCHANGE, QUEUE, Buffer.from(body), options)),
    );
    await until(`operation ${id} ends`, async () => {
      const row = await fixture.operation(id);
      return row !== undefined && row['status'] !== 'running';
    });
    return id;
  };

  it("continue the caller's trace down to Neutron, and contain no secrets", async () => {
    const header = { trace: hex(16), span: hex(8) };
    const traceparent = `00-${header.trace}-${header.span}-01`;
    const secret = { _context_auth_token: PLANTED };
    const first = await send('add_provisioning_network', secret, { traceparent, tracestate: 'vendor=value' });
    const result = await until('a result', () => fixture.take(RESULTS));
    const inContext = { trace: hex(16), span: hex(8) };
    const second = await send('remove_provisioning_network', {
      ...secret,
      _context_traceparent: `00-${inContext.trace}-${inContext.span}-01`,
    });
    const unknown = makeTask({ node: makeNode({ network_provider: 'nobody-has-this' }) });
    const third = await send('add_provisioning_network', secret, {}, unknown);
    const profiled = await profiledContext();
    const fourth = await send('vif_list', { version: '1.1', ...profiled.fields });
    const own = await callInTrace();
    expect((await worker.stop()).code).to.equal(0);

    const { spans } = receiver;
    const operation = (id: string): ReceivedSpan => {
      const span = spans.find((one) => attributesOf(one)['messaging.message.id'] === id);
      if (!span) throw new Error(`no span of operation ${id}`);
      return span;
    };
    const below = ({ spanId, traceId }: ReceivedSpan): ReceivedSpan[] =>
      spans.filter((span) => span.parentSpanId === spanId && span.traceId === traceId);

    const added = operation(first);
    expect({ trace: added.traceId, span: added.parentSpanId }).to.deep.equal(header);
    expect({ name: added.name, kind: added.kind }).to.deep.equal({
      name: 'add_provisioning_network',
      kind: SPAN_KIND.consumer,
    });
    expect(attributesOf(added)).to.include({
      'messaging.destination.name': QUEUE,
      'netprov.node': task.node.uuid,
      'netprov.host': HOST,
      'netprov.outcome': 'succeeded',
      'netprov.provider': 'neutron',
    });
    expect(below(added).map(({ name }) => name)).to.have.members(STAGES);

    const [provider] = below(added).filter(({ name }) => name === 'provider');
    const requests = provider ? below(provider) : [];
    const created = requests.filter(({ name }) => name === 'create_port');
    expect(created).to.have.length(task.ports.length);
    for (const span of created) {
      expect(span.kind).to.equal(SPAN_KIND.client);
      expect(attributesOf(span)).to.include({
        'http.request.method': 'POST',
        'url.full': `${proxy.url}/v2.0/ports`,
        'http.response.status_code': 201,
      });
    }
    const sent = proxy.requests.filter(({ headers }) => headers['traceparent']?.includes(header.trace));
    expect(sent.map(({ headers }) => headers['traceparent'])).to.have.members(
      requests.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
    );
    expect(sent.every(({ headers }) => headers['tracestate'] === 'vendor=value')).to.equal(true);

    const [answer] = below(added).filter(({ name }) => name === 'answer');
    expect(result.properties.headers?.['traceparent']).to.equal(`00-${header.trace}-${answer?.spanId ?? ''}-01`);

    const removed = operation(second);
    expect({ trace: removed.traceId, span: removed.parentSpanId }).to.deep.equal(inContext);
    const failed = operation(third);
    expect(failed.parentSpanId ?? '', 'begins a trace').to.equal('');
    expect(failed.status.code).to.equal(STATUS_ERROR);
    expect(attributesOf(failed)).to.include({ 'netprov.outcome': 'failed' });
    const listed = operation(fourth);
    expect({ trace: listed.traceId, span: listed.parentSpanId }).to.deep.equal(profiled.ids);
    expect(spans.some(({ traceId, parentSpanId }) => traceId === own.traceId && parentSpanId === own.spanId)).to.equal(
      true,
    );

    expect(receiver.resources.map((resource) => resource['service.name'])).to.include('ironic-network-provider');
    const tokens = new Set(proxy.requests.flatMap(({ headers }) => headers['x-auth-token'] ?? []));
    expect(tokens.size, 'tokens were sent to Neutron').to.be.greaterThan(0);
    const exported = receiver.bodies.join('\n');
    for (const text of [...tokens, PLANTED, required('NETPROV_KEYSTONE_PASSWORD'), 'a-secret-hmac-key']) {
      expect(exported).to.not.contain(text);
    }
    expect(exported).to.not.contain('?');
  });

  /** The context of a call that Ironic makes while osprofiler traces, and where the trace then is. */
  async function profiledContext(): Promise<{ fields: Record<string, unknown>; ids: { trace: string; span: string } }> {
    const base = randomUUID();
    const script = new PythonScript('profiled_context.py', { base_id: base });
    const { context: own, span_id: span } = await script.next();
    await script.stop();
    const fields = Object.entries(own as Record<string, unknown>).map(([key, value]) => [`_context_${key}`, value]);
    return {
      fields: Object.fromEntries(fields) as Record<string, unknown>,
      ids: { trace: base.replaceAll('-', ''), span: span as string },
    };
  }

  /** A call by our own client, from a program that has a trace. Answers with the span that it is made in. */
  async function callInTrace(): Promise<{ traceId: string; spanId: string }> {
    const provider = new NodeTracerProvider();
    provider.register();
    const client = new NetworkProviderClient({
      transportUrl: fixture.broker.url(),
      heartbeat: 10,
      reconnect: { initialDelay: 50, maxDelay: 500 },
      connectionName: 'client with a trace',
      log: recordingLogger().log,
      exchange: EXCHANGE,
      exchangeDurable: false,
      topic: TOPIC,
    });
    const span = { traceId: hex(16), spanId: hex(8) };
    try {
      const active = trace.setSpanContext(context.active(), { ...span, traceFlags: TraceFlags.SAMPLED });
      await context.with(active, () => client.call('vif_list', { task, host: HOST }));
      return span;
    } finally {
      await client.close();
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    }
  }
});
