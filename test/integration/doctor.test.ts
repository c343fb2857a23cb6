import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { loadConfig } from '../../src/config/load.js';
import { examine } from '../../src/doctor/examine.js';
import type { DoctorFinding, Status } from '../../src/doctor/finding.js';
import { doctorContextOf } from '../../src/services/doctor-context.js';
import { downgrade, upgrade } from '../../src/state/index.js';
import { CommandPlace, HOST } from '../../testkit/fixtures/command-place.js';
import { putNode, putOperation } from '../../testkit/fixtures/on-record.js';
import { until } from '../../testkit/fixtures/poll.js';
import { amqpFrame, blocked, FrameProxy, isPublish } from '../../testkit/proxies/frame-proxy.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';
import { required } from '../../testkit/servers/environment.js';
import { json } from '../../testkit/servers/netprov.js';

const TOPIC = 'ironic.network_provider';
/** Nobody listens there. */
const CLOSED = '127.0.0.1:1';

describe('netprov doctor', () => {
  const place = new CommandPlace();
  before(() => place.open());
  beforeEach(async () => {
    await place.renew();
    // Whether a worker lives is seen within two leases.
    place.env = { ...place.env, NETPROV_WORKER_LEASE: '2' };
  });
  afterEach(() => place.clear());
  after(() => place.close());

  /** What is found, in this process. */
  const findings = (more: Record<string, string> = {}, timeout = 20, managementUrl?: URL): Promise<DoctorFinding[]> => {
    const env = { ...place.env, NETPROV_HOST: HOST, ...more };
    return examine(doctorContextOf(loadConfig({ env }), { timeout, ...(managementUrl && { managementUrl }) }));
  };
  const found = (all: readonly DoctorFinding[], check: string): string[] =>
    all.filter((one) => one.check === check).map(({ status, what }) => `${status}: ${what}`);
  const those = (all: readonly DoctorFinding[], ...statuses: Status[]): string[] =>
    all.filter(({ status }) => statuses.includes(status)).map(({ check }) => check);

  it('finds no problem when a worker serves the host, and ends with exit code 0', async () => {
    await place.startWorker();
    const management = new URL(required('NETPROV_RABBITMQ_MANAGEMENT_URL'));
    for (const queue of [TOPIC, `${TOPIC}.${HOST}`, `${TOPIC}_fanout`]) {
      await until(`${queue} is consumed`, async () => (await place.broker.counts(queue)).consumers > 0);
    }
    place.env = { ...place.env, NETPROV_RABBITMQ_MANAGEMENT_URL: management.href };
    const ended = await place.run('doctor', '--host', HOST, '--json');
    expect(ended).to.deep.include({ code: 0, stderr: '' });
    const { findings: all, counts } = json(ended) as { findings: DoctorFinding[]; counts: Record<Status, number> };
    expect(those(all, 'warning', 'problem')).to.deep.equal([]);
    expect(counts).to.deep.equal({ ok: all.length, warning: 0, problem: 0 });
    expect(new Set(all.map(({ check }) => check))).to.include.members([
      ...['config.read', 'broker.connection', 'broker.version', 'broker.exchange', 'broker.queue', 'broker.blocked'],
      ...['broker.dead_letters', 'broker.journal', 'management.nodes', 'database.connection', 'database.version'],
      ...['database.clock', 'database.schema', 'database.workers', 'database.operations'],
      ...['database.sql_mode', 'database.max_allowed_packet', 'database.tls'],
    ]);
  });

  it('finds each server that is away, checks the others, and shows no password', async () => {
    const env = {
      NETPROV_TRANSPORT_URL: `rabbit://guest:sesame@${CLOSED}/`,
      NETPROV_DATABASE_URL: `mysql://netprov:sesame@${CLOSED}/netprov`,
      NETPROV_NEUTRON_ENDPOINT: `http://${CLOSED}`,
      NETPROV_RABBITMQ_MANAGEMENT_URL: `http://guest:sesame@${CLOSED}`,
    };
    place.env = env;
    const { code, stdout, stderr } = await place.run('doctor', '--host', HOST, '--problems');
    expect({ code, stderr }).to.deep.equal({ code: 6, stderr: '' });
    for (const check of ['broker', 'database', 'neutron']) {
      expect(stdout).to.match(new RegExp(`problem +${check}\\.connection .*\\n +-> start `));
    }
    expect(stdout)
      .to.contain('warning  management.api')
      .and.not.match(/sesame|config\.read/);
    expect(stdout).to.match(/, 1 warning, 3 problems\n$/);
  });

  it('finds a server that hangs, and still reports the checks before it', async () => {
    const proxy = await TcpProxy.start(place.broker.host);
    proxy.hang();
    try {
      const all = await findings({ NETPROV_TRANSPORT_URL: place.broker.url(proxy.port) }, 8);
      expect(those(all, 'problem')).to.include('broker.connection').and.not.include('database.connection');
      const [connection] = found(all, 'broker.connection');
      expect(connection).to.match(/no answer within/);
    } finally {
      await proxy.stop();
    }
  });

  it('finds an exchange, queues and a journal with wrong properties', async () => {
    await place.broker.onChannel(async (channel) => {
      await channel.assertExchange('ironic', 'topic', { durable: true });
      await channel.assertExchange(`${TOPIC}_fanout`, 'direct', { autoDelete: true, durable: false });
      await channel.assertQueue(`${TOPIC}.${HOST}`, { durable: true, arguments: { 'x-single-active-consumer': true } });
      await channel.assertQueue(`${TOPIC}.journal`, { durable: true });
      await channel.assertQueue(`${TOPIC}.dead`, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    });
    const all = await findings();
    expect(found(all, 'broker.exchange')).to.deep.equal([
      'warning: exchange "ironic" is durable, but the options say that conductors declare it not durable: netprov uses it as it is',
      'problem: exchange "ironic.network_provider_fanout" has type direct, but fanout is needed',
    ]);
    expect(found(all, 'broker.queue_type').join()).to.match(/x-queue-type classic, .*quorum/);
    expect(found(all, 'broker.limits')).to.deep.equal([]);
    expect(found(all, 'broker.consumers')[0]).to.match(/no consumer.*waiting messages: 0/);
    expect(found(all, 'broker.queue')).to.have.length(2);
    expect(found(all, 'broker.dead_letters')[0]).to.match(/^warning: .*x-delivery-limit/);
    expect(found(all, 'broker.journal')[0]).to.match(/^problem: .*not a stream/);
    expect(all.every(({ status, remedy }) => (status === 'ok') === (remedy === null))).to.equal(true);
    expect((await place.broker.queues()).sort()).to.deep.equal(
      [`${TOPIC}.${HOST}`, `${TOPIC}.dead`, `${TOPIC}.journal`].sort(),
    );
    const durable = await findings({ NETPROV_OSLO_MESSAGING_RABBIT_RABBIT_QUORUM_QUEUE: 'true' });
    expect(found(durable, 'broker.exchange')[0]).to.match(/^ok: .* durable/);
  });

  it('finds exchanges that conductors would declare differently, by the configuration', async () => {
    await place.broker.onChannel(async (channel) => {
      await channel.assertExchange('ironic', 'topic', { durable: false });
      await channel.assertExchange(`${TOPIC}_fanout`, 'fanout', { autoDelete: true, durable: false });
    });
    const said = { RABBIT_TRANSIENT_QUORUM_QUEUE: 'true', AMQP_AUTO_DELETE: 'true' };
    const env = Object.entries(said).map(([name, value]) => [`NETPROV_OSLO_MESSAGING_RABBIT_${name}`, value]);
    const [control, fanout] = (await findings(Object.fromEntries(env) as Record<string, string>)).filter(
      ({ check }) => check === 'broker.exchange',
    );
    expect(control?.what).to.match(/^exchange "ironic" has auto_delete false/);
    expect(control?.remedy).to.contain('amqp_auto_delete');
    expect(fanout?.what).to.match(/_fanout" is not durable, but the options say that conductors declare it durable/);
    expect(fanout?.remedy).to.contain('rabbit_transient_quorum_queue');
  });

  it('finds queues that an earlier version declared without limits', async () => {
    const args = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true };
    await place.broker.onChannel((channel) =>
      channel.assertQueue(`${TOPIC}.${HOST}`, { durable: true, arguments: args }),
    );
    const [limits, ...others] = (await findings()).filter(({ check }) => check === 'broker.limits');
    expect(limits?.what).to.match(/conductor-1" has .*x-delivery-limit none.*RabbitMQ 4 drops/);
    expect(limits).to.include({ status: 'warning' }).and.to.have.property('remedy').that.contains('topology upgrade');
    expect(others).to.deep.equal([]);
    const management = new URL(required('NETPROV_RABBITMQ_MANAGEMENT_URL'));
    const all = await findings({}, 20, management);
    // RabbitMQ 4 drops messages of such a queue by itself.
    const status = Number(/RabbitMQ (\d+)/.exec(found(all, 'broker.version').join())?.[1]) >= 4 ? 'problem' : 'warning';
    const known = all.filter(({ check }) => check.endsWith('.limits'));
    expect(known.map((one) => ({ check: one.check, status: one.status }))).to.deep.equal([
      { check: 'management.limits', status },
    ]);
  });

  it('finds dead letters, and a broker that refuses the user', async () => {
    await place.run('topology', 'declare', '--host', HOST);
    await place.broker.onChannel(async (channel) => {
      const args = { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000_000 };
      await channel.assertQueue(`${TOPIC}.dead`, { durable: true, arguments: args });
      channel.sendToQueue(`${TOPIC}.dead`, Buffer.from('x'));
      channel.sendToQueue(`${TOPIC}.${HOST}`, Buffer.from('x'));
    });
    await until('both are there', async () => (await place.broker.counts(`${TOPIC}.dead`)).ready === 1);
    const all = await findings();
    expect(found(all, 'broker.dead_letters')[0]).to.match(/^warning: 1 dead letters/);
    expect(found(all, 'broker.consumers').join()).to.match(/conductor-1" has no consumer.*waiting messages: 1/);
    const url = new URL(place.broker.url());
    url.password = 'wrong';
    const refused = await findings({ NETPROV_TRANSPORT_URL: url.href });
    expect(refused.find(({ check }) => check === 'broker.connection')?.remedy).to.match(/^correct user and password/);
  });

  it('finds a broker that accepts no messages because its disk is full', async () => {
    const proxy = await FrameProxy.start(place.broker.host, amqpFrame);
    proxy.fate = (frame) => {
      if (!isPublish(frame)) return 'pass';
      proxy.say(blocked('low on disk'));
      return 'hang before';
    };
    try {
      const all = await findings({ NETPROV_TRANSPORT_URL: place.broker.url(proxy.port) });
      expect(found(all, 'broker.blocked')).to.deep.equal(['problem: RabbitMQ accepts no messages: low on disk']);
    } finally {
      await proxy.stop();
    }
  });

  it('finds an outdated schema, and operations that never end', async () => {
    const { dataSource } = place.database;
    await downgrade(dataSource, 1);
    const [schema] = found(await findings(), 'database.schema');
    expect(schema).to.match(/^problem: the schema is out of date/);
    await upgrade(dataSource);
    const open = { status: 'running', finished_at: null };
    await putOperation(dataSource.manager, { ...open, id: 'stuck', begun: 3 });
    await putOperation(dataSource.manager, { id: 'owed', owed_to: 'q', finished_at: '2026-01-01 00:00:00' });
    await putNode(dataSource.manager, { late_until: '2026-01-01 00:00:00' });
    await dataSource.query(`INSERT INTO workers (id, name, queues, started_at) VALUES (?, 'gone', '{}', NOW())`, [
      randomUUID(),
    ]);
    const all = await findings();
    for (const [check, sentence] of [
      ['database.operations', /^warning: operations that have been running .*: 1; .*stuck/],
      ['database.poison', /^problem: operations that crashed .*: 1; .*stuck/],
      ['database.owed', /^warning: results .*: 1; .*owed/],
      ['database.late', /^warning: nodes that had unanswered requests .*: 1$/],
      ['database.workers', /^warning: worker gone .*not alive/],
    ] as const) {
      expect(found(all, check)[0], check).to.match(sentence);
    }
    for (const table of ['operations', 'nodes', 'workers']) await dataSource.query(`DELETE FROM ${table}`);
  });

  it('finds a database whose max_allowed_packet is too small for a request', async () => {
    const all = await findings({ NETPROV_RPC_MAX_MESSAGE_BYTES: '67108864' });
    expect(found(all, 'database.max_allowed_packet')[0]).to.match(
      /^warning: a statement may have \d+ bytes, but a request may have 67108864/,
    );
    expect(found(all, 'database.tls')).to.deep.equal(['ok: the connection does not use TLS']);
  });

  it('finds an invalid configuration, and settings that look like mistakes', async () => {
    place.env = { ...place.env, NETPROV_RPC_PREFETCHES: '1' };
    const { code, stdout } = await place.run('doctor', '-o', 'yaml');
    expect(code).to.equal(6);
    expect(stdout).to.match(/check: config\.read\n.*status: problem\n.*NETPROV_RPC_PREFETCHES/);
    delete place.env['NETPROV_RPC_PREFETCHES'];
    const odd = await findings({
      NETPROV_CLEANING_NETWORK: 'cleaning',
      NETPROV_WORKER_LATE_WINDOW: '5',
      NETPROV_RECONCILE_FIX: 'true',
      NETPROV_NEUTRON_INSECURE: 'true',
    });
    expect(those(odd, 'warning')).to.include.members([
      'config.default_network_provider',
      'config.worker.late_window',
      'config.reconcile',
      'config.neutron.insecure',
    ]);
  });
});
