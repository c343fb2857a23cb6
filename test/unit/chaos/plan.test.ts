import { readFileSync } from 'node:fs';

import { expect } from 'chai';

import { FAULT_KINDS } from '../../../chaos/faults/kinds.js';
import { BAD_ANSWERS } from '../../../chaos/plan/answers.js';
import { LETTER_KINDS, LETTERS } from '../../../chaos/plan/letters.js';
import { CLOCK_WORKER, drawPlan, type PlanOptions, WORKERS } from '../../../chaos/plan/plan.js';
import { Random } from '../../../chaos/random.js';

const OPTIONS: PlanOptions = { seed: 42, seconds: 120, casts: 2000, poison: 0, faults: 12, kinds: FAULT_KINDS };

describe('the plan of script/chaos', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawPlan(OPTIONS)).to.deep.equal(drawPlan(OPTIONS));
    expect(drawPlan({ ...OPTIONS, seed: 43 })).not.to.deep.equal(drawPlan(OPTIONS));
  });

  it('has the casts that were asked for, each node in its order, with every kind of request', () => {
    const { casts, nodes } = drawPlan(OPTIONS);
    expect(casts).to.have.length(OPTIONS.casts);
    for (const { uuid } of nodes) {
      const own = casts.filter(({ node }) => node === uuid);
      expect(own.map(({ seq }) => seq)).to.deep.equal(own.map((_, index) => index));
    }
    expect(new Set(casts.map(({ requestId }) => requestId))).to.have.length(OPTIONS.casts);
    expect(new Set(nodes.map(({ client, provider }) => `${client} ${provider}`))).to.have.length(6);
    expect(casts.some(({ copies }) => copies === 2)).to.equal(true);
    expect(casts.some(({ replay, seq }) => replay !== null && replay < seq)).to.equal(true);
  });

  it('does not change the casts when other faults are drawn', () => {
    expect(drawPlan({ ...OPTIONS, faults: 30 }).casts).to.deep.equal(drawPlan(OPTIONS).casts);
  });

  it('does each kind of fault before any comes again, at its times, and to a worker that there is', () => {
    const { faults, duration, nodes } = drawPlan(OPTIONS);
    const own = new Set(nodes.filter(({ provider }) => provider === 'neutron').map(({ uuid }) => uuid));
    expect(faults).to.have.length(24);
    expect(new Set(faults.slice(0, FAULT_KINDS.length).map(({ kind }) => kind))).to.have.length(FAULT_KINDS.length);
    for (const { at, worker, kind, node } of faults) {
      expect(at).to.be.within(0, duration);
      if (worker !== null) expect(worker).to.be.within(0, WORKERS - 1);
      expect(node !== null && own.has(node)).to.equal(kind === 'switch-500');
      if (kind === 'worker-clock') expect(worker).to.equal(CLOCK_WORKER);
    }
  });

  it('sends every kind of message that is no request before any comes again', () => {
    const { letters, duration } = drawPlan(OPTIONS);
    expect(new Set(letters.slice(0, LETTER_KINDS.length).map(({ kind }) => kind))).to.have.length(LETTER_KINDS.length);
    for (const { at, kind, reason } of letters) {
      expect(at).to.be.within(0, duration);
      expect(reason).to.equal(LETTERS[kind].reason);
    }
  });

  it('has the plug-in give each answer that cannot be put on record, which leaves a dead letter', () => {
    const { casts } = drawPlan(OPTIONS);
    const bad = casts.filter(({ expected }) => expected.letter === 'internal_error');
    expect(new Set(bad.map(({ answer }) => answer))).to.deep.equal(new Set(BAD_ANSWERS));
    for (const { expected } of bad) expect(expected).to.include({ status: 'failed', error: 'NetworkError' });
  });

  it('has the requested number of casts that kill workers, early among the others', () => {
    const { casts } = drawPlan({ ...OPTIONS, poison: 3 });
    const poison = casts.filter(({ answer }) => answer === 'deadly');
    expect(poison).to.have.length(3);
    for (const { at, expected } of poison) {
      expect(at).to.be.at.most((OPTIONS.seconds * 1000) / 2);
      expect(expected).to.include({ status: 'failed', letter: 'poison' });
    }
    expect(casts).to.have.length(OPTIONS.casts + 3 * 3);
    const others = new Set(drawPlan(OPTIONS).casts.map(({ requestId }) => requestId));
    expect(casts.filter(({ requestId }) => others.has(requestId))).to.have.length(OPTIONS.casts);
  });

  it('does each kind once, and sends each kind of letter, with the options of script/test', () => {
    const script = readFileSync(new URL('../../../../script/lib/suites.sh', import.meta.url), 'utf8');
    const [, seed, seconds, faults] =
      /^CHAOS_OPTIONS=\(--seed (\d+) --seconds (\d+) --faults (\d+)\)$/m.exec(script)?.map(Number) ?? [];
    if (seed === undefined || seconds === undefined || faults === undefined) throw new Error('no CHAOS_OPTIONS');
    const plan = drawPlan({ ...OPTIONS, seed, seconds, faults, casts: seconds * 18 });
    expect(plan.faults.map(({ kind }) => kind)).to.have.members(FAULT_KINDS);
    expect(new Set(plan.letters.map(({ kind }) => kind))).to.have.length(LETTER_KINDS.length);
    expect(new Set(plan.casts.map(({ answer }) => answer))).to.deep.equal(new Set(['good', ...BAD_ANSWERS]));
  });

  it('does only the faults that were asked for', () => {
    const { faults } = drawPlan({ ...OPTIONS, kinds: ['worker-kill'] });
    expect(new Set(faults.map(({ kind }) => kind))).to.deep.equal(new Set(['worker-kill']));
    expect(drawPlan({ ...OPTIONS, faults: 0 }).faults).to.deep.equal([]);
  });

  it('expects answers of provider none that follow from the earlier casts', () => {
    const { casts, nodes } = drawPlan(OPTIONS);
    for (const { uuid, provider, nics } of nodes) {
      if (provider !== 'none') continue;
      for (const { expected } of casts.filter(({ node }) => node === uuid)) {
        expect(Object.keys(expected.vifs ?? {}).length).to.be.at.most(nics.length);
      }
    }
    const own = new Set(nodes.filter(({ provider }) => provider === 'none').map(({ uuid }) => uuid));
    const errors = new Set(casts.filter(({ node }) => own.has(node)).map(({ expected }) => expected.error));
    expect(errors).to.deep.equal(new Set([null, 'VifAlreadyAttached', 'NoFreePhysicalPorts', 'VifNotAttached']));
  });
});

describe('random numbers from a seed', () => {
  it('are the same for the same seed and stream, within their limits, and spread', () => {
    const numbers = Array.from(
      { length: 1000 },
      (
        (random) => () =>
          random.int(1, 6)
      )(new Random(1)),
    );
    const again = Array.from(
      { length: 1000 },
      (
        (random) => () =>
          random.int(1, 6)
      )(new Random(1)),
    );
    expect(numbers).to.deep.equal(again);
    expect(new Set(numbers)).to.deep.equal(new Set([1, 2, 3, 4, 5, 6]));
    expect(new Random(1, 'casts').uuid()).not.to.equal(new Random(1, 'faults').uuid());
    expect(new Random(5).uuid()).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
