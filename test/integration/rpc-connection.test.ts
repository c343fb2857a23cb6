import { expect } from 'chai';

import { ConnectionLost, RpcConnection } from '../../src/amqp/index.js';
import { Cleanup } from '../../testkit/fixtures/cleanup.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { openConnection } from '../../testkit/fixtures/rpc.js';
import { amqpFrame, FrameProxy } from '../../testkit/proxies/frame-proxy.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { TestBroker } from '../../testkit/servers/broker.js';

describe('RpcConnection to RabbitMQ', () => {
  const cleanup = new Cleanup();
  const { log, lines } = recordingLogger();
  let broker: TestBroker;
  let first: TcpProxy;
  let second: TcpProxy;

  beforeEach(async () => {
    lines.length = 0;
    broker = cleanup.add(await TestBroker.create(), (one) => one.drop());
    first = cleanup.add(await TcpProxy.start(broker.host), (one) => one.stop());
    second = cleanup.add(await TcpProxy.start(broker.host), (one) => one.stop());
  });
  afterEach(() => cleanup.run());

  const options = (transportUrl: string, more: object = {}): ConstructorParameters<typeof RpcConnection>[0] => ({
    transportUrl,
    heartbeat: 5,
    reconnect: { initialDelay: 20, maxDelay: 200 },
    connectionName: 'test',
    log,
    ...more,
  });
  const connection = (...more: Parameters<typeof options>): RpcConnection =>
    cleanup.add(new RpcConnection(options(...more)), (one) => one.close());

  it('reports its states, and has its name on the broker', async () => {
    const one = connection(broker.url(), { connectionName: 'worker-7' });
    expect(one.state).to.equal('idle');
    const connecting = one.connect();
    expect(one.state).to.equal('connecting');
    await Promise.all([connecting, one.connect()]);
    expect(one.state).to.equal('connected');
    await until('its name', async () => (await broker.connections('worker-7')).length === 1);
    await one.close();
    expect(one.state).to.equal('closed');
    const error: unknown = await one.connect().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ConnectionLost);
    await until('it to be gone', async () => (await broker.connections('worker-7')).length === 0);
  });

  it('connects to the next host when the first refuses', async () => {
    await first.down();
    await openConnection(cleanup, options(broker.url(first.port, second.port)));
    expect(second.connections).to.equal(1);
    expect(lines.join('\n')).to.match(/cannot connect to RabbitMQ at 127\.0\.0\.1:\d+.*ECONNREFUSED/);
    expect(lines.join('\n')).not.to.contain(broker.host.password);
  });

  it('connects to the next host when the first does not answer', async () => {
    first.hang();
    await openConnection(cleanup, options(broker.url(first.port, second.port), { connectTimeout: 2000 }));
    expect(second.connections).to.equal(1);
    expect(lines.join('\n')).to.contain('no answer within 2000 ms');
  });

  it('connects to the next host when its node keeps the connection, but declares no queue any more', async () => {
    const node = cleanup.add(await FrameProxy.start(broker.host, amqpFrame), (own) => own.stop());
    let probes = 0;
    let isCutOff = false;
    node.fate = (frame) => {
      if (!frame.includes('topic_probe_')) return 'pass';
      probes++;
      return isCutOff ? 'hang before' : 'pass';
    };
    const probe = { queue: 'topic', interval: 100, timeout: 10_000 };
    const one = await openConnection(cleanup, options(broker.url(node.port, second.port), { heartbeat: 60, probe }));
    await until('the node has answered more than once', () => probes > 3);
    expect([one.state, second.connections]).to.deep.equal(['connected', 0]);
    isCutOff = true;
    await until('the second host', () => one.state === 'connected' && second.connections === 1);
    expect(lines.join('\n')).to.contain('its node did not declare a queue within 10 s');
  });

  it('connects to the next host when its host dies, and later back to the first', async () => {
    const one = await openConnection(cleanup, options(broker.url(first.port, second.port)));
    expect(first.connections).to.equal(1);
    await first.down();
    await until('the second host', () => one.state === 'connected' && second.connections === 1);
    await first.up();
    await second.down();
    await until('the first host again', () => one.state === 'connected' && first.connections === 1);
  });

  it('keeps trying until a host is there', async () => {
    await first.down();
    const one = connection(broker.url(first.port));
    const connecting = one.connect();
    await until('a few attempts', () => lines.length >= 3);
    expect(one.lastError?.message).to.contain('ECONNREFUSED');
    await first.up();
    await connecting;
    expect(one.lastError).to.equal(null);
  });

  it('stops trying when it is closed', async () => {
    await first.down();
    const one = connection(broker.url(first.port));
    const connecting = one.connect().catch((reason: unknown) => reason);
    await one.close();
    expect(await connecting).to.be.instanceOf(ConnectionLost);
  });

  it('aborts a handshake when it is closed', async () => {
    first.hang();
    const one = connection(broker.url(first.port));
    const connecting = one.connect().catch((reason: unknown) => reason);
    await until('the attempt', () => first.connections === 1);
    await one.close();
    expect(await connecting).to.be.instanceOf(ConnectionLost);
  });

  it('says that the password is wrong, or the virtual host missing, without the password', async () => {
    const wrong = broker.url().replace(`:${encodeURIComponent(broker.host.password)}@`, ':sesame@');
    void connection(wrong)
      .connect()
      .catch(() => undefined);
    await until('the refusal', () => lines.some((line) => line.includes('ACCESS_REFUSED')));
    void connection(`${broker.url()}-x`)
      .connect()
      .catch(() => undefined);
    await until('the other', () => lines.some((line) => line.includes('the virtual host does not exist')));
    expect(lines.join('\n')).not.to.match(new RegExp(`sesame|${broker.host.password}:`));
  });

  it('tells its listeners that the connection was lost, and that it is back', async () => {
    const one = await openConnection(cleanup, options(broker.url(first.port)));
    const events: string[] = [];
    one.on('lost', (reason) => events.push(`lost: ${reason.message}`));
    one.on('connected', () => events.push('connected'));
    first.cut();
    await until('both', () => events.length === 2);
    expect(events[0]).to.match(/^lost: /);
    expect(events[1]).to.equal('connected');
  });

  it('runs each setup again on every connection', async () => {
    const one = await openConnection(cleanup, options(broker.url(first.port)));
    let runs = 0;
    const user = one.use('counting', () => {
      runs += 1;
      return Promise.resolve();
    });
    await user.ready;
    first.cut();
    await until('the second run', () => runs === 2);
    user.release();
    first.cut();
    await until('the third connection', () => lines.filter((line) => line.includes('info: connected')).length === 3);
    expect(runs).to.equal(2);
  });

  it('tries a setup that fails again, while the others go on', async () => {
    const one = await openConnection(cleanup, options(broker.url()));
    let attempts = 0;
    const failing = one.use('opening the bank', () => {
      attempts += 1;
      return attempts < 3 ? Promise.reject(new Error('closed today')) : Promise.resolve();
    });
    await one.use('other', () => Promise.resolve()).ready;
    const error: unknown = await failing.ready.catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'closed today');
    await until('success', () => attempts === 3);
    expect(lines.filter((line) => /opening the bank failed.*closed today/.test(line))).to.have.length(2);
  });
});
