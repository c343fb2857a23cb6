import { TestBroker } from '../../testkit/servers/broker.js';
import type { Child } from '../processes/child.js';
import { type Cost, costOf, type Run, withRun } from '../processes/run.js';
import { fill } from './casts.js';
import { assertEmptied } from './outcome.js';
import { declareHostQueues, HOST_QUEUE } from './queues.js';

/** Drains with a program of ours that needs no database. It reports when it has drained the queue. */
export async function drainAlone(
  [command = '', ...args]: readonly string[],
  { declaresItself }: { declaresItself: boolean },
  casts: number,
  signal: AbortSignal,
): Promise<Cost> {
  const broker = await TestBroker.create();
  try {
    if (!declaresItself) {
      await declareHostQueues(broker);
      await fill(broker, casts, signal);
    }
    return await withRun(command, args, { NETPROV_TRANSPORT_URL: broker.url() }, async (run) => {
      if (declaresItself) await fillDeclared(run.child, broker, casts, signal);
      const cost = await drained(run, signal);
      await assertEmptied([HOST_QUEUE], broker, run.child, signal);
      return cost;
    });
  } finally {
    await broker.drop();
  }
}

/** The program declares its queue, which determines how fast RabbitMQ delivers messages, and disconnects again. */
export async function fillDeclared(
  child: Child,
  broker: TestBroker,
  casts: number,
  signal: AbortSignal,
): Promise<void> {
  await child.next(signal);
  await fill(broker, casts, signal);
  child.send('drain');
}

/** Waits until a program of ours reports that it has drained the queue. */
async function drained(run: Run, signal: AbortSignal): Promise<Cost> {
  const { begin, end } = await run.child.next(signal);
  if (typeof begin !== 'number' || typeof end !== 'number') throw run.child.failure('did not say how long it took');
  return costOf(run, begin, end);
}
