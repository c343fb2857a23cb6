import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NodeRow, pageOf } from '../../src/state/index.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

describe('pages of a table', () => {
  let database: TestDatabase;

  before(async () => {
    database = await createDatabase();
    const states = ['active', null, 'enroll', 'active', null, 'active', 'enroll'];
    for (const [index, provision_state] of states.entries()) {
      const free = { driver_info: {}, instance_info: {}, task_digest: '' };
      const row: object = { uuid: randomUUID(), name: `node-${index}`, provision_state, ...free };
      await database.dataSource.manager.insert(NodeRow, row);
    }
  });

  after(async () => {
    await database.drop();
  });

  /** All rows, so many at a time. */
  const walk = async (
    sortKey: 'uuid' | 'name' | 'provision_state' | 'created_at',
    sortDir: 'asc' | 'desc',
    limit: number,
  ): Promise<NodeRow[]> => {
    const rows: NodeRow[] = [];
    for (let after: NodeRow | null = null; ; after = rows.at(-1) ?? null) {
      const query = { where: {}, columns: ['name', 'provision_state', 'created_at'] as const, sortKey, sortDir, after };
      const page = await pageOf(database.dataSource.manager, NodeRow, { ...query, limit });
      rows.push(...page);
      if (page.length < limit) return rows;
    }
  };

  for (const sortKey of ['uuid', 'name', 'provision_state', 'created_at'] as const) {
    for (const sortDir of ['asc', 'desc'] as const) {
      it(`by ${sortKey}, ${sortDir}: every row comes once, in one order whatever the size of a page`, async () => {
        const whole = await walk(sortKey, sortDir, 100);
        expect(new Set(whole.map(({ uuid }) => uuid)).size).to.equal(7);
        for (const limit of [1, 2, 3]) expect(await walk(sortKey, sortDir, limit)).to.deep.equal(whole);
      });
    }
  }

  it('put NULL first, order equal values by UUID, and reverse all of it when sorted descending', async () => {
    const up = await walk('provision_state', 'asc', 2);
    const states = up.map((row) => row.provision_state);
    expect(states).to.deep.equal([null, null, 'active', 'active', 'active', 'enroll', 'enroll']);
    const uuids = up.slice(2, 5).map(({ uuid }) => uuid);
    expect(uuids).to.deep.equal([...uuids].sort());
    expect(await walk('provision_state', 'desc', 2)).to.deep.equal([...up].reverse());
  });
});
