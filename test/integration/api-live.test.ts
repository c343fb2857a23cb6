import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect } from 'chai';

import { createApi } from '../../src/api/api-server.js';
import type { Authenticator, Identity } from '../../src/api/auth/authenticator.js';
import type { ApiServer } from '../../src/api/http/types.js';
import { type FeedTimes, OperationFeed } from '../../src/api/live/operation-feed.js';
import type { StreamLimits } from '../../src/api/routes/feed-route.js';
import { Nodes } from '../../src/inventory/nodes.js';
import { apiOptions, noResources } from '../../testkit/fixtures/api.js';
import { EventStream } from '../../testkit/fixtures/event-stream.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

const NETWORK = randomUUID();

/** When the credentials of callers end. */
let expires: Date | null = null;

/** A token is the name of the caller's project; without a token, the caller reads the whole system. */
const authenticator: Authenticator = {
  authenticate({ 'x-auth-token': token }: IncomingHttpHeaders): Promise<Identity> {
    const project = token === undefined ? null : { id: String(token), name: String(token), domainId: 'default' };
    const expiresAt = expires;
    return Promise.resolve({
      ...{ userId: 'u', userName: 'u', roles: ['reader'], systemScope: project === null, project, expiresAt },
    });
  },
  close: () => Promise.resolve(),
};

describe('operations, followed live in the REST API', () => {
  let database: TestDatabase;
  let server: ApiServer;
  let url: string;
  const streams: EventStream[] = [];
  const nodes = { own: randomUUID(), other: randomUUID() };

  before(async () => {
    database = await createDatabase();
    const inventory = new Nodes(database.dataSource, () => ['none']);
    for (const [owner, uuid] of Object.entries(nodes)) await inventory.create({ uuid, name: owner, owner });
  });
  beforeEach(() => start());
  afterEach(async () => {
    expires = null;
    for (const stream of streams.splice(0)) stream.close();
    await server.close();
    await database.dataSource.query('DELETE FROM operations');
  });
  after(() => database.drop());

  async function start(streams: Partial<StreamLimits> = {}): Promise<void> {
    const { dataSource } = database;
    const { log } = recordingLogger();
    const parts = { ...noResources(), dataSource, nodes: new Nodes(dataSource, () => ['none']), log, authenticator };
    server = await createApi(apiOptions({ streams }), parts);
    await server.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/v1/operations/events`;
  }

  async function restart(streams: Partial<StreamLimits>): Promise<void> {
    await server.close();
    await start(streams);
  }

  /** A stream that has its place in the feed: from now on it misses nothing. */
  async function open(query = '', headers: Record<string, string> = {}): Promise<EventStream> {
    const stream = await EventStream.open(url + query, headers);
    streams.push(stream);
    return stream;
  }

  async function begin(id: string, node = nodes.own, method = 'add_cleaning_network'): Promise<void> {
    await database.dataSource.query(
      `INSERT INTO operations (id, kind, method, node_uuid, conductor_host, status, attempts, started_at)
       VALUES (?, 'cast', ?, ?, 'conductor-1', 'running', 1, UTC_TIMESTAMP(6))`,
      [id, method, node],
    );
  }

  async function end(id: string): Promise<void> {
    const sql = `UPDATE operations SET status = 'succeeded', finished_at = UTC_TIMESTAMP(6) WHERE id = ?`;
    await database.dataSource.query(sql, [id]);
  }

  it('are events, with the operation and what happened to it', async () => {
    const stream = await open();
    expect(stream.response.headers.get('content-type')).to.equal('text/event-stream');
    await stream.has(1);
    await begin('one');
    await stream.has(2);
    await end('one');
    await stream.has(3);
    expect(stream.seen).to.deep.equal(['reset', 'began one', 'succeeded one']);
    expect(stream.events[2]?.data).to.have.nested.include({
      'operation.method': 'add_cleaning_network',
      'operation.node_uuid': nodes.own,
      'operation.status': 'succeeded',
    });
  });

  it("have the node's place after the end of an operation, and only then", async () => {
    const stream = await (await open()).has(1);
    await begin('one');
    await stream.has(2);
    await database.dataSource.query(
      `INSERT INTO port_bindings (node_uuid, network_type, network_provider, operation_id, port_uuid, neutron_port_id,
         network_id, host_id, vnic_type, vif_type, status, mac_address, fixed_ips, profile)
       VALUES (?, 'cleaning', 'neutron', 'one', ?, ?, ?, 'h', 'baremetal', 'other', 'ACTIVE', '52:54:00:00:00:01', '[]', '{}')`,
      [nodes.own, randomUUID(), randomUUID(), NETWORK],
    );
    await end('one');
    const [, began, ended] = (await stream.has(3)).events;
    await database.dataSource.query('DELETE FROM port_bindings');
    expect(began?.data).to.not.have.property('place');
    const place = { name: 'own', network_type: 'cleaning', network_ids: [NETWORK], differs: null };
    expect(ended?.data['place']).to.deep.include(place).and.not.have.any.keys('owner', 'lessee', 'latest', 'node_uuid');
  });

  it('go on after the event that a client names, and begin with a reset where that is not possible', async () => {
    const first = await (await open()).has(1);
    await begin('one');
    await begin('two');
    const [, seen] = (await first.has(3)).events;
    first.close();
    await until('the stream to be over', () => first.ended || null);
    await begin('three');
    const again = await (await open('', { 'last-event-id': seen?.id ?? '' })).has(2);
    expect(again.seen).to.deep.equal(['began two', 'began three']);
    for (const id of ['nonsense', `${randomUUID()}.1`, (seen?.id ?? '').replace(/\d+$/, '999')]) {
      const lost = await (await open('', { 'last-event-id': id })).has(1);
      expect(lost.seen, id).to.deep.equal(['reset']);
    }
  });

  it('are only those that the query names, and that the caller may see', async () => {
    const every = await (await open()).has(1);
    const [node, method, elsewhere, own] = await Promise.all([
      open('?node=other'),
      open('?method=reattach'),
      open('?conductor=conductor-2'),
      open('', { 'x-auth-token': 'own' }),
    ]);
    for (const stream of [node, method, elsewhere, own]) await stream.has(1);
    await begin('one', nodes.own);
    await begin('two', nodes.other, 'reattach');
    await every.has(3);
    await Promise.all([node, method, own].map((stream) => stream.has(2)));
    expect(node.seen).to.deep.equal(['reset', 'began two']);
    expect(method.seen).to.deep.equal(['reset', 'began two']);
    expect(own.seen).to.deep.equal(['reset', 'began one']);
    expect(elsewhere.seen).to.deep.equal(['reset']);
    for (const wrong of ['?node=nobody', '?method=fly', '?since=now']) {
      expect((await fetch(url + wrong)).status, wrong).to.be.within(400, 404);
    }
    expect((await fetch(`${url}?node=other`, { headers: { 'x-auth-token': 'own' } })).status).to.equal(404);
  });

  it('are refused beyond the limit of streams, until one ends', async () => {
    await restart({ most: 2 });
    const first = await (await open()).has(1);
    await (await open()).has(1);
    const refused = await fetch(url);
    expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '10']);
    expect(await refused.text()).to.contain('There are 2 streams of events already');
    first.close();
    const later = await until('the place of the stream that ended', async () => {
      const stream = await open();
      return stream.response.ok && stream;
    });
    await later.has(1);
  });

  it('end after some time, and go on when the client comes back', async () => {
    await restart({ time: 3000 });
    const first = await until('a stream with an event', async () => {
      const stream = await open();
      await until('the stream to end', () => stream.ended || null);
      return stream.events.length > 0 && stream;
    });
    await begin('one');
    const again = await until('the event in a later stream', async () => {
      const stream = await open('', { 'last-event-id': first.events.at(-1)?.id ?? '' });
      await until('the stream to end', () => stream.ended || null);
      return stream.events.length > 0 && stream;
    });
    expect(again.seen).to.deep.equal(['began one']);
  });

  it("end with the caller's credentials", async () => {
    expires = new Date(Date.now() + 1500);
    const stream = await open();
    await until('the stream to end', () => stream.ended || null);
    expect(Date.now()).to.be.at.least(expires.getTime());
  });

  it('end when the API stops', async () => {
    const stream = await (await open()).has(1);
    await server.close();
    await until('the stream to end', () => stream.ended || null);
  });
});

describe('the reader of operations for streams', () => {
  let database: TestDatabase;
  let feed: OperationFeed;
  const times: FeedTimes = { interval: 20, turnsAlone: 10 };

  before(async () => {
    database = await createDatabase();
  });
  beforeEach(() => {
    feed = new OperationFeed(database.dataSource, recordingLogger().log, times);
  });
  afterEach(() => {
    feed.close();
  });
  after(() => database.drop());

  it('stops some time after the last stream, not at once, and begins anew with the next one', async () => {
    const ending = new AbortController();
    const stream = feed.stream(() => true, null, ending.signal);
    expect(feed.reading).to.equal(false);
    await stream.next();
    const value = String((await stream.next()).value);
    expect(value).to.contain('event: reset');
    expect([feed.streams, feed.reading]).to.deep.equal([1, true]);
    ending.abort();
    expect((await stream.next()).done).to.equal(true);
    expect([feed.streams, feed.reading]).to.deep.equal([0, true]);
    await until('the reader to stop', () => !feed.reading);
    const next = feed.stream(() => true, /^id: (.*)$/m.exec(value)?.[1] ?? null, new AbortController().signal);
    await next.next();
    expect((await next.next()).value, 'events were missed meanwhile').to.contain('event: reset');
    await next.return(undefined);
  });
});
