import { expect } from 'chai';

import { findingsIn, WIRE_CHECKS, type WireFinding } from '../../../chaos/wire/checks.js';
import type { MadeMove, Rest, WireEvidence } from '../../../chaos/wire/evidence.js';
import type { WireFaultKind } from '../../../chaos/wire/kinds.js';
import { Rounds } from '../../../chaos/wire/plan.js';
import { wireStoryOf, wireSummaryOf, wireTablesOf } from '../../../chaos/wire/summary.js';
import type { OperationResult } from '../../../src/index.js';
import type { Arrival } from '../../../testkit/wire/flood.js';
import { Judge } from '../../../testkit/wire/judge.js';
import { CLEANING, FROM_TENANT, type Move, oneLag, phasesOf, TO_TENANT, twoNics } from '../../../testkit/wire/moves.js';
import { NETWORKS, PARKING_VLAN, stations } from '../../../testkit/wire/stations.js';

const VLANS = Object.fromEntries(NETWORKS.map((name, index) => [name, 100 + index]));
const [ADD, REMOVE] = CLEANING as readonly [Move, Move];

const result = (status: 'succeeded' | 'failed'): OperationResult =>
  ({ operation_id: 'operation', status, error: null }) as Partial<OperationResult> as OperationResult;

interface Looked extends Partial<Omit<Rest, 'made'>> {
  made?: Partial<MadeMove>;
}

/** A run of one round, in which node1 made one move, and what was seen of it; right unless something else is given. */
function runOf(
  move: Move,
  kind: WireFaultKind | null,
  seen: Looked = {},
  arrivals: Partial<Arrival>[] = [],
): WireEvidence {
  const walkers = [twoNics(), oneLag()];
  const networks = move.after === 'parked' ? [] : move.after === 'tenant' ? ['tenant-a', 'tenant-b'] : [move.after];
  const made = { node: 'node1', move, begin: 1000, end: 5000, result: result('succeeded'), quarantined: true };
  const rest: Rest = {
    after: 'fault',
    recorded: networks,
    bound: networks.map((network) => ({ network, status: 'ACTIVE' })),
    answered: networks.slice(0, 1),
    vlans: [0, 1].map((index) => VLANS[networks[index] ?? ''] ?? PARKING_VLAN),
    ...seen,
    made: { ...made, ...seen.made },
  };
  const own = { ...new Rounds(1, ['node1']).next(), id: 7, kind, moves: { node1: move } };
  return {
    seed: 1,
    walkers,
    vlans: VLANS,
    judge: new Judge(stations(VLANS), Object.fromEntries(walkers.map((walker) => [walker.name, phasesOf(walker)]))),
    rounds: [{ planned: own, begin: 900, end: 9000, moves: [rest.made], rests: [rest], outside: [] }],
    counted: { arrivals: arrivals.map(frames), sent: [], dropped: 0 },
    settings: [{ port: 'n1e0', vlan: VLANS['quarantine'] ?? 0, at: 2000 }],
  };
}

/** Frames from node1's first NIC, which is parked, to the conductor's NIC on the cleaning network. */
function frames(fields: Partial<Arrival>): Arrival {
  const from = { from: 'node1', from_nic: 'eth0', sent_phase: 'parked' };
  const at = { at: 'conductor', nic: 'eth1', phase: '' };
  return { ...from, ...at, tag: 0, kind: 'plain', reply: false, n: 3, bin: 6000, first: 6000, last: 6100, ...fields };
}

const found = (evidence: WireEvidence): Pick<WireFinding, 'check' | 'limit' | 'n'>[] =>
  findingsIn(evidence).map(({ check, limit, n }) => ({ check, limit, n }));

describe('the checks of script/chaos --wire', () => {
  it('find nothing in a run in which everything is as the record says', () => {
    for (const move of [ADD, REMOVE, TO_TENANT, FROM_TENANT]) expect(findingsIn(runOf(move, null))).to.deep.equal([]);
    const lag = {
      recorded: ['cleaning', 'cleaning'],
      bound: ['1', '2'].map(() => ({ network: 'cleaning', status: 'ACTIVE' })),
    };
    expect(
      findingsIn(runOf(ADD, null, { ...lag, made: { node: 'node2' }, vlans: [VLANS['cleaning'] ?? 0] })),
    ).to.deep.equal([]);
  });

  const violations: [what: string, check: (typeof WIRE_CHECKS)[number], evidence: WireEvidence][] = [
    ['a frame of a node that the record has on no network', 'frames = record', runOf(REMOVE, 'switch-away', {}, [{}])],
    [
      'such a frame, which was never told to leave, without quarantine',
      'frames = record',
      { ...runOf(REMOVE, 'switch-away', { made: { quarantined: false } }, [{}]), settings: [] },
    ],
    ['a frame with a VLAN tag', 'frames = record', runOf(ADD, null, {}, [{ tag: 5 }])],
    ['a cast without a result', 'every cast has its result', runOf(ADD, null, { made: { result: null } })],
    ['a network that answers and is not on record', 'pings = record', runOf(REMOVE, null, { answered: ['cleaning'] })],
    [
      'a network that does not answer, without an excuse',
      'switch = record',
      runOf(ADD, 'switch-slow', { answered: [] }),
    ],
    ['a second NIC on another VLAN', 'switch = record', runOf(TO_TENANT, 'switch-away', { vlans: [103, 101] })],
    [
      'the same after a remedy, whatever the fault',
      'switch = record',
      runOf(ADD, 'switch-cut', { answered: [], after: 'remedy' }),
    ],
    [
      'a record that the result does not say',
      'record = results',
      runOf(REMOVE, null, {
        recorded: ['cleaning'],
        answered: ['cleaning'],
        vlans: [VLANS['cleaning'] ?? 0, PARKING_VLAN],
        bound: [{ network: 'cleaning', status: 'ACTIVE' }],
      }),
    ],
    [
      'a port that is not on record',
      'Neutron = record',
      runOf(REMOVE, null, { bound: [{ network: 'cleaning', status: 'ACTIVE' }] }),
    ],
    [
      'a port that is not ACTIVE',
      'Neutron = record',
      runOf(ADD, null, { bound: [{ network: 'cleaning', status: 'DOWN' }] }),
    ],
    [
      'a remedy that fails',
      'right after a remedy',
      runOf(ADD, null, { after: 'remedy', made: { result: result('failed') } }),
    ],
  ];
  for (const [what, check, evidence] of violations) {
    it(`see ${what}`, () => {
      const finds = found(evidence);
      expect(finds.map((find) => [find.check, find.limit])).to.deep.include([check, null]);
      expect(new Set(finds.map((find) => find.check))).to.deep.equal(new Set([check]));
      const [first] = findingsIn(evidence);
      if (first === undefined) throw new Error('nothing was found');
      expect(wireStoryOf(first, evidence).join('\n')).to.contain(`VIOLATION (seed 1) ${check}: round 7: node node1`);
    });
  }

  it('each has a case that violates it', () => {
    expect(new Set(violations.map(([, check]) => check))).to.deep.equal(new Set(WIRE_CHECKS));
  });

  it('name a node that reaches nobody, where the driver reported a plug that was not made', () => {
    expect(found(runOf(ADD, 'switch-cut', { answered: [], vlans: [null, PARKING_VLAN] }))).to.deep.equal([
      { check: 'switch = record', limit: 'unmade plug', n: 1 },
    ]);
  });

  it('name a node that stayed, where Neutron said that it is in quarantine and the switch was never told', () => {
    const evidence = { ...runOf(REMOVE, 'switch-cut', { answered: ['cleaning'] }, [{}, {}]), settings: [] };
    expect(found(evidence)).to.deep.equal([
      { check: 'pings = record', limit: 'unmade quarantine', n: 1 },
      { check: 'frames = record', limit: 'unmade quarantine', n: 6 },
    ]);
  });

  it('name what others did to a network, while they did it', () => {
    const evidence = runOf(REMOVE, 'stray-port', {}, [{}, { first: 8000, last: 8000 }]);
    const window = { limit: 'port of others' as const, node: 'node1', reached: ['cleaning'], begin: 5500, end: 7000 };
    const rounds = evidence.rounds.map((round) => ({ ...round, outside: [window] }));
    expect(found({ ...evidence, rounds })).to.deep.equal([
      { check: 'frames = record', limit: 'port of others', n: 3 },
      { check: 'frames = record', limit: null, n: 3 },
    ]);
  });

  it('count what is explained apart from violations', () => {
    const evidence = {
      ...runOf(REMOVE, 'switch-cut', { answered: ['cleaning'] }, [{}, { tag: 5, sent_phase: 'cleaning' }]),
    };
    const summary = wireSummaryOf({ ...evidence, settings: [] }, findingsIn({ ...evidence, settings: [] }));
    expect(summary.limits).to.include({ 'unmade quarantine': 1, 'unmade plug': 0 });
    expect(summary.frames).to.include({ astray: 6, explained: 3 });
    expect(wireTablesOf(summary)).to.match(/known limit +\| rounds/);
  });
});
