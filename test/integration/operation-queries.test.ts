import { randomUUID } from 'node:crypto';

import { expect } from 'chai';
import { spy } from 'sinon';
import type { EntityManager } from 'typeorm';

import {
  listOperations,
  loadBindings,
  loadOperation,
  MarkerNotFound,
  nodesNamed,
  type OperationFilter,
  whereabouts,
} from '../../src/state/index.js';
import { putBinding, putNode, putOperation } from '../../testkit/fixtures/on-record.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

describe('state: what people ask for', () => {
  let database: TestDatabase;
  let manager: EntityManager;
  before(async () => {
    database = await createDatabase();
    manager = database.dataSource.manager;
  });
  after(() => database.drop());
  afterEach(async () => {
    await manager.query('DELETE FROM operations');
    await manager.query('DELETE FROM nodes');
  });

  describe('lists of operations', () => {
    const ids = async (filter: OperationFilter, marker: string | null = null, limit = 100): Promise<string[]> =>
      (await listOperations(manager, filter, { marker, limit })).map(({ id }) => id);

    it('have the newest first, in pages, even if several began in the same microsecond', async () => {
      const times = ['.000001', '.000002', '.000002', '.000002', '.000003'];
      for (const [index, time] of times.entries()) {
        await putOperation(manager, { id: `op-${index}`, started_at: `2026-01-01 00:00:00${time}` });
      }
      const all = ['op-4', 'op-3', 'op-2', 'op-1', 'op-0'];
      expect(await ids({})).to.deep.equal(all);
      for (const size of [1, 2, 3]) {
        const read: string[] = [];
        for (let page = await ids({}, null, size); page.length > 0; page = await ids({}, read.at(-1) ?? null, size)) {
          read.push(...page);
        }
        expect(read, `${size} a page`).to.deep.equal(all);
      }
      expect(await rejection(ids({}, 'gone'))).to.be.instanceOf(MarkerNotFound);
    });

    it('contain what matches all filters', async () => {
      const node = randomUUID();
      const differing = [
        { node_uuid: node },
        { status: 'failed' },
        { method: 'vif_attach' },
        { network_type: 'tenant' },
        { conductor_host: 'conductor-2' },
        { network_provider: 'flat' },
        { request_id: 'req-1' },
        { started_at: '2026-01-02 00:00:00' },
      ];
      const plain = await putOperation(manager, { started_at: '2026-01-01 12:00:00' });
      const put: string[] = [];
      for (const fields of differing) put.push(await putOperation(manager, fields));
      const filters: OperationFilter[] = [
        { nodes: [node] },
        { status: 'failed' },
        { method: 'vif_attach' },
        { networkType: 'tenant' },
        { host: 'conductor-2' },
        { provider: 'flat' },
        { requestId: 'req-1' },
        { since: new Date('2026-01-02T00:00:00Z') },
      ];
      for (const [index, filter] of filters.entries()) {
        expect(await ids(filter), JSON.stringify(filter)).to.deep.equal([put[index]]);
      }
      const noon = { since: new Date('2026-01-01T12:00:00Z'), until: new Date('2026-01-02T00:00:00Z') };
      expect(await ids(noon)).to.deep.equal([plain]);
      expect(await ids({ nodes: [node], status: 'failed' })).to.deep.equal([]);
      expect(await ids({ nodes: [] })).to.deep.equal([]);
    });

    it('are read from an index, without sorting, in a table of many', async () => {
      await fill(10_000);
      const node = randomUUID();
      const request = `req-${randomUUID()}`;
      await putOperation(manager, { node_uuid: node, request_id: request });
      const cases: [OperationFilter, string][] = [
        [{}, 'operations_started'],
        [{ nodes: [node] }, 'operations_node'],
        [{ status: 'failed' }, 'operations_started'],
        [{ host: 'conductor-9', provider: 'flat', networkType: 'tenant' }, 'operations_started'],
        [{ requestId: request }, 'operations_request'],
      ];
      const [marker] = await ids({}, null, 1);
      for (const [filter, index] of cases) {
        for (const after of [null, marker ?? null]) {
          const { key, extra } = await plan(() => listOperations(manager, filter, { marker: after, limit: 50 }));
          expect(key, JSON.stringify({ filter, after })).to.equal(index);
          if (filter.requestId === undefined) expect(extra).not.to.contain('filesort');
          if (index === 'operations_started') expect(extra).to.contain('Using index');
        }
      }
    });

    /** How the server finds the page, in the last statement of some work. */
    async function plan(work: () => Promise<unknown>): Promise<{ key: string; extra: string }> {
      const asked = spy(manager, 'query');
      await work();
      const [statement, values] = asked.lastCall.args;
      asked.restore();
      const steps = await manager.query<{ table: string; key: string; Extra: string }[]>(
        `EXPLAIN FORMAT=TRADITIONAL ${statement}`,
        values,
      );
      const page = steps.find(({ table }) => table === 'operations');
      return { key: page?.key ?? '', extra: page?.Extra ?? '' };
    }

    /** Many operations of a hundred nodes, one a second, of which one in a hundred failed. */
    async function fill(many: number): Promise<void> {
      const start = Date.parse('2026-01-01T00:00:00Z');
      const nodes = Array.from({ length: 100 }, () => randomUUID());
      const rows = Array.from({ length: many }, (_, index) => [
        `filled-${String(index)}`,
        'cast',
        'add_cleaning_network',
        nodes[index % nodes.length],
        `req-${String(index)}`,
        index % 100 === 0 ? 'failed' : 'succeeded',
        new Date(start + index * 1000),
      ]);
      await manager.query(
        'INSERT INTO operations (id, kind, method, node_uuid, request_id, status, started_at) VALUES ?',
        [rows],
      );
      await manager.query('ANALYZE TABLE operations');
    }
  });

  describe('one operation', () => {
    it('has all recorded fields, and the current bindings', async () => {
      const node = await putNode(manager, { name: 'node-1' });
      const result = { status: 'failed' };
      const id = await putOperation(manager, {
        node_uuid: node,
        status: 'failed',
        attempts: 3,
        begun: 1,
        epoch: 7,
        last_error: 'no',
        result: JSON.stringify(result),
        started_at: '2026-01-01 00:00:00.5',
        finished_at: '2026-01-01 00:00:02',
      });
      const port = await putBinding(manager, { node_uuid: node, operation_id: id });
      await putBinding(manager, { node_uuid: node, operation_id: 'another' });
      const found = await loadOperation(manager, id);
      expect(found).to.deep.include({ id, node_uuid: node, status: 'failed', attempts: 3, begun: 1, epoch: 7, result });
      expect(found?.started_at.toISOString()).to.equal('2026-01-01T00:00:00.500Z');
      expect(found?.standing.map(({ neutron_port_id }) => neutron_port_id)).to.deep.equal([port]);
      expect(await loadOperation(manager, 'missing')).to.equal(null);
    });
  });

  describe('lists of bindings', () => {
    it('contain what matches all filters, in pages', async () => {
      const one = await putNode(manager, { name: 'node-1', conductor_host: 'conductor-1' });
      const two = await putNode(manager, { name: null, conductor_host: 'conductor-2' });
      const first = await putBinding(manager, { node_uuid: one, operation_id: 'op-1' });
      const second = await putBinding(manager, { node_uuid: one, network_type: 'tenant', network_provider: 'flat' });
      const third = await putBinding(manager, { node_uuid: two });
      const ports = async (...args: Parameters<typeof loadBindings> extends [unknown, ...infer Rest] ? Rest : never) =>
        (await loadBindings(manager, ...args)).map(({ neutron_port_id }) => neutron_port_id);
      expect(await ports({})).to.deep.equal([first, second, third]);
      expect(await ports({ nodes: [one] })).to.deep.equal([first, second]);
      expect(await ports({ networkType: 'tenant' })).to.deep.equal([second]);
      expect(await ports({ host: 'conductor-2' })).to.deep.equal([third]);
      expect(await ports({ provider: 'flat' })).to.deep.equal([second]);
      expect(await ports({ operation: 'op-1' })).to.deep.equal([first]);
      const [record] = await loadBindings(manager, {}, { marker: null, limit: 1 });
      expect(record).to.deep.include({ node_uuid: one, node_name: 'node-1', operation_id: 'op-1' });
      expect(await ports({}, { marker: record?.id ?? null, limit: 1 })).to.deep.equal([second]);
    });

    it('find a node by its name', async () => {
      const node = await putNode(manager, { name: 'node-1' });
      await putNode(manager, { name: 'node-2' });
      expect(await nodesNamed(manager, 'node-1')).to.deep.equal([node]);
      expect(await nodesNamed(manager, 'Node-1')).to.deep.equal([]);
    });
  });

  describe('where a node is', () => {
    it('is the network of its bindings, since the oldest of them', async () => {
      const node = await putNode(manager);
      await putBinding(manager, { node_uuid: node, operation_id: 'op-1', bound_at: '2026-01-01 00:00:00' });
      await putBinding(manager, { node_uuid: node, operation_id: 'op-2', bound_at: '2026-01-02 00:00:00' });
      const place = await whereabouts(manager, node);
      expect(place).to.deep.include({
        network_type: 'cleaning',
        since: new Date('2026-01-01T00:00:00Z'),
        operation_id: 'op-1',
      });
      expect(place.bindings).to.have.length(2);
    });

    it('is none since the last successful change, when it has no binding', async () => {
      const node = await putNode(manager);
      expect(await whereabouts(manager, node)).to.deep.equal({
        network_type: null,
        since: null,
        operation_id: null,
        bindings: [],
      });
      const change = { node_uuid: node, method: 'remove_cleaning_network' };
      await putOperation(manager, { ...change, id: 'op-1', finished_at: '2026-01-01 00:00:01' });
      const later = { started_at: '2026-01-01 01:00:00', finished_at: '2026-01-01 01:00:01' };
      await putOperation(manager, { ...change, ...later, id: 'op-2', status: 'failed' });
      await putOperation(manager, { ...change, ...later, id: 'op-3', method: 'vif_list', network_type: null });
      expect(await whereabouts(manager, node)).to.deep.include({
        network_type: null,
        since: new Date('2026-01-01T00:00:01Z'),
        operation_id: 'op-1',
      });
    });
  });
});
