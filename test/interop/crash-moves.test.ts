import { isDeepStrictEqual } from 'node:util';

import type { OperationResult } from '../../src/contract/types.js';
import { type Crash, CRASHES, creates, deletes, type Seen } from '../../testkit/fixtures/crashes.js';
import { killedWorkers, NICS } from '../../testkit/fixtures/killed-workers.js';
import { until } from '../../testkit/fixtures/poll.js';
import { atRequests } from '../../testkit/servers/steered-worker.js';

const METHODS = ['remove_provisioning_network', 'configure_tenant_networks', 'unconfigure_tenant_networks'] as const;

describe('a worker that is killed in other moves', () => {
  const {
    steered,
    steeredFromStart,
    plain,
    cast,
    call,
    boundOn,
    seen,
    leaseIsOver,
    finish,
    expectInNeutron,
    expectOneOutcome,
    survives,
  } = killedWorkers();

  for (const method of METHODS) {
    describe(`in ${method}`, () => {
      for (const crash of CRASHES.filter((one) => one.method === method)) it(crash.dies, () => survives(crash));
    });
  }

  it('again and again, each time at another step: the next worker finishes', async () => {
    const steps = ['one of two ports is created, before it knows', 'both ports are ACTIVE, before the transaction'];
    const [first, second] = CRASHES.filter(({ dies }) => steps.includes(dies)) as [Crash, Crash];
    const worker = await steered();
    const reached = first.hold(worker);
    const id = await cast(first.method);
    const shows =
      ({ method, leaves }: Crash) =>
      async () =>
        isDeepStrictEqual(await seen(id, method), leaves);
    await worker.killAt(reached, shows(first));
    await leaseIsOver();
    // This one finds the cast in its queue, and begins it before the test sees that it is ready.
    const next = await steeredFromStart(second.hold);
    await next.worker.killAt(next.reached, shows(second));
    await leaseIsOver();
    const results = await finish(await plain(), [id]);
    await expectOneOutcome(id, 3, results);
    await expectInNeutron('provisioning', NICS);
  });

  it('while a caller waits: the next worker answers', async () => {
    const worker = await steered();
    const reached = atRequests(creates, 'hang after', 'hang before')(worker);
    const answer = call('add_provisioning_network');
    answer.catch(() => undefined);
    await worker.killAt(reached, async () => (await boundOn('provisioning')).length === 1);
    await leaseIsOver();
    const next = await plain();
    const result = (await answer) as OperationResult;
    await finish(next, []);
    await expectOneOutcome(result.operation_id, 2, [result]);
    await expectInNeutron('provisioning', NICS);
  });

  it('with a standby: it finishes the move, in order and without a restart', async () => {
    const worker = await steered();
    await call('add_provisioning_network');
    const reached = atRequests(deletes, 'hang after', 'hang before')(worker);
    const ids = [await cast('remove_provisioning_network'), await cast('configure_tenant_networks')] as const;
    await until('the worker is held', reached);
    // Not before: the queue may be its share, and would be handed over to it while the other could still let go of it.
    const standby = await plain();
    const leaves: Seen = { operation: 'running', bound: 1, results: 0 };
    await worker.killAt(reached, async () => {
      if (!isDeepStrictEqual(await seen(ids[0], 'remove_provisioning_network'), leaves)) return false;
      // Before it dies: the standby has the queue at once.
      await leaseIsOver();
      return true;
    });
    const results = await finish(standby, ids);
    await expectOneOutcome(ids[0], 2, results);
    await expectOneOutcome(ids[1], 1, results);
    await expectInNeutron('provisioning', 0);
    await expectInNeutron('tenant', NICS);
  });
});
