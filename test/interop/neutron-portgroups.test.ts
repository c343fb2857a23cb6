import { expect } from 'chai';

import { InvalidParameterValue } from '../../src/contract/errors.js';
import type { Task } from '../../src/contract/types.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { createNeutronProvider } from '../../src/providers/neutron/index.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import { NodeChecks } from '../../testkit/fixtures/node-checks.js';
import { idsOf, ProviderFixture } from '../../testkit/fixtures/provider-fixture.js';
import { rejection } from '../../testkit/fixtures/rejection.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import { makeContext, makeLagTask, makePort, record, runMethod, withVif } from '../../testkit/fixtures/tasks.js';

describe('portgroups on management networks, on a real Neutron', () => {
  let f: ProviderFixture;
  /** A portgroup has one port, not each of its NICs. */
  let grouped: NetworkProvider;

  before(async () => {
    f = await ProviderFixture.start();
    grouped = f.make(createNeutronProvider, { neutron: { one_port_per_portgroup: true } });
  });
  beforeEach(() => {
    f.proxy.reset();
  });
  after(() => f.stop());

  const add = (task: Task, provider = f.provider, fields: Partial<ProviderContext> = {}): Promise<ProviderOutcome> =>
    runMethod(provider, 'add_provisioning_network', makeContext(task, fields));
  const remove = (task: Task, { bindings }: ProviderOutcome, provider = f.provider): Promise<ProviderOutcome> =>
    runMethod(
      provider,
      'remove_provisioning_network',
      makeContext(task, { recorded: record('provisioning', bindings) }),
    );
  const lag = (address: string | null): Promise<Task> => f.alive(makeLagTask({ address }));
  const macsOf = (ports: readonly { mac_address: string }[]): string[] => ports.map((port) => port.mac_address).sort();
  const nicMacs = (task: Task): string[] => task.ports.map(({ address }) => address).sort();
  const cable = (port: NeutronPort): unknown => port['binding:profile']['local_link_information'];

  describe('each NIC by itself', () => {
    it('has a port with its own MAC address and switch port, because firmware uses that address', async () => {
      const plain = await lag(randomMac());
      const silent = makePort({ portgroup_uuid: plain.portgroups[0]?.uuid ?? '', pxe_enabled: false });
      const task = { ...plain, ports: [...plain.ports, silent] };
      const added = await add(task);
      expect(added.bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal(plain.ports.map(({ uuid }) => uuid));
      const shown = await f.portsOf(task);
      expect(macsOf(shown)).to.deep.equal(nicMacs(plain));
      for (const port of shown) {
        const nic = task.ports.find(({ address }) => address === port.mac_address);
        expect(port).to.include({ status: 'ACTIVE', device_owner: 'baremetal:none', device_id: task.node.uuid });
        expect(port.fixed_ips).to.have.length(1);
        expect(port['binding:profile']).to.deep.equal({
          local_link_information: [nic?.local_link_connection],
          physical_network: 'physnet1',
        });
      }
      await remove(task, added);
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    it('has the physical network of its portgroup when it names none', async () => {
      const { ports, ...plain } = await f.alive(makeLagTask({ physical_network: 'physnet1' }));
      const task = { ...plain, ports: ports.map((port) => ({ ...port, physical_network: null })) };
      const added = await add(task);
      expect(added.bindings.map(({ profile }) => profile['physical_network'])).to.deep.equal(['physnet1', 'physnet1']);
      await remove(task, added);
    });

    it('fails by itself: the other members boot all the same', async () => {
      const task = await lag(randomMac());
      const [first = makePort(), second = makePort()] = task.ports;
      const uncabled = { ...task, ports: [first, { ...second, local_link_connection: {} }] };
      const added = await add(uncabled);
      expect(added.bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal([first.uuid]);
      expect(added.failures.map(({ port_uuid }) => port_uuid)).to.deep.equal([second.uuid]);
      await remove(task, added);
    });

    it("has the ramdisk's network data of its own, and not the bond that the tenant's VIF is for", async () => {
      const plain = await lag(randomMac());
      const vif = await f.neutron.makePort(f.tenant.id);
      const task = { ...plain, portgroups: plain.portgroups.map((group) => withVif(group, vif.id)) };
      const added = await add(task);
      const context = makeContext(task, { recorded: record('provisioning', added.bindings) });
      const { network_data } = await runMethod(f.provider, 'get_node_network_data', context);
      const links = network_data?.['links'] as { type: string; ethernet_mac_address: string }[];
      expect(links.map(({ type, ethernet_mac_address: mac }) => [type, mac])).to.have.deep.members(
        nicMacs(task).map((mac) => ['vif', mac]),
      );
      await remove(task, added);
    });

    it('is made again by reconcile, even if the option has another value now', async () => {
      const task = await lag(randomMac());
      const on = new NodeChecks(f);
      const recorded = await on.provision(task);
      for (const provider of [f.provider, grouped]) {
        const now = new NodeChecks(f, provider);
        const [gone] = await f.portsOf(task);
        await f.neutron.removePort(gone?.id ?? '');
        const { findings, bindings } = await now.fix(task, recorded);
        expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['missing_port', true]]);
        expect(bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal(recorded.map(({ port_uuid }) => port_uuid));
        expect(macsOf(await f.portsOf(task))).to.deep.equal(nicMacs(task));
        recorded.splice(0, recorded.length, ...bindings);
      }
      await remove(task, { bindings: recorded, failures: [] });
    });
  });

  describe('one port for all members, where that is asked for', () => {
    it('has the links of all of them, and the lowest address of those that boot', async () => {
      const task = await lag(null);
      const added = await add(task, grouped);
      const [port, ...others] = await f.portsOf(task);
      expect(others).to.deep.equal([]);
      const [group] = task.portgroups;
      expect(port).to.include({ mac_address: nicMacs(task)[0], status: 'ACTIVE' });
      expect(port?.['binding:profile']).to.deep.equal({
        local_link_information: task.ports.map((one) => one.local_link_connection),
        local_group_information: {
          id: group?.uuid,
          name: 'bond0',
          bond_mode: '802.3ad',
          bond_properties: { bond_miimon: '100', bond_xmit_hash_policy: 'layer3+4' },
        },
        physical_network: 'physnet1',
      });
      expect(added.bindings[0]).to.include({ port_uuid: null, portgroup_uuid: group?.uuid });
      await remove(task, added, grouped);
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    it('has the MAC address of a portgroup that has one', async () => {
      const task = await lag('52:54:00:CA:FE:01');
      const added = await add(task, grouped);
      expect(macsOf(added.bindings)).to.deep.equal(['52:54:00:ca:fe:01']);
      await remove(task, added, grouped);
      expect(await f.portsOf(task)).to.deep.equal([]);
    });

    it("follows the node's driver_info, which overrides the option", async () => {
      const { node, ...plain } = await lag(randomMac());
      const own = (value: string | boolean): Task => ({
        ...plain,
        node: { ...node, driver_info: { one_port_per_portgroup: value } },
      });
      const one = await add(own('True'));
      expect(one.bindings).to.have.length(1);
      await remove(own(true), one);
      const each = await add(own(false), grouped);
      expect(each.bindings).to.have.length(2);
      await remove(own(false), each, grouped);
      const error = await rejection(add(own('maybe')));
      expect(error).to.be.instanceOf(InvalidParameterValue);
      expect(error?.message).to.include('driver_info.one_port_per_portgroup').and.include('maybe');
    });
  });

  describe('after the option changed, as for ports of an earlier version,', () => {
    for (const [title, addressOf] of [
      ['with an address of its own', () => randomMac()],
      ['with the address of a member', (task: Task) => nicMacs(task)[1] ?? null],
      ['without an address', () => null],
    ] as const) {
      const task = async (): Promise<Task> => {
        const plain = await lag(null);
        return { ...plain, portgroups: plain.portgroups.map((group) => ({ ...group, address: addressOf(plain) })) };
      };

      it(`a portgroup ${title} gets a port for each NIC when the network is added again`, async () => {
        const node = await task();
        const before = await add(node, grouped);
        const after = await add(node, f.provider, { recorded: record('provisioning', before.bindings) });
        expect(after.bindings.map(({ port_uuid }) => port_uuid)).to.deep.equal(node.ports.map(({ uuid }) => uuid));
        const shown = await f.portsOf(node);
        expect(idsOf(after.bindings)).to.deep.equal(shown.map(({ id }) => id).sort());
        expect(macsOf(shown)).to.deep.equal(nicMacs(node));
        for (const port of shown) {
          const nic = node.ports.find(({ address }) => address === port.mac_address);
          expect(cable(port)).to.deep.equal([nic?.local_link_connection]);
          expect(port['binding:profile']).to.not.have.property('local_group_information');
          expect(port.status).to.equal('ACTIVE');
        }
        const back = await add(node, grouped, { recorded: record('provisioning', after.bindings) });
        expect(back.bindings.map(({ portgroup_uuid }) => portgroup_uuid)).to.deep.equal([node.portgroups[0]?.uuid]);
        expect((await f.portsOf(node)).map(cable)).to.deep.equal([
          node.ports.map(({ local_link_connection: link }) => link),
        ]);
        await remove(node, back);
        expect(await f.portsOf(node)).to.deep.equal([]);
      });

      it(`a portgroup ${title} is removed, with and without a record`, async () => {
        for (const [then, now, recorded] of [
          [grouped, f.provider, true],
          [f.provider, grouped, false],
        ] as const) {
          const node = await task();
          const added = await add(node, then);
          const removed = await remove(node, recorded ? added : { bindings: [], failures: [] }, now);
          expect(removed).to.deep.equal({ bindings: [], failures: [] });
          expect(await f.portsOf(node)).to.deep.equal([]);
        }
      });

      it(`a portgroup ${title} has no finding, and its port is made again as it was`, async () => {
        const node = await task();
        const on = new NodeChecks(f, grouped);
        const recorded = await on.provision(node);
        const now = new NodeChecks(f);
        expect((await now.fix(node, recorded)).findings).to.deep.equal([]);
        await f.neutron.removePort(recorded[0]?.neutron_port_id ?? '');
        const { findings, bindings } = await now.fix(node, recorded);
        expect(findings.map(({ kind, repaired }) => [kind, repaired])).to.deep.equal([['missing_port', true]]);
        expect(bindings[0]).to.include({ port_uuid: null, portgroup_uuid: node.portgroups[0]?.uuid });
        expect(bindings[0]?.profile).to.deep.equal(recorded[0]?.profile);
        await remove(node, { bindings, failures: [] });
      });
    }
  });
});
