import { expect } from 'chai';
import type { DataSource } from 'typeorm';

import { isTransientDatabaseError, openDatabase, schemaStatus, upgrade } from '../../src/state/index.js';
import { CastFlow } from '../../testkit/fixtures/cast-flow.js';
import { recordingLogger } from '../../testkit/fixtures/log.js';
import { until } from '../../testkit/fixtures/poll.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { cluster, ClusterPlace, type GaleraNode } from '../../testkit/servers/cluster.js';

const NODES: readonly GaleraNode[] = ['galera1', 'galera2', 'galera3'];

describe('Galera nodes', () => {
  let place: ClusterPlace;
  let open: DataSource[] = [];

  beforeEach(async () => {
    place = await ClusterPlace.create();
  });

  afterEach(async () => {
    await Promise.all(open.map((dataSource) => dataSource.destroy()));
    open = [];
    await cluster('start', ...NODES);
    await place.drop();
  });

  async function connect(connection: string): Promise<{ dataSource: DataSource; lines: string[] }> {
    const { log, lines } = recordingLogger();
    const dataSource = await openDatabase({ connection, maxPoolSize: 3, connectTimeout: 5000, log });
    open.push(dataSource);
    return { dataSource, lines };
  }

  async function nodeOf(dataSource: DataSource): Promise<string> {
    const [row] = await dataSource.query<{ name: string }[]>('SELECT @@wsrep_node_name AS name');
    return row?.name ?? '';
  }

  it('loses nothing when each is killed in turn while casts flow', async () => {
    const flow = await CastFlow.open(place);
    await place.startWorker('rabbit1', 'galera1');
    await place.startWorker('rabbit2', 'galera2');
    const sending = flow.send(100, 500);
    for (const node of NODES) {
      await flow.endMore(200);
      await cluster('kill', node);
      await flow.endMore(200);
      await cluster('start', node);
    }
    flow.stop();
    await sending;
    await flow.expectNothingLost();
    await flow.close();
  });

  it('are no longer used after they have left their cluster, although they still answer', async () => {
    const { dataSource, lines } = await connect(place.databaseUrl('galera2'));
    expect(await nodeOf(dataSource)).to.equal('galera2');
    const { dataSource: direct } = await connect(place.databaseUrl('galera2').replace(/,[^/]*\//, '/'));
    await direct.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'");
    try {
      // Until it has noticed, a read waits for news of the others, and gives up in time.
      await until('galera2 refuses to work', async () => {
        const error: unknown = await dataSource
          .query('SELECT COUNT(*) FROM operations')
          .catch((reason: unknown) => reason);
        expect(isTransientDatabaseError(error) || Array.isArray(error)).to.equal(true);
        return String(error).includes('WSREP has not yet prepared node');
      });
      const next = await until('another node answers', () => nodeOf(dataSource).catch(() => null));
      expect(next).to.equal('galera3');
      expect(lines.join('\n')).to.contain('switched to another database host');
      // The only host that there is, is not left.
      expect(isTransientDatabaseError(await rejection(direct.query('SELECT COUNT(*) FROM operations')))).to.equal(true);
    } finally {
      await direct.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'");
      await until('galera2 works again', () => nodeOf(direct).catch(() => null));
    }
  });

  it('show at once what was committed on another node', async () => {
    const { dataSource: writer } = await connect(place.databaseUrl('galera1'));
    const { dataSource: reader } = await connect(place.databaseUrl('galera2'));
    await writer.query('CREATE TABLE counted (id INT PRIMARY KEY, value INT NOT NULL, filler LONGTEXT NOT NULL)');
    await writer.query('INSERT INTO counted VALUES (1, 0, "")');
    for (let value = 1; value <= 100; value++) {
      await writer.query("UPDATE counted SET value = ?, filler = REPEAT('x', 1000000) WHERE id = 1", [value]);
      const seen = await reader.query<{ value: number }[]>('SELECT value FROM counted WHERE id = 1');
      const locked = await reader.transaction((manager) =>
        manager.query<{ value: number }[]>('SELECT value FROM counted WHERE id = 1 FOR UPDATE'),
      );
      expect([seen[0]?.value, locked[0]?.value]).to.deep.equal([value, value]);
    }
  });

  it('upgrade the schema only once when two commands upgrade it on two nodes at the same time', async () => {
    const { dataSource: one } = await connect(place.databaseUrl('galera1'));
    const { dataSource: two } = await connect(place.databaseUrl('galera2'));
    await one.dropDatabase();
    await Promise.all([upgrade(one), upgrade(two)]);
    for (const dataSource of [one, two]) {
      expect((await schemaStatus(dataSource)).filter(({ applied }) => !applied)).to.deep.equal([]);
    }
    const names = (await one.query<{ name: string }[]>('SELECT name FROM migrations')).map(({ name }) => name);
    expect(names).to.deep.equal(one.migrations.map(({ name }) => name));
  });
});
