import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { expect } from 'chai';

import type { Authenticator, Identity } from '../../src/api/auth/authenticator.js';
import { nodesFoundToDiffer, noteComparisons } from '../../src/state/index.js';
import { TestApi } from '../../testkit/fixtures/api-client.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

/** Readers of a project, or of the whole system: the token is the project's id. */
class Readers implements Authenticator {
  authenticate({ 'x-auth-token': project }: IncomingHttpHeaders): Promise<Identity> {
    const system = project === 'system';
    const own = system ? null : { id: String(project), name: String(project), domainId: 'default' };
    return Promise.resolve({
      userId: 'u',
      userName: 'u',
      roles: ['reader', 'admin'],
      systemScope: system,
      project: own,
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Place {
  node_uuid: string;
  network_type: string | null;
  network_ids: string[];
  since: string | null;
  latest: { id: string; status: string } | null;
  differs: boolean | null;
  differs_at: string | null;
}

describe('the whereabouts of nodes in the REST API', () => {
  let database: TestDatabase;
  let api: TestApi;
  let [moved, idle] = ['', ''];
  const [network, second] = [randomUUID(), randomUUID()];

  before(async () => {
    database = await createDatabase();
    api = await TestApi.start(database.dataSource, { authenticator: new Readers() });
    api.token = 'system';
    moved = String((await api.create('nodes', { name: 'moved', owner: 'owner', lessee: 'lessee' }))['uuid']);
    idle = String((await api.create('nodes', { name: 'idle' }))['uuid']);
    await operation('first', 'configure_tenant_networks', 'succeeded', '10:00:00');
    await operation('newest', 'vif_attach', 'failed', '10:00:01');
    await operation('asks', 'vif_list', 'succeeded', '10:00:02');
    for (const id of [network, second, network]) await bind(id);
  });
  after(async () => {
    await api.close();
    await database.drop();
  });

  const operation = (id: string, method: string, status: string, time: string, result: object | null = null) =>
    database.dataSource.query(
      `INSERT INTO operations (id, kind, method, node_uuid, status, started_at, finished_at, result)
       VALUES (?, 'cast', ?, ?, ?, CONCAT('2026-11-24 ', ?), '2026-11-24 11:00:00', ?)`,
      [id, method, moved, status, time, result && JSON.stringify(result)],
    );
  const bind = (id: string) =>
    database.dataSource.query(
      `INSERT INTO port_bindings (node_uuid, network_type, network_provider, operation_id, port_uuid, neutron_port_id,
         network_id, host_id, vnic_type, vif_type, status, mac_address, fixed_ips, profile, bound_at)
       VALUES (?, 'tenant', 'neutron', 'first', ?, ?, ?, 'h', 'baremetal', 'other', 'ACTIVE', '52:54:00:00:00:01', '[]',
         '{}', '2026-11-24 10:00:00')`,
      [moved, randomUUID(), randomUUID(), id],
    );
  const ask = async (who: string, query = ''): Promise<Place[]> => {
    api.token = who;
    const { body } = await api.get(`/v1/whereabouts${query}`);
    return body['whereabouts'] as Place[];
  };

  it('say on which networks a node is, since when, and which change came last', async () => {
    const [place] = await ask('system', `?nodes=${moved}`);
    expect(place).to.deep.include({ node_uuid: moved, network_type: 'tenant', network_ids: [network, second] });
    expect(place).to.deep.include({ since: '2026-11-24T10:00:00.000Z', differs: null });
    expect(place?.latest).to.deep.include({ id: 'newest', status: 'failed' });
    const [other] = await ask('system', `?nodes=${idle}`);
    expect(other).to.deep.include({ network_type: null, network_ids: [], since: null, latest: null, differs: null });
  });

  it('come in pages, each node once', async () => {
    const [first] = await ask('system', '?limit=1');
    const [next] = await ask('system', `?limit=1&marker=${first?.node_uuid ?? ''}`);
    expect([first?.node_uuid, next?.node_uuid]).to.have.members([moved, idle]);
  });

  it('say whether Neutron differed when a worker last compared it', async () => {
    await operation('compared-1', 'reconcile', 'succeeded', '10:01:00', { findings: [{ repaired: false }] });
    expect((await ask('system', `?nodes=${moved}`))[0]?.differs).to.equal(true);
    await operation('compared-2', 'reconcile', 'succeeded', '10:02:00', { findings: [{ repaired: true }] });
    expect((await ask('system', `?nodes=${moved}`))[0]?.differs).to.equal(false);
  });

  it('say what a comparison found later, and when, until the node moves on', async () => {
    const { manager } = database.dataSource;
    const found = (): Promise<Place | undefined> => ask('system', `?nodes=${moved}`).then(([place]) => place);
    await noteComparisons(manager, [moved, randomUUID()], true, '2026-11-24 12:00:00');
    expect(await found()).to.deep.include({ differs: true, differs_at: '2026-11-24T12:00:00.000Z' });
    await noteComparisons(manager, [moved], false, '2026-11-24 12:00:00');
    expect((await found())?.differs, 'this one is not later').to.equal(true);
    await noteComparisons(manager, [moved], false, '2026-11-24 12:00:01');
    expect(await found()).to.deep.include({ differs: false, differs_at: null });
    await noteComparisons(manager, [moved], true, '2026-11-24 12:00:02');
    await operation('moves-on', 'add_cleaning_network', 'succeeded', '12:00:03');
    expect((await found())?.differs, 'that change ended before').to.equal(true);
    await database.dataSource.query("UPDATE operations SET finished_at = '2026-11-24 12:00:04' WHERE id = 'moves-on'");
    expect(await found()).to.deep.include({ differs: null, differs_at: null });
    await database.dataSource.query("DELETE FROM operations WHERE id = 'moves-on'");
  });

  it('no longer say that a node differs when a later comparison finds no difference, whoever compared before', async () => {
    const { manager } = database.dataSource;
    await operation('compared-3', 'reconcile', 'succeeded', '12:10:00', { findings: [{ repaired: false }] });
    await database.dataSource.query(
      "UPDATE operations SET finished_at = '2026-11-24 12:10:01' WHERE id = 'compared-3'",
    );
    const found = async (): Promise<unknown> => (await ask('system', `?nodes=${moved}`))[0]?.differs;
    expect(await found()).to.equal(true);
    const toldOf = (scope: object, before: string): Promise<string[]> => nodesFoundToDiffer(manager, scope, before);
    expect(await toldOf({}, '2026-11-24 12:10:02')).to.deep.equal([moved]);
    expect(await toldOf({ hosts: ['conductor-1'] }, '2026-11-25'), 'of another host').to.deep.equal([]);
    expect(await toldOf({ nodes: [idle] }, '2026-11-25'), 'of another node').to.deep.equal([]);
    expect(await toldOf({ nodes: [moved] }, '2026-11-24 11:00:00'), 'not before that time').to.deep.equal([]);
    await noteComparisons(manager, [moved], false, '2026-11-24 12:10:02');
    expect(await found()).to.equal(false);
  });

  it('show a project its own nodes, and a lessee no operations', async () => {
    expect(await ask('another')).to.deep.equal([]);
    const [owned] = await ask('owner');
    expect(owned).to.deep.include({ node_uuid: moved, network_type: 'tenant' });
    expect(owned?.latest?.id).to.equal('newest');
    const [leased] = await ask('lessee');
    expect(leased).to.deep.include({ node_uuid: moved, latest: null });
  });

  it('of nodes by UUID: bad lists are refused', async () => {
    expect((await api.get('/v1/whereabouts?nodes=one')).fault).to.contain('nodes: expected UUIDs');
    const many = Array.from({ length: 101 }, () => 'a').join(',');
    expect((await api.get(`/v1/whereabouts?nodes=${many}`)).fault).to.contain('at most 100');
  });
});
