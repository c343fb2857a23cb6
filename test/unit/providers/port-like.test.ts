import { expect } from 'chai';
import { InvalidParameterValue } from '../../../src/contract/errors.js';
import { portLikesOf, unusable } from '../../../src/providers/neutron/port-like.js';
import { makeLagTask, makePort, makePortgroup, makeTask } from '../../support/tasks.js';

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

  it('name bond properties as the kernel does, once', () => {
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
    expect(portLikesOf(makeTask({ ports, portgroups: [group] }))[0]?.bootMac).to.equal('52:54:00:00:00:0b');
    const addressed = { ...group, address: '52:54:00:00:00:FF' };
    expect(portLikesOf(makeTask({ ports, portgroups: [addressed] }))[0]?.bootMac).to.equal('52:54:00:00:00:ff');
    const none = ports.map((port) => ({ ...port, pxe_enabled: false }));
    expect(portLikesOf(makeTask({ ports: none, portgroups: [addressed] }))[0]?.bootMac).to.equal(null);
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

  it('cannot be told from a task that contradicts itself', () => {
    const stray = makePort({ portgroup_uuid: '0d8ad6fc-9d1d-4b36-8e6b-4a1e2f5f4b77' });
    expect(() => portLikesOf(makeTask({ ports: [stray] }))).to.throw(InvalidParameterValue, 'portgroup_uuid');
    const twins = [makePort({ address: '52:54:00:00:00:0a' }), makePort({ address: '52:54:00:00:00:0A' })];
    expect(() => portLikesOf(makeTask({ ports: twins }))).to.throw(InvalidParameterValue, 'address');
  });

  it('are unusable without a cable, without NICs, or as smart NICs, and say so', () => {
    const reason = (fields: Parameters<typeof makePort>[0]) =>
      portLikesOf(makeTask({ ports: [makePort(fields)] })).map(unusable);
    expect(reason({})).to.deep.equal([null]);
    expect(reason({ local_link_connection: {} })[0]).to.include('local_link_connection');
    expect(reason({ is_smartnic: true })[0]).to.include('smart NIC');
    expect(portLikesOf(makeTask({ ports: [], portgroups: [makePortgroup()] })).map(unusable)[0]).to.include(
      'no member',
    );
  });
});
