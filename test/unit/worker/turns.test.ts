import { expect } from 'chai';

import { pause } from '../../../src/async/pause.js';
import { Turn, Turns } from '../../../src/worker/lanes.js';

interface Work {
  done: Promise<void>;
  end: () => void;
}

describe('turns', () => {
  let running: string[];
  beforeEach(() => {
    running = [];
  });
  const begin = (turns: Turns, how: 'run' | 'alone', name: string): Work => {
    let end = (): void => undefined;
    const gate = new Promise<void>((resolve) => (end = resolve));
    const turn = new Turn(turns, how === 'alone');
    const done = turn
      .run(async () => {
        running.push(name);
        await gate;
        running.splice(running.indexOf(name), 1);
      })
      .finally(() => {
        turn.release();
      });
    return { done, end };
  };
  const settle = (): Promise<void> => pause(5);

  it('are limited to a number of operations at once', async () => {
    const turns = new Turns(2);
    const works = ['a', 'b', 'c'].map((name) => begin(turns, 'run', name));
    await settle();
    expect(running).to.deep.equal(['a', 'b']);
    works[0]?.end();
    await settle();
    expect(running).to.deep.equal(['b', 'c']);
    for (const { end } of works) end();
    await Promise.all(works.map(({ done }) => done));
  });

  it('are exclusive for suspects: after running operations, before new ones, one after the other', async () => {
    const turns = new Turns(5);
    const before = begin(turns, 'run', 'before');
    await settle();
    const [one, two] = [begin(turns, 'alone', 'one'), begin(turns, 'alone', 'two')];
    const after = begin(turns, 'run', 'after');
    const seen: string[] = [];
    for (const { end, done } of [before, one, two, after]) {
      await settle();
      seen.push(running.join());
      expect(turns.running).to.equal(1);
      end();
      await done;
    }
    expect(seen).to.deep.equal(['before', 'one', 'two', 'after']);
  });

  it('stay exclusive between attempts, until they are released', async () => {
    const turns = new Turns(5);
    const alone = new Turn(turns, true);
    await alone.run(() => Promise.resolve());
    const other = begin(turns, 'run', 'other');
    const third = begin(turns, 'alone', 'third');
    await settle();
    expect(running).to.deep.equal([]);
    await alone.run(() => Promise.resolve());
    await settle();
    expect(running).to.deep.equal([]);
    alone.release();
    alone.release();
    await settle();
    expect(running).to.deep.equal(['third']);
    for (const { end, done } of [third, other]) {
      end();
      await done;
    }
  });

  it('continue after work that failed', async () => {
    const turns = new Turns(1);
    for (const alone of [true, false]) {
      const turn = new Turn(turns, alone);
      const fails = turn.run(() => Promise.reject(new Error('failed')));
      expect(await fails.catch((error: unknown) => (error as Error).message)).to.equal('failed');
      turn.release();
    }
    expect(await new Turn(turns, true).run(() => Promise.resolve('done'))).to.equal('done');
  });
});
