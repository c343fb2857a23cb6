import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { pause } from '../../src/async/pause.js';
import { InvalidParameterValue, NetworkError } from '../../src/contract/errors.js';
import { MANAGEMENT_NETWORK_TYPES, type MethodName } from '../../src/contract/methods.js';
import type { Task } from '../../src/contract/types.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import type { ProviderContext } from '../../src/providers/provider.js';
import { until } from '../../testkit/fixtures/poll.js';
import { ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { makeContext, makeNode, makePort, makeTask, record, runMethod } from '../../testkit/fixtures/tasks.js';

describe('ports on management networks, on a real Neutron', () => {
  let f: ProviderFixture;

  before(async () => {
    f = await ProviderFixture.start();
  });

  beforeEach(() => {
    f.proxy.reset();
  });

  after(async () => {
    await f.stop();
  });

  /** Runs a method under other options. */
  const under =
    (options: Parameters<ProviderFixture['make']>[1]) =>
    (method: MethodName, task: Task, fields: Partial<ProviderContext> = {}) =>
      runMethod(f.make(createNeutronProvider, options), method, makeContext(task, fields));

  describe('which ports', () => {
    const silent = makePort({ pxe_enabled: false });

    it('add_all_ports: those that do not boot from the network are there too, without an address', async () => {
      const task = await f.alive(makeTask({ ports: [makePort(), silent] }));
      const run = under({ neutron: { add_all_ports: true } });
      const { bindings } = await run('add_provisioning_network', task);
      const shown = await f.portsOf(task);
      expect(shown).to.have.length(2);
      const addresses = (mac?: string) => shown.find((port) => port.mac_address === mac)?.fixed_ips.length;
      expect([addresses(task.ports[0]?.address), addresses(silent.address)]).to.deep.equal([1, 0]);
      expect(shown.map(({ status }) => status)).to.deep.equal(['ACTIVE', 'ACTIVE']);
      await run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) });
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    for (const [boot_interface, ports] of [
      ['redfish-virtual-media', 2],
      ['ipxe', 1],
    ] as const) {
      it(`boot interface ${boot_interface}: ${ports} of a booting and a silent one`, async () => {
        const task = await f.alive(
          makeTask({ node: makeNode({ boot_interface }), ports: [makePort(), makePort({ pxe_enabled: false })] }),
        );
        const { bindings } = await f.run('add_provisioning_network', task);
        expect(await f.portsOf(task)).to.have.length(ports);
        await f.run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) });
        expect(await f.portsOf(task)).to.deep.equal([]);
      });
    }

    it('none left: NetworkError, and nothing is made', async () => {
      const task = makeTask({ ports: [makePort({ pxe_enabled: false })] });
      expect(await rejection(f.run('add_cleaning_network', task))).to.be.instanceOf(NetworkError);
      const all = under({ neutron: { add_all_ports: true } });
      expect(await rejection(all('add_cleaning_network', makeTask({ ports: [] })))).to.be.instanceOf(NetworkError);
      expect(f.proxy.requests).to.deep.equal([]);
    });
  });

  it('InfiniBand: no cable is needed, and DHCP goes by the client id', async () => {
    const port = makePort({ local_link_connection: {}, extra: { 'client-id': 'ff:00:00:00:00:00:02:00:00:02' } });
    const task = await f.alive(makeTask({ ports: [port, makePort({ local_link_connection: {} })] }));
    const { failures, bindings } = await f.run('add_provisioning_network', task);
    expect(failures).to.have.length(1);
    const [shown, ...others] = await f.portsOf(task);
    expect(others).to.deep.equal([]);
    expect(shown).to.include({ mac_address: port.address, status: 'ACTIVE' });
    expect(shown?.extra_dhcp_opts).to.deep.equal([
      { opt_name: '61', opt_value: 'ff:00:00:00:00:00:02:00:00:02', ip_version: 4 },
    ]);
    await f.run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) });
  });

  describe('DHCPv6 stateful', () => {
    async function addOn(subnet: object, count: number): Promise<number[]> {
      const network = await f.neutron.api<{ network: { id: string } }>('POST', 'networks', {
        network: { name: `v6-${randomUUID()}` },
      });
      const { id } = network.network;
      try {
        await f.neutron.makeSubnet(id, { ip_version: 6, cidr: 'fd12:3456:789a::/64', enable_dhcp: true, ...subnet });
        const task = await f.alive(makeTask({ node: makeNode({ driver_info: { cleaning_network: id } }) }));
        const run = under({ neutron: { dhcpv6_stateful_address_count: count } });
        const first = await run('add_cleaning_network', task);
        // Again, as after a crash: no further addresses.
        const { bindings } = await run('add_cleaning_network', task, { recorded: record('cleaning', first.bindings) });
        const shown = await f.portsOf(task, { id });
        await run('remove_cleaning_network', task, { recorded: record('cleaning', bindings) });
        expect(bindings.map((binding) => binding.fixed_ips.length)).to.deep.equal(shown.map((p) => p.fixed_ips.length));
        return shown.map((port) => port.fixed_ips.length);
      } finally {
        await f.neutron.api('DELETE', `networks/${id}`);
      }
    }
    const stateful = { ipv6_address_mode: 'dhcpv6-stateful', ipv6_ra_mode: 'dhcpv6-stateful' };
    const stateless = { ipv6_address_mode: 'dhcpv6-stateless', ipv6_ra_mode: 'dhcpv6-stateless' };

    it('as many addresses as dhcpv6_stateful_address_count', async () => {
      expect(await addOn(stateful, 4)).to.deep.equal([4, 4]);
    });

    it('one where the option says one, and where DHCPv6 is stateless', async () => {
      expect(await addOn(stateful, 1)).to.deep.equal([1, 1]);
      expect(await addOn(stateless, 4)).to.deep.equal([1, 1]);
    });
  });

  describe('security groups', () => {
    it('are those of the option, asked for once', async () => {
      const groups = [await f.neutron.makeSecurityGroup(), await f.neutron.makeSecurityGroup()];
      const run = under({ provisioning_network_security_groups: groups });
      const task = await f.alive();
      const { bindings } = await run('add_provisioning_network', task);
      for (const port of await f.portsOf(task)) expect(port.security_groups).to.have.members(groups);
      await run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) });
      expect(f.proxy.summary().filter((line) => line === 'GET /v2.0/security-groups')).to.have.length(1);
    });

    it('that are missing are named, and nothing is made', async () => {
      const there = await f.neutron.makeSecurityGroup();
      const missing = randomUUID();
      const run = under({ cleaning_network_security_groups: [there, missing] });
      const task = await f.alive();
      const error = await rejection(run('add_cleaning_network', task));
      expect(error).to.be.instanceOf(NetworkError).and.have.property('message').that.includes(missing);
      expect(error).to.have.property('message').that.includes('cleaning_network_security_groups');
      expect(f.proxy.summary().filter((line) => line.startsWith('POST'))).to.deep.equal([]);
      expect(await f.portsOf(task, f.cleaning)).to.deep.equal([]);
    });
  });

  describe('fail_on_port_binding_failure', () => {
    // Nobody reports an agent for these nodes, so Neutron cannot bind their ports.
    it('true: the port fails, and all of them leave nothing', async () => {
      const task = makeTask();
      const { error, bindings } = await f.run('add_provisioning_network', task);
      expect(error).to.be.instanceOf(NetworkError);
      expect(bindings).to.deep.equal([]);
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    for (const [what, options, driver_info] of [
      ['false in the option', { neutron: { fail_on_port_binding_failure: false } }, {}],
      ['false in driver_info, over the option', {}, { fail_on_binding_failure: false }],
      ['"False" in driver_info', {}, { fail_on_binding_failure: 'False' }],
    ] as const) {
      it(`${what}: the ports stay, and the result warns of each`, async () => {
        const run = under(options);
        const task = makeTask({ node: makeNode({ driver_info }) });
        const { error, bindings, failures, warnings } = await run('add_provisioning_network', task);
        expect([error, failures]).to.deep.equal([undefined, []]);
        expect(bindings.map((binding) => binding.vif_type)).to.deep.equal(['binding_failed', 'binding_failed']);
        expect(warnings?.map((warning) => warning.port_uuid)).to.have.members(task.ports.map(({ uuid }) => uuid));
        expect(warnings?.[0]?.reason).to.include('binding_failed');
        expect(await f.portsOf(task)).to.have.length(2);
        await run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) });
        expect(await f.portsOf(task)).to.deep.equal([]);
      });
    }

    it('true in driver_info, over the option', async () => {
      const run = under({ neutron: { fail_on_port_binding_failure: false } });
      const task = makeTask({ node: makeNode({ driver_info: { fail_on_binding_failure: true } }) });
      expect((await run('add_provisioning_network', task)).error).to.be.instanceOf(NetworkError);
    });

    it('anything else in driver_info is refused by name, before any request', async () => {
      const task = makeTask({ node: makeNode({ driver_info: { fail_on_binding_failure: 'perhaps' } }) });
      const error = await rejection(f.run('add_provisioning_network', task));
      expect(error).to.be.instanceOf(InvalidParameterValue).and.have.property('message').that.includes('perhaps');
      expect(f.proxy.requests).to.deep.equal([]);
    });
  });

  it('every type of management network: by its own option, and by driver_info over it', async () => {
    const own = await f.neutron.makeNetwork();
    for (const type of MANAGEMENT_NETWORK_TYPES) {
      const run = under({ [`${type}_network`]: f.cleaning.name });
      for (const [network, driver_info] of [
        [f.cleaning, {}],
        [own, { [`${type}_network`]: own.name }],
      ] as const) {
        const task = await f.alive(makeTask({ node: makeNode({ driver_info }), ports: [makePort()] }));
        const { bindings } = await run(`add_${type}_network`, task);
        expect(await f.portsOf(task, network), type).to.have.length(1);
        await run(`remove_${type}_network`, task, { recorded: record(type, bindings) });
        expect(await f.portsOf(task, network), type).to.deep.equal([]);
      }
    }
  });

  it('of one switch: only so many changes at once; of several, side by side', async () => {
    const linked = (switch_id: string) => makePort({ local_link_connection: { switch_id, port_id: 'Ethernet1/1' } });
    const run = under({ neutron: { max_changes_per_switch: 1 } });
    for (const [switches, most] of [
      [['00:00:00:00:00:0a', '00:00:00:00:00:0A', '00:00:00:00:00:0a'], 1],
      [['00:00:00:00:00:0a', '00:00:00:00:00:0b', '00:00:00:00:00:0c'], 3],
    ] as const) {
      const task = await f.alive(makeTask({ ports: switches.map(linked) }));
      let [open, peak] = [0, 0];
      f.proxy.fate = async ({ method }): Promise<'pass'> => {
        if (method !== 'POST') return 'pass';
        peak = Math.max(peak, ++open);
        await (most === 1 ? pause(300) : until('all are under way', () => peak === most));
        open--;
        return 'pass';
      };
      const { bindings } = await run('add_provisioning_network', task);
      expect(bindings).to.have.length(3);
      expect(peak).to.equal(most);
      await run('remove_provisioning_network', task, { recorded: record('provisioning', bindings) });
    }
  });
});
