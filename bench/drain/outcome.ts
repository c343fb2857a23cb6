import { pause } from '../../src/async/pause.js';
import type { TestBroker } from '../../testkit/servers/broker.js';
import type { TestDatabase } from '../../testkit/servers/database.js';
import { progress } from '../comparison/progress.js';
import type { Child } from '../processes/child.js';

const LOOK_EVERY = 200;
const STALLED_AFTER = 60_000;
const SETTLE_DELAY = 1000;
const SETTLED_WITHIN = 30_000;

/** Waits until there is a result for each cast. */
export async function resultsOf(
  queues: readonly string[],
  { broker, casts }: { broker: TestBroker; casts: number },
  workers: readonly Child[],
  signal: AbortSignal,
): Promise<void> {
  const tell = progress('casts have a result', casts);
  let results = 0;
  let moved = Date.now();
  while (results < casts) {
    await pause(LOOK_EVERY, signal);
    signal.throwIfAborted();
    const ended = workers.find(({ running }) => !running);
    if (ended) throw ended.failure(`ended after ${results} of ${casts} results`);
    const found = await resultCount(queues, broker);
    if (found > results) moved = Date.now();
    if (Date.now() - moved > STALLED_AFTER) {
      throw workers[0]?.failure(`stands still at ${found} of ${casts} results`) ?? new Error('there is no worker');
    }
    results = found;
    tell(results);
  }
}

/**
 * The first receipt and the last end of the operations since this time, as recorded, in milliseconds since 1970.
 *
 * @throws Error when not every cast is an operation that succeeded
 */
export async function timesOnRecord(
  { dataSource }: TestDatabase,
  casts: number,
  since: number,
): Promise<{ begin: number; end: number }> {
  const [row] = await dataSource.query<Record<string, string>[]>(
    `SELECT COUNT(*) AS operations, SUM(status = 'succeeded') AS succeeded,
            TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MIN(started_at)) / 1000 AS begin,
            TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MAX(finished_at)) / 1000 AS end
       FROM operations WHERE started_at >= ?`,
    [new Date(since)],
  );
  const { operations, succeeded, begin, end } = row ?? {};
  if (Number(operations) !== casts || Number(succeeded) !== casts) {
    throw new Error(`${casts} casts became ${operations ?? 0} operations, of which ${succeeded ?? 0} succeeded`);
  }
  return { begin: Number(begin), end: Number(end) };
}

/**
 * Stops the contestant and checks that it has acknowledged every cast: an unacknowledged one returns to the queue then.
 *
 * RabbitMQ passes acknowledgements on to a quorum queue with a delay, and forgets those under way when their channel
 * closes. So it first gets some time.
 */
export async function assertEmptied(
  queues: readonly string[],
  broker: TestBroker,
  child: Child,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + SETTLED_WITHIN;
  let left: { messages?: number }[];
  do {
    await pause(SETTLE_DELAY, signal);
    signal.throwIfAborted();
    left = await Promise.all(queues.map(async (queue) => (await broker.queue(queue)) as { messages?: number }));
  } while (left.some(({ messages }) => messages !== 0) && Date.now() < deadline);
  await child.stop();
  for (const queue of queues) {
    const { ready } = await broker.counts(queue);
    if (ready > 0) throw new Error(`${ready} casts are still in ${queue}`);
  }
}

export async function assertResults(queues: readonly string[], broker: TestBroker, casts: number): Promise<void> {
  const results = await resultCount(queues, broker);
  if (results !== casts) throw new Error(`${casts} casts were answered with ${results} results`);
}

export async function resultCount(queues: readonly string[], broker: TestBroker): Promise<number> {
  let results = 0;
  for (const queue of queues) results += (await broker.counts(queue)).ready;
  return results;
}
