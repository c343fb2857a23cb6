import { expect } from 'chai';
import sinon from 'sinon';

import { CongestionControl } from '../../../src/neutron/congestion.js';
import { OpenStackError } from '../../../src/openstack/errors.js';
import type { HttpResponse } from '../../../src/openstack/http.js';
import { rejection } from '../../../testkit/fixtures/rejection.js';

const READ = { method: 'GET' } as const;
const CHANGE = { method: 'PUT' } as const;
/** Seconds in which a request must be answered. */
const TIMEOUT = 10;
const MOST = 32;

const timedOut = () =>
  new OpenStackError('was not answered', { service: 'neutron', fault: 'timeout', transient: true });
const answer = (status = 200): HttpResponse => ({ status, headers: {}, body: undefined });

/**
 * A server that works on one request after the other, in the order in which they came, and that does not notice when
 * nobody waits for an answer any more: as Neutron's workers are.
 */
class SimulatedQueueServer {
  received = 0;
  #free = 0;

  /** @param seconds it needs for one request */
  constructor(private readonly seconds: number) {}

  /** Sends a request. @throws NEUTRON_TIMEOUT after the timeout */
  send(): Promise<HttpResponse> {
    this.received += 1;
    const now = performance.now();
    this.#free = Math.max(now, this.#free) + this.seconds * 1000;
    const wait = this.#free - now;
    return new Promise((resolve, reject) => {
      if (wait > TIMEOUT * 1000) setTimeout(reject, TIMEOUT * 1000, timedOut());
      else setTimeout(resolve, wait, answer());
    });
  }
}

describe('congestion control', () => {
  let clock: sinon.SinonFakeTimers;
  let away: string | null;
  let changes: number[];
  let control: CongestionControl;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    away = null;
    changes = [];
    control = makeControl();
  });
  afterEach(() => {
    clock.restore();
  });

  function makeControl(): CongestionControl {
    const onChange = (limit: number): void => void changes.push(limit);
    return new CongestionControl({ most: MOST, timeout: TIMEOUT, away: () => away, onChange });
  }

  /** Answers all requests that are under way. */
  interface Held {
    sent: number;
    end: (outcome?: HttpResponse | Error) => Promise<void>;
    request: (request?: { method: 'GET' | 'PUT'; timeout?: number; signal?: AbortSignal }) => Promise<HttpResponse>;
  }

  /** Requests that are under way until the test ends them. */
  function holdRequests(): Held {
    const running: { resolve: (value: HttpResponse) => void; reject: (reason: Error) => void }[] = [];
    const held: Held = {
      sent: 0,
      end: async (outcome = answer()) => {
        for (const { resolve, reject } of running.splice(0)) {
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        }
        await clock.tickAsync(0);
      },
      request: (request = READ) => {
        const ended = control.during(request, () => {
          held.sent += 1;
          return new Promise((resolve, reject) => running.push({ resolve, reject }));
        });
        ended.catch(() => undefined);
        return ended;
      },
    };
    return held;
  }

  const overload = () => rejection(control.during(READ, () => Promise.reject(timedOut())));

  it('sends as many requests at once as there are connections, while they are answered', async () => {
    const held = holdRequests();
    for (let count = 0; count < 3 * MOST; count++) void held.request();
    await clock.tickAsync(TIMEOUT * 1000);
    expect(held.sent).to.equal(MOST);
    await held.end(answer(503));
    expect(held.sent).to.equal(2 * MOST);
    expect(control.limit).to.equal(MOST);
    expect(changes).to.deep.equal([]);
  });

  it('sends one request at a time after a read that timed out, and more with each quick answer', async () => {
    const held = holdRequests();
    for (let count = 0; count < 16; count++) void held.request();
    await clock.tickAsync(TIMEOUT * 1000);
    await held.end(timedOut());
    expect(control.limit).to.equal(1);
    for (let count = 0; count < 100; count++) void held.request();
    await clock.tickAsync(0);
    const sent: number[] = [];
    for (let round = 0; round < 6; round++) {
      const before = held.sent;
      await held.end();
      sent.push(held.sent - before);
    }
    // Up to 8, half of what was too much, each answer adds one; from there each round adds about one.
    expect(sent).to.deep.equal([2, 4, 8, 8, 9, 10]);
  });

  it('has no limit any more when it would be the number of connections', async () => {
    const held = holdRequests();
    await overload();
    for (let count = 0; count < 5000; count++) void held.request();
    for (let round = 0; round < 200 && changes.length < 2; round++) await held.end();
    expect(changes).to.deep.equal([1, MOST]);
    expect(control.limit).to.equal(MOST);
  });

  it('does not grow with slow answers, nor with answers that came while there was room', async () => {
    await overload();
    const held = holdRequests();
    const ask = async (seconds: number): Promise<void> => {
      void held.request();
      await clock.tickAsync(seconds * 1000);
      await held.end();
    };
    await ask(TIMEOUT / 2);
    expect(control.limit).to.equal(1);
    await ask(0);
    expect(control.limit).to.equal(2);
    for (let count = 0; count < 10; count++) await ask(0);
    expect(control.limit).to.equal(2);
  });

  it('lowers the limit once for all requests that were sent before', async () => {
    const held = holdRequests();
    void held.request();
    const other = holdRequests();
    void other.request();
    await clock.tickAsync(1);
    await held.end(timedOut());
    await other.end(timedOut());
    expect(changes).to.deep.equal([1]);
  });

  for (const status of [429, 504]) {
    it(`takes ${status} for overload too`, async () => {
      expect(await control.during(READ, () => Promise.resolve(answer(status)))).to.include({ status });
      expect(control.limit).to.equal(1);
    });
  }

  it('does not take a change that times out for overload: it may wait for a switch', async () => {
    await rejection(control.during(CHANGE, () => Promise.reject(timedOut())));
    expect(control.limit).to.equal(MOST);
  });

  it('takes a read that times out for overload, unless its own timeout is shorter than that of others', async () => {
    await rejection(control.during({ ...READ, timeout: TIMEOUT - 1 }, () => Promise.reject(timedOut())));
    expect(control.limit).to.equal(MOST);
    await rejection(control.during({ ...READ, timeout: TIMEOUT }, () => Promise.reject(timedOut())));
    expect(control.limit).to.equal(1);
  });

  it('refuses a waiting request when its signal aborts, and does not send it', async () => {
    await overload();
    const held = holdRequests();
    void held.request();
    const controller = new AbortController();
    const waiting = held.request({ ...READ, signal: controller.signal });
    const reason = new Error('no longer ours');
    controller.abort(reason);
    expect(await rejection(waiting)).to.equal(reason);
    expect(await rejection(held.request({ ...READ, signal: controller.signal }))).to.equal(reason);
    await held.end();
    expect(held.sent).to.equal(1);
  });

  it('refuses a waiting request after its own shorter timeout', async () => {
    await overload();
    const held = holdRequests();
    void held.request();
    const waiting = rejection(held.request({ ...READ, timeout: 0.5 }));
    await clock.tickAsync(500);
    expect(await waiting).to.include({ service: 'neutron', fault: 'timeout', transient: true });
    await held.end();
    expect(held.sent).to.equal(1);
  });

  it('refuses waiting requests while Neutron is away, and sends what has its turn', async () => {
    await overload();
    const held = holdRequests();
    const first = held.request();
    const waiting = held.request();
    away = 'GET /v2.0/networks got no answer';
    control.refuseWaiting();
    for (const refused of [waiting, held.request()]) {
      const error = await rejection(refused);
      expect(error).to.include({ service: 'neutron', fault: 'unreachable', transient: true });
      expect(error?.message).to.include('got no answer');
    }
    await held.end();
    expect(await first).to.include({ status: 200 });
    expect(held.sent).to.equal(1);
  });

  describe('of three workers that ask one server more than it can answer in time', () => {
    const REQUESTS = 300;
    const SECONDS = 0.5;

    /** Each worker has many requests, and repeats those that time out. @returns the seconds until all are answered */
    async function load(
      server: SimulatedQueueServer,
      send: (worker: number) => Promise<unknown> | undefined,
    ): Promise<number> {
      let answered = 0;
      const ask = async (worker: number): Promise<void> => {
        while ((await rejection(Promise.resolve(send(worker)))) !== null) continue;
        answered += 1;
      };
      for (let count = 0; count < REQUESTS; count++) void ask(count % 3);
      const begin = performance.now();
      while (answered < REQUESTS && server.received < 20 * REQUESTS) await clock.tickAsync(SECONDS * 1000);
      return answered < REQUESTS ? Infinity : (performance.now() - begin) / 1000;
    }

    it('lets the server answer nearly all that it gets; without it nothing ends', async () => {
      const alone = new SimulatedQueueServer(SECONDS);
      expect(await load(alone, () => alone.send())).to.equal(Infinity);

      const controls = new Map([0, 1, 2].map((worker) => [worker, makeControl()]));
      const server = new SimulatedQueueServer(SECONDS);
      const seconds = await load(server, (worker) => controls.get(worker)?.during(READ, () => server.send()));
      // The first requests of all connections time out. Nearly all others are answered.
      expect(server.received).to.be.below(1.5 * REQUESTS);
      expect(seconds).to.be.below(1.5 * REQUESTS * SECONDS);
    });
  });
});
