import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NODE } from '../../src/api/routes/node-routes.js';
import { patchOf, TestApi } from '../../testkit/fixtures/api-client.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';

describe('nodes in the REST API', () => {
  let database: TestDatabase;
  let api: TestApi;
  let count = 0;

  before(async () => {
    database = await createDatabase();
    api = await TestApi.start(database.dataSource);
  });
  after(async () => {
    await api.close();
    await database.drop();
  });

  const create = (fields: object = {}) => api.create('nodes', { name: `node-${++count}`, ...fields });
  const patch = (node: Record<string, unknown>, fields: Record<string, unknown>, version?: string) =>
    api.ask('PATCH', `/v1/nodes/${String(node['uuid'])}`, patchOf(fields), version);

  /** What a worker that has bound a node puts on record. */
  async function bind(uuid: unknown): Promise<void> {
    await database.dataSource.query(
      `INSERT INTO port_bindings (node_uuid, network_type, network_provider, operation_id, neutron_port_id, network_id, host_id,
       vnic_type, vif_type, status, mac_address, fixed_ips, profile)
       VALUES (?, 'cleaning', 'neutron', 'operation', ?, ?, 'host', 'baremetal', 'other', 'ACTIVE', '52:54:00:00:00:01', '[]', '{}')`,
      [uuid, randomUUID(), randomUUID()],
    );
  }

  /** An operation of the node that is under way. */
  async function occupy(uuid: unknown): Promise<void> {
    await database.dataSource.query(
      `INSERT INTO operations (id, kind, method, node_uuid, status, started_at)
       VALUES (?, 'cast', 'add_cleaning_network', ?, 'running', UTC_TIMESTAMP(6))`,
      [randomUUID(), uuid],
    );
  }

  it('are enrolled, shown by UUID and by name, and deleted', async () => {
    const fields = {
      driver: 'ipmi',
      extra: { rack: 7 },
      network_provider: 'neutron',
      description: 'of Ä',
      driver_info: {},
    };
    const { status, headers, body } = await api.ask('POST', '/v1/nodes', { name: 'enrolled', ...fields });
    expect(status).to.equal(201);
    expect(headers['location']).to.match(new RegExp(`/v1/nodes/${String(body['uuid'])}$`));
    expect(body).to.deep.include({ ...fields, network_interface: 'neutron', instance_uuid: null, conductor: null });
    for (const ident of [body['uuid'], 'enrolled'])
      expect((await api.get(`/v1/nodes/${String(ident)}`)).body).to.deep.equal(body);
    expect((await api.ask('DELETE', '/v1/nodes/enrolled')).status).to.equal(204);
    const gone = await api.get('/v1/nodes/enrolled');
    expect([gone.status, gone.fault]).to.deep.equal([404, 'Node enrolled could not be found.']);
  });

  it('show only the fields of the requested version, and reject fields of later versions', async () => {
    const { uuid } = await create();
    for (const [name, { since }] of Object.entries(NODE.fields)) {
      expect((await api.get(`/v1/nodes/${String(uuid)}`, `1.${since}`)).body, name).to.have.property(name);
      if (since === 1) continue;
      expect((await api.get(`/v1/nodes/${String(uuid)}`, `1.${since - 1}`)).body, name).to.not.have.property(name);
      if (since > 8) expect((await api.get(`/v1/nodes?fields=${name}`, `1.${since - 1}`)).status, name).to.equal(406);
    }
    expect((await api.get(`/v1/nodes/${String(uuid)}/vifs`, '1.27')).status).to.equal(404);
    expect((await api.get('/v1/portgroups', '1.22')).status).to.equal(404);
    expect((await api.get('/v1/nodes?detail=true', '1.42')).status).to.equal(406);
    expect((await api.ask('POST', '/v1/nodes', { resource_class: 'x' }, '1.20')).status).to.equal(406);
    expect((await patch({ uuid }, { description: 'x' }, '1.50')).status).to.equal(406);
    for (const wrong of ['1.112', '2.1', 'x']) expect((await api.get('/v1/nodes', wrong)).status, wrong).to.equal(406);
    const { headers } = await api.get('/v1/nodes', null);
    expect(headers).to.include({ 'x-openstack-ironic-api-version': '1.1', 'openstack-api-version': 'baremetal 1.1' });
    expect(headers).to.include({ 'x-openstack-ironic-api-maximum-version': '1.111' });
  });

  it('are listed in pages in any order, each node once, even with equal values, NULLs and equal times', async () => {
    const all: string[] = [];
    for (let i = 0; i < 23; i++) {
      const fields = {
        driver: i % 3 === 0 ? null : `driver-${i % 2}`,
        resource_class: 'paged',
        instance_uuid: i % 5 ? null : randomUUID(),
      };
      all.push(String((await create(fields))['uuid']));
    }
    await database.dataSource.query(`UPDATE nodes SET created_at = '2026-01-01 00:00:00.000001' WHERE driver IS NULL`);
    for (const [name, { sortable }] of Object.entries(NODE.fields)) {
      for (const direction of ['asc', 'desc']) {
        const url = `/v1/nodes?resource_class=paged&limit=4&sort_key=${name}&sort_dir=${direction}`;
        if (!sortable) expect((await api.get(url)).status, name).to.equal(400);
        else
          expect(await api.walk(url, 'nodes'), url)
            .to.have.length(23)
            .and.to.have.members(all);
      }
    }
    const drivers = async (direction: string) =>
      (await api.get(`/v1/nodes?resource_class=paged&fields=driver&sort_key=driver&sort_dir=${direction}`)).body[
        'nodes'
      ] as {
        driver: string | null;
      }[];
    const ascending = (await drivers('asc')).map(({ driver }) => driver ?? '');
    expect(ascending).to.deep.equal([...ascending].sort());
    const descending = (await drivers('desc')).map(({ driver }) => driver ?? '');
    expect(descending).to.deep.equal([...descending].sort().reverse());
    expect((await api.get('/v1/nodes?limit=100000')).body['nodes'], 'api.max_limit').to.have.length(20);
    for (const wrong of [
      'limit=0',
      'limit=-1',
      'limit=x',
      'sort_key=nothing',
      'sort_dir=up',
      'fields=nothing',
      'unknown=1',
    ]) {
      expect((await api.get(`/v1/nodes?${wrong}`)).status, wrong).to.equal(400);
    }
    expect((await api.get(`/v1/nodes?marker=${randomUUID()}`)).status).to.equal(404);
  });

  it('are found by filters on their fields', async () => {
    const instance = randomUUID();
    const one = await create({
      driver: 'd1',
      description: '50% of_it',
      instance_uuid: instance,
      network_provider: 'scripted',
    });
    const found = (query: string) => api.walk(`/v1/nodes?${query}`, 'nodes');
    for (const query of [
      'driver=d1',
      `instance_uuid=${instance}`,
      'network_interface=scripted',
      'description_contains=0%25%20of_',
    ]) {
      expect(await found(query), query).to.deep.equal([one['uuid']]);
    }
    const [owned, leased] = [await create({ owner: 'p1' }), await create({ owner: 'p2', lessee: 'p1' })];
    const [first, second] = [owned['uuid'], leased['uuid']];
    for (const [query, expected] of [
      ['owner=p1', [first]],
      ['lessee=p1', [second]],
      ['project=p1', [first, second]],
      ['project=p1&limit=1', [first, second]],
      ['project=p1&owner=p2', [second]],
      ['project=p1&owner=p2&lessee=p2', []],
      ['project=p1&associated=true', []],
      ['project=p3', []],
    ] as const) {
      expect(await found(query), query).to.have.members(expected);
    }
    expect((await api.get('/v1/nodes?owner=p1', '1.49')).status).to.equal(406);
    expect((await api.get('/v1/nodes?lessee=p1', '1.64')).status).to.equal(406);
    expect(await found('associated=true')).to.include(one['uuid']);
    expect(await found('associated=false')).to.not.include(one['uuid']);
    expect(await found('description_contains=ofXit')).to.deep.equal([]);
  });

  it('are changed by JSON patch: fields are added, replaced, and removed back to their defaults', async () => {
    const node = await create({ extra: { a: 1, list: [1] }, network_provider: 'none' });
    const url = `/v1/nodes/${String(node['uuid'])}`;
    const operations = [
      { op: 'replace', path: '/extra/a', value: 2 },
      { op: 'add', path: '/extra/list/-', value: 2 },
      { op: 'add', path: '/network_interface', value: 'neutron' },
      { op: 'add', path: '/description', value: 'x' },
      { op: 'remove', path: '/description' },
    ];
    const changed = (await api.ask('PATCH', url, operations)).body;
    expect(changed).to.deep.include({ extra: { a: 2, list: [1, 2] }, network_provider: 'neutron', description: null });
    expect((await patch(node, { extra: undefined, network_provider: undefined })).body).to.deep.include({
      ...{ extra: {}, network_provider: null, network_interface: null },
    });
    expect((await patch(node, { network_provider: 'none', network_interface: 'neutron' })).status).to.equal(400);
    for (const field of ['uuid', 'created_at', 'provision_state', 'conductor', 'links', 'nothing']) {
      const { status, fault } = await patch(node, { [field]: 'x' });
      expect([status, fault], field).to.satisfy(
        ([code, text]: [number, string]) => code === 400 && text.includes(field),
      );
    }
    for (const [field, value] of Object.entries({
      name: 7,
      extra: [],
      driver: {},
      instance_uuid: 'x',
      description: 'x'.repeat(4097),
    })) {
      const { status, fault } = await patch(node, { [field]: value });
      expect(status, field).to.equal(400);
      expect(fault).to.include(field);
    }
    const missing = await api.ask('PATCH', url, [{ op: 'replace', path: '/extra/none/at/all', value: 1 }]);
    expect(missing.fault).to.include('/extra/none/at/all');
    for (const path of ['/instance_uuid/-', '/name/a', '/description/a/b']) {
      const through = await api.ask('PATCH', url, [{ op: 'add', path, value: 1 }]);
      expect([through.status, through.fault.includes(path)], path).to.deep.equal([400, true]);
    }
    expect((await api.get(url)).body['extra']).to.deep.equal({});
  });

  it("accept noop, Ironic's name, for the provider none, in bodies, answers and filters", async () => {
    const noop = { network_provider: 'none', network_interface: 'noop' };
    for (const given of [
      { network_interface: 'noop' },
      { network_provider: 'noop' },
      noop,
      { network_interface: 'none' },
    ]) {
      const node = await create(given);
      expect(node).to.include(noop);
      expect((await patch(node, { network_interface: 'neutron' })).body).to.include({ network_provider: 'neutron' });
      expect((await patch(node, given)).body).to.include(noop);
      for (const query of ['network_interface=noop', 'network_interface=none', 'network_provider=noop'])
        expect(await api.walk(`/v1/nodes?${query}`, 'nodes'), query).to.include(node['uuid']);
    }
    const refused = await patch(await create(noop), { network_provider: 'neutron', network_interface: 'noop' });
    expect([refused.status, refused.fault]).to.deep.equal([
      400,
      'network_interface and network_provider are one field, and differ: give one of them.',
    ]);
    for (const wrong of [7, {}, ['noop'], 'x'.repeat(256), 'Noop', ''])
      expect((await patch(await create({}), { network_interface: wrong })).status).to.equal(400);
  });

  it('reject fields that may contain credentials', async () => {
    const { status, fault } = await api.ask('POST', '/v1/nodes', { driver_info: { ipmi_password: 'secret' } });
    expect([status, fault.includes('ipmi_password'), fault.includes('secret')]).to.deep.equal([400, true, false]);
    const node = await create({ driver_info: { cleaning_network: 'c' } });
    expect(node['driver_info']).to.deep.equal({ cleaning_network: 'c' });
  });

  it('are not created twice, nor with the name, MAC address or instance of another node', async () => {
    const instance_uuid = randomUUID();
    const node = await create({ instance_uuid });
    for (const fields of [{ uuid: node['uuid'] }, { name: node['name'] }, { instance_uuid }]) {
      expect((await api.ask('POST', '/v1/nodes', fields)).status, JSON.stringify(fields)).to.equal(409);
    }
    const other = await create();
    expect((await patch(other, { name: node['name'] })).status).to.equal(409);
    expect((await patch(other, { instance_uuid })).fault).to.include(String(node['uuid']));
  });

  for (const [field, value] of [
    ['name', 'raced'],
    ['uuid', randomUUID()],
    ['instance_uuid', randomUUID()],
  ] as const) {
    it(`are created once where several ask for one ${field} at once: the others get 409`, async () => {
      const asked = Array.from({ length: 5 }, () => api.ask('POST', '/v1/nodes', { [field]: value }));
      const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
      expect(statuses).to.deep.equal([201, 409, 409, 409, 409]);
    });
  }

  it('cannot change their provider while they are bound, nor take an unknown one', async () => {
    const node = await create({ network_provider: 'neutron' });
    const unknown = await patch(node, { network_provider: 'netron' });
    expect([unknown.status, unknown.fault.includes('netron')]).to.deep.equal([400, true]);
    await bind(node['uuid']);
    for (const field of ['network_provider', 'network_interface']) {
      const { status, fault } = await patch(node, { [field]: 'none' });
      expect(status, field).to.equal(409);
      expect(fault).to.include('cleaning network');
    }
    expect((await api.ask('DELETE', `/v1/nodes/${String(node['uuid'])}`)).status).to.equal(409);
    expect((await patch(node, { description: 'bound' })).status).to.equal(200);
    const { body } = await api.get(`/v1/nodes/${String(node['uuid'])}/network`);
    expect(body).to.deep.include({ network_type: 'cleaning', operation_id: 'operation' });
  });

  it('cannot be changed during an operation, except for fields that no task contains', async () => {
    const node = await create();
    await occupy(node['uuid']);
    expect((await patch(node, { name: 'other' })).status).to.equal(409);
    expect((await api.ask('DELETE', `/v1/nodes/${String(node['uuid'])}`)).fault).to.include('locked');
    expect((await patch(node, { extra: { note: 1 } })).status).to.equal(200);
    const running = await api.get('/v1/operations?status=running');
    expect(running.body['operations']).to.have.length(1);
    const [{ id }] = running.body['operations'] as [{ id: string }];
    expect((await api.get(`/v1/operations/${id}`)).body).to.deep.include({ node_uuid: node['uuid'], result: null });
    expect((await api.get('/v1/operations/none')).status).to.equal(404);
    expect((await api.get('/v1/operations?marker=none')).status).to.equal(404);
  });
});
