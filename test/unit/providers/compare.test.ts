import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import type { RecordedBinding, Task } from '../../../src/contract/types.js';
import type { NeutronPort } from '../../../src/neutron/resources.js';
import { compareNode, type ComparisonRules } from '../../../src/providers/neutron/reconcile/compare.js';
import { refOf } from '../../../src/providers/ports/port-like.js';
import { makeBinding, makePort, makePortgroup, makeTask, withVif } from '../../../testkit/fixtures/tasks.js';

const LINK = { local_link_information: [{ switch_id: '00:11:22:33:44:55', port_id: 'Ethernet1/1' }] };
const RULES: ComparisonRules = { wired: true, networks: new Map(), unknown: false };
const FLAT: ComparisonRules = { ...RULES, wired: false };

/** A Neutron port as a binding has it on record. */
function portOf(binding: RecordedBinding, fields: Partial<NeutronPort> = {}): NeutronPort {
  return {
    id: binding.neutron_port_id,
    network_id: binding.network_id,
    mac_address: binding.mac_address,
    admin_state_up: true,
    status: binding.status,
    device_owner: '',
    device_id: '',
    fixed_ips: [],
    'binding:host_id': binding.host_id,
    'binding:vnic_type': binding.vnic_type,
    'binding:vif_type': binding.vif_type,
    'binding:profile': binding.profile,
    name: '',
    ...fields,
  };
}

describe('the comparison of a node with Neutron', () => {
  let task: Task;
  beforeEach(() => {
    task = makeTask();
  });

  const bindingOn = (
    network_type: RecordedBinding['network_type'],
    fields: Partial<RecordedBinding> = {},
  ): RecordedBinding => ({
    ...makeBinding({ port_uuid: task.ports[0]?.uuid ?? null, host_id: task.node.uuid, profile: LINK, ...fields }),
    network_type,
  });
  /** Kinds of what differs. */
  const compare = (recorded: RecordedBinding[], ports: NeutronPort[], rules = RULES): string[] =>
    compareNode({ task, recorded }, new Map(ports.map((port) => [port.id, port])), rules).map(({ kind }) => kind);
  const stray = (fields: Partial<NeutronPort>): NeutronPort => portOf(bindingOn('tenant'), fields);

  it("tells by the profile whether a stray port is a portgroup's or that of a member with its address", () => {
    const group = makePortgroup({ address: '52:54:00:00:00:0a' });
    const nic = (address: string) => makePort({ address, portgroup_uuid: group.uuid });
    const ports = [nic('52:54:00:00:00:0a'), nic('52:54:00:00:00:0b')];
    task = makeTask({ node: task.node, ports, portgroups: [group] });
    const whole = { ...LINK, local_group_information: { id: group.uuid } };
    const [first, second] = ports.map(({ uuid }) => ({ port_uuid: uuid, portgroup_uuid: null }));
    const ofGroup = { port_uuid: null, portgroup_uuid: group.uuid };
    for (const [mac_address, profile, ref] of [
      ['52:54:00:00:00:0A', LINK, first],
      ['52:54:00:00:00:0a', whole, ofGroup],
      ['52:54:00:00:00:0a', {}, ofGroup],
      ['52:54:00:00:00:0b', whole, ofGroup],
      ['52:54:00:00:00:0b', LINK, second],
      ['52:54:00:00:00:0c', whole, { port_uuid: null, portgroup_uuid: null }],
    ] as const) {
      const port = portOf(bindingOn('tenant'), { mac_address, 'binding:profile': profile });
      expect(refOf(port, { task }), `${mac_address} ${JSON.stringify(profile)}`).to.deep.equal(ref);
    }
  });

  it('finds nothing where nothing is on record and nothing is there', () => {
    expect(compare([], [])).to.deep.equal([]);
  });

  describe('of what is on record', () => {
    const differs: [string, Partial<NeutronPort> | null, string[]][] = [
      ['as it is', {}, []],
      ['with its MAC address in capitals', { mac_address: '' }, []],
      ['gone', null, ['missing_port']],
      ['on another host', { 'binding:host_id': 'elsewhere' }, ['wrong_host']],
      ['on no host', { 'binding:host_id': '', 'binding:vif_type': 'unbound', status: 'DOWN' }, ['wrong_host']],
      ['with another link', { 'binding:profile': { local_link_information: [] } }, ['wrong_profile']],
      ['with a key in the profile that is not about cables', { 'binding:profile': { ...LINK, os_vif: 1 } }, []],
      ['with another MAC address', { mac_address: '52:54:00:00:00:01' }, ['wrong_mac']],
      ['with a failed binding', { 'binding:vif_type': 'binding_failed', status: 'DOWN' }, ['binding_failed']],
      ['unbound, with its host', { 'binding:vif_type': 'unbound', status: 'DOWN' }, ['binding_failed']],
      ['DOWN', { status: 'DOWN' }, ['not_active']],
      ['in ERROR, with another link', { status: 'ERROR', 'binding:profile': {} }, ['wrong_profile', 'not_active']],
    ];
    for (const type of ['cleaning', 'tenant'] as const) {
      for (const [what, fields, kinds] of differs) {
        it(`a ${type} port ${what}: ${kinds.join() || 'nothing'}`, () => {
          const binding = bindingOn(type);
          const upper = fields?.mac_address === '' ? { mac_address: binding.mac_address.toUpperCase() } : {};
          expect(compare([binding], fields === null ? [] : [portOf(binding, { ...fields, ...upper })])).to.deep.equal(
            kinds,
          );
        });
      }
    }

    it('does not require more than was true when the binding was recorded', () => {
      for (const fields of [{ status: 'DOWN' }, { vif_type: 'binding_failed', status: 'DOWN' }]) {
        const binding = bindingOn('provisioning', fields);
        expect(compare([binding], [portOf(binding)])).to.deep.equal([]);
      }
    });

    it('compares a portgroup by the links of all its members', () => {
      const group = makePortgroup();
      const two = { local_link_information: [...LINK.local_link_information, { switch_id: 'b', port_id: '2' }] };
      const binding = bindingOn('cleaning', { port_uuid: null, portgroup_uuid: group.uuid, profile: two });
      expect(compare([binding], [portOf(binding)])).to.deep.equal([]);
      expect(compare([binding], [portOf(binding, { 'binding:profile': LINK })])).to.deep.equal(['wrong_profile']);
    });

    it('compares a smart NIC by the host that it is', () => {
      const binding = bindingOn('tenant', { host_id: 'smart-1', vnic_type: 'smart-nic' });
      expect(compare([binding], [portOf(binding)])).to.deep.equal([]);
      expect(compare([binding], [portOf(binding, { 'binding:host_id': task.node.uuid })])).to.deep.equal([
        'wrong_host',
      ]);
    });

    it('names a port once that serves several types of network', () => {
      const binding = bindingOn('tenant');
      expect(compare([binding, { ...binding, network_type: 'rescuing' }], [], FLAT)).to.deep.equal(['missing_port']);
    });

    it("does not compare a VIF's profile under flat, but that of a port that netprov made", () => {
      for (const [type, kinds] of [
        ['tenant', []],
        ['rescuing', []],
        ['cleaning', ['wrong_profile']],
      ] as const) {
        const binding = bindingOn(type);
        expect(compare([binding], [portOf(binding, { 'binding:profile': {} })], FLAT)).to.deep.equal(kinds);
      }
    });

    it('says in a sentence what differs, and of what', () => {
      const binding = bindingOn('cleaning');
      const [finding] = compareNode({ task, recorded: [binding] }, new Map(), RULES);
      expect(finding).to.deep.equal({
        kind: 'missing_port',
        network_type: 'cleaning',
        neutron_port_id: binding.neutron_port_id,
        port_uuid: binding.port_uuid,
        portgroup_uuid: null,
        reason: `Neutron port ${binding.neutron_port_id}, on record on the cleaning network, does not exist in Neutron`,
        repaired: false,
      });
    });
  });

  describe('of what is not on record', () => {
    const marks = (): Partial<NeutronPort> => ({ device_owner: 'baremetal:none', device_id: task.node.uuid });
    const network = randomUUID();
    const rules: ComparisonRules = { ...RULES, networks: new Map([[network, 'cleaning']]) };

    it('includes ports of ours, on a management network or bound to the node', () => {
      const unbound = { 'binding:host_id': '' };
      expect(compare([], [stray({ ...marks(), ...unbound, network_id: network })], rules)).to.deep.equal([
        'stray_port',
      ]);
      expect(compare([], [stray(marks())], rules)).to.deep.equal(['stray_port']);
      expect(compare([], [stray({ ...marks(), ...unbound })], rules)).to.deep.equal([]);
    });

    it('has ports of the instance that we made, and no others of it', () => {
      task.node.instance_uuid = randomUUID();
      const own = { device_id: task.node.instance_uuid, network_id: network, 'binding:host_id': '' };
      expect(compare([], [stray({ ...own, device_owner: 'baremetal:none' })], rules)).to.deep.equal(['stray_port']);
      expect(compare([], [stray({ ...own, device_owner: 'compute:nova' })], rules)).to.deep.equal([]);
    });

    it('has nothing of other nodes', () => {
      const other = { device_owner: 'baremetal:none', device_id: randomUUID(), 'binding:host_id': randomUUID() };
      expect(compare([], [stray({ ...other, network_id: network })], rules)).to.deep.equal([]);
    });

    it('has VIFs that are plugged into the node, attached or not', () => {
      const vif = stray({});
      expect(compare([], [vif])).to.deep.equal(['stray_binding']);
      task.ports = [withVif(task.ports[0] ?? makePort(), vif.id)];
      expect(compare([], [vif])).to.deep.equal(['stray_binding']);
      expect(compare([], [{ ...vif, 'binding:host_id': '' }])).to.deep.equal([]);
    });

    it('has no VIF that only names the node, for its addresses or by an older Nova', () => {
      expect(compare([], [stray({ 'binding:profile': {} })])).to.deep.equal([]);
      expect(compare([], [stray({ 'binding:profile': { local_link_information: [] } })])).to.deep.equal([]);
      const deferred = stray({ 'binding:profile': {}, ip_allocation: 'deferred' });
      expect(compare([], [deferred], FLAT)).to.deep.equal([]);
      expect(compare([], [{ ...deferred, ip_allocation: 'immediate' }], FLAT)).to.deep.equal(['stray_binding']);
    });

    it('has no VIF of a node that was in use before it came here', () => {
      task.node.provision_state = 'active';
      expect(compare([], [stray({})], { ...RULES, unknown: true })).to.deep.equal([]);
      expect(compare([], [stray({})])).to.deep.equal(['stray_binding']);
    });

    it('has a VIF on a smart NIC, which is a host of its own', () => {
      const link = { port_id: 'rep0-0', hostname: 'smart-1' };
      const vif = stray({ 'binding:host_id': 'smart-1', 'binding:vnic_type': 'smart-nic' });
      expect(compare([], [vif])).to.deep.equal([]);
      task.ports = [withVif(makePort({ is_smartnic: true, local_link_connection: link }), vif.id)];
      expect(compare([], [vif])).to.deep.equal(['stray_binding']);
    });
  });

  describe('of both kinds of networks', () => {
    it('finds a node on both, however it came there', () => {
      const [cleaning, tenant] = [bindingOn('cleaning'), bindingOn('tenant')];
      const ports = [portOf(cleaning), portOf(tenant)];
      expect(compare([cleaning, tenant], ports)).to.deep.equal(['two_networks']);
      expect(compare([cleaning], ports)).to.deep.equal(['stray_binding', 'two_networks']);
      const [made, vif] = ports;
      const marked = { ...(made ?? stray({})), device_owner: 'baremetal:none', device_id: task.node.uuid };
      expect(compare([tenant], [marked, vif ?? stray({})])).to.deep.equal(['stray_port', 'two_networks']);
      expect(compare([cleaning, tenant], ports, FLAT), 'where both are one').to.deep.equal([]);
    });

    it('finds none on both where one of them is unbound', () => {
      const [cleaning, tenant] = [bindingOn('cleaning'), bindingOn('tenant')];
      const unbound = portOf(tenant, { 'binding:host_id': '' });
      expect(compare([cleaning, tenant], [portOf(cleaning), unbound])).to.deep.equal(['wrong_host']);
    });
  });
});
