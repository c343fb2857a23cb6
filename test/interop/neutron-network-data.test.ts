import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { NetworkError } from '../../src/contract/errors.js';
import type { JsonObject, Port, RecordedBinding, Task } from '../../src/contract/types.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import {
  makeLagTask,
  makeNode,
  makePort,
  makePortgroup,
  makeTask,
  record,
  vifOf,
  withVif,
} from '../../testkit/fixtures/tasks.js';
import { oneNic } from '../../testkit/fixtures/vif-tasks.js';
import { PythonScript } from '../../testkit/servers/python.js';

interface NetworkData {
  links: JsonObject[];
  networks: JsonObject[];
  services?: JsonObject[];
}

describe('network data of a node, on a real Neutron, beside that which Ironic makes', () => {
  let f: ProviderFixture;
  let ironic: PythonScript;

  before(async () => {
    f = await ProviderFixture.start();
    ironic = new PythonScript('ironic_network_data.py', { neutron: f.neutron.endpoint });
    expect(await ironic.next()).to.deep.equal({ ready: true });
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await ironic.stop();
    await f.stop();
  });

  async function data(task: Task, recorded: RecordedBinding[] = []): Promise<NetworkData> {
    const { network_data } = await f.run('get_node_network_data', task, { recorded });
    return network_data as unknown as NetworkData;
  }

  const ofIronic = async (task: Task): Promise<unknown> => (await ironic.ask({ ...task }))['network_data'];

  async function makeSubnet(network_id: string, subnet: object): Promise<string> {
    const made = await f.neutron.api<{ subnet: { id: string } }>('POST', 'subnets', {
      subnet: { network_id, ...subnet },
    });
    return made.subnet.id;
  }

  const makeVif = async (attributes: object = {}, port: Partial<Port> = {}): Promise<Port> =>
    withVif(makePort(port), (await f.neutron.makePort(f.tenant.id, attributes)).id);

  it('is what Ironic makes of named and nameless ports, both IP versions, routes, and a port without an address', async () => {
    const host_routes = [
      { destination: '192.0.2.0/25', nexthop: '10.253.7.9' },
      { destination: '198.51.100.7/32', nexthop: '10.253.7.10' },
    ];
    const ipv4 = await makeSubnet(f.tenant.id, { ip_version: 4, cidr: '10.253.4.0/22', host_routes });
    const bare = await makeSubnet(f.tenant.id, { ip_version: 4, cidr: '10.254.0.0/16', gateway_ip: null });
    const ipv6 = await makeSubnet(f.tenant.id, {
      ip_version: 6,
      cidr: 'fd00:7:0:10::/60',
      host_routes: [
        { destination: 'fd00:8::/48', nexthop: 'fd00:7:0:10::9' },
        { destination: 'FD00:9:0:0:0::/64', nexthop: 'fd00:7:0:10::8' },
      ],
    });
    const on = (...subnets: string[]) => ({ fixed_ips: subnets.map((subnet_id) => ({ subnet_id })) });
    const ports = [
      await makeVif({ name: 'eth-of-the-tenant', ...on(ipv4, ipv6) }),
      makePort(),
      await makeVif(on(ipv6, bare, ipv4)),
      await makeVif({ fixed_ips: [] }),
    ];
    const task = makeTask({ ports });
    const ours = await data(task);
    expect(ours).to.deep.equal(await ofIronic(task));
    expect(f.proxy.summary().sort()).to.deep.equal(['GET /v2.0/networks', 'GET /v2.0/ports', 'GET /v2.0/subnets']);
    expect(ours.links.map(({ id }) => id)).to.deep.equal(['eth-of-the-tenant', ports[2]?.uuid, ports[3]?.uuid]);
    expect(ours.networks.find(({ id }) => id === ipv6)).to.deep.include({
      type: 'ipv6',
      netmask: 'ffff:ffff:ffff:fff0::',
    });
    expect(ours.networks.find(({ id }) => id === ipv4)?.['routes']).to.have.length(3);
  });

  it("is what Ironic makes of bound ports, which have the NIC's MAC address", async () => {
    const task = await f.alive(await f.attachVifs(makeTask()));
    const { bindings } = await f.run('configure_tenant_networks', task);
    const ours = await data(task, record('tenant', bindings));
    expect(ours).to.deep.equal(await ofIronic(task));
    expect(ours.links.map(({ ethernet_mac_address: mac }) => mac)).to.deep.equal(
      task.ports.map(({ address }) => address),
    );
  });

  it('describes the port made for a ramdisk while there is one', async () => {
    const task = await f.alive(oneNic());
    const recorded = record('cleaning', (await f.run('add_cleaning_network', task)).bindings);
    const cleaned = task.ports.map((port) => ({
      ...port,
      internal_info: { cleaning_vif_port_id: recorded[0]?.neutron_port_id ?? null },
    }));
    const ours = await data(task, recorded);
    expect(ours).to.deep.equal(await ofIronic({ ...task, ports: cleaned }));
    expect(ours.links[0]).to.include({ vif_id: recorded[0]?.neutron_port_id });
    await f.run('remove_cleaning_network', task, { recorded });
  });

  it("is empty where there is no VIF, and the node's own data where it has some, as with Ironic", async () => {
    const network_data = { links: [{ id: 'static', type: 'phy' }], services: [] };
    for (const task of [makeTask(), await f.attachVifs(oneNic())]) {
      const node = makeNode({ network_data: vifOf(task.ports[0] ?? makePort()) === '' ? {} : network_data });
      expect(await data({ ...task, node })).to.deep.equal(await ofIronic({ ...task, node }));
    }
    expect(f.proxy.requests).to.deep.equal([]);
  });

  it("has each name server once, and unique link ids even when Neutron's names are not unique", async () => {
    const subnet = { ip_version: 4, cidr: '10.252.0.0/24', dns_nameservers: ['10.252.0.3', '10.252.0.2'] };
    const subnet_id = await makeSubnet(f.tenant.id, subnet);
    const vif = { name: 'vif', fixed_ips: [{ subnet_id }] };
    const ports = [await makeVif(vif), await makeVif(vif)];
    const { links, networks, services } = await data(makeTask({ ports }));
    expect(links.map(({ id }) => id)).to.deep.equal(['vif', ports[1]?.uuid]);
    expect(networks.map(({ link }) => link)).to.deep.equal(['vif', ports[1]?.uuid]);
    const { subnet: shown } = await f.neutron.api<{ subnet: typeof subnet }>('GET', `subnets/${subnet_id}`);
    expect(services).to.deep.equal(shown.dns_nameservers.map((address) => ({ type: 'dns', address })));
  });

  it('has a portgroup as a bond of its members, as Nova lays it out', async () => {
    const address = randomMac();
    for (const own of [address, null]) {
      const lag = makeLagTask({ address: own });
      const vif = await f.neutron.makePort(f.tenant.id, { name: 'bond-of-the-tenant' });
      const single = await makeVif();
      const portgroups = [withVif(lag.portgroups[0] ?? makePortgroup(), vif.id)];
      const { links, networks } = await data({ ...lag, ports: [...lag.ports, single], portgroups });
      const members = lag.ports.map((port) => ({ id: port.uuid, type: 'phy', ethernet_mac_address: port.address }));
      expect(links.slice(1)).to.deep.equal([
        {
          id: 'bond-of-the-tenant',
          type: 'bond',
          vif_id: vif.id,
          mtu: 1500,
          ethernet_mac_address: own ?? vif.mac_address,
          bond_mode: '802.3ad',
          bond_links: members.map(({ id }) => id),
          bond_miimon: '100',
          bond_xmit_hash_policy: 'layer3+4',
        },
        ...members,
      ]);
      expect(links[0]).to.include({ id: single.uuid, type: 'vif' });
      const addresses = vif.fixed_ips.map(({ ip_address }) => ip_address);
      const ofBond = networks.filter(({ link }) => link === 'bond-of-the-tenant');
      expect(ofBond.map(({ ip_address }) => ip_address)).to.deep.equal(addresses);
    }
  });

  it('cannot be made for a VIF that Neutron does not have, as in Ironic', async () => {
    const task = makeTask({ ports: [withVif(makePort(), randomUUID())] });
    const error = await rejection(data(task));
    expect(error).to.be.instanceOf(NetworkError);
    expect(error?.message).to.include(vifOf(task.ports[0] ?? makePort()));
    expect(await ironic.ask({ ...task })).to.have.nested.property('raised.class', 'NetworkError');
  });
});
