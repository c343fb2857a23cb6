import { expect } from 'chai';

import { pause } from '../../../src/async/pause.js';
import { SwitchLimits } from '../../../src/providers/neutron/binding/limits.js';

const profile = (...switches: string[]) => ({
  local_link_information: switches.map((switch_id) => ({ switch_id, port_id: 'Ethernet1/1' })),
});

describe('limits of a switch', () => {
  it('apply to every switch of a portgroup, in any order of its links', async () => {
    const limits = new SwitchLimits(1);
    const order: string[] = [];
    const change = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise(setImmediate);
      order.push(`${name} ends`);
    };
    await Promise.all([
      limits.run(profile('a', 'b'), change('first')),
      limits.run(profile('b', 'a'), change('second')),
      limits.run(profile('B'), change('third')),
    ]);
    expect(order).to.have.length(6);
    for (let at = 0; at < order.length; at += 2) {
      expect(order[at + 1]).to.equal(order[at]?.replace('begins', 'ends'));
    }
  });

  it('do not apply to ports without a known switch', async () => {
    const limits = new SwitchLimits(1);
    const held = limits.run(profile('a'), () => pause(20));
    expect(await limits.run({}, () => Promise.resolve('done'))).to.equal('done');
    expect(
      await limits.run({ local_link_information: [null, {}, { switch_id: 7 }] }, () => Promise.resolve(1)),
    ).to.equal(1);
    await held;
  });

  it('are free again after a change that failed', async () => {
    const limits = new SwitchLimits(1);
    const fails = limits.run(profile('a'), () => Promise.reject(new Error('no')));
    await fails.then(
      () => expect.fail('it did not fail'),
      () => undefined,
    );
    expect(await limits.run(profile('a'), () => Promise.resolve('done'))).to.equal('done');
  });
});
