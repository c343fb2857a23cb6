import { expect } from 'chai';

import { NetworkError, NoFreePhysicalPorts } from '../../src/contract/errors.js';
import type { Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeNode, makePort, makeTask } from '../../testkit/fixtures/tasks.js';
import { oneNic, taskAfter, toAttach, toDetach } from '../../testkit/fixtures/vif-tasks.js';
import { makeRoutedNetwork, reportOnSegment, type RoutedNetwork } from '../../testkit/servers/routed-network.js';

describe('VIFs on a routed network, on a real Neutron', () => {
  let f: ProviderFixture;

  let network: RoutedNetwork;

  before(async () => {
    f = await ProviderFixture.start();
    network = await makeRoutedNetwork(f.neutron);
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await f.stop();
  });

  const alive = async (task: Task): Promise<Task> => {
    await reportOnSegment(task.node.uuid, network, f);
    return task;
  };
  const makeVif = (attributes: object = {}): Promise<NeutronPort> => f.neutron.makePort(network.id, attributes);

  it('gets its address with the host; doing it again changes nothing', async () => {
    const task = await alive(oneNic());
    const vif = await makeVif();
    expect(vif).to.include({ ip_allocation: 'deferred' });
    expect(vif.fixed_ips).to.deep.equal([]);
    await f.run('vif_attach', task, toAttach(vif.id));
    const shown = await f.neutron.port(vif.id);
    expect(shown?.fixed_ips.map(({ subnet_id }) => subnet_id)).to.deep.equal([network.subnet.id]);
    expect(shown).to.include({
      mac_address: task.ports[0]?.address,
      'binding:host_id': task.node.uuid,
      'binding:vnic_type': 'baremetal',
    });
    expect(shown?.['binding:profile']).to.deep.equal({});
    f.proxy.reset();
    const again = await f.run('vif_attach', task, toAttach(vif.id));
    expect(f.proxy.summary().filter((line) => line.startsWith('PUT'))).to.deep.equal([]);

    await f.run('configure_tenant_networks', taskAfter(task, again));
    const configured = await f.neutron.port(vif.id);
    expect(configured).to.include({ status: 'ACTIVE', mac_address: task.ports[0]?.address });
    expect(configured?.fixed_ips).to.deep.equal(shown?.fixed_ips);
    expect(configured?.['binding:profile']).to.have.property('local_link_information');
    await f.run('vif_detach', taskAfter(task, again), toDetach(vif.id));
    expect(await f.neutron.port(vif.id)).to.include({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
  });

  it('is refused by Neutron for a node that is on none of its segments, and is left as it was', async () => {
    const vif = await makeVif();
    const error = await rejection(f.run('vif_attach', oneNic(), toAttach(vif.id)));
    expect(error).to.be.instanceOf(NetworkError);
    expect(error?.message).to.include('not connected to any segments');
    expect(await f.neutron.port(vif.id)).to.deep.equal(vif);
  });

  it('goes to a NIC on the segment that its address is on', async () => {
    const { physnet, subnet } = network.far;
    const vif = await makeVif({ fixed_ips: [{ subnet_id: subnet.id }] });
    const near = makePort();
    const far = makePort({ physical_network: physnet, pxe_enabled: false });
    const { vifs } = await f.run('vif_attach', makeTask({ ports: [near, far] }), toAttach(vif.id));
    expect(vifs).to.deep.equal([{ id: vif.id, port_uuid: far.uuid, portgroup_uuid: null }]);
    const error = await rejection(f.run('vif_attach', makeTask({ ports: [near] }), toAttach(vif.id)));
    expect(error).to.be.instanceOf(NoFreePhysicalPorts);
    expect(error?.message).to.include(`physical network physnet1, and the VIF on ${physnet}`);
  });

  it('without an address goes to a NIC on any of its segments', async () => {
    const vif = await makeVif();
    const near = makePort();
    const other = makePort({ physical_network: 'physnet-elsewhere' });
    const task = await alive(makeTask({ ports: [other, near] }));
    expect((await f.run('vif_attach', task, toAttach(vif.id))).vifs).to.have.nested.property('0.port_uuid', near.uuid);
  });

  it('goes to the best NIC of a node that is on several of its segments, or to the one that is named', async () => {
    const segment = { fixed_ips: [{ subnet_id: network.subnet.id }] };
    for (const [attributes, named, chosen] of [
      [{}, null, 2],
      [{}, 1, 1],
      [segment, null, 1],
    ] as const) {
      const ports = [
        makePort({ physical_network: null }),
        makePort({ pxe_enabled: false }),
        makePort({ physical_network: network.far.physnet }),
      ];
      const vif = await makeVif(attributes);
      const given = toAttach(vif.id, { port_uuid: named === null ? null : (ports[named]?.uuid ?? null) });
      const { vifs } = await f.run('vif_attach', await alive(makeTask({ ports })), given);
      expect(vifs?.map(({ port_uuid: uuid }) => uuid)).to.deep.equal([ports[chosen]?.uuid]);
    }
  });

  it('causes a warning when its address is on another physical network than the NIC', async () => {
    const { physnet } = network.far;
    const [near, far] = [makePort({ pxe_enabled: false }), makePort({ physical_network: physnet })];
    const warned = async (provisionState: string | null, named: string): Promise<string[]> => {
      const vif = await makeVif();
      const task = makeTask({ ports: [near, far], node: makeNode({ provision_state: provisionState }) });
      const given = toAttach(vif.id, { port_uuid: named });
      const outcome = await f.run('vif_attach', await alive(task), given);
      const { vifs, warnings = [] } = outcome;
      expect(vifs).to.have.length(1);
      await f.run('vif_detach', taskAfter(task, outcome), toDetach(vif.id));
      return warnings.map(({ port_uuid: port, reason }) => `${String(port)}: ${reason}`);
    };
    for (const state of [null, 'active']) {
      const [warning, ...others] = await warned(state, far.uuid);
      expect(others).to.deep.equal([]);
      expect(warning).to.match(
        new RegExp(`^${far.uuid}: .* on physical network physnet1, but port ${far.uuid} is on ${physnet}:`),
      );
      expect(await warned(state, near.uuid)).to.deep.equal([]);
    }
  });
});
