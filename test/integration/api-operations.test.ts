import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { TestApi } from '../../testkit/fixtures/api-client.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

describe('operations in the REST API', () => {
  let database: TestDatabase;
  let api: TestApi;
  let node: string;
  /** Ids, the newest first. */
  const ids = Array.from({ length: 30 }, (_, i) => `operation-${String(i).padStart(2, '0')}`).reverse();

  before(async () => {
    database = await createDatabase();
    api = await TestApi.start(database.dataSource);
    node = String((await api.create('nodes', { name: 'moved' }))['uuid']);
    for (const id of ids.toReversed()) {
      const odd = Number(id.slice(-2)) % 2 === 1;
      await database.dataSource.query(
        `INSERT INTO operations (id, kind, method, network_type, node_uuid, conductor_host, request_id, status, started_at, finished_at)
         VALUES (?, 'cast', ?, ?, ?, ?, ?, 'succeeded', '2026-11-24 10:00:00.000001', '2026-11-24 10:00:01')`,
        odd
          ? [id, 'add_cleaning_network', 'cleaning', node, 'conductor-1', 'req-1']
          : [id, 'configure_tenant_networks', 'tenant', randomUUID(), 'conductor-2', null],
      );
    }
  });
  after(async () => {
    await api.close();
    await database.drop();
  });

  const found = async (query: string): Promise<string[]> => {
    const { body } = await api.get(`/v1/operations?${query}`);
    return (body['operations'] as { id: string }[]).map(({ id }) => id);
  };

  it('are listed newest first, in pages, each operation once, even with equal times', async () => {
    const pages = [await found('limit=13')];
    for (const start of [12, 25]) pages.push(await found(`limit=13&marker=${ids[start] ?? ''}`));
    expect(pages.flat()).to.deep.equal(ids);
    const { body } = await api.get('/v1/operations?limit=13&status=succeeded');
    expect(body['next']).to.match(/limit=13&status=succeeded&marker=operation-17$/);
  });

  it('are found by filters on their fields', async () => {
    const odd = ids.filter((id) => Number(id.slice(-2)) % 2 === 1);
    const queries = [
      'node=moved',
      `node=${node}`,
      'method=add_cleaning_network',
      'network_type=cleaning',
      'conductor=conductor-1',
      'request_id=req-1',
    ];
    for (const query of queries) expect(await found(query), query).to.deep.equal(odd);
    expect(await found('since=2026-11-24T10:00:01Z')).to.deep.equal([]);
    expect(await found('until=2026-11-24T11:00:00%2B01:00')).to.deep.equal([]);
    expect(await found('since=2026-11-24T10:00:00Z&limit=1')).to.deep.equal([ids[0]]);
    for (const wrong of ['status=done', 'method=fly', 'since=yesterday', 'limit=0', 'sort_key=id']) {
      expect((await api.get(`/v1/operations?${wrong}`)).status, wrong).to.equal(400);
    }
    expect((await api.get('/v1/operations?node=nobody')).status).to.equal(404);
  });

  it('show since when a node is on no network, and which operation removed it', async () => {
    const { body } = await api.get('/v1/nodes/moved/network');
    expect(body).to.deep.equal({
      ...{ node_uuid: node, network_provider: null, network_type: null, bindings: [] },
      ...{ since: '2026-11-24T10:00:01.000Z', operation_id: 'operation-29' },
    });
  });
});
