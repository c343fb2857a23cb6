import { expect } from 'chai';

import type { Arrival } from '../../testkit/wire/flood.js';
import { Judge } from '../../testkit/wire/judge.js';
import { oneLag, phasesOf, twoNics } from '../../testkit/wire/moves.js';
import { NETWORKS, stations } from '../../testkit/wire/stations.js';

const vlans = Object.fromEntries(NETWORKS.map((name, index) => [name, 100 + index]));
const judge = new Judge(stations(vlans), { node1: phasesOf(twoNics()), node2: phasesOf(oneLag()) });

/** Frames from node1's first NIC, on the cleaning network, to the conductor's NIC there. */
function frames(fields: Partial<Arrival> = {}): Arrival {
  const from = { from: 'node1', from_nic: 'eth0', sent_phase: 'cleaning' };
  const at = { at: 'conductor', nic: 'eth1', phase: '' };
  return { ...from, ...at, tag: 0, kind: 'plain', reply: false, n: 1, bin: 0, first: 0, last: 0, ...fields };
}

describe('what the wire test says of frames', () => {
  const cases: [what: string, fields: Partial<Arrival>, verdict: string][] = [
    ['both ends are on one network', {}, 'right'],
    ['the node is on another network', { sent_phase: 'provisioning' }, 'astray'],
    ['the node is parked', { sent_phase: 'parked' }, 'astray'],
    ['the node is on its way to the network', { sent_phase: 'parked>cleaning' }, 'right'],
    ['the node is on its way from the network', { sent_phase: 'cleaning>parked' }, 'right'],
    ['the node is on its way elsewhere', { sent_phase: 'parked>provisioning' }, 'astray'],
    ['the NIC does not boot from the network', { from_nic: 'eth1' }, 'astray'],
    ['they arrive with a VLAN tag', { tag: 101 }, 'astray'],
    ['the sender gave them a VLAN tag', { kind: 'tagged' }, 'astray'],
    ['the first NIC of a tenant', { sent_phase: 'tenant', at: 'tenant-a', nic: 'eth0' }, 'right'],
    ['the second NIC of a tenant', { sent_phase: 'tenant', from_nic: 'eth1', at: 'tenant-b', nic: 'eth0' }, 'right'],
    ["one tenant's NIC at another tenant", { sent_phase: 'tenant', at: 'tenant-b', nic: 'eth0' }, 'astray'],
    ['two nodes are on one network', { at: 'node2', nic: 'bond0', phase: 'cleaning' }, 'right'],
    ['two nodes are on different networks', { at: 'node2', nic: 'bond0', phase: 'rescuing' }, 'astray'],
    ['two nodes are parked', { sent_phase: 'parked', at: 'node2', nic: 'bond0', phase: 'parked' }, 'parked'],
  ];
  for (const [what, fields, verdict] of cases) {
    it(`${what}: ${verdict}`, () => {
      expect(judge.verdict(frames(fields))).to.equal(verdict);
    });
  }

  it('an answer to a ping is right while the node may be where the ping went', () => {
    const answer = { at: 'node1', nic: 'eth0', kind: 'ping>conductor/eth1', reply: true, sent_phase: 'cleaning' };
    expect(judge.verdict(frames({ ...answer, phase: 'cleaning' }))).to.equal('right');
    expect(judge.verdict(frames({ ...answer, phase: 'parked' }))).to.equal('astray');
  });
});
