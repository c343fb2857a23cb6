import { expect } from 'chai';

import {
  InvalidParameterValue,
  NoFreePhysicalPorts,
  PortgroupPhysnetInconsistent,
  VifAlreadyAttached,
} from '../../../../src/contract/errors.js';
import type { Port, Task, Vif } from '../../../../src/contract/types.js';
import { chooseCarrier } from '../../../../src/providers/ports/carrier.js';
import type { PortLikeRef } from '../../../../src/providers/ports/port-like.js';
import { makeLagTask, makePort, makePortgroup, makeTask, withVif } from '../../../../testkit/fixtures/tasks.js';

const VIF = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

function vif(fields: Partial<Vif> = {}): Vif {
  return { id: VIF, port_uuid: null, portgroup_uuid: null, ...fields };
}

function choose(task: Task, wanted: Partial<Vif> = {}, physnets: string[] = []): PortLikeRef {
  return chooseCarrier(task, vif(wanted), new Set(physnets), () => null).ref;
}

const ofPort = (port: Port): PortLikeRef => ({ port_uuid: port.uuid, portgroup_uuid: null });

describe('the port or portgroup that a VIF is attached to', () => {
  describe('the best free one', () => {
    it('is the first port of the task among equals', () => {
      const task = makeTask();
      expect(choose(task)).to.deep.equal({ port_uuid: task.ports[0]?.uuid, portgroup_uuid: null });
    });

    it('is not a port that has a VIF', () => {
      const free = makePort();
      expect(choose(makeTask({ ports: [withVif(makePort(), OTHER), free] }))).to.deep.equal(ofPort(free));
    });

    it('is a port that boots from the network rather than one that does not; Ironic takes it that one does', () => {
      const boots = makePort({ pxe_enabled: null });
      expect(choose(makeTask({ ports: [makePort({ pxe_enabled: false }), boots] }))).to.deep.equal(ofPort(boots));
    });

    it('is a portgroup rather than a port that boots from the network', () => {
      const lag = makeLagTask();
      const ports = [makePort(), ...lag.ports.map((port) => ({ ...port, pxe_enabled: false }))];
      expect(choose({ ...lag, ports })).to.deep.equal({ port_uuid: null, portgroup_uuid: lag.portgroups[0]?.uuid });
    });

    it('is a port on a physical network of the VIF rather than a portgroup whose physical network is not known', () => {
      const lag = makeLagTask();
      const port = makePort({ physical_network: 'physnet2', pxe_enabled: false });
      const ports = [...lag.ports.map((member) => ({ ...member, physical_network: null })), port];
      expect(choose({ ...lag, ports }, {}, ['physnet2'])).to.deep.equal(ofPort(port));
    });

    it('may be on any physical network when the VIF is on none, and on one that is not known', () => {
      const task = makeTask({ ports: [makePort({ physical_network: 'physnet9' })] });
      expect(choose(task)).to.deep.equal(ofPort(task.ports[0] ?? makePort()));
      const unknown = makePort({ physical_network: null });
      expect(choose(makeTask({ ports: [...task.ports, unknown] }), {}, ['physnet1'])).to.deep.equal(ofPort(unknown));
    });

    it('is always the same for the same task', () => {
      const task = makeTask({ ports: [makePort(), makePort(), makePort()] });
      expect(choose(structuredClone(task), {}, ['physnet1'])).to.deep.equal(choose(task, {}, ['physnet1']));
    });
  });

  describe('the one that vif_info names', () => {
    it('is a port', () => {
      const task = makeTask();
      expect(choose(task, { port_uuid: task.ports[1]?.uuid ?? null })).to.have.property(
        'port_uuid',
        task.ports[1]?.uuid,
      );
    });

    it('is a portgroup', () => {
      const group = makePortgroup();
      const lag = makeLagTask();
      const task = { ...lag, ports: [...lag.ports, makePort({ portgroup_uuid: group.uuid })] };
      const both = { ...task, portgroups: [...lag.portgroups, group] };
      expect(choose(both, { portgroup_uuid: group.uuid })).to.deep.equal({
        port_uuid: null,
        portgroup_uuid: group.uuid,
      });
    });

    it('must be of the node', () => {
      const named = { port_uuid: OTHER, portgroup_uuid: null };
      expect(() => choose(makeTask(), named)).to.throw(InvalidParameterValue, `vif_info.port_uuid ${OTHER}`);
      const group = { port_uuid: null, portgroup_uuid: OTHER };
      expect(() => choose(makeTask(), group)).to.throw(InvalidParameterValue, `vif_info.portgroup_uuid ${OTHER}`);
    });

    it('cannot be a member of a portgroup: configure_tenant_networks would refuse it', () => {
      for (const standalone_ports_supported of [true, false]) {
        const lag = makeLagTask({ standalone_ports_supported });
        const [member] = lag.ports;
        expect(() => choose(lag, { port_uuid: member?.uuid ?? null }))
          .to.throw(InvalidParameterValue, member?.uuid)
          .with.property('message')
          .that.includes(lag.portgroups[0]?.uuid)
          .and.includes('vif_info.portgroup_uuid');
      }
    });

    it('must be free: the error says which VIF it has', () => {
      const taken = withVif(makePort(), OTHER);
      const task = makeTask({ ports: [makePort(), taken] });
      expect(() => choose(task, { port_uuid: taken.uuid })).to.throw(
        NoFreePhysicalPorts,
        `port ${taken.uuid} has VIF ${OTHER}`,
      );
    });

    it('must be on a physical network of the VIF', () => {
      const task = makeTask();
      expect(() => choose(task, { port_uuid: task.ports[0]?.uuid ?? null }, ['physnet3', 'physnet2'])).to.throw(
        NoFreePhysicalPorts,
        `port ${String(task.ports[0]?.uuid)} is on physical network physnet1, and the VIF on physnet2, physnet3`,
      );
    });
  });

  it('does not exist when the node has the VIF; the error names where', () => {
    const port = withVif(makePort(), VIF);
    const lag = makeLagTask();
    expect(() => choose(makeTask({ ports: [port, makePort()] }))).to.throw(VifAlreadyAttached, `port ${port.uuid}`);
    const group = withVif(lag.portgroups[0] ?? makePortgroup(), VIF);
    expect(() => choose({ ...lag, portgroups: [group] })).to.throw(VifAlreadyAttached, `portgroup ${group.uuid}`);
    // One of a portgroup's own ports, which Ironic allows, and whichever vif_info names.
    const member = { ...lag, ports: lag.ports.map((own, index) => (index === 0 ? withVif(own, VIF) : own)) };
    expect(() => choose(member, { portgroup_uuid: lag.portgroups[0]?.uuid ?? null })).to.throw(VifAlreadyAttached);
  });

  it('does not exist when none is free; the error says why for each', () => {
    const lag = makeLagTask();
    const [first, ...others] = lag.ports;
    const empty = makePortgroup();
    const uncabled = makePort();
    const ports = [
      withVif(first ?? makePort(), OTHER),
      ...others,
      makePort({ physical_network: 'physnet2' }),
      uncabled,
    ];
    const task = { ...lag, ports, portgroups: [...lag.portgroups, empty] };
    const attempt = () =>
      chooseCarrier(task, vif(), new Set(['physnet1']), ({ ref, label }) =>
        ref.port_uuid === uncabled.uuid ? `${label} is not cabled` : null,
      );
    expect(attempt).to.throw(NoFreePhysicalPorts, VIF);
    expect(attempt).to.throw(
      `portgroup ${String(lag.portgroups[0]?.uuid)} has member port ${String(first?.uuid)} with VIF ${OTHER}`,
    );
    expect(attempt).to.throw(`portgroup ${empty.uuid} has no member ports`);
    expect(attempt).to.throw('is on physical network physnet2');
    expect(attempt).to.throw(`port ${uncabled.uuid} is not cabled`);
  });

  it('does not exist without ports, and the error does not list hundreds', () => {
    expect(() => choose(makeTask({ ports: [] }))).to.throw(NoFreePhysicalPorts, 'no ports');
    const many = Array.from({ length: 100 }, () => withVif(makePort(), OTHER));
    const unique = many.map((port, index) => withVif(port, `${OTHER.slice(0, -3)}${String(index + 100)}`));
    expect(() => choose(makeTask({ ports: unique }))).to.throw(NoFreePhysicalPorts, 'and 92 more');
  });

  it('is no portgroup whose members are on different physical networks', () => {
    const lag = makeLagTask();
    const mixed = (physnets: (string | null)[]): Task => ({
      ...lag,
      ports: lag.ports.map((port, index) => ({ ...port, physical_network: physnets[index] ?? null })),
    });
    expect(() => choose(mixed(['physnet1', 'physnet2']))).to.throw(PortgroupPhysnetInconsistent, 'physnet1, physnet2');
    expect(() => choose(mixed(['physnet1', null]))).to.throw(PortgroupPhysnetInconsistent, 'physnet1, none');
    const [group] = lag.portgroups;
    const of = (physical_network: string) => [{ ...(group ?? makePortgroup()), physical_network }];
    expect(() => choose({ ...lag, portgroups: of('physnet2') })).to.throw(PortgroupPhysnetInconsistent, 'physnet2');
    const told = { ...mixed([null, null]), portgroups: of('physnet2') };
    expect(choose(told, {}, ['physnet2'])).to.have.property('portgroup_uuid', group?.uuid);
    expect(() => choose(told, {}, ['physnet1'])).to.throw(NoFreePhysicalPorts, 'physnet2');
  });
});
