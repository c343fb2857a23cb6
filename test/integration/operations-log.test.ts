import { randomUUID } from 'node:crypto';

import { expect } from 'chai';
import { spy } from 'sinon';

import { OperationsLog1768000000000 } from '../../migrations/1768000000000-operations-log.js';
import { listOperations, State, upgrade } from '../../src/state/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { start } from '../../testkit/fixtures/recorded-operations.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

type Row = Record<string, unknown>;

/** The migration before the one that is tested. */
const BEFORE = 'PortAndPortgroupFields1767000000080';

/** The statements of the workers before this schema, as they send them. */
const OLDER = {
  begin: `INSERT INTO operations (id, kind, method, network_type, node_uuid, conductor_host, request_id, content_type,
      started_at, attempts, result, finished_at, begun, owed_letter, tried_alone, open_begins, status)
    VALUES ?
    ON DUPLICATE KEY UPDATE attempts = attempts + VALUES(attempts), begun = begun + VALUES(begun)`,
  end: `INSERT INTO operations (id, kind, method, network_type, network_provider, node_uuid, conductor_host, request_id,
      content_type, epoch, end_id, owed_to, owed_letter, status, last_error, result, started_at, finished_at)
    VALUES ?
    ON DUPLICATE KEY UPDATE kind = VALUES(kind), network_provider = VALUES(network_provider), epoch = VALUES(epoch),
      owed_to = VALUES(owed_to), status = VALUES(status), result = VALUES(result), finished_at = VALUES(finished_at)`,
  lookUp: `SELECT id, result, begun, tried_alone AS triedAlone, COALESCE(end_id, id) AS end_id, owed_letter AS letter
    FROM operations WHERE id IN (?)`,
  delivered: 'UPDATE operations SET owed_to = NULL WHERE id IN (?) AND COALESCE(end_id, id) IN (?)',
  list: `SELECT o.id FROM operations o
    JOIN (SELECT id FROM operations WHERE TRUE ORDER BY started_at DESC, id DESC LIMIT 9) page ON page.id = o.id
    ORDER BY o.started_at DESC, o.id DESC`,
  prune: `DELETE FROM operations WHERE finished_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND ORDER BY finished_at LIMIT ?`,
};

const NODE = randomUUID();
const TIME = '2026-01-01 00:00:00.000001';
const begun = (id: string): unknown[] =>
  [id, 'cast', 'add_cleaning_network', 'cleaning', NODE, 'host', 'req-1', null, TIME, 1, null, null, 1, null, 0, 'b', 'running']; // prettier-ignore
const ended = (id: string): unknown[] =>
  [id, 'cast', 'add_cleaning_network', 'cleaning', 'none', NODE, 'host', 'req-1', null, 1, null, 'queue', null, 'succeeded', null, '{}', TIME, TIME]; // prettier-ignore

describe('state: the table of operations as a log', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(() => database.drop());

  const query = (sql: string, values: unknown[] = []): Promise<Row[]> => database.dataSource.query<Row[]>(sql, values);
  const backToBefore = (): Promise<void> => database.backTo(BEFORE);
  const primaryKey = async (): Promise<unknown[]> => {
    const rows = await query(
      `SELECT column_name AS name FROM information_schema.statistics
       WHERE table_schema = DATABASE() AND table_name = 'operations' AND index_name = 'PRIMARY'`,
    );
    return rows.map(({ name }) => name);
  };
  /** Some operations that older workers have begun and ended. */
  const fill = async (): Promise<string[]> => {
    const ids = Array.from({ length: 500 }, () => randomUUID().replaceAll('-', ''));
    await query(OLDER.begin, [ids.map(begun)]);
    await query(OLDER.end, [ids.slice(100).map(ended)]);
    return ids;
  };
  const records = async (): Promise<Row[]> =>
    (await query('SELECT * FROM operations ORDER BY id')).map((row) => ({ ...row, seq: null }));

  it('keeps every row and every column on the way up and on the way down', async () => {
    await backToBefore();
    await fill();
    const rows = await records();
    expect(await primaryKey()).to.deep.equal(['id']);
    await upgrade(database.dataSource);
    expect(await primaryKey()).to.deep.equal(['seq']);
    expect(await records()).to.deep.equal(rows);
    await backToBefore();
    expect(await primaryKey()).to.deep.equal(['id']);
    expect(await records()).to.deep.equal(rows);
  });

  it('goes up after it was killed in the middle, and after it was done and not noted', async () => {
    await backToBefore();
    await fill();
    const rows = await records();
    const reader = database.dataSource.createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT 1 FROM operations LIMIT 1');
    const failed = rejection(upgrade(database.dataSource));
    const victim = await until('the migration waits for the table', async () => {
      const [process] = await query(
        `SELECT id FROM information_schema.processlist
         WHERE db = DATABASE() AND state LIKE 'Waiting for table metadata lock%'`,
      );
      return process?.['id'];
    });
    await query(`KILL ${String(victim)}`);
    await failed;
    await reader.rollbackTransaction();
    await reader.release();
    expect(await primaryKey()).to.deep.equal(['id']);
    const runner = database.dataSource.createQueryRunner();
    await new OperationsLog1768000000000().up(runner);
    await runner.release();
    expect(await upgrade(database.dataSource)).to.include('OperationsLog1768000000000');
    expect(await primaryKey()).to.deep.equal(['seq']);
    expect(await records()).to.deep.equal(rows);
  });

  it('goes down after it was done and not noted', async () => {
    await fill();
    const rows = await records();
    const runner = database.dataSource.createQueryRunner();
    await new OperationsLog1768000000000().down(runner);
    await runner.release();
    await backToBefore();
    expect(await primaryKey()).to.deep.equal(['id']);
    expect(await records()).to.deep.equal(rows);
  });

  it('serves workers of the version before', async () => {
    const ids = await fill();
    expect(await query(OLDER.lookUp, [ids])).to.have.length(ids.length);
    expect(await query(OLDER.list)).to.have.length(9);
    await query(OLDER.delivered, [ids, ids]);
    expect(await query('SELECT 1 FROM operations WHERE owed_to IS NOT NULL')).to.deep.equal([]);
    await query(OLDER.prune, [60, 1000]);
    expect(await records()).to.have.length(100);
    const { manager } = database.dataSource;
    expect(await listOperations(manager, {}, { marker: null, limit: 1000 })).to.have.length(100);
  });

  it('numbers operations in the order in which they were recorded, and deletes the oldest ends first', async () => {
    const ids = await fill();
    const rows = await query('SELECT id FROM operations ORDER BY seq');
    expect(rows.map(({ id }) => id)).to.deep.equal(ids);
    const state = new State(database.dataSource, 50);
    await query('UPDATE operations SET finished_at = ? WHERE id = ?', ['2025-12-31 00:00:00', ids[300]]);
    expect(await state.prune(60, 1)).to.equal(1);
    expect(await query('SELECT 1 FROM operations WHERE id = ?', [ids[300]])).to.deep.equal([]);
    expect(await state.prune(60, 1000)).to.equal(399);
  });

  it('finds by indexes what retention deletes, and the operations of a group', async () => {
    const ids = await fill();
    await query('ANALYZE TABLE operations');
    const { manager } = database.dataSource;
    const asked = spy(manager, 'query');
    const state = new State(database.dataSource, 50);
    await state.prune(60, 10);
    await state.lookUp({ ...start('add_cleaning_network', NODE), id: ids[0] ?? '' });
    const statements = asked.args.filter(([sql]) => sql.includes('operations'));
    asked.restore();
    const keys: unknown[] = [];
    for (const [sql, values] of statements) {
      const [step] = await query(`EXPLAIN FORMAT=TRADITIONAL ${sql}`, values as unknown[]);
      keys.push(step?.['key']);
    }
    expect(keys).to.deep.equal(['operations_finished', 'operations_id']);
  });
});
