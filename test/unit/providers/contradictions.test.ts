import { expect } from 'chai';

import { NetworkError } from '../../../src/contract/errors.js';
import type { MethodName } from '../../../src/contract/methods.js';
import type { Port, Task } from '../../../src/contract/types.js';
import { silentLogger } from '../../../src/log/log.js';
import { NeutronClient } from '../../../src/neutron/client.js';
import { createFlatProvider } from '../../../src/providers/flat.js';
import { createNeutronProvider } from '../../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderContext } from '../../../src/providers/provider.js';
import { SimulatedNeutron } from '../../../testkit/fakes/simulated-neutron.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';
import {
  makeContext,
  makeLagTask,
  makePort,
  makePortgroup,
  makeTask,
  record,
  runMethod,
  withVif,
} from '../../../testkit/fixtures/tasks.js';
import { providerOptions, TestNeutron } from '../../../testkit/servers/neutron.js';

describe('ports and portgroups that contradict each other, on a simulated Neutron', () => {
  let simulated: SimulatedNeutron;
  let neutron: TestNeutron;
  let client: NeutronClient;
  let cleaning: { id: string };
  let make: (create: typeof createNeutronProvider, grouped?: boolean) => NetworkProvider;

  before(async () => {
    simulated = await SimulatedNeutron.start({ bindAll: true, activeAfter: 0 });
    neutron = new TestNeutron(simulated.url);
    cleaning = await neutron.makeNetwork();
    const waiting = { binding_timeout: 5, poll_interval_min: 0.01, poll_interval_max: 0.1 };
    const options = providerOptions(
      { cleaning_network: cleaning.id },
      { endpoint_override: simulated.url, ...waiting },
    );
    client = new NeutronClient(options.neutron);
    make = (create, grouped = false) => {
      const own = { ...options, neutron: { ...options.neutron, one_port_per_portgroup: grouped } };
      return create({ log: silentLogger(), neutron: client, options: own });
    };
  });
  after(async () => {
    await client.close();
    await simulated.stop();
  });

  const run = (
    method: MethodName,
    task: Task,
    provider = make(createNeutronProvider),
    recorded: ProviderContext['recorded'] = [],
  ) => runMethod(provider, method, makeContext(task, { recorded }));

  /** A portgroup with a VIF, whose members have these fields. */
  async function lagWithVif(members: Partial<Port>[]): Promise<Task> {
    const vif = await neutron.makePort((await neutron.makeNetwork()).id);
    const group = withVif(makePortgroup(), vif.id);
    return makeTask({
      ports: members.map((own) => makePort({ ...own, portgroup_uuid: group.uuid })),
      portgroups: [group],
    });
  }

  describe('a portgroup is not bound', () => {
    for (const [title, members, reason] of [
      [
        'with members on two physical networks',
        [{ physical_network: 'physnet1' }, { physical_network: 'physnet2' }],
        'different physical networks (physnet1, physnet2)',
      ],
      ['with an InfiniBand port beside another', [{ extra: { 'client-id': 'ff:00' } }, {}], 'InfiniBand'],
    ] as const) {
      it(title, async () => {
        const task = await lagWithVif([...members]);
        const { error, failures, bindings } = await run('configure_tenant_networks', task);
        expect(error).to.be.instanceOf(NetworkError);
        expect(bindings).to.deep.equal([]);
        expect(failures.map(({ portgroup_uuid }) => portgroup_uuid)).to.deep.equal([task.portgroups[0]?.uuid]);
        expect(failures[0]?.reason).to.include(reason);
        const { warnings } = await run('validate', { ...task, node: task.node }, make(createFlatProvider));
        expect(warnings).to.deep.equal([]);
        const flat = await run('configure_tenant_networks', task, make(createFlatProvider));
        expect(flat.bindings).to.have.length(1);
      });
    }
  });

  it('a portgroup is bound where the physical network of a member is not known', async () => {
    const task = await lagWithVif([{ physical_network: null }, { physical_network: 'physnet1' }]);
    const { bindings, warnings } = await run('configure_tenant_networks', task);
    expect(bindings.map(({ profile }) => profile['physical_network'])).to.deep.equal(['physnet1']);
    expect(warnings).to.deep.equal([]);
  });

  it('two that have one MAC address on a management network fail, and the others do not', async () => {
    const lag = makeLagTask();
    const outside = makePort();
    const other = makePort();
    const [group = makePortgroup()] = lag.portgroups;
    const task = {
      ...lag,
      ports: [...lag.ports, outside, other],
      portgroups: [{ ...group, address: outside.address.toUpperCase() }],
    };
    const { bindings, failures } = await run('add_cleaning_network', task, make(createNeutronProvider, true));
    expect(bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal([other.uuid]);
    expect(failures.map(({ port_uuid, portgroup_uuid }) => port_uuid ?? portgroup_uuid)).to.deep.equal([
      group.uuid,
      outside.uuid,
    ]);
    expect(failures[0]?.reason).to.include(outside.address).and.include(outside.uuid);
    expect(await neutron.portsOn(cleaning.id)).to.have.length(1);
    await run('remove_cleaning_network', task);
  });

  it('NICs on one switch port are bound, with a warning: that may be so', async () => {
    const link = { switch_id: '00:1C:73:00:00:01', port_id: 'Ethernet7' };
    const ports = [
      makePort({ local_link_connection: link }),
      makePort({ local_link_connection: { ...link, port_id: 'Ethernet8' } }),
      makePort({ local_link_connection: { switch_id: link.switch_id.toLowerCase(), port_id: 'ethernet7' } }),
    ];
    const task = makeTask({ ports });
    const { bindings, warnings } = await run('add_cleaning_network', task);
    expect(bindings).to.have.length(3);
    expect(warnings?.map(({ port_uuid }) => port_uuid)).to.deep.equal([ports[2]?.uuid]);
    expect(warnings?.[0]?.reason).to.include('same switch port').and.include(ports[0]?.uuid);
    await run('remove_cleaning_network', task, make(createNeutronProvider), record('cleaning', bindings));
    const flat = await run('add_cleaning_network', task, make(createFlatProvider));
    expect(flat.warnings).to.deep.equal([]);
    await run('remove_cleaning_network', task);
    const numbers = [7, '7'].map((port_id) => makePort({ local_link_connection: { ...link, port_id } }));
    const numbered = makeTask({ ports: numbers });
    const third = await run('add_cleaning_network', numbered);
    expect(third.warnings?.map(({ port_uuid }) => port_uuid)).to.deep.equal([numbers[1]?.uuid]);
    await run('remove_cleaning_network', numbered, make(createNeutronProvider), record('cleaning', third.bindings));
    const vifs = await lagWithVif([{ local_link_connection: link }, { local_link_connection: link }]);
    const bound = await run('configure_tenant_networks', vifs);
    expect(bound.warnings?.map(({ portgroup_uuid }) => portgroup_uuid)).to.deep.equal([vifs.portgroups[0]?.uuid]);
  });

  it('what is on record is removed from a network that is not to be found, with a warning that leftovers may stand', async () => {
    const task = makeTask();
    const { bindings } = await run('add_cleaning_network', task);
    const lost = { ...task, node: { ...task.node, driver_info: { cleaning_network: 'renamed' } } };
    const removed = await run(
      'remove_cleaning_network',
      lost,
      make(createNeutronProvider),
      record('cleaning', bindings),
    );
    expect(removed.bindings).to.deep.equal([]);
    expect(removed.warnings?.map(({ reason }) => reason)[0])
      .to.include('other ports could not be listed')
      .and.include('renamed');
    expect(await neutron.portsOn(cleaning.id)).to.deep.equal([]);
    expect(await rejection(run('remove_cleaning_network', lost))).to.be.instanceOf(Error);
  });
});
