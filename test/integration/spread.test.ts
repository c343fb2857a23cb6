import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { pause } from '../../src/async/pause.js';
import type { NetworkProvider } from '../../src/providers/provider.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

const HOSTS = ['conductor-1', 'conductor-2', 'conductor-3', 'conductor-4'];

interface Done {
  worker: string;
  host: string;
  node: string;
  number: number;
}

describe('conductor hosts and workers', () => {
  let fixture: WorkerFixture;
  let done: Done[] = [];
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(async () => {
    await fixture.reset();
    done = [];
  });

  const scripted = (worker: string): NetworkProvider =>
    scriptedProvider(async (_method, { task: { node } }) => {
      const [host = '', number] = (node.name ?? '').split(' ');
      done.push({ worker, host, node: node.uuid, number: Number(number) });
      await pause(2);
      return nothingDone;
    });
  const cast = (host: string, node: string, number: number): Promise<string> => {
    const task = sampleTask({ uuid: node, name: `${host} ${number}`, network_provider: 'scripted' });
    return fixture.client.cast({ topic: TOPIC, server: host }, 'add_cleaning_network', { task });
  };
  const start = (name: string): Promise<unknown> =>
    fixture.start({ scripted: scripted(name) }, { hosts: HOSTS }, { name });
  const whoDoes = (number: number): Record<string, string> =>
    Object.fromEntries(done.filter((one) => one.number === number).map(({ host, worker }) => [host, worker]));
  /** Casts one more to each host until the hosts are shared so. */
  async function untilShared(from: number, shares: number[]): Promise<Record<string, string>> {
    let number = from;
    return until(`hosts are shared ${shares.join(' : ')}`, async () => {
      number += 1;
      await Promise.all(HOSTS.map((host) => cast(host, randomUUID(), number)));
      await until('all are done', () => Object.keys(whoDoes(number)).length === HOSTS.length);
      const workers = Object.values(whoDoes(number));
      const counts = [...new Set(workers)].map((name) => workers.filter((one) => one === name).length);
      return counts.sort().join() === shares.join() && whoDoes(number);
    });
  }

  it('are spread over the workers: a new worker gets its share, and releases it when it stops', async () => {
    await start('first');
    await untilShared(0, [4]);
    const second = await fixture.start({ scripted: scripted('second') }, { hosts: HOSTS });
    const shared = await untilShared(1000, [2, 2]);
    await start('third');
    await untilShared(2000, [1, 1, 2]);
    await second.close();
    await untilShared(3000, [2, 2]);
    expect(Object.values(shared)).to.include.members(['first', 'second']);
  });

  it('change workers during casts, each of which runs once and in the order of its node', async () => {
    const nodes = HOSTS.map((host) => ({ host, uuids: Array.from({ length: 5 }, () => randomUUID()) }));
    await start('first');
    const enough = new AbortController();
    const casting = (async () => {
      let number = 0;
      for (; !enough.signal.aborted; number++) {
        for (const { host, uuids } of nodes) await Promise.all(uuids.map((uuid) => cast(host, uuid, number)));
        await pause(50);
      }
      return number;
    })();
    await until('the first has every host', () => new Set(done.map(({ host }) => host)).size === HOSTS.length);
    await start('second');
    const ofSecond = (): Done[] => done.filter(({ worker }) => worker === 'second');
    await until('two hosts have changed hands', () => new Set(ofSecond().map(({ host }) => host)).size === 2);
    enough.abort();
    const casts = await casting;
    await until('all are done', () => done.length >= casts * HOSTS.length * 5);
    for (const uuid of nodes.flatMap(({ uuids }) => uuids)) {
      const numbers = done.filter(({ node }) => node === uuid).map(({ number }) => number);
      expect(numbers).to.deep.equal(Array.from({ length: casts }, (_, number) => number));
    }
    const workers = (host: string): string[] => [
      ...new Set(done.filter((one) => one.host === host).map(({ worker }) => worker)),
    ];
    expect(HOSTS.filter((host) => workers(host).length === 2)).to.have.length(2);
    expect(HOSTS.filter((host) => workers(host).join() === 'first')).to.have.length(2);
  });

  it('change hands though an operation takes long: it is given up, and done over by the next one', async () => {
    const patient = scriptedProvider(async (_method, { task, signal }) => {
      done.push({ worker: 'first', host: 'any', node: task.node.uuid, number: 0 });
      await pause(60_000, signal);
      signal.throwIfAborted();
      return nothingDone;
    });
    await fixture.start({ scripted: patient }, { hosts: HOSTS, shutdownTimeout: 500 }, { name: 'first' });
    const ids: string[] = [];
    for (const host of HOSTS) ids.push(await cast(host, randomUUID(), 0));
    await until('they run', () => done.length === HOSTS.length);
    await start('second');
    await until('two have ended on the second', () => done.filter(({ worker }) => worker === 'second').length === 2);
    const rows = await until('they are on record', async () => {
      const ended: { id: string; begun: number }[] = await fixture.database.dataSource.query(
        "SELECT id, begun FROM operations WHERE status = 'succeeded' AND id IN (?)",
        [ids],
      );
      return ended.length === 2 && ended;
    });
    expect(
      rows.map(({ begun }) => begun),
      'nobody died of them',
    ).to.deep.equal([1, 1]);
  });

  it('are not released for a worker that was killed and is only on record', async () => {
    const queues = JSON.stringify(Object.fromEntries(HOSTS.map((host) => [`${TOPIC}.${host}`, 1])));
    const { dataSource } = fixture.database;
    await dataSource.query(
      "INSERT INTO workers (id, name, queues, beat, started_at) VALUES (?, 'killed', ?, 7, UTC_TIMESTAMP(6))",
      [randomUUID(), queues],
    );
    const worker = await fixture.start({ scripted: scripted('survivor') }, { hosts: HOSTS }, { name: 'survivor' });
    await until('it has looked at the others more than once', async () => {
      const rows = await dataSource.query<object[]>("SELECT id FROM workers WHERE name <> 'killed' AND beat >= 2");
      return rows.length > 0;
    });
    await dataSource.query("DELETE FROM workers WHERE name = 'killed'");
    expect(worker.lines.filter((line) => line.includes('handing it over'))).to.deep.equal([]);
  });
});
