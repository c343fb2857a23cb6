import { expect } from 'chai';

import { assertOutcome } from '../../../src/worker/outcome.js';
import { makeBinding } from '../../support/tasks.js';

describe('what a provider answers with', () => {
  const binding = makeBinding({ fixed_ips: [{ subnet_id: 's', ip_address: '192.0.2.1' }] });
  const nic = { port_uuid: binding.port_uuid, portgroup_uuid: null };

  it('is taken as the interface says it, in part too', () => {
    const failures = [{ ...nic, reason: 'x'.repeat(5000) }];
    const vifs = [{ id: 'vif-1', ...nic }];
    for (const outcome of [
      {},
      { bindings: [], failures: [] },
      { bindings: [binding, makeBinding({ port_uuid: null })], failures, warnings: failures, vifs },
      { current_vif: null, need_power_on: true, network_data: {} },
    ]) {
      expect(() => {
        assertOutcome(outcome);
      }).not.to.throw();
    }
  });

  const refused: [unknown, string][] = [
    [undefined, 'the outcome must be an object, not undefined'],
    [null, 'the outcome must be an object, not null'],
    [{ bindings: binding }, 'bindings must be a list, not object'],
    [{ bindings: [null] }, 'bindings[0] must be an object, not null'],
    [{ bindings: [{ ...binding, status: undefined }] }, 'bindings[0].status must be a text of at most 16 characters'],
    [
      { bindings: [binding, { ...binding, neutron_port_id: 'x'.repeat(40) }] },
      'bindings[1].neutron_port_id must be a text of at most 36 characters, not "xxxx',
    ],
    [{ bindings: [{ ...binding, port_uuid: 5 }] }, 'bindings[0].port_uuid must be a text'],
    [{ bindings: [{ ...binding, fixed_ips: null }] }, 'bindings[0].fixed_ips must be a list, not null'],
    [{ bindings: [{ ...binding, profile: 'x' }] }, 'bindings[0].profile must be an object, not "x"'],
    [{ failures: ['no'] }, 'failures[0] must be an object, not "no"'],
    [{ warnings: {} }, 'warnings must be a list'],
    [{ vifs: [{ id: 5, ...nic }] }, 'vifs[0].id must be a text of at most 36 characters, not number'],
  ];
  for (const [outcome, message] of refused) {
    it(`is refused: ${message}`, () => {
      expect(() => {
        assertOutcome(outcome);
      }).to.throw(TypeError, message);
    });
  }
});
