import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { type Adoption, type AdoptionRules, planOf, type Verdict } from '../../../src/adoption/plan.js';
import type { RecordedBinding, Task } from '../../../src/contract/types.js';
import type { IronicNode } from '../../../src/ironic/nodes-and-ports.js';
import type { NeutronPort } from '../../../src/neutron/resources.js';
import type { NodeWithTask } from '../../../src/state/index.js';
import { boundPort, inIronic, notedTask, ramdiskPort } from '../../../testkit/fixtures/ironic-nodes.js';
import { makeBinding, makePort, makePortgroup, makeTask, withVif } from '../../../testkit/fixtures/tasks.js';

const RULES: AdoptionRules = { provider: null, known: ['none', 'neutron', 'flat'], defaultProvider: 'none' };

describe('the adoption of a node that another network interface of Ironic has moved', () => {
  let vif: string;
  let made: string;
  beforeEach(() => {
    [vif, made] = [randomUUID(), randomUUID()];
  });

  function plan(task: Task, ports: NeutronPort[], { node = {}, stored = null, rules = {} }: PlanOptions = {}): Verdict {
    const found = new Map(ports.map((port) => [port.id, port]));
    return planOf(inIronic(task, node), found, stored, { ...RULES, ...rules });
  }
  interface PlanOptions {
    node?: Partial<IronicNode>;
    stored?: NodeWithTask | null;
    rules?: Partial<AdoptionRules>;
  }
  function adopted(...args: Parameters<typeof plan>): Adoption {
    const verdict = plan(...args);
    if (verdict.kind !== 'adopt') throw new Error(JSON.stringify(verdict));
    return verdict.adoption;
  }
  const refusal = (...args: Parameters<typeof plan>): string => {
    const verdict = plan(...args);
    return verdict.kind === 'refused' ? verdict.reason : `not refused, but ${verdict.kind}`;
  };
  const typesOf = ({ bindings }: Adoption): string[] =>
    bindings.map(({ network_type: type, neutron_port_id: id }) => `${type} ${id}`);
  /** The node on record, as an adoption leaves it there. */
  const recorded = ({ task, provider, bindings }: Adoption, fields: Partial<NodeWithTask> = {}): NodeWithTask => ({
    networkProvider: provider,
    conductorHost: 'conductor-1',
    digest: 'x',
    bindings: bindings.map((binding) => ({ ...binding, network_provider: provider })),
    vifs: [],
    task,
    late: null,
    ...fields,
  });
  const boundBefore = (id: string, task: Task): RecordedBinding => ({
    ...makeBinding({ neutron_port_id: id, port_uuid: task.ports[0]?.uuid ?? null, host_id: task.node.uuid }),
    network_type: 'cleaning',
  });

  it('records the ports that were made for a ramdisk, and the VIF that is attached and not plugged in', () => {
    const task = notedTask({ cleaning_vif_port_id: made, tenant_vif_port_id: vif });
    const unplugged = boundPort(vif, task, { 'binding:host_id': '', 'binding:vif_type': 'unbound' });
    const adoption = adopted(task, [ramdiskPort(made, task), unplugged]);
    expect(typesOf(adoption)).to.deep.equal([`cleaning ${made}`]);
    expect(adoption.bindings[0]).to.include({ port_uuid: task.ports[0]?.uuid, host_id: task.node.uuid });
    expect(adoption.provider).to.equal('neutron');
    expect(adoption.task.node.network_provider).to.equal('neutron');
    expect(adoption.task.ports[0]?.internal_info).to.include({ tenant_vif_port_id: vif });
  });

  it('records the VIF of an instance', () => {
    const task = notedTask({ tenant_vif_port_id: vif });
    expect(typesOf(adopted(task, [boundPort(vif, task)]))).to.deep.equal([`tenant ${vif}`]);
  });

  it('records VIFs of a portgroup for the portgroup, also where a member has the note of its ramdisk port', () => {
    const group = withVif(makePortgroup({ address: '52:54:00:00:00:0a' }), vif);
    const member = makePort({ portgroup_uuid: group.uuid, internal_info: { provisioning_vif_port_id: made } });
    const task = makeTask({ ports: [member], portgroups: [group] });
    const profile = { local_link_information: [{}], local_group_information: { id: group.uuid } };
    const ports = [boundPort(vif, task), ramdiskPort(made, task, { 'binding:profile': profile })];
    const { bindings } = adopted(task, ports);
    expect(bindings.map(({ portgroup_uuid: uuid }) => uuid)).to.deep.equal([group.uuid, group.uuid]);
  });

  it('knows a port that was made for an instance that has gone by its host', () => {
    const task = notedTask({ cleaning_vif_port_id: made });
    const port = ramdiskPort(made, task, { device_id: randomUUID() });
    expect(typesOf(adopted(task, [port]))).to.deep.equal([`cleaning ${made}`]);
  });

  it('refuses a node with the note of a port that was not made for it, since a worker would delete that port', () => {
    const task = notedTask({ cleaning_vif_port_id: made });
    const owned = ramdiskPort(made, task, { device_owner: 'compute:nova' });
    const elsewhere = ramdiskPort(made, task, { device_id: randomUUID(), 'binding:host_id': randomUUID() });
    for (const port of [owned, elsewhere]) {
      const reason = refusal(task, [port]);
      expect(reason).to.contain(`Neutron port ${made}`).and.to.contain(port.device_owner);
      expect(reason).to.contain(`cleaning_vif_port_id of port ${String(task.ports[0]?.uuid)}`);
      expect(reason).to.contain('have Ironic remove the node from its cleaning network first');
    }
  });

  it('has a warning about a port that Neutron does not have', () => {
    const verdict = plan(notedTask({ cleaning_vif_port_id: made }), []);
    expect(verdict).to.have.property('kind', 'adopt');
    expect(verdict).to.have.nested.property('warnings[0]').that.contains(`Neutron has no port ${made}`);
  });

  it('takes a VIF that only names the node as its host for plugged in under flat alone', () => {
    const task = notedTask({ tenant_vif_port_id: vif });
    const port = boundPort(vif, task, { 'binding:vif_type': 'binding_failed', 'binding:profile': {} });
    expect(adopted(task, [port]).bindings).to.deep.equal([]);
    const flat = adopted(task, [port], { node: { network_interface: 'flat' } });
    expect(flat.provider).to.equal('flat');
    expect(typesOf(flat)).to.deep.equal([`tenant ${vif}`]);
  });

  it('leaves a node of which Ironic notes nothing', () => {
    expect(plan(makeTask(), [])).to.deep.equal({ kind: 'nowhere' });
    expect(plan(makeTask(), [], { node: { network_interface: 'noop' } })).to.deep.equal({ kind: 'nowhere' });
  });

  it('leaves a node that is on record as it is', () => {
    const task = notedTask({ cleaning_vif_port_id: made, tenant_vif_port_id: vif });
    const ports = [ramdiskPort(made, task)];
    const stored = recorded(adopted(task, ports));
    expect(plan(task, ports, { stored })).to.deep.equal({ kind: 'same' });
    const less = { ...stored, bindings: [] };
    expect(plan(task, ports, { stored: less })).to.have.property('kind', 'adopt');
    const other = { ...stored, networkProvider: 'flat', bindings: [] };
    expect(plan(task, ports, { stored: other })).to.have.property('kind', 'adopt');
  });

  it('takes from the record what Ironic has removed, unless Neutron still has it on the node', () => {
    const task = makeTask();
    const before = { task, provider: 'neutron', bindings: [boundBefore(made, task)] };
    expect(adopted(task, [], { stored: recorded(before) }).bindings).to.deep.equal([]);
    expect(plan(task, [ramdiskPort(made, task)], { stored: recorded(before) })).to.deep.equal({ kind: 'same' });
    const node = { network_interface: 'noop' };
    expect(adopted(task, [], { node, stored: recorded(before) })).to.deep.include({ provider: 'none', bindings: [] });
  });

  it('trusts the record of a node with the interface netprov, and fills an empty one', () => {
    const task = notedTask({ tenant_vif_port_id: vif });
    const node = { network_interface: 'netprov' };
    const before = { task, provider: 'neutron', bindings: [boundBefore(made, task)] };
    expect(plan(task, [], { node, stored: recorded(before) })).to.deep.equal({ kind: 'same' });
    const filled = adopted(task, [boundPort(vif, task)], { node });
    expect(filled.provider).to.equal('neutron');
    expect(typesOf(filled)).to.deep.equal([`tenant ${vif}`]);
    const stored = recorded({ ...before, provider: 'flat', bindings: [] });
    expect(adopted(task, [boundPort(vif, task)], { node, stored }).provider).to.equal('flat');
  });

  it('records the wanted provider, but not for bindings that another provider made', () => {
    const task = notedTask({ cleaning_vif_port_id: made, tenant_vif_port_id: vif });
    const ports = [ramdiskPort(made, task), boundPort(vif, task)];
    const rules = { provider: 'neutron' };
    expect(adopted(task, ports, { node: { network_interface: 'flat' }, rules }).provider).to.equal('neutron');
    const stored = recorded({ task, provider: 'flat', bindings: [boundBefore(made, task)] });
    expect(adopted(task, ports, { stored }).provider).to.equal('flat');
    expect(refusal(task, ports, { stored, rules })).to.contain('were made by network provider flat');
  });

  it('refuses an interface without a provider, and says what to give', () => {
    const task = notedTask({ tenant_vif_port_id: vif });
    const reasonOf = (network_interface: string | null) => refusal(task, [], { node: { network_interface } });
    expect(reasonOf('sdn')).to.contain('its network_interface "sdn" is unknown').and.to.contain('--network-provider');
    expect(reasonOf('noop')).to.contain('give --network-provider');
  });

  it('refuses a node that Ironic describes wrongly, with field and value', () => {
    const task = notedTask({ tenant_vif_port_id: vif });
    const [port] = task.ports;
    const wrong = { ...task, ports: port ? [{ ...port, address: 'aa:bb' }] : [] };
    expect(refusal(wrong, [])).to.contain('task.ports[0].address must be a MAC address').and.to.contain('aa:bb');
  });
});
