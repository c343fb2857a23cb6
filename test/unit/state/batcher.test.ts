import { setImmediate as turn } from 'node:timers/promises';

import { expect } from 'chai';

import { Batcher } from '../../../src/state/batcher.js';

const UNLIMITED = { items: 10, bytes: Infinity, bytesOf: () => 0 };

describe('state: batcher', () => {
  it('groups items that arrive while another group is processed, in order', async () => {
    const groups: number[][] = [];
    const batcher = new Batcher<number, number>(
      async (items) => {
        groups.push(items);
        await turn();
        return items.map((item) => item * 10);
      },
      { ...UNLIMITED, items: 3 },
      () => false,
    );
    const first = [1, 2].map((item) => batcher.submit(item));
    await turn();
    const rest = [3, 4, 5, 6].map((item) => batcher.submit(item));
    expect(await Promise.all([...first, ...rest])).to.deep.equal([10, 20, 30, 40, 50, 60]);
    expect(groups).to.deep.equal([[1, 2], [3, 4, 5], [6]]);
  });

  it('limits a group to its maximum of bytes, except for a single larger item', async () => {
    const groups: number[][] = [];
    const batcher = new Batcher<number, number>(
      (items) => {
        groups.push(items);
        return Promise.resolve(items);
      },
      { items: 3, bytes: 100, bytesOf: (item) => item },
      () => false,
    );
    const items = [60, 40, 1, 200, 50, 50, 10, 10, 10, 10];
    await Promise.all(items.map((item) => batcher.submit(item)));
    expect(groups).to.deep.equal([[60, 40], [1], [200], [50, 50], [10, 10, 10], [10]]);
  });

  it('fails only the bad item of a group', async () => {
    const batcher = new Batcher<number, number>(
      (items) => (items.includes(2) ? Promise.reject(new Error('2 is bad')) : Promise.resolve(items)),
      UNLIMITED,
      () => false,
    );
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)));
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails the whole group when the fault is the database, and works again afterwards', async () => {
    let away = true;
    let runs = 0;
    const batcher = new Batcher<number, number>(
      (items) => {
        runs++;
        return away ? Promise.reject(new Error('away')) : Promise.resolve(items);
      },
      UNLIMITED,
      (error) => (error as Error).message === 'away',
    );
    const outcomes = await Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)));
    expect(outcomes.every(({ status }) => status === 'rejected')).to.equal(true);
    expect(runs).to.equal(1);
    away = false;
    expect(await batcher.submit(4)).to.equal(4);
  });
});
