import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { sidesOf } from '../../../src/adoption/sides.js';
import type { NetworkType } from '../../../src/contract/methods.js';
import type { Task } from '../../../src/contract/types.js';
import type { NeutronPort } from '../../../src/neutron/resources.js';
import type { NodeWithTask } from '../../../src/state/index.js';
import { boundPort, inIronic, notedTask, ramdiskPort } from '../../../testkit/fixtures/ironic-nodes.js';
import { makeBinding } from '../../../testkit/fixtures/tasks.js';

describe('the comparison of Ironic, the record and Neutron', () => {
  const port = randomUUID();

  /** A node on record with the port on a type of network, or with nothing. */
  function stored(task: Task, type: NetworkType | null): NodeWithTask {
    const bindings =
      type === null
        ? []
        : [{ ...makeBinding({ neutron_port_id: port }), network_type: type, network_provider: 'neutron' }];
    const own = { ...task, ports: task.ports.map((one) => ({ ...one, internal_info: {} })) };
    const known = { networkProvider: 'neutron', conductorHost: 'conductor-1', digest: 'x', late: null };
    const vifs = type === 'tenant' ? [{ id: port, port_uuid: task.ports[0]?.uuid ?? null, portgroup_uuid: null }] : [];
    return { ...known, task: own, bindings, vifs };
  }
  interface Said {
    ironic?: boolean;
    record?: boolean;
    neutron?: boolean;
    type?: NetworkType;
    state?: string;
  }
  function kinds({
    ironic = false,
    record = false,
    neutron = false,
    type = 'cleaning',
    state = 'cleaning',
  }: Said): string[] {
    return findings({ ironic, record, neutron, type, state }).map(({ kind }) => kind);
  }
  function findings({ ironic, record, neutron, type = 'cleaning', state = 'cleaning' }: Said) {
    const task = notedTask(ironic ? { [`${type}_vif_port_id`]: port } : {});
    const known = (type === 'tenant' ? boundPort : ramdiskPort)(port, task);
    const ports: NeutronPort[] = neutron ? [known] : [];
    const node = inIronic(task, { provision_state: state });
    return sidesOf(node, stored(task, record ? type : null), new Map(ports.map((one) => [one.id, one])));
  }

  it('finds nothing where all three say the same', () => {
    for (const type of ['cleaning', 'tenant'] as const) {
      expect(kinds({ ironic: true, record: true, neutron: true, type })).to.deep.equal([]);
    }
    expect(kinds({})).to.deep.equal([]);
  });

  it('names the side that differs from the two others', () => {
    for (const type of ['cleaning', 'tenant'] as const) {
      expect(kinds({ ironic: true, record: true, type }), type).to.deep.equal(['neutron_differs']);
      expect(kinds({ ironic: true, neutron: true, type }), type).to.deep.equal(['record_differs']);
      expect(kinds({ record: true, neutron: true, type }), type).to.deep.equal(['ironic_differs']);
      expect(kinds({ ironic: true, type }), type).to.deep.equal(['ironic_differs']);
      expect(kinds({ record: true, type }), type).to.deep.equal(['record_differs']);
    }
  });

  it('says in a sentence what each of them has', () => {
    const [found] = findings({ record: true, neutron: true });
    expect(found?.reason).to.equal(
      `port on the cleaning network ${port}: it is on record and Neutron has it, but Ironic does not note it`,
    );
    expect(found).to.include({ network_type: 'cleaning', neutron_port_id: port, repaired: false });
  });

  it('takes a VIF that is attached and not bound for one that all three know', () => {
    const task = notedTask({ tenant_vif_port_id: port });
    const unbound = boundPort(port, task, { 'binding:host_id': '' });
    const record = { ...stored(task, 'tenant'), bindings: [] };
    expect(sidesOf(inIronic(task), record, new Map([[port, unbound]]))).to.deep.equal([]);
  });

  it('finds a node that all three have on a network on which it must not be in its provision state', () => {
    const all = { ironic: true, record: true, neutron: true };
    for (const state of ['available', 'active', 'wait call-back', 'manageable']) {
      const [found, ...others] = findings({ ...all, state });
      expect(found?.kind, state).to.equal('ironic_differs');
      expect(found?.reason).to.equal(
        `the node is ${state} in Ironic, and on record with port ${port} on its cleaning network`,
      );
      expect(others).to.deep.equal([]);
    }
    for (const state of ['clean wait', 'cleaning', 'clean failed']) expect(kinds({ ...all, state })).to.deep.equal([]);
    expect(kinds({ ...all, type: 'tenant', state: 'active' })).to.deep.equal([]);
  });

  it('finds the bindings of a node that Ironic does not have', () => {
    const task = notedTask({});
    const [found] = sidesOf(null, stored(task, 'cleaning'), new Map());
    expect(found?.reason).to.equal(`Ironic has no such node, but port ${port} on its cleaning network is on record`);
    expect(sidesOf(null, stored(task, null), new Map())).to.deep.equal([]);
  });
});
