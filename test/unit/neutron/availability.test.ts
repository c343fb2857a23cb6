import { expect } from 'chai';
import sinon from 'sinon';

import { Availability } from '../../../src/neutron/availability.js';
import { OpenStackError } from '../../../src/openstack/errors.js';
import { until } from '../../../testkit/fixtures/poll.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

const fault = (status = 503) =>
  new OpenStackError(`answered with ${status}`, {
    service: 'neutron',
    fault: 'refused',
    transient: status >= 500,
    status,
  });

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

  /** Five faults, and the look that finds it away. */
  const goesAway = async (status = 503): Promise<void> => {
    for (let count = 0; count < 5; count++) await failing(fault(status));
    await until('it is found away', () => availability.away !== null);
  };

  it('is away after five faults in a row and a failed test request, until it answers again', async () => {
    for (let count = 1; count < 5; count++) await failing(fault());
    expect(looks).to.equal(0);
    await failing(fault());
    await until('it is found away', () => availability.away !== null);
    expect(availability.away).to.include('503');

    let back = false;
    const waiting = availability.back(signal).then(() => (back = true));
    await until('it is looked whether it is back', () => looks > 1);
    expect(back).to.equal(false);
    up = true;
    await waiting;
    expect(availability.away).to.equal(null);
    expect(await availability.during(() => Promise.resolve('done'))).to.equal('done');
  });

  it('is available while the test request is answered, even if every request about one port fails', async () => {
    up = true;
    for (let round = 1; round <= 3; round++) {
      for (let count = 0; count < 5; count++) await failing(fault(504));
      await until('it is looked for', () => looks === round);
      expect(availability.away).to.equal(null);
      await availability.back(signal);
    }
  });

  it('is available when the test request is refused, because that is an answer too', async () => {
    availability.close();
    availability = new Availability(() => ((looks += 1), Promise.reject(fault(500))));
    for (let count = 0; count < 5; count++) await failing(fault(502));
    await until('it is looked for', () => looks === 1);
    expect(availability.away).to.equal(null);
  });

  it('is available again as soon as any request is answered', async () => {
    await goesAway();
    expect(availability.away).to.include('503');
    expect(await availability.during(() => Promise.resolve('done'))).to.equal('done');
    expect(availability.away).to.equal(null);
  });

  it('is available again even if the system clock was set back meanwhile', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    try {
      await goesAway();
      clock.setSystemTime(Date.now() - 3_600_000);
      await availability.during(() => Promise.resolve('done'));
      expect(availability.away).to.equal(null);
    } finally {
      clock.restore();
    }
  });

  it('is available as long as it answers, whatever it answers', async () => {
    for (let count = 0; count < 20; count++) await failing(fault(count % 4 === 3 ? 404 : 504));
    for (let count = 0; count < 20; count++) await failing(fault(500));
    expect(availability.away).to.equal(null);
    await availability.back(signal);
    expect(looks).to.equal(0);
  });

  it('is waited for only until the signal aborts', async () => {
    await goesAway(502);
    const abort = new AbortController();
    const waiting = rejection(availability.back(() => abort.signal));
    abort.abort(new Error('the worker stops'));
    expect(await waiting).to.have.property('message', 'the worker stops');
    expect(await rejection(availability.back(() => abort.signal))).to.have.property('message', 'the worker stops');
  });
});
