import { expect } from 'chai';

import { InvalidParameterValue } from '../../../src/contract/errors.js';
import { nicsOf, portLikesOf, unusable } from '../../../src/providers/ports/port-like.js';
import { makeLagTask, makePort, makePortgroup, makeTask } from '../../../testkit/fixtures/tasks.js';

describe('port-like objects', () => {
  it('are the portgroups, and the ports in none', () => {
    const lag = makeLagTask();
    const single = makePort();
    const found = portLikesOf({ ...lag, ports: [...lag.ports, single] });
    expect(found.map(({ ref }) => ref)).to.deep.equal([
      { port_uuid: null, portgroup_uuid: lag.portgroups[0]?.uuid },
      { port_uuid: single.uuid, portgroup_uuid: null },
    ]);
  });

  it('name bond properties as the kernel does, each once', () => {
    const task = makeLagTask({ properties: { miimon: 100, bond_mode: 'x', bonding: 'y' } });
    const [group] = portLikesOf(task);
    expect(group?.profile['local_group_information']).to.deep.include({
      bond_properties: { bond_miimon: 100, bond_mode: 'x', bonding: 'y' },
    });
  });

  it('boot with the address of the portgroup, or the lowest of its NICs that boot from the network', () => {
    const group = makePortgroup();
    const member = (address: string, pxe_enabled: boolean | null) =>
      makePort({ address, pxe_enabled, portgroup_uuid: group.uuid });
    const ports = [
      member('52:54:00:00:00:0C', null),
      member('52:54:00:00:00:0B', true),
      member('52:54:00:00:00:0A', false),
    ];
    expect(portLikesOf(makeTask({ ports, portgroups: [group] }))[0]?.managementMac).to.equal('52:54:00:00:00:0b');
    const addressed = { ...group, address: '52:54:00:00:00:FF' };
    expect(portLikesOf(makeTask({ ports, portgroups: [addressed] }))[0]?.managementMac).to.equal('52:54:00:00:00:ff');
    const none = ports.map((port) => ({ ...port, pxe_enabled: false }));
    expect(portLikesOf(makeTask({ ports: none, portgroups: [addressed] }))[0]).to.include({ boots: false });
    expect(portLikesOf(makeTask({ ports: none, portgroups: [group] }))[0]?.managementMac).to.equal('52:54:00:00:00:0a');
  });

  it('name a physical network when all their NICs have the same', () => {
    const task = makeLagTask();
    expect(portLikesOf(task)[0]?.profile['physical_network']).to.equal('physnet1');
    const [first, second] = task.ports;
    const mixed = [first ?? makePort(), { ...(second ?? makePort()), physical_network: 'physnet2' }];
    expect(portLikesOf({ ...task, ports: mixed })[0]?.profile).to.not.have.property('physical_network');
    const own = task.portgroups.map((group) => ({ ...group, physical_network: 'physnet3' }));
    expect(portLikesOf({ ...task, portgroups: own })[0]?.profile['physical_network']).to.equal('physnet3');
  });

  it('are each NIC by itself where none is to stand for others', () => {
    const lag = makeLagTask({ address: '52:54:00:00:00:ff', physical_network: 'physnet3' });
    const [first = makePort(), second = makePort()] = lag.ports;
    const ports = [first, { ...second, physical_network: null, pxe_enabled: false }, makePort()];
    const found = nicsOf({ ...lag, ports });
    expect(found.map(({ ref }) => ref)).to.deep.equal(
      ports.map(({ uuid }) => ({ port_uuid: uuid, portgroup_uuid: null })),
    );
    expect(found.map(({ managementMac }) => managementMac)).to.deep.equal(ports.map(({ address }) => address));
    expect(found.map(({ boots }) => boots)).to.deep.equal([true, false, true]);
    expect(found.map(({ profile }) => profile)).to.deep.equal(
      ports.map(({ local_link_connection: link }, index) => ({
        local_link_information: [link],
        physical_network: ['physnet1', 'physnet3', 'physnet1'][index],
      })),
    );
  });

  it('cannot be told from a task that contradicts itself', () => {
    const stray = makePort({ portgroup_uuid: '0d8ad6fc-9d1d-4b36-8e6b-4a1e2f5f4b77' });
    expect(() => portLikesOf(makeTask({ ports: [stray] }))).to.throw(InvalidParameterValue, 'portgroup_uuid');
    expect(() => nicsOf(makeTask({ ports: [stray] }))).to.throw(InvalidParameterValue, 'portgroup_uuid');
    const twins = [makePort({ address: '52:54:00:00:00:0a' }), makePort({ address: '52:54:00:00:00:0A' })];
    expect(() => portLikesOf(makeTask({ ports: twins }))).to.throw(InvalidParameterValue, 'address');
  });

  describe('are unusable, and say so,', () => {
    const reason = (fields: Parameters<typeof makePort>[0], wired = true): string | null => {
      const [only] = portLikesOf(makeTask({ ports: [makePort(fields)] }));
      return only === undefined ? null : unusable(only, wired);
    };
    const smartNic = { port_id: 'rep0-0', hostname: 'smart-nic-1' };

    it('without a cable, unless they are InfiniBand or nothing is wired', () => {
      expect(reason({})).to.equal(null);
      expect(reason({ local_link_connection: {} })).to.include('local_link_connection');
      expect(reason({ local_link_connection: {}, extra: { 'client-id': 'ff:00:00:01' } })).to.equal(null);
      expect(reason({ local_link_connection: {} }, false)).to.equal(null);
    });

    it('when is_smartnic and local_link_connection do not agree', () => {
      expect(reason({ is_smartnic: true, local_link_connection: smartNic })).to.equal(null);
      expect(reason({ is_smartnic: true }))
        .to.include('is_smartnic')
        .and.include('hostname');
      expect(reason({ is_smartnic: true, local_link_connection: { port_id: 'rep0-0' } })).to.include('hostname');
      expect(reason({ is_smartnic: false, local_link_connection: smartNic })).to.include('is_smartnic');
      const long = { ...smartNic, hostname: 'x'.repeat(256) };
      expect(reason({ is_smartnic: true, local_link_connection: long })).to.include('255 characters');
      expect(reason({ is_smartnic: true }, false)).to.include('hostname');
    });

    it('without NICs, or with a smart NIC in a portgroup', () => {
      const empty = portLikesOf(makeTask({ ports: [], portgroups: [makePortgroup()] }));
      expect(empty.map((portLike) => unusable(portLike, true))[0]).to.include('no member');
      const lag = makeLagTask();
      const ports = lag.ports.map((port) => ({ ...port, is_smartnic: true, local_link_connection: smartNic }));
      expect(portLikesOf({ ...lag, ports }).map((portLike) => unusable(portLike, true))[0]).to.include('smart NIC');
    });
  });
});
