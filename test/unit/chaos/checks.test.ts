import { expect } from 'chai';

import { CHECKS, violationsIn } from '../../../chaos/checks/all.js';
import { boundNode, found, keptPromise, type MadeUp, makePort, NETWORKS, SECRET } from './evidence.js';

/** The element that must be there. */
function the<T>(item: T | undefined): T {
  if (item === undefined) throw new Error('the made-up run lacks what the test wants to change');
  return item;
}

/** The rows of a node that has at least two. */
function twoRows({ operations }: MadeUp): [MadeUp['operations'][number], MadeUp['operations'][number]] {
  for (const first of operations) {
    const second = operations.find((row) => row !== first && row.node_uuid === first.node_uuid);
    if (second !== undefined) return [first, second];
  }
  throw new Error('no node has two operations');
}

/** What is done to the evidence, the check that has to see it, and words of what it says. */
const VIOLATIONS: [what: string, check: keyof typeof CHECKS, says: RegExp, harm: (evidence: MadeUp) => void][] = [
  [
    'an accepted cast without a row',
    'outcomes = casts',
    /was accepted by RabbitMQ and has no row/,
    ({ operations }) => void operations.pop(),
  ],
  [
    'a cast with two rows',
    'outcomes = casts',
    /has 2 rows/,
    ({ operations }) => void operations.push({ ...the(operations[0]), id: 'another' }),
  ],
  [
    'a row that is still running',
    'outcomes = casts',
    /has not ended: its row is running/,
    ({ operations }) => void Object.assign(the(operations[0]), { status: 'running', finished_at: null, result: null }),
  ],
  [
    'a row of a cast that was never sent',
    'outcomes = casts',
    /was never sent/,
    ({ casts, plan }) => void casts.set(the(plan.casts[0]).requestId, { sent: null, confirmed: null, repeats: 0 }),
  ],
  [
    'a row that no cast made',
    'outcomes = casts',
    /operation stranger belongs to no cast/,
    ({ operations }) => void operations.push({ ...the(operations[0]), id: 'stranger', request_id: 'req-stranger' }),
  ],
  [
    'an outcome that is written over',
    'each outcome recorded once',
    /was written 2 times/,
    ({ written }) => void written.push({ ...the(written[0]), seq: written.length + 1 }),
  ],
  [
    'an outcome that another one should have',
    'outcomes as planned',
    /expected succeeded , got failed NetworkError: no answer/,
    ({ operations }) => {
      const { result } = the(operations.find((row) => row.status === 'succeeded'));
      const error = { class: 'NetworkError', module: 'ironic.common.exception', message: 'no answer' };
      Object.assign(the(result ?? undefined), { status: 'failed', error });
    },
  ],
  [
    'an answer that shows a cast that was done too early',
    'outcomes as planned',
    /expected VIFs .* got \{"nic":"early"\}/,
    ({ operations }) => {
      const { result } = the(operations.find((row) => row.result?.vifs !== undefined));
      Object.assign(the(result ?? undefined), { vifs: [{ id: 'early', port_uuid: 'nic', portgroup_uuid: null }] });
    },
  ],
  [
    'a NIC that was left out',
    'outcomes as planned',
    /expected bindings of ports .* got \[\]/,
    ({ operations }) => {
      const { result } = the(operations.find((row) => (row.result?.bindings.length ?? 0) > 0));
      Object.assign(the(result ?? undefined), { bindings: [] });
    },
  ],
  [
    'two outcomes of a node in the wrong order',
    'order per node',
    /ended before cast/,
    (evidence) => {
      const [first, second] = twoRows(evidence).map(({ id }) =>
        the(evidence.written.find((outcome) => outcome.operation_id === id)),
      );
      [the(first).seq, the(second).seq] = [the(second).seq, the(first).seq];
    },
  ],
  [
    'rows of a node that say the wrong order',
    'order per node, by finished_at',
    /ended before cast/,
    (evidence) => {
      const [first, second] = twoRows(evidence);
      first.finished_at = new Date(the(second.finished_at ?? undefined).getTime() + 1);
    },
  ],
  [
    'a result that was never delivered',
    'every result delivered',
    /was never delivered/,
    ({ results }) => void results.pop(),
  ],
  [
    'two deliveries of a result that differ',
    'every result delivered',
    /1 of 2 results of operation .* differ from its row/,
    ({ results }) => void results.push({ ...the(results[0]), result: { status: 'failed' } }),
  ],
  [
    'a result of nothing',
    'every result delivered',
    /for operation ghost, which has no row/,
    ({ results }) => void results.push({ ...the(results[0]), operationId: 'ghost' }),
  ],
  [
    'a port that Neutron lost',
    'ports = outcomes',
    /stands by the outcomes, and Neutron does not have it/,
    ({ ports }) =>
      void ports.splice(
        ports.findIndex((port) => port['binding:host_id'] !== ''),
        1,
      ),
  ],
  [
    'a port that is not ACTIVE',
    'ports = outcomes',
    /status is DOWN, must be ACTIVE/,
    ({ ports }) => void Object.assign(the(ports.find((port) => port.status === 'ACTIVE')), { status: 'DOWN' }),
  ],
  [
    'a port with another MAC address',
    'ports = outcomes',
    /mac_address is 52:00:00:00:00:00, must be/,
    ({ ports }) =>
      void Object.assign(the(ports.find((port) => port.status === 'ACTIVE')), { mac_address: '52:00:00:00:00:00' }),
  ],
  [
    'a port on another network',
    'ports = outcomes',
    /network_id is elsewhere, must be/,
    ({ ports }) => void Object.assign(the(ports.find((port) => port.status === 'ACTIVE')), { network_id: 'elsewhere' }),
  ],
  [
    'a port on another host',
    'ports = outcomes',
    /binding:host_id is elsewhere, must be/,
    ({ ports }) =>
      void Object.assign(the(ports.find((port) => port.status === 'ACTIVE')), { 'binding:host_id': 'elsewhere' }),
  ],
  [
    'a node that is bound more than its outcomes say',
    'ports = outcomes',
    /port extra bound to the node, of which no outcome says/,
    (evidence) => {
      const { uuid } = boundNode(evidence);
      evidence.ports.push(makePort({ id: 'extra', network_id: NETWORKS.cleaning, 'binding:host_id': uuid }));
    },
  ],
  [
    'a binding that is not recorded',
    'recorded bindings = outcomes',
    /stands and is not recorded/,
    ({ bindings }) => void bindings.pop(),
  ],
  [
    'a binding that is recorded and does not stand',
    'recorded bindings = outcomes',
    /cleaning gone is recorded and does not stand/,
    (evidence) => {
      const { uuid } = boundNode(evidence);
      evidence.bindings.push({ node_uuid: uuid, network_type: 'cleaning', neutron_port_id: 'gone' });
    },
  ],
  [
    'a stray port',
    'no stray port',
    /port stray on the provisioning network is stray/,
    ({ ports }) => void ports.push(makePort({ id: 'stray', network_id: NETWORKS.provisioning, 'binding:host_id': '' })),
  ],
  [
    "a tenant's port that keeps a NIC's MAC address",
    'no stray port',
    /is not bound and keeps NIC/,
    (evidence) => {
      const free = the(evidence.ports.find((port) => port['binding:host_id'] === ''));
      const nic = the(evidence.plan.nodes.find(({ provider }) => provider === 'neutron')?.nics[0]);
      Object.assign(free, { mac_address: nic.address.toUpperCase() });
    },
  ],
  [
    "a tenant's port that is gone",
    'no stray port',
    /the tenant's port .* is gone/,
    ({ ports }) =>
      void ports.splice(
        ports.findIndex((port) => port['binding:host_id'] === ''),
        1,
      ),
  ],
  [
    'a node on two kinds of networks',
    'no node on two kinds of networks',
    /on networks of two kinds/,
    (evidence) => {
      const { uuid } = boundNode(evidence);
      const other = the(
        Object.values(NETWORKS).find((id) =>
          evidence.ports.every((port) => port.network_id !== id || port['binding:host_id'] !== uuid),
        ),
      );
      evidence.ports.push(makePort({ id: 'second', network_id: other, 'binding:host_id': uuid }));
    },
  ],
  [
    'a dead letter that is missing',
    'dead letters as planned',
    /is not in the dead-letter queue/,
    ({ deadLetters }) => void deadLetters.pop(),
  ],
  [
    'a failure that left no dead letter',
    'dead letters as planned',
    /\(add_inspection_network, .*\) is not in the dead-letter queue, where it must be as internal_error/,
    ({ deadLetters }) =>
      void deadLetters.splice(
        deadLetters.findIndex(({ headers }) => 'netprov-operation-id' in headers),
        1,
      ),
  ],
  [
    'a dead letter for another reason',
    'dead letters as planned',
    /is dead for poison instead of/,
    ({ deadLetters }) => void Object.assign(the(deadLetters[0]).headers, { 'netprov-reason': 'poison' }),
  ],
  [
    'a message that is a dead letter twice',
    'dead letters as planned',
    /was sent 1 times and is dead 2 times/,
    ({ deadLetters }) => void deadLetters.push(the(deadLetters[0])),
  ],
  [
    'a dead letter nobody planned',
    'dead letters as planned',
    /a dead letter nobody planned: retries_exhausted/,
    ({ deadLetters }) => void deadLetters.push({ headers: { 'netprov-reason': 'retries_exhausted' }, body: '' }),
  ],
  [
    'a password in a log',
    'no secret in a log',
    /RabbitMQ's password is in the log of worker-1 \(1 times in all\): url=\*\*\*/,
    ({ logs }) => void logs.push({ worker: 'worker-1', text: `url=${SECRET}` }),
  ],
  [
    'a password in a row',
    'no secret in a log',
    /RabbitMQ's password is in the row of operation/,
    ({ operations }) => void Object.assign(the(operations[0]), { last_error: SECRET }),
  ],
];

describe('the checks of script/chaos', () => {
  it('find nothing where the promise was kept', () => {
    expect(found(keptPromise())).to.deep.equal([]);
  });

  for (const [what, check, says, harm] of VIOLATIONS) {
    it(`find ${what}`, () => {
      const evidence = keptPromise();
      harm(evidence);
      const own = violationsIn(evidence).filter((violation) => violation.check === check);
      expect(own.map(({ detail }) => detail).join('\n')).to.match(says);
    });
  }

  it('can each find a violation', () => {
    expect(Object.keys(CHECKS).filter((check) => VIOLATIONS.every(([, other]) => other !== check))).to.deep.equal([]);
  });

  it('allow what workers cast themselves, where it succeeded', () => {
    const evidence = keptPromise();
    const cast = the(evidence.operations[0]);
    const own = { ...cast, id: 'own', request_id: null, method: 'reconcile', status: 'succeeded' };
    evidence.operations.push(own);
    const check = 'outcomes = casts';
    expect(found(evidence).filter((line) => line.startsWith(check))).to.deep.equal([]);
    Object.assign(own, { status: 'failed' });
    expect(found(evidence).filter((line) => line.startsWith(check))).to.have.length(1);
  });

  it('neither require nor forbid a row of a cast that was not confirmed', () => {
    const evidence = keptPromise();
    const lost = the(evidence.operations.pop());
    const kept = the(evidence.operations[0]);
    for (const requestId of [lost.request_id, kept.request_id]) {
      Object.assign(the(evidence.casts.get(requestId ?? '')), { confirmed: null });
    }
    const own = violationsIn(evidence).filter(({ check }) => check === 'outcomes = casts');
    expect(own).to.deep.equal([]);
  });
});
