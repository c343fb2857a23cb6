import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { TransientError } from '../../src/contract/errors.js';
import type { NetworkProvider, ProviderOutcome } from '../../src/providers/provider.js';
import { until } from '../../testkit/fixtures/poll.js';
import { sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';
import { TcpProxy } from '../../testkit/proxies/tcp-proxy.js';

const HOST = 'conductor-1';
const QUEUE = `${TOPIC}.${HOST}`;
const RESULTS = `${TOPIC}_results.${HOST}`;
const TARGET = { topic: TOPIC, server: HOST };

describe('the housekeeping of a worker', () => {
  let fixture: WorkerFixture;
  before(async () => {
    fixture = await WorkerFixture.create();
  });
  after(() => fixture.drop());
  afterEach(() => fixture.reset());

  const cast = (node = randomUUID()): Promise<string> =>
    fixture.client.cast(TARGET, 'add_cleaning_network', {
      task: sampleTask({ uuid: node, network_provider: 'scripted' }),
    });
  const ended = (id: string): Promise<Record<string, unknown>> =>
    until('the operation has ended', async () => {
      const row = await fixture.operation(id);
      return row?.['finished_at'] != null && row;
    });
  const query = <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    fixture.database.dataSource.query<T[]>(sql, values);

  it('delivers a committed result that was not delivered, even if its message is lost', async () => {
    const proxy = fixture.opened.add(await TcpProxy.start(fixture.broker.host), (one) => one.stop());
    const scripted = scriptedProvider(() => {
      proxy.hang();
      return Promise.resolve(nothingDone);
    });
    const first = await fixture.start({ scripted }, {}, { brokerPort: proxy.port });
    await fixture.listen(RESULTS);
    const id = await cast();
    expect((await ended(id))['owed_to']).to.equal(QUEUE);
    await proxy.down();
    await first.close();
    await until('the message is back', async () => (await fixture.broker.counts(QUEUE)).ready === 1);
    await fixture.broker.onChannel((channel) => channel.purgeQueue(QUEUE));
    expect((await fixture.broker.counts(RESULTS)).ready).to.equal(0);

    const second = await fixture.start({ scripted }, { owedAfter: 1 });
    const { result, method, uniqueId } = await fixture.nextResult(RESULTS);
    expect([method, uniqueId, result.operation_id, result.status]).to.deep.equal([
      'port_binding_result',
      id,
      id,
      'succeeded',
    ]);
    await until('it is owed no more', async () => (await fixture.operation(id))?.['owed_to'] === null);
    await until('it says so', () => second.lines.some((line) => line.includes('delivered owed results')));
  });

  it('delivers the other owed results when one cannot be delivered, and names that one', async () => {
    const scripted = scriptedProvider(() => Promise.resolve(nothingDone));
    const first = await fixture.start({ scripted });
    await fixture.listen(RESULTS);
    const ids = [await cast(), await cast()];
    for (const id of ids) {
      await ended(id);
      await until('it is owed no more', async () => (await fixture.operation(id))?.['owed_to'] === null);
    }
    await first.close();
    const [bad = '', good = ''] = ids;
    // Longer than the name of a queue may be.
    await query('UPDATE operations SET conductor_host = ? WHERE id = ?', ['x'.repeat(255), bad]);
    await query('UPDATE operations SET owed_to = ? WHERE id IN (?)', [QUEUE, ids]);
    await fixture.broker.onChannel((channel) => channel.purgeQueue(RESULTS));

    // Nothing is cast to this one: whatever it delivers was owed.
    const worker = await fixture.start({ scripted }, { owedAfter: 0.2 });
    expect((await fixture.nextResult(RESULTS)).uniqueId).to.equal(good);
    await until('the good one is owed no more', async () => (await fixture.operation(good))?.['owed_to'] === null);
    const said = (): string[] => worker.lines.filter((line) => line.includes('cannot deliver'));
    await until('it is said', () => said().length > 0);
    expect(said()[0]).to.contain(bad);
    expect(await fixture.operation(bad)).to.include({ owed_to: QUEUE });
    await query('UPDATE operations SET conductor_host = ? WHERE id = ?', [HOST, bad]);
    expect((await fixture.nextResult(RESULTS)).uniqueId).to.equal(bad);
    expect(said()).to.have.length(1);
  });

  it('deletes operations that ended long ago, and no others', async () => {
    const scripted = scriptedProvider(() => Promise.resolve(nothingDone));
    await fixture.start({ scripted }, { owedAfter: 0.2, keepOperations: 3600 });
    const [old, young] = [await cast(), await cast()];
    await Promise.all([ended(old), ended(young)]);
    await query('INSERT INTO operations (id, kind, method, status, started_at) VALUES (?, ?, ?, ?, ?)', [
      'running',
      'cast',
      'add_cleaning_network',
      'running',
      '2020-01-01',
    ]);
    await query('UPDATE operations SET finished_at = UTC_TIMESTAMP(6) - INTERVAL 3601 SECOND WHERE id = ?', [old]);
    await until('it is forgotten', async () => (await fixture.operation(old)) === undefined);
    expect([
      (await fixture.operation(young))?.['status'],
      (await fixture.operation('running'))?.['status'],
    ]).to.deep.equal(['succeeded', 'running']);
  });

  it('checks for effects of late requests after each operation, and once more when they can no longer come', async () => {
    const looks: string[] = [];
    const faults = [new TransientError('no answer')];
    const scripted: NetworkProvider = {
      ...scriptedProvider((method, { args }): Promise<Partial<ProviderOutcome>> => {
        const fault = faults.shift();
        if (fault) return Promise.reject(fault);
        if (method === 'reconcile') looks.push(`reconcile, fix ${String(args.fix)}`);
        return Promise.resolve(method === 'reconcile' ? { findings: [] } : nothingDone);
      }),
      repair: ({ task }, standing) => {
        looks.push(`put right ${task.node.uuid}`);
        return Promise.resolve({ bindings: [...standing], findings: [] });
      },
    };
    await fixture.start({ scripted }, { owedAfter: 0.2 });
    const node = randomUUID();
    const late = async (): Promise<unknown> =>
      (await query<{ late_until: unknown }>('SELECT late_until FROM nodes WHERE uuid = ?', [node]))[0]?.late_until;
    await ended(await cast(node));
    expect(looks).to.deep.equal([`put right ${node}`]);
    expect(await late()).not.to.equal(null);
    await ended(await cast(node));
    expect(looks).to.deep.equal([`put right ${node}`, `put right ${node}`]);
    await query('UPDATE nodes SET late_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE uuid = ?', [node]);
    await until('it was looked at once more', async () => (await late()) === null);
    expect(looks.slice(2)).to.deep.equal(['reconcile, fix true']);
    await ended(await cast(node));
    expect(looks).to.have.length(3);
  });

  it('stops checking a node that moved to a provider that cannot compare', async () => {
    const scripted = scriptedProvider(() => Promise.resolve(nothingDone));
    delete scripted.reconcile;
    await fixture.start({ scripted }, { owedAfter: 0.2 });
    const node = randomUUID();
    await ended(await cast(node));
    await query('UPDATE nodes SET late_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE uuid = ?', [node]);
    await until('it is not asked about any more', async () => {
      const [row] = await query<{ late_until: unknown }>('SELECT late_until FROM nodes WHERE uuid = ?', [node]);
      return row?.late_until === null;
    });
  });
});
