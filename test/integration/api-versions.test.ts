import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { PORT } from '../../src/api/routes/port-routes.js';
import { PORTGROUP } from '../../src/api/routes/portgroup-routes.js';
import type { NetworkProviderClient } from '../../src/client/network-provider-client.js';
import type { OperationResult } from '../../src/contract/types.js';
import { patchOf, TestApi } from '../../testkit/fixtures/api-client.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

describe("the REST API for clients of Ironic's newer versions", () => {
  let database: TestDatabase;
  let api: TestApi;
  let node: string;
  const calls: unknown[] = [];
  const call: NetworkProviderClient['call'] = (method, { args }) => {
    calls.push([method, args]);
    return Promise.resolve({ vifs: [] } as unknown as OperationResult);
  };

  before(async () => {
    database = await createDatabase();
    api = await TestApi.start(database.dataSource, { client: { call } });
  });
  after(async () => {
    await api.close();
    await database.drop();
  });
  beforeEach(async () => {
    calls.length = 0;
    node = String((await api.create('nodes', { name: `n-${randomUUID()}` }))['uuid']);
  });

  const status = async (url: string, version?: string | null): Promise<number> => (await api.get(url, version)).status;
  const port = (fields: object = {}) => api.create('ports', { node_uuid: node, address: randomMac(), ...fields });
  const group = (fields: object = {}) => api.create('portgroups', { node_uuid: node, ...fields });

  it('has the fields of ports and portgroups, each from its version on', async () => {
    const [one, other] = [String((await port())['uuid']), String((await group())['uuid'])];
    const shown: [string, [string, number][], string, number][] = [
      ['ports', Object.entries(PORT.fields).map(([name, { since }]) => [name, since]), one, 1],
      ['portgroups', Object.entries(PORTGROUP.fields).map(([name, { since }]) => [name, since]), other, 23],
    ];
    for (const [resource, fields, uuid, first] of shown) {
      for (const [name, since] of fields) {
        const url = `/v1/${resource}/${uuid}`;
        const from = Math.max(since, first);
        expect((await api.get(url, `1.${from}`)).body, name).to.have.property(name);
        if (from === first) continue;
        expect((await api.get(url, `1.${from - 1}`)).body, name).to.not.have.property(name);
        expect(await status(`/v1/${resource}?fields=${name}`, `1.${from}`), name).to.equal(200);
        if (from > 8) expect(await status(`/v1/${resource}?fields=${name}`, `1.${from - 1}`), name).to.equal(406);
      }
    }
    for (const [url, since] of [
      ['/v1/ports?sort_key=available_for_dynamic_portgroup', 111],
      ['/v1/portgroups?sort_key=dynamic_portgroup', 111],
      ['/v1/portgroups?sort_key=category', 103],
    ] as const) {
      expect(await status(url, `1.${since}`), url).to.equal(200);
      expect(await status(url, `1.${since - 1}`), url).to.equal(406);
    }
    for (const wrong of ['1.112', '1.999']) expect(await status('/v1/ports', wrong), wrong).to.equal(406);
  });

  it('stores the new fields of a port, and finds the port by its name', async () => {
    const name = `p-${randomUUID()}`;
    const fields = { name, description: 'left, below', vendor: 'acme', category: 'storage' };
    const made = await port({ ...fields, available_for_dynamic_portgroup: false });
    expect(made).to.include({ ...fields, available_for_dynamic_portgroup: false });
    expect(await port()).to.include({ name: null, vendor: null, available_for_dynamic_portgroup: true });
    expect((await api.get(`/v1/ports/${name}`)).body).to.include({ uuid: made['uuid'] });
    expect(await status(`/v1/ports/${name}`, '1.87')).to.equal(400);
    expect(await api.walk('/v1/ports?description_contains=t,%20b', 'ports')).to.deep.equal([made['uuid']]);
    const changed = await api.ask('PATCH', `/v1/ports/${name}`, patchOf({ vendor: 'other', category: undefined }));
    expect(changed.body).to.include({ name, vendor: 'other', category: null });
    const body = { node_uuid: node, address: randomMac() };
    expect((await api.ask('POST', '/v1/ports', { ...body, name })).status).to.equal(409);
    for (const [field, long] of Object.entries({ name: 256, description: 256, vendor: 33, category: 81 }))
      expect((await api.ask('POST', '/v1/ports', { ...body, [field]: 'x'.repeat(long) })).status, field).to.equal(400);
    expect((await api.ask('POST', '/v1/ports', { ...body, name: 'x' }, '1.87')).status).to.equal(406);
    expect((await api.ask('DELETE', `/v1/ports/${name}`)).status).to.equal(204);
  });

  it("takes a node's name for a port, and a portgroup's physical network and category", async () => {
    const { body } = await api.get(`/v1/nodes/${node}`);
    const made = { address: randomMac(), node_ident: body['name'] };
    expect((await api.ask('POST', '/v1/ports', made, '1.93')).status).to.equal(406);
    expect((await api.ask('POST', '/v1/ports', made)).body).to.include({ node_uuid: node });
    for (const node_ident of [undefined, 'nowhere', randomUUID()])
      expect((await api.ask('POST', '/v1/ports', { address: randomMac(), node_ident })).status).to.equal(400);
    const fields = { physical_network: 'physnet1', category: 'lag' };
    const { uuid, ...shown } = await group(fields);
    expect(shown).to.include({ ...fields, dynamic_portgroup: false });
    const changed = await api.ask(
      'PATCH',
      `/v1/portgroups/${String(uuid)}`,
      patchOf({ category: 'x', physical_network: null }),
    );
    expect(changed.body).to.include({ category: 'x', physical_network: null });
  });

  it('accepts lists of fields as Ironic does: in any case, with empty items, each field once', async () => {
    for (const fields of ['uuid,name,', 'UUID', ' uuid , Name,uuid', ',uuid']) {
      const query = `fields=${encodeURIComponent(fields)}`;
      expect(await status(`/v1/nodes?${query}`), fields).to.equal(200);
      expect((await api.get(`/v1/nodes/${node}?${query}`)).body, fields).to.include({ uuid: node });
    }
    expect(await status('/v1/nodes?fields=uuid,nothing')).to.equal(400);
  });

  it('answers filters on fields that no node has here with all nodes or with none', async () => {
    const nothing = ['maintenance=true', 'retired=yes', 'fault=power%20failure', 'shard=a,b', 'sharded=1'];
    const all = [
      'maintenance=false',
      'retired=no',
      'conductor_group=',
      'sharded=false',
      'include_children=true',
      'shard=',
    ];
    const others = ['conductor_group=a', 'parent_node=x', 'instance_name=x'];
    for (const query of [...nothing, ...others])
      expect(await api.walk(`/v1/nodes?${query}`, 'nodes'), query).to.deep.equal([]);
    for (const query of all) expect(await api.walk(`/v1/nodes?${query}`, 'nodes'), query).to.include(node);
    expect(await status('/v1/nodes?maintenance=perhaps')).to.equal(400);
    expect(await status('/v1/nodes?fault=x')).to.equal(400);
    expect(await status(`/v1/nodes?chassis_uuid=${randomUUID()}`)).to.equal(404);
    const made = await port();
    for (const query of ['shard=a', 'conductor_groups=a'])
      expect(await api.walk(`/v1/ports?${query}`, 'ports'), query).to.deep.equal([]);
    expect(await api.walk('/v1/ports?conductor_groups=', 'ports')).to.include(made['uuid']);
    expect(await status(`/v1/ports?conductor_groups=a&node=${node}`)).to.equal(400);
    expect(await status('/v1/ports?conductor_groups=a', '1.98')).to.equal(406);
  });

  it('accepts .json at the end of a URL, as older clients send it', async () => {
    const [name, made] = [`n-${randomUUID()}`, await port()];
    const named = await api.create('nodes', { name: `${name}.json` });
    const bare = await api.create('nodes', { name });
    const found = async (url: string, version: string | null = '1.90'): Promise<unknown> =>
      (await api.get(url, version)).body['uuid'];
    for (const url of [
      '/v1.json',
      '/v1/nodes.json',
      '/v1/nodes/detail.json',
      '/v1/ports.json?limit=1',
      '/v1/nodes.json/',
    ])
      for (const version of [null, '1.90', 'latest']) expect(await status(url, version), url).to.equal(200);
    expect(await status(`/v1/nodes/${node}/ports.json`)).to.equal(200);
    expect(await found(`/v1/nodes/${node}.json`, null)).to.equal(node);
    expect(await found(`/v1/ports/${String(made['uuid'])}.json`)).to.equal(made['uuid']);
    expect(await found(`/v1/nodes/${name}.json`)).to.equal(named['uuid']);
    expect(await found(`/v1/nodes/${name}.json.json`)).to.equal(named['uuid']);
    expect(await found(`/v1/nodes/${name}`)).to.equal(bare['uuid']);
    const other = await api.create('nodes', { name: `o-${name}` });
    expect(await found(`/v1/nodes/o-${name}.json`)).to.equal(other['uuid']);
    expect(await status(`/v1/nodes/o-${name}.json`, '1.91')).to.equal(404);
  });

  it('answers for resources that only Ironic has like an Ironic that has none of them', async () => {
    const lists: Record<string, number> = {
      ...{ drivers: 1, chassis: 1, conductors: 49, allocations: 52, deploy_templates: 55, shards: 82, runbooks: 92 },
      ...{ inspection_rules: 96, 'volume/connectors': 32, 'volume/targets': 32 },
    };
    for (const [path, since] of Object.entries(lists)) {
      const name = path.replace(/.*\//, '');
      expect((await api.get(`/v1/${path}`, `1.${since}`)).body, path).to.deep.equal({ [name]: [] });
      if (since > 1) expect(await status(`/v1/${path}`, `1.${since - 1}`), path).to.equal(404);
      const { status: code, fault } = await api.get(`/v1/${path}/fake`);
      expect([code, fault.endsWith(' fake could not be found.')], path).to.deep.equal([404, true]);
    }
    for (const path of ['traits', 'bios', 'history', 'children', 'firmware', 'volume/targets']) {
      const name = path.replace(/.*\//, '');
      expect((await api.get(`/v1/nodes/${node}/${path}`)).body, path).to.deep.equal({ [name]: [] });
      expect(await status(`/v1/nodes/nowhere/${path}`), path).to.equal(404);
    }
    for (const [method, path] of [
      ...([
        ['PUT', 'maintenance'],
        ['DELETE', 'maintenance'],
        ['PUT', 'states/power'],
        ['PUT', 'states/provision'],
      ] as const),
      ...([
        ['GET', 'management/boot_device'],
        ['POST', 'vmedia'],
        ['GET', 'inventory'],
      ] as const),
    ] as const) {
      const { status: code, fault } = await api.ask(
        method,
        `/v1/nodes/${node}/${path}`,
        method === 'PUT' ? {} : undefined,
      );
      expect([code, fault.includes('does not support')], path).to.deep.equal([400, true]);
      expect((await api.ask(method, `/v1/nodes/nowhere/${path}`)).status, path).to.equal(404);
    }
    expect((await api.get(`/v1/nodes/${node}/states`)).body).to.include({ provision_state: null, power_state: null });
    expect((await api.get(`/v1/nodes/${node}/validate`)).body).to.deep.include({ network: { result: true } });
    expect(calls.pop()).to.deep.equal(['validate', undefined]);
  });

  it("accepts and rejects VIFs as Ironic's validator does", async () => {
    const [id, one] = [randomUUID(), String((await port())['uuid'])];
    const attach = (body: unknown, version?: string): Promise<{ status: number }> =>
      api.ask('POST', `/v1/nodes/${node}/vifs`, body, version);
    const vif_info = { id, port_uuid: null, portgroup_uuid: null };
    for (const body of [{ id }, { id, port_uuid: null }, { id, tag: 'x', nested: { a: 1 } }]) {
      expect((await attach(body)).status).to.equal(204);
      expect(calls.pop()).to.deep.equal(['vif_attach', { vif_info }]);
    }
    expect((await attach({ id: 'a-plug-in.s_vif~1' })).status).to.equal(204);
    expect((await attach({ id, port_uuid: one }, '1.28')).status).to.equal(204);
    expect(calls.pop()).to.deep.equal(['vif_attach', { vif_info: { ...vif_info, port_uuid: one } }]);
    for (const body of [{}, { id: null }, { id: 7 }, [], 'x', { id, port_uuid: null, portgroup_uuid: null }])
      expect((await attach(body)).status, JSON.stringify(body)).to.equal(400);
    expect((await api.ask('DELETE', `/v1/nodes/${node}/vifs/a-name`)).status).to.equal(204);
  });
});
