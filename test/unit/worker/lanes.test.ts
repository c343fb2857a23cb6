import { setImmediate as turn } from 'node:timers/promises';

import { expect } from 'chai';

import { Lanes } from '../../../src/worker/lanes.js';

describe('worker: lanes', () => {
  it('runs the work of one lane in its order, one at a time', async () => {
    const lanes = new Lanes();
    const steps: string[] = [];
    const work = (name: string, turns: number) => async (): Promise<void> => {
      steps.push(`${name} begins`);
      for (let count = 0; count < turns; count++) await turn();
      steps.push(`${name} ends`);
    };
    await Promise.all([
      lanes.run('a', work('first', 3)),
      lanes.run('a', work('second', 1)),
      lanes.run('a', work('third', 0)),
    ]);
    expect(steps).to.deep.equal([
      'first begins', 'first ends', 'second begins', 'second ends', 'third begins', 'third ends',
    ]); // prettier-ignore
  });

  it('runs different lanes side by side', async () => {
    const lanes = new Lanes();
    let release: () => void = () => undefined;
    const held = lanes.run('a', () => new Promise<void>((resolve) => (release = resolve)));
    expect(await lanes.run('b', () => Promise.resolve('done'))).to.equal('done');
    await turn();
    expect(lanes.size).to.equal(1);
    release();
    await held;
  });

  it('continues after work that failed, and removes empty lanes', async () => {
    const lanes = new Lanes();
    const failed = lanes.run('a', () => Promise.reject(new Error('broken')));
    const next = lanes.run('a', () => Promise.resolve('next'));
    await failed.then(
      () => expect.fail('should have failed'),
      (error: unknown) => expect(error).to.have.property('message', 'broken'),
    );
    expect(await next).to.equal('next');
    await turn();
    expect(lanes.size).to.equal(0);
  });
});
