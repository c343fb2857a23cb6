import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { Undeliverable } from '../../src/amqp/index.js';
import { pause } from '../../src/async/pause.js';
import { NetworkProviderClient, type NetworkProviderClientOptions, RPCVersionCapError } from '../../src/index.js';
import { MessagingTimeout, RemoteError, RpcClient } from '../../src/rpc/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { openConnection } from '../../testkit/fixtures/rpc.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { PythonScript } from '../../testkit/servers/python.js';

const HOST = { topic: 'topic', server: 'python-1', version: '1.2' };

describe('our RpcClient and a Python oslo.messaging server', () => {
  const cleanup = new Cleanup();
  const { log } = recordingLogger();
  let broker: TestBroker;
  let client: RpcClient;

  beforeEach(async () => {
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
  });
  afterEach(() => cleanup.run());

  async function start(durable = false, more: Record<string, unknown> = {}): Promise<PythonScript> {
    const rabbit = { amqp_durable_queues: durable };
    const args = {
      transport_url: broker.url(),
      exchange: 'ironic',
      topic: 'topic',
      server: 'python-1',
      rabbit,
      ...more,
    };
    const server = cleanup.add(new PythonScript('oslo_server.py', args), (one) => one.stop());
    expect(await server.next()).to.deep.equal({ ready: true });
    await connect(durable);
    return server;
  }

  async function connect(exchangeDurable = false): Promise<void> {
    const connection = await openConnection(cleanup, { transportUrl: broker.url(), log });
    const options = { connection, exchange: 'ironic', exchangeDurable, log };
    client = cleanup.add(new RpcClient(options), (one) => one.close());
  }

  const failure = (promise: Promise<unknown>): Promise<unknown> => promise.catch((reason: unknown) => reason);

  for (const durable of [false, true]) {
    it(`calls and casts, amqp_durable_queues=${durable}`, async () => {
      const server = await start(durable);
      const args = { text: 'é€', list: [1, null, { a: true }] };
      expect(await client.call(HOST, 'echo', args)).to.deep.equal(args);
      expect(await client.call({ topic: 'topic' }, 'echo', args)).to.deep.equal(args);
      expect(await client.call(HOST, 'nothing', {})).to.equal(null);
      for (const target of [HOST, { topic: 'topic' }, { topic: 'topic', fanout: true }]) {
        const context = { request_id: 'req-cast' };
        expect(await client.cast(target, 'note', { a: 1 }, { context })).to.match(/^[0-9a-f]{32}$/);
        expect(await server.next()).to.deep.equal({ noted: { a: 1 }, request_id: 'req-cast' });
      }
    });
  }

  it("sends a context that oslo.context's from_dict takes", async () => {
    await start();
    const context = { request_id: 'req-1', global_request_id: 'req-2' };
    expect(await client.call(HOST, 'context', {}, { context })).to.deep.equal({ ...context, auth_token: null });
    expect(await client.call(HOST, 'context', {})).to.include({ global_request_id: null });
  });

  it('does not mix up simultaneous calls', async () => {
    await start();
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const answers = await Promise.all(numbers.map((n) => client.call(HOST, 'echo', { n })));
    expect(answers).to.deep.equal(numbers.map((n) => ({ n })));
  });

  it('uses a namespace', async () => {
    await start(false, { namespace: 'space' });
    expect(await client.call({ ...HOST, namespace: 'space' }, 'echo', { a: 1 })).to.deep.equal({ a: 1 });
    expect(await failure(client.call(HOST, 'echo', {}))).to.include({ className: 'UnsupportedVersion' });
  });

  it('throws the error that the server raised', async () => {
    await start();
    const error = await failure(client.call(HOST, 'fail', { message: 'no such net' }));
    expect(error).to.be.instanceOf(RemoteError);
    expect(error).to.include({ className: 'NetworkError', module: 'interop_errors', message: 'no such net' });
    expect((error as RemoteError).remoteTraceback).to.contain('Traceback');

    const missing = await failure(client.call(HOST, 'fly', {}));
    expect(missing).to.include({ className: 'NoSuchMethod', message: 'Endpoint does not support RPC method fly' });
    const version = await failure(client.call({ ...HOST, version: '1.6' }, 'echo', {}));
    expect(version).to.include({ className: 'UnsupportedVersion' });
  });

  it('times out when the server is too slow', async () => {
    await start();
    const error = await failure(client.call(HOST, 'sleep', { seconds: 3 }, { timeout: 1 }));
    expect(error).to.be.instanceOf(MessagingTimeout);
    // The late reply troubles nobody.
    expect(await client.call(HOST, 'sleep', { seconds: 3 }, { timeout: 120 })).to.equal('rested');
  });

  it('waits for a slow call that sends heartbeats', async () => {
    await start();
    const options = { timeout: 120, callMonitorTimeout: 4 };
    expect(await client.call(HOST, 'sleep', { seconds: 7 }, options)).to.equal('rested');
  });

  it('notices soon that the server of a monitored call died', async () => {
    const server = await start();
    const calling = failure(client.call(HOST, 'sleep', { seconds: 20 }, { timeout: 50, callMonitorTimeout: 2 }));
    await pause(1_500);
    server.kill();
    expect(await calling)
      .to.be.instanceOf(MessagingTimeout)
      .with.property('message')
      .that.contains('No heartbeat');
  });

  it('says at once that there is no such server', async () => {
    await connect();
    const nobody = { topic: 'topic', server: 'nobody' };
    const cast = await failure(client.cast(nobody, 'note', {}));
    expect(cast).to.be.instanceOf(Undeliverable).with.property('message').that.contains('queue "topic.nobody"');
    expect(await failure(client.call(nobody, 'echo', {}))).to.be.instanceOf(Undeliverable);
    expect(await failure(client.cast({ topic: 'topic', fanout: true }, 'note', {}))).to.be.instanceOf(Undeliverable);
    expect(await client.cast(nobody, 'note', {}, { mandatory: false })).to.be.a('string');
  });
});

describe('our client library and a Python worker of version 1.0', () => {
  const cleanup = new Cleanup();
  const HOST = 'conductor-1';
  let broker: TestBroker;
  let server: PythonScript;

  before(async () => {
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
    const args = { transport_url: broker.url(), exchange: 'ironic', topic: 'ironic.network_provider', server: HOST };
    server = cleanup.add(new PythonScript('oslo_worker.py', args), (one) => one.stop());
    expect(await server.next()).to.deep.equal({ ready: true });
  });
  after(() => cleanup.run());

  const open = (options: Partial<NetworkProviderClientOptions> = {}): NetworkProviderClient => {
    const client = new NetworkProviderClient({ transportUrl: broker.url(), ...options });
    return cleanup.add(client, (one) => one.close());
  };
  const node = { host: HOST, nodeId: randomUUID(), timeout: 120 };

  it('work with the methods of version 1.0', async () => {
    const result = await open().call('add_cleaning_network', node);
    expect(result).to.deep.include({ node_uuid: node.nodeId, status: 'succeeded', warnings: [] });
  });

  it('refuse those of version 1.1: the server, or the client that was told', async () => {
    const refused = await rejection(open().call('vif_list', node));
    expect(refused).to.be.instanceOf(RemoteError);
    expect(refused).to.include({
      className: 'UnsupportedVersion',
      module: 'oslo_messaging.rpc.dispatcher',
      message: 'Endpoint does not support RPC version 1.1. Attempted method: vif_list',
    });
    const told = open({ versionCap: '1.0' });
    expect(await rejection(told.call('vif_list', node))).to.be.instanceOf(RPCVersionCapError);
    expect(await told.call('add_cleaning_network', node)).to.include({ status: 'succeeded' });
    expect(await server.ask({ nothing: 'was reached before' })).to.have.property('heard');
  });

  it('let a method of version 1.1 through that is asked for as 1.0: only the version is looked at', async () => {
    const connection = await openConnection(cleanup, { transportUrl: broker.url(), log: recordingLogger().log });
    const { log } = recordingLogger();
    const rpc = cleanup.add(new RpcClient({ connection, exchange: 'ironic', exchangeDurable: false, log }), (one) =>
      one.close(),
    );
    const target = { topic: 'ironic.network_provider', server: HOST, version: '1.0' };
    await rpc.call(target, 'vif_list', { node_id: node.nodeId });
    expect(await server.next()).to.deep.equal({ reached: { node_id: node.nodeId } });
  });
});
