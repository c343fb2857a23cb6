import { expect } from 'chai';

import { Turns } from '../../../src/worker/turns.js';

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
    const done = turns[how](async () => {
      running.push(name);
      await gate;
      running.splice(running.indexOf(name), 1);
    });
    return { done, end };
  };
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

  it('are had by so many at once', async () => {
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

  it('are had alone: after what runs, before what comes, one after the other', async () => {
    const turns = new Turns(5);
    const before = begin(turns, 'run', 'before');
    await settle();
    const [one, two] = [begin(turns, 'alone', 'one'), begin(turns, 'alone', 'two')];
    const after = begin(turns, 'run', 'after');
    const seen: string[] = [];
    for (const { end, done } of [before, one, two, after]) {
      await settle();
      seen.push(running.join());
      end();
      await done;
    }
    expect(seen).to.deep.equal(['before', 'one', 'two', 'after']);
  });

  it('go on after work that failed', async () => {
    const turns = new Turns(1);
    const fails = turns.alone(() => Promise.reject(new Error('failed')));
    expect(await fails.catch((error: unknown) => (error as Error).message)).to.equal('failed');
    expect(await turns.run(() => Promise.resolve('done'))).to.equal('done');
  });
});
