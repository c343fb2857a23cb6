import { expect } from 'chai';

import { share } from '../../../../src/worker/ownership/spread.js';

const worker = (id: string, queues: readonly string[]): { id: string; queues: Record<string, number> } => ({
  id,
  queues: Object.fromEntries(queues.map((queue) => [queue, 1])),
});
const QUEUES = Array.from({ length: 10 }, (_, n) => `t.q${n}`);
const loads = (shares: Map<string, string>): number[] => {
  const owners = [...shares.values()];
  return [...new Set(owners)].map((owner) => owners.filter((one) => one === owner).length).sort();
};

describe('the share of each worker', () => {
  it('is even, and the same for every worker that computes it', () => {
    const workers = ['a', 'b', 'c'].map((id) => worker(id, QUEUES));
    expect(loads(share(workers, 't'))).to.deep.equal([3, 3, 4]);
    expect([...share(workers, 't')]).to.deep.equal([...share([...workers].reverse(), 't')]);
  });

  it('is everything for a single worker, and never a queue that it does not consume', () => {
    expect(loads(share([worker('a', QUEUES)], 't'))).to.deep.equal([10]);
    const shares = share([worker('a', QUEUES), worker('b', ['t.q9'])], 't');
    expect(shares.get('t.q9')).to.equal('b');
    expect([...shares.values()].filter((owner) => owner === 'b')).to.have.length(1);
  });

  it("counts conductor hosts first: the queues that are no host's make nobody go short of one", () => {
    const queues = ['t', 't_fanout', 't.q1', 't.q2', 't.q3'];
    const shares = share(
      ['a', 'b', 'c'].map((id) => worker(id, queues)),
      't',
    );
    expect(new Set(queues.slice(2).map((queue) => shares.get(queue))).size).to.equal(3);
  });

  it('is empty when there is no worker', () => {
    expect([...share([], 't')]).to.deep.equal([]);
  });
});
