import { expect } from 'chai';

import { Reminders } from '../../../src/worker/owed.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('worker: reminders', () => {
  /** When it is asked for in a time, of looks that come each minute. */
  function asked(reminders: Reminders, from: number, to: number): number[] {
    const times: number[] = [];
    for (let now = from; now < to; now += MINUTE) {
      reminders.forget(now);
      if (reminders.due('node', now)) times.push(now / MINUTE);
    }
    return times;
  }

  it('come after twice as long each time, and at most once a day', () => {
    const reminders = new Reminders(5 * MINUTE, DAY);
    expect(asked(reminders, 0, 100 * MINUTE)).to.deep.equal([0, 5, 15, 35, 75]);
    expect(asked(reminders, 100 * MINUTE, 10 * DAY)).to.have.length.within(10, 16);
  });

  it('begin again for an item that recovered meanwhile, and treat each item separately', () => {
    const reminders = new Reminders(5 * MINUTE, DAY);
    expect(asked(reminders, 0, 20 * MINUTE)).to.deep.equal([0, 5, 15]);
    expect(reminders.due('another', 16 * MINUTE)).to.equal(true);
    reminders.forget(DAY);
    expect(asked(reminders, DAY, DAY + 10 * MINUTE).map((minute) => minute - DAY / MINUTE)).to.deep.equal([0, 5]);
  });
});
