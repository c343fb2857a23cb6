import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkProviderClient } from '../../src/client/network-provider-client.js';
import { patchOf, TestApi } from '../../testkit/fixtures/api-client.js';
import { randomMac, samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, TOPIC, WorkerFixture } from '../../testkit/fixtures/worker.js';

describe('ports and portgroups in the REST API', () => {
  let fixture: WorkerFixture;
  let client: NetworkProviderClient;
  let api: TestApi;
  let node: string;

  before(async () => {
    fixture = await WorkerFixture.create();
    client = new NetworkProviderClient({ transportUrl: fixture.broker.url() });
    api = await TestApi.start(fixture.database.dataSource, {
      client,
      carryOver: async ({ uuid, conductor_host: host }, port) => {
        await client.call('port_changed', { nodeId: uuid, host: host ?? undefined, args: { port_obj: port } });
      },
    });
  });
  after(async () => {
    await api.close();
    await client.close();
    await fixture.drop();
  });
  beforeEach(async () => {
    node = String((await api.create('nodes', { network_provider: 'scripted' }))['uuid']);
  });
  afterEach(() => fixture.reset());

  const create = (fields: object = {}) => api.create('ports', { node_uuid: node, address: randomMac(), ...fields });
  const group = (fields: object = {}) => api.create('portgroups', { node_uuid: node, ...fields });
  const refused = async (fields: object): Promise<number> =>
    (await api.ask('POST', '/v1/ports', { node_uuid: node, address: randomMac(), ...fields })).status;
  const patch = (port: Record<string, unknown>, fields: Record<string, unknown>) =>
    api.ask('PATCH', `/v1/ports/${String(port['uuid'])}`, patchOf(fields));

  it('are created, found by node and address, changed and deleted', async () => {
    const address = randomMac();
    const port = await create({ address: address.toUpperCase(), extra: { slot: 1 }, physical_network: 'physnet1' });
    expect(port).to.deep.include({
      address,
      pxe_enabled: true,
      is_smartnic: false,
      local_link_connection: {},
      internal_info: {},
    });
    for (const url of [`/v1/ports?node=${node}`, `/v1/ports?address=${address}`, `/v1/nodes/${node}/ports`]) {
      expect(await api.walk(url, 'ports'), url).to.deep.equal([port['uuid']]);
    }
    const link = { switch_id: '00:11:22:33:44:55', port_id: 'e1' };
    const changed = await patch(port, { local_link_connection: link, pxe_enabled: false, physical_network: undefined });
    expect(changed.body).to.deep.include({ local_link_connection: link, pxe_enabled: false, physical_network: null });
    expect((await api.ask('DELETE', `/v1/ports/${String(port['uuid'])}`)).status).to.equal(204);
    expect((await api.get(`/v1/ports/${String(port['uuid'])}`)).status).to.equal(404);
  });

  it('are refused when they contradict other records, or are invalid', async () => {
    const port = await create();
    expect(await refused({ address: port['address'] })).to.equal(409);
    expect(await refused({ uuid: port['uuid'] })).to.equal(409);
    for (const fields of [
      { node_uuid: randomUUID() },
      { portgroup_uuid: randomUUID() },
      { address: 'x' },
      { is_smartnic: true, local_link_connection: { port_id: 'p' } },
      { local_link_connection: { port_id: 'p' } },
      { physical_network: '' },
      { internal_info: {} },
    ]) {
      expect(await refused(fields), JSON.stringify(fields)).to.equal(400);
    }
    for (const fields of [
      { address: undefined },
      { node_uuid: randomUUID() },
      { uuid: randomUUID() },
      { internal_info: {} },
    ]) {
      expect((await patch(port, fields)).status, JSON.stringify(fields)).to.equal(400);
    }
  });

  it('can be members of portgroups, which are found by name and cannot be deleted while they have ports', async () => {
    const { uuid, name } = await group({ name: 'bond0', address: randomMac(), standalone_ports_supported: false });
    expect((await api.get('/v1/portgroups/bond0')).body).to.deep.include({ uuid, name, mode: 'active-backup' });
    expect((await api.ask('POST', '/v1/portgroups', { node_uuid: node, name })).status).to.equal(409);
    expect(await refused({ portgroup_uuid: uuid })).to.equal(409);
    const port = await create({ portgroup_uuid: uuid, pxe_enabled: false });
    for (const url of ['/v1/portgroups/bond0/ports', '/v1/ports?portgroup=bond0']) {
      expect(await api.walk(url, 'ports'), url).to.deep.equal([port['uuid']]);
    }
    expect(await api.walk(`/v1/nodes/${node}/portgroups`, 'portgroups')).to.deep.equal([uuid]);
    expect((await api.ask('DELETE', '/v1/portgroups/bond0')).status).to.equal(400);
    const changed = await api.ask(
      'PATCH',
      '/v1/portgroups/bond0',
      patchOf({ mode: '802.3ad', properties: { miimon: 100 } }),
    );
    expect(changed.body).to.deep.include({ mode: '802.3ad', properties: { miimon: 100 } });
    await api.ask('DELETE', `/v1/ports/${String(port['uuid'])}`);
    expect((await api.ask('DELETE', '/v1/portgroups/bond0')).status).to.equal(204);
  });

  it("keep the operators' fields and the creation time when a conductor sends a task", async () => {
    const provider = scriptedProvider(() => Promise.resolve(nothingDone));
    await fixture.start({ scripted: provider });
    const address = randomMac();
    const port = await create({ address, extra: { slot: 1, 'client-id': 'old' } });
    await fixture.database.dataSource.query(`UPDATE ports SET created_at = '2026-01-01 00:00:00.000001'`);
    const task = sampleTask({ uuid: node, network_provider: 'scripted' });
    const ports = [
      samplePort({ uuid: port['uuid'], address, extra: { 'client-id': 'new' }, physical_network: 'other' }),
    ];
    const target = { topic: TOPIC, server: 'conductor-1' };
    await fixture.client.call(target, 'add_cleaning_network', { task: { ...task, ports } }, { timeout: 15_000 });
    expect((await api.get(`/v1/ports/${String(port['uuid'])}`)).body).to.deep.include({
      ...{ extra: { slot: 1, 'client-id': 'new' }, physical_network: 'other', created_at: '2026-01-01T00:00:00+00:00' },
    });
    expect((await api.get(`/v1/nodes/${node}`)).body).to.deep.include({ conductor: 'conductor-1' });
  });

  it('are changed by the worker when they have a VIF, and stay unchanged when it refuses', async () => {
    const asked: unknown[] = [];
    const provider = scriptedProvider((method, { args }) => {
      asked.push(method === 'port_changed' ? [method, args.port_obj?.address] : method);
      return Promise.resolve(nothingDone);
    });
    await fixture.start({ scripted: provider });
    const vif = randomUUID();
    const port = await create();
    await fixture.database.dataSource.query('UPDATE ports SET internal_info = ? WHERE uuid = ?', [
      JSON.stringify({ tenant_vif_port_id: vif }),
      port['uuid'],
    ]);
    const address = randomMac();
    expect((await patch(port, { address })).body).to.deep.include({ address });
    expect((await patch(port, { extra: { note: 1 } })).status).to.equal(200);
    expect(asked).to.deep.equal([['port_changed', address]]);
    expect((await api.ask('DELETE', `/v1/ports/${String(port['uuid'])}`)).status).to.equal(409);
    expect((await api.get(`/v1/nodes/${node}/vifs`)).body).to.deep.equal({ vifs: [{ id: vif }] });
  });
});
