import { expect } from 'chai';

import { type Delivery, Publisher } from '../../src/amqp/index.js';
import { pause } from '../../src/async/pause.js';
import {
  isCompatible,
  jsonCodec,
  NoSuchMethod,
  PING_METHOD,
  type ReplyOutcome,
  ReplySender,
  type RpcRequest,
  serializeFailure,
  UnsupportedVersion,
} from '../../src/rpc/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { openConnection, SERVER, startServer } from '../../testkit/fixtures/rpc.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { PythonScript } from '../../testkit/servers/python.js';

type Json = Record<string, unknown>;

const EXMODS = ['oslo_messaging.rpc.dispatcher', 'interop_errors'];

/** What the server answers. Undefined: it takes its time, see "sleep". */
function work({ method, version, args }: RpcRequest): ReplyOutcome {
  if (!isCompatible('1.1', version))
    return { failure: serializeFailure(new UnsupportedVersion(version, method).toFailure()) };
  switch (method) {
    case 'echo':
    case 'sleep':
      return { result: args };
    case 'nothing':
      return { result: null };
    case PING_METHOD:
      return { result: 'pong' };
    case 'fail':
      return { failure: serializeFailure({ class: 'NetworkError', module: 'interop_errors', message: 'no such net' }) };
    case 'fail_builtin':
      return { failure: serializeFailure({ class: 'ValueError', module: 'builtins', message: 'bad value' }) };
    case 'fail_unknown':
      return { failure: serializeFailure({ class: 'Odd', module: 'some.module', message: 'odd' }) };
    default:
      return { failure: serializeFailure(new NoSuchMethod(method).toFailure()) };
  }
}

describe('a Python oslo.messaging client and our RpcServer', () => {
  const cleanup = new Cleanup();
  const { log } = recordingLogger();
  let broker: TestBroker;
  let requests: RpcRequest[];
  let failures: unknown[];

  beforeEach(async () => {
    requests = [];
    failures = [];
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
  });
  afterEach(async () => {
    await cleanup.run();
    expect(failures).to.deep.equal([]);
  });

  async function serve(options: Partial<typeof SERVER> = {}): Promise<void> {
    const connection = await openConnection(cleanup, { transportUrl: broker.url(), log });
    const publisher = cleanup.add(new Publisher(connection, log), (one) => one.close());
    const replies = new ReplySender({ publisher, log });
    const handle = async (delivery: Delivery): Promise<void> => {
      const request = jsonCodec.decodeRequest(delivery.body);
      requests.push(request);
      const { msgId, replyQ, timeout, method, args } = request;
      if (msgId !== null && replyQ !== null) {
        const stop = replies.startHeartbeats(jsonCodec, { msgId, replyQ, timeout });
        if (method === 'sleep') await pause(Number(args['seconds']) * 1000);
        stop();
        await replies.reply(jsonCodec, { msgId, replyQ }, work(request));
      }
      delivery.ack();
    };
    const onDelivery = (delivery: Delivery): void => {
      handle(delivery).catch((error: unknown) => failures.push(error));
    };
    await startServer(cleanup, { connection, log, onDelivery, ...options });
  }

  async function python(rabbit: Json = {}): Promise<PythonScript> {
    const { exchange, topic } = SERVER;
    const args = { transport_url: broker.url(), exchange, topic, allowed_remote_exmods: EXMODS, rabbit };
    const client = cleanup.add(new PythonScript('oslo_client.py', args), (one) => one.stop());
    expect(await client.next()).to.deep.equal({ ready: true });
    return client;
  }

  const call = (method: string, more: Json = {}): Json => ({
    do: 'call',
    method,
    server: 'host-1',
    timeout: 120,
    ...more,
  });

  it('calls: one server, any server, with and without call_monitor_timeout', async () => {
    await serve();
    const client = await python();
    const args = { text: 'é€', list: [1, null, { a: true }] };
    expect(await client.ask(call('echo', { args }))).to.deep.equal({ result: args });
    expect(await client.ask(call('echo', { args, server: null }))).to.deep.equal({ result: args });
    expect(await client.ask(call('echo', { args, call_monitor_timeout: 10 }))).to.deep.equal({ result: args });
    expect(await client.ask(call('nothing'))).to.deep.equal({ result: null });
    expect(await client.ask(call(PING_METHOD))).to.deep.equal({ result: 'pong' });
    expect(requests.map(({ timeout }) => timeout)).to.deep.equal([null, null, 10, null, null]);
    for (const { uniqueId, msgId, replyQ } of requests) {
      expect(uniqueId).to.match(/^[0-9a-f]{32}$/);
      expect(msgId).to.match(/^[0-9a-f]{32}$/);
      expect(replyQ).to.match(/^reply_[0-9a-f]{32}$/);
    }
  });

  it('casts: one server, any server, all servers', async () => {
    await serve();
    const client = await python();
    for (const target of [{ server: 'host-1' }, {}, { fanout: true }]) {
      const answer = await client.ask({ do: 'cast', method: 'note', args: { target }, version: '1.1', ...target });
      expect(answer).to.deep.equal({ sent: true });
    }
    await until('three casts', () => requests.length === 3);
    for (const request of requests) {
      expect(request).to.include({ method: 'note', version: '1.1', msgId: null, replyQ: null, timeout: null });
    }
  });

  it('sends its context, of which only the request ids are kept', async () => {
    await serve();
    const client = await python();
    const context = { request_id: 'req-1', global_request_id: 'req-2', auth_token: 'secret', roles: ['admin'] };
    await client.ask(call('echo', { context, namespace: 'space' }));
    expect(requests[0]?.context).to.deep.equal({ request_id: 'req-1', global_request_id: 'req-2' });
    expect(requests[0]?.namespace).to.equal('space');
    expect(JSON.stringify(requests)).not.to.contain('secret');
  });

  it('waits for a call that is slower than its call_monitor_timeout, because of heartbeats', async () => {
    await serve();
    const client = await python();
    const answer = await client.ask(call('sleep', { args: { seconds: 7 }, call_monitor_timeout: 4, timeout: 120 }));
    expect(answer).to.deep.equal({ result: { seconds: 7 } });
  });

  it('raises native exceptions', async () => {
    await serve();
    const client = await python();
    const error = async (method: string, more: Json = {}): Promise<Json> =>
      (await client.ask(call(method, more)))['error'] as Json;

    const network = await error('fail');
    expect(network).to.deep.include({ class: 'NetworkError_Remote', module: 'interop_errors_Remote', native: true });
    expect(network['message']).to.match(/^no such net\s*$/);
    expect(network['bases']).to.include('NetworkError');

    const value = await error('fail_builtin');
    expect(value).to.include({ class: 'ValueError', module: 'builtins', native: true });
    expect(value['message']).to.match(/^bad value\s*$/);

    expect(await error('fail_unknown')).to.include({ class: 'RemoteError', native: false });

    const missing = await error('fly');
    expect(missing).to.include({ class: 'NoSuchMethod_Remote', native: true });
    expect(missing['message']).to.match(/^Endpoint does not support RPC method fly\s*$/);
    expect(missing['attributes']).to.include({ method: 'fly' });

    const version = await error('echo', { version: '1.2' });
    expect(version).to.include({ class: 'UnsupportedVersion_Remote', native: true });
    expect(version['message']).to.match(/^Endpoint does not support RPC version 1.2. Attempted method: echo\s*$/);
    expect(version['attributes']).to.include({ version: '1.2', method: 'echo' });
  });

  for (const durable of [false, true]) {
    for (const first of ['Python', 'ours'] as const) {
      it(`agrees on exchanges with amqp_durable_queues=${durable}, ${first} first`, async () => {
        const settings = { exchangeDurable: durable } as Partial<typeof SERVER>;
        if (first === 'ours') await serve(settings);
        const client = await python({ amqp_durable_queues: durable });
        if (first === 'Python') {
          // Nobody listens yet, but this makes the exchanges.
          await client.ask({ do: 'cast', method: 'note', server: 'host-1' });
          await client.ask({ do: 'cast', method: 'note', fanout: true });
          await serve(settings);
        }
        expect(await client.ask(call('echo', { args: { a: 1 } }))).to.deep.equal({ result: { a: 1 } });
        await client.ask({ do: 'cast', method: 'note', args: { b: 2 }, fanout: true });
        await until('the fanout cast', () => requests.some(({ args }) => args['b'] === 2));
        expect(await broker.exchange('ironic')).to.include({ durable });
      });
    }
  }

  it('agrees on an exchange that goes with its last queue, as amqp_auto_delete has it', async () => {
    await serve({ exchangeAutoDelete: true } as Partial<typeof SERVER>);
    const client = await python({ amqp_auto_delete: true });
    expect(await client.ask(call('echo', { args: { a: 1 } }))).to.deep.equal({ result: { a: 1 } });
    expect(await broker.exchange('ironic')).to.include({ auto_delete: true });
  });

  it('is served on an exchange whose durability it chose, against ours', async () => {
    const client = await python({ amqp_durable_queues: true });
    await client.ask({ do: 'cast', method: 'note', server: 'host-1' });
    await serve();
    expect(await client.ask(call('echo', { args: { a: 1 } }))).to.deep.equal({ result: { a: 1 } });
  });

  it('has its casts done that it sent while no worker consumed', async () => {
    await serve();
    await cleanup.run();
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
    const connection = await openConnection(cleanup, { transportUrl: broker.url(), log });
    const idle = await startServer(cleanup, { connection, log, onDelivery: () => undefined });
    await idle.close();
    const client = await python();
    await client.ask({ do: 'cast', method: 'note', args: { late: true }, server: 'host-1' });
    await serve();
    await until('the cast', () => requests.some(({ args }) => args['late'] === true));
  });
});
