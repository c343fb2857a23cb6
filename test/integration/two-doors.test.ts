import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkProviderClient } from '../../src/client/network-provider-client.js';
import type { ProviderContext } from '../../src/providers/provider.js';
import { patchOf, TestApi } from '../../testkit/fixtures/api-client.js';
import { randomMac, samplePort, sampleTask } from '../../testkit/fixtures/samples.js';
import { nothingDone, scriptedProvider, WorkerFixture } from '../../testkit/fixtures/worker.js';

/** What a conductor's tasks bring to the record, which operators then meet in the REST API. */
describe('a record that both tasks and operators write', () => {
  let fixture: WorkerFixture;
  let client: NetworkProviderClient;
  let api: TestApi;
  let seen: ProviderContext[];

  before(async () => {
    fixture = await WorkerFixture.create();
    client = new NetworkProviderClient({ transportUrl: fixture.broker.url() });
    api = await TestApi.start(fixture.database.dataSource, { client });
  });
  after(async () => {
    await api.close();
    await client.close();
    await fixture.drop();
  });
  beforeEach(async () => {
    seen = [];
    await fixture.start({
      scripted: scriptedProvider((_method, context) => Promise.resolve((seen.push(context), nothingDone))),
    });
  });
  afterEach(() => fixture.reset());

  /** Has a worker put a task on record. Answers with the UUIDs of its parts. */
  async function bring({
    node = {},
    ports = [],
    portgroups = [],
  }: {
    node?: object;
    ports?: Record<string, unknown>[];
    portgroups?: object[];
  }) {
    const task = {
      ...sampleTask({ network_provider: 'scripted', ...node }),
      ports: ports.map((port) => samplePort(port)),
      portgroups: portgroups.map((group) => ({ uuid: randomUUID(), ...group })),
    };
    await client.call('add_cleaning_network', { task });
    return {
      node: task.node.uuid,
      ports: task.ports.map(({ uuid }) => uuid),
      portgroups: task.portgroups.map(({ uuid }) => uuid),
    };
  }
  const patch = (resource: string, uuid: string | undefined, fields: Record<string, unknown>, version?: string) =>
    api.ask('PATCH', `/v1/${resource}/${String(uuid)}`, patchOf(fields), version);

  it('answers 409 to an ambiguous name, wherever a name is allowed, and lists all nodes that have it', async () => {
    const [name, groupName] = [`n-${randomUUID()}`, `g-${randomUUID()}`];
    const made = [
      await bring({ node: { name }, portgroups: [{ name: groupName }] }),
      await bring({ node: { name }, portgroups: [{ name: groupName }] }),
    ];
    const asked: ['GET' | 'PATCH' | 'DELETE' | 'POST', string, unknown?][] = [
      ['GET', `/v1/portgroups/${groupName}`],
      ['PATCH', `/v1/portgroups/${groupName}`, patchOf({ extra: { a: 1 } })],
      ['DELETE', `/v1/portgroups/${groupName}`],
      ['GET', `/v1/portgroups/${groupName}/ports`],
      ['GET', `/v1/ports?portgroup=${groupName}`],
      ['GET', `/v1/nodes/${name}`],
      ['PATCH', `/v1/nodes/${name}`, patchOf({ extra: { a: 1 } })],
      ['DELETE', `/v1/nodes/${name}`],
      ['GET', `/v1/nodes/${name}/ports`],
      ['GET', `/v1/nodes/${name}/portgroups`],
      ['GET', `/v1/nodes/${name}/vifs`],
      ['GET', `/v1/nodes/${name}/network`],
      ['GET', `/v1/ports?node=${name}`],
      ['GET', `/v1/portgroups?node=${name}`],
      ['GET', `/v1/operations?node=${name}`],
      ['POST', '/v1/ports', { node_ident: name, address: randomMac() }],
    ];
    for (const [method, url, body] of asked) {
      const { status, fault } = await api.ask(method, url, body);
      expect([status, fault], `${method} ${url}`).to.satisfy(
        ([code, text]: [number, string]) =>
          code === 409 && /^Several (nodes|portgroups) have the name .*: use a UUID, such as /.test(text),
      );
    }
    expect(await api.walk('/v1/portgroups', 'portgroups')).to.include.members(
      made.flatMap(({ portgroups }) => portgroups),
    );
    expect(await api.walk('/v1/nodes', 'nodes')).to.include.members(made.map(({ node }) => node));
    const [one] = made;
    expect((await api.ask('DELETE', `/v1/portgroups/${String(one?.portgroups[0])}`)).status).to.equal(204);
    expect((await api.get(`/v1/portgroups/${groupName}`)).body).to.include({ uuid: made[1]?.portgroups[0] });
  });

  it('checks only the values that an operator changes, and accepts others as a task sent them', async () => {
    const address = randomMac();
    await bring({ ports: [{ address }] });
    const odd = { switch_id: 'tor 1', port_id: 'e1', rack: 7, network_type: 'managed' };
    const { ports, portgroups, node } = await bring({
      node: { name: 'a name, with blanks', resource_class: null },
      ports: [{ address, local_link_connection: odd, is_smartnic: true, physical_network: 'p'.repeat(200) }],
      portgroups: [{ name: 'bond 0', address: randomMac(), mode: null }],
    });
    const [port, group] = [ports[0], portgroups[0]];
    for (const version of ['1.19', '1.63', 'latest']) {
      const { status, body, fault } = await patch('ports', port, { extra: { rack: version } }, version);
      expect([status, fault], version).to.deep.equal([200, '']);
      expect(body['extra']).to.deep.equal({ rack: version });
    }
    expect((await patch('portgroups', group, { extra: { rack: 1 } })).status).to.equal(200);
    expect((await patch('nodes', node, { description: 'x' })).body).to.include({ name: 'a name, with blanks' });
    // What does change is judged.
    expect((await patch('ports', port, { local_link_connection: { ...odd, rack: 8 } })).status).to.equal(400);
    expect((await patch('ports', port, { is_smartnic: false }, '1.52')).status).to.equal(406);
    expect((await patch('portgroups', group, { name: 'bond 1' })).status).to.equal(400);
    expect((await patch('nodes', node, { name: 'another name' })).status).to.equal(400);
    const free = await bring({ ports: [{}] });
    expect((await patch('ports', free.ports[0], { address })).status).to.equal(409);
  });

  it('stores a switch_id in lower case, whether a task or an operator sent it', async () => {
    const link = { switch_id: '00:1C:73:AA:BB:CC', port_id: 'Ethernet1', switch_info: 'x'.repeat(5000) };
    const lower = { ...link, switch_id: '00:1c:73:aa:bb:cc' };
    const { node, ports } = await bring({ ports: [{ local_link_connection: link }] });
    expect(seen[0]?.task.ports[0]?.local_link_connection).to.deep.equal(lower);
    expect((await api.get(`/v1/ports/${String(ports[0])}`)).body['local_link_connection']).to.deep.equal(lower);
    const made = await api.create('ports', { node_uuid: node, address: randomMac(), local_link_connection: link });
    expect(made['local_link_connection']).to.deep.equal(lower);
    const datapath = { switch_id: '0000ABCDEF012345', port_id: '1' };
    const { body } = await patch('ports', String(made['uuid']), { local_link_connection: datapath });
    expect(body['local_link_connection']).to.deep.equal({ ...datapath, switch_id: '0000abcdef012345' });
    for (const switch_id of ['00:00:00:00:ab:cd:ef:01', '00-1c-73-aa-bb-cc', '0000abcdef01234', 'tor-1', ''])
      expect((await patch('ports', ports[0], { local_link_connection: { ...datapath, switch_id } })).status).to.equal(
        400,
      );
    const large = { ...datapath, switch_info: 'x'.repeat(70_000) };
    expect((await patch('ports', ports[0], { local_link_connection: large })).status).to.equal(400);
  });

  it('is validated before anything reads it, whatever value a field has', async () => {
    const { node, ports, portgroups } = await bring({ ports: [{}], portgroups: [{}] });
    const values = [null, '', 'x', 0, 1.5, true, [], [1], {}, { a: 1 }, { network_type: 1 }, [[{}]]];
    const fields: Record<string, string[]> = {
      ports: [
        ...['local_link_connection', 'extra', 'address', 'pxe_enabled', 'is_smartnic', 'portgroup_uuid', 'node_uuid'],
        ...['physical_network', 'name', 'description', 'vendor', 'category', 'available_for_dynamic_portgroup'],
      ],
      portgroups: [
        ...['name', 'address', 'mode', 'properties', 'extra', 'standalone_ports_supported', 'node_uuid'],
        ...['physical_network', 'category'],
      ],
      nodes: ['network_provider', 'network_interface', 'driver_info', 'instance_info', 'network_data', 'owner', 'name'],
    };
    const uuids: Record<string, string | undefined> = { ports: ports[0], portgroups: portgroups[0], nodes: node };
    for (const [resource, names] of Object.entries(fields)) {
      for (const name of names) {
        for (const value of values) {
          const { status } = await patch(resource, uuids[resource], { [name]: value });
          expect(status, `${resource} ${name} ${JSON.stringify(value)}`).to.be.oneOf([200, 400, 409]);
        }
      }
    }
    for (const value of ['', 'x', 0, true, [], { network_type: 1 }]) {
      const { status } = await patch('ports', ports[0], { local_link_connection: value });
      expect(status, JSON.stringify(value)).to.equal(400);
    }
    const { status, body } = await patch('ports', ports[0], { local_link_connection: null });
    expect([status, body['local_link_connection']]).to.deep.equal([200, {}]);
  });
});
