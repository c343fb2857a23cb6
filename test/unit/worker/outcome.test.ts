import { expect } from 'chai';

import { NetworkError } from '../../../src/contract/errors.js';
import { readOutcome, readRepairedNode } from '../../../src/worker/provider-call.js';
import { makeBinding } from '../../../testkit/fixtures/tasks.js';

const nested = (levels: number): object => (levels === 0 ? {} : { deeper: nested(levels - 1) });
/** Has the same values 2^levels times. */
const doubled = (levels: number): object => {
  let list: unknown = 0;
  for (let level = 0; level < levels / 2; level++) list = [list, list, list, list];
  return { list };
};

describe('what a provider answers with', () => {
  const binding = makeBinding({ fixed_ips: [{ subnet_id: 's', ip_address: '192.0.2.1' }] });
  const nic = { port_uuid: binding.port_uuid, portgroup_uuid: null };
  const cleaning = { ...binding, network_type: 'cleaning' as const };
  const finding = { kind: 'stray_port', network_type: null, neutron_port_id: 'n', ...nic, reason: 'x', repaired: true };

  it('is accepted as the interface describes it, also in part', () => {
    const failures = [{ ...nic, reason: 'x'.repeat(5000) }];
    const error = new NetworkError('no');
    for (const outcome of [
      {},
      { bindings: [], failures: [] },
      { bindings: [binding, makeBinding({ port_uuid: null })], failures, warnings: failures },
      { warnings: [{ ...nic, kind: 'removal_unproven', reason: 'x' }] },
      { vifs: [{ id: 'vif-1', ...nic }] },
      { vifs: ['vif-1', 'vif-2'].map((id) => ({ id, port_uuid: null, portgroup_uuid: null })) },
      { current_vif: null, need_power_on: true, network_data: { links: [{ id: 1.5, mtu: null }] } },
      { standing: [{ ...binding, network_type: 'tenant' as const }, cleaning], findings: [finding] },
      { bindings: [], failures: [], error },
    ]) {
      expect(readOutcome(outcome)).to.deep.equal(outcome);
    }
    const repaired = { bindings: [], findings: [finding] };
    expect(readRepairedNode(repaired)).to.deep.equal(repaired);
    expect(readRepairedNode({ ...repaired, warnings: failures })).to.deep.equal({ ...repaired, warnings: failures });
  });

  it('has null for missing owners, and omits fields without a value', () => {
    const { port_uuid } = nic;
    const profile = { vlan: 5, none: undefined };
    const outcome = { bindings: [{ ...binding, profile, portgroup_uuid: undefined }], vifs: undefined, warnings: [] };
    expect(readOutcome({ ...outcome, failures: [{ port_uuid, reason: 'x' }] })).to.deep.equal({
      bindings: [{ ...binding, profile: { vlan: 5 } }],
      warnings: [],
      failures: [{ ...nic, reason: 'x' }],
    });
  });

  const refused: [string, unknown, string][] = [
    ['nothing', undefined, 'expected object'],
    ['null', null, 'expected object'],
    ['a key that it does not have', { binding: [] }, '"binding"'],
    ['no list', { bindings: binding }, 'bindings: Invalid input: expected array'],
    ['a warning whose kind is no text', { warnings: [{ ...nic, kind: 1, reason: '' }] }, 'warnings[0].kind: '],
    ['a warning with a long kind', { warnings: [{ ...nic, kind: 'x'.repeat(65), reason: '' }] }, 'warnings[0].kind: '],
    ['more items than a node can have', { failures: Array(1025).fill({ ...nic, reason: '' }) }, 'failures: Too big'],
    ['a binding that is none', { bindings: [null] }, 'bindings[0]: Invalid input: expected object'],
    ['a binding with a key of its own', { bindings: [{ ...binding, 'x = 1': 2 }] }, 'bindings[0]: Unrecognized key'],
    ['a binding without a status', { bindings: [{ ...binding, status: undefined }] }, 'bindings[0].status: '],
    [
      'an id that is too long for its column',
      { bindings: [binding, { ...binding, neutron_port_id: 'x'.repeat(40) }] },
      'bindings[1].neutron_port_id: Too big: expected string to have <=36 characters',
    ],
    ['a port that is no text', { bindings: [{ ...binding, port_uuid: 5 }] }, 'bindings[0].port_uuid: '],
    [
      'one Neutron port twice, of which the record has one',
      { bindings: [binding, makeBinding(), { ...binding, port_uuid: null }] },
      `bindings[2].neutron_port_id: ${binding.neutron_port_id} is also that of item 0`,
    ],
    [
      'one that differs in what the database does not see',
      { bindings: ['a', 'a '].map((name) => ({ ...binding, neutron_port_id: name })) },
      'bindings[1].neutron_port_id: a is also that of item 0',
    ],
    [
      'one Neutron port twice on one network',
      { standing: [cleaning, { ...cleaning, network_type: 'tenant' }, cleaning] },
      `standing[2].neutron_port_id: ${binding.neutron_port_id} on the cleaning network is also that of item 0`,
    ],
    [
      'two VIFs of one port',
      {
        vifs: [
          { id: 'a', ...nic },
          { id: 'b', ...nic },
        ],
      },
      `vifs[1].port_uuid or portgroup_uuid: ${String(nic.port_uuid)} is also that of item 0`,
    ],
    ['addresses that are no list', { bindings: [{ ...binding, fixed_ips: null }] }, 'bindings[0].fixed_ips: '],
    ['an address that is none', { bindings: [{ ...binding, fixed_ips: ['x'] }] }, 'bindings[0].fixed_ips[0]: '],
    ['a profile that is no object', { bindings: [{ ...binding, profile: 'x' }] }, 'bindings[0].profile: must be'],
    ['a profile with what JSON has not', { bindings: [{ ...binding, profile: { n: NaN } }] }, 'bindings[0].profile: '],
    ['a number of 65 bits', { bindings: [{ ...binding, profile: { n: 2n ** 64n } }] }, 'bindings[0].profile: '],
    ['a date in a profile', { bindings: [{ ...binding, profile: { at: new Date() } }] }, 'bindings[0].profile: '],
    ['a profile of too many levels', { bindings: [{ ...binding, profile: nested(20) }] }, 'bindings[0].profile: '],
    ['a profile of too many values', { bindings: [{ ...binding, profile: doubled(20) }] }, 'bindings[0].profile: '],
    [
      'more than can be committed',
      { bindings: Array.from({ length: 8 }, () => makeBinding({ profile: { text: 'x'.repeat(300_000) } })) },
      'characters as JSON; the maximum is 2097152',
    ],
    ['a failure that is none', { failures: ['no'] }, 'failures[0]: '],
    ['a failure without a sentence', { failures: [nic] }, 'failures[0].reason: '],
    ['warnings that are no list', { warnings: {} }, 'warnings: '],
    ['a VIF whose id is no text', { vifs: [{ id: 5, ...nic }] }, 'vifs[0].id: '],
    ['a current VIF that is no text', { current_vif: {} }, 'current_vif: '],
    ['a power state that is no truth value', { need_power_on: 'yes' }, 'need_power_on: '],
    ['network data that are no object', { network_data: [1] }, 'network_data: must be an object'],
    ['a network type that is none', { standing: [{ ...binding, network_type: 'x' }] }, 'standing[0].network_type: '],
    ['a finding without its kind', { findings: [{ ...finding, kind: undefined }] }, 'findings[0].kind: '],
    ['an error that is none of Ironic', { error: new Error('no') }, 'error: must be an IronicError'],
    ['an error without a usable name', { error: Object.assign(new NetworkError('no'), { name: 'a b' }) }, 'error: '],
  ];
  for (const [title, outcome, message] of refused) {
    it(`is refused: ${title}`, () => {
      expect(() => readOutcome(outcome)).to.throw(TypeError, message);
    });
  }

  it('is refused after a repair of a node, too', () => {
    expect(() => readRepairedNode({ bindings: [binding], findings: [] })).to.throw(
      TypeError,
      'bindings[0].network_type: ',
    );
    expect(() => readRepairedNode({ bindings: [cleaning, cleaning], findings: [] })).to.throw(
      TypeError,
      'bindings[1].neutron_port_id: ',
    );
    expect(() => readRepairedNode({ bindings: [] })).to.throw(TypeError, 'findings: ');
  });

  it('is refused when it contains itself', () => {
    const profile: Record<string, unknown> = {};
    profile['self'] = profile;
    expect(() => readOutcome({ bindings: [{ ...binding, profile }] })).to.throw(TypeError, 'bindings[0].profile: ');
  });
});
