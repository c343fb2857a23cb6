import { expect } from 'chai';
import sinon from 'sinon';
import { Availability } from '../../../src/neutron/availability.js';
import { NeutronError } from '../../../src/neutron/errors.js';
import { until } from '../../support/poll.js';
import { rejection } from '../../support/rejection.js';

const fault = (status = 503) =>
  new NeutronError(`answered with ${status}`, { code: 'NEUTRON_REFUSED', transient: status >= 500, status });

describe('availability of Neutron', () => {
  let up: boolean;
  let looks: number;
  let availability: Availability;

  beforeEach(() => {
    up = false;
    looks = 0;
    availability = new Availability(() => {
      looks++;
      return up ? Promise.resolve() : Promise.reject(fault());
    });
  });

  afterEach(() => {
    availability.close();
  });

  const failing = (error: Error) => rejection(availability.during(() => Promise.reject(error)));
  const signal = () => new AbortController().signal;

  it('is away after five faults in a row, until it answers again', async () => {
    for (let count = 1; count < 5; count++) await failing(fault());
    expect(availability.away).to.equal(null);
    await failing(fault());
    expect(availability.away).to.include('503');

    let back = false;
    const waiting = availability.back(signal).then(() => (back = true));
    await until('it is looked whether it is back', () => looks > 0);
    expect(back).to.equal(false);
    up = true;
    await waiting;
    expect(availability.away).to.equal(null);
    expect(await availability.during(() => Promise.resolve('done'))).to.equal('done');
  });

  it('is back as soon as anything is answered', async () => {
    for (let count = 0; count < 5; count++) await failing(fault());
    expect(availability.away).to.include('503');
    expect(await availability.during(() => Promise.resolve('done'))).to.equal('done');
    expect(availability.away).to.equal(null);
  });

  it('is back though the time of day was set back meanwhile', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    try {
      for (let count = 0; count < 5; count++) await failing(fault());
      clock.setSystemTime(Date.now() - 3_600_000);
      await availability.during(() => Promise.resolve('done'));
      expect(availability.away).to.equal(null);
    } finally {
      clock.restore();
    }
  });

  it('is there as long as it answers at all, whatever it says', async () => {
    for (let count = 0; count < 20; count++) await failing(fault(count % 4 === 3 ? 404 : 504));
    for (let count = 0; count < 20; count++) await failing(fault(500));
    expect(availability.away).to.equal(null);
    await availability.back(signal);
    expect(looks).to.equal(0);
  });

  it('is waited for no longer than the signal lasts', async () => {
    for (let count = 0; count < 5; count++) await failing(fault(502));
    const abort = new AbortController();
    const waiting = rejection(availability.back(() => abort.signal));
    abort.abort(new Error('the worker stops'));
    expect(await waiting).to.have.property('message', 'the worker stops');
    expect(await rejection(availability.back(() => abort.signal))).to.have.property('message', 'the worker stops');
  });
});
