import { expect } from 'chai';

import { WIRE_FAULT_KINDS } from '../../../chaos/wire/kinds.js';
import { type PlannedRound, Rounds } from '../../../chaos/wire/plan.js';

const NODES = ['node1', 'node2'];

function roundsOf(seed: number, count: number, kinds = WIRE_FAULT_KINDS): PlannedRound[] {
  const rounds = new Rounds(seed, NODES, kinds);
  return Array.from({ length: count }, () => rounds.next());
}

describe('the plan of script/chaos --wire', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(roundsOf(1, 50)).to.deep.equal(roundsOf(1, 50));
    expect(roundsOf(2, 50)).not.to.deep.equal(roundsOf(1, 50));
  });

  it('has each kind of fault before any comes again, but for those that need a tenant', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const kinds = roundsOf(seed, 60).map(({ kind }) => kind);
      expect(new Set(kinds)).to.deep.equal(new Set(WIRE_FAULT_KINDS));
      const others = WIRE_FAULT_KINDS.filter((kind) => kind !== 'stray-port');
      expect(new Set(kinds.filter((kind) => kind !== 'stray-port').slice(0, others.length))).to.have.length(
        others.length,
      );
    }
  });

  it('moves each node on from where it is, and has it on every kind of network', () => {
    const rounds = roundsOf(3, 100);
    for (const node of NODES) {
      let place = 'parked';
      const places = new Set<string>();
      for (const { kind, node: target, moves } of rounds) {
        const { method, during, after } = moves[node] ?? { method: 'none', during: '', after: '' };
        if (kind === 'stray-port' && target === node) expect([place, method]).to.deep.equal(['tenant', 'reconcile']);
        else expect(during).to.equal(`${place}>${after}`);
        place = after;
        places.add(place);
      }
      expect([...places].sort()).to.deep.equal(['cleaning', 'parked', 'provisioning', 'rescuing', 'tenant']);
    }
  });

  it('takes every node off its network in the end, without a fault', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const rounds = new Rounds(seed, NODES);
      const places = new Map<string, string>();
      const follow = ({ moves }: PlannedRound): void => {
        for (const [node, { after }] of Object.entries(moves)) places.set(node, after);
      };
      for (let round = 0; round <= seed; round++) follow(rounds.next());
      for (const round of rounds.last()) {
        expect(round.kind).to.equal(null);
        follow(round);
      }
      expect([...places.values()]).to.deep.equal(['parked', 'parked']);
    }
  });

  it('does only the faults that were asked for', () => {
    const kinds = roundsOf(1, 50, ['switch-cut', 'stray-port']).map(({ kind }) => kind);
    expect(new Set(kinds)).to.deep.equal(new Set(['switch-cut', 'stray-port']));
  });
});
