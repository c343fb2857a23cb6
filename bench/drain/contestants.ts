import { pause } from '../../src/async/pause.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Child, PYTHON } from '../child.js';
import { declareHostQueue, declareResultsQueue, fill, HOST, HOST_QUEUE, RESULTS_QUEUE, TOPIC } from './casts.js';

const LOOK_EVERY = 200;
const STALLED_AFTER = 60_000;
const SETTLE_DELAY = 1000;
const SETTLED_WITHIN = 30_000;

/** The result of draining one queue. */
export interface Drain {
  /** Seconds from the first handled message to the last one. */
  seconds: number;
  /** Bytes. */
  peakResidentSet: number;
}

export interface Contestant {
  name: 'python' | 'amqplib' | 'worker';
  title: string;
  /**
   * Fills a queue on a new virtual host, drains it, and checks that nothing was lost.
   *
   * @throws Error when casts were lost or the contestant failed
   */
  drain: (casts: number, signal: AbortSignal) => Promise<Drain>;
}

export const CONTESTANTS: readonly Contestant[] = [
  { name: 'python', title: 'Python oslo.messaging, does nothing', drain: drainWithPython },
  { name: 'amqplib', title: 'amqplib, parses and acknowledges', drain: drainWithAmqplib },
  { name: 'worker', title: 'netprov worker, the whole job', drain: drainWithWorker },
];

async function drainWithPython(casts: number, signal: AbortSignal): Promise<Drain> {
  const broker = await TestBroker.create();
  try {
    const args = ['bench/python/drain_server.py', TOPIC, HOST, `${casts}`];
    return await withChild(PYTHON, args, { NETPROV_TRANSPORT_URL: broker.url() }, async (child) => {
      // It declares its queue, which determines how fast RabbitMQ delivers messages, and disconnects again.
      await child.next(signal);
      await fill(broker, casts, signal);
      child.send('drain');
      const drain = await drained(child, signal);
      await assertEmptied(broker, child, signal);
      return drain;
    });
  } finally {
    await broker.drop();
  }
}

async function drainWithAmqplib(casts: number, signal: AbortSignal): Promise<Drain> {
  const broker = await TestBroker.create();
  try {
    await declareHostQueue(broker);
    await fill(broker, casts, signal);
    const program = new URL('amqplib-drain.js', import.meta.url).pathname;
    const env = { NETPROV_TRANSPORT_URL: broker.url() };
    return await withChild(process.execPath, [program, HOST_QUEUE, `${casts}`], env, async (child) => {
      const drain = await drained(child, signal);
      await assertEmptied(broker, child, signal);
      return drain;
    });
  } finally {
    await broker.drop();
  }
}

async function drainWithWorker(casts: number, signal: AbortSignal): Promise<Drain> {
  const broker = await TestBroker.create();
  const database = await createDatabase();
  try {
    await declareHostQueue(broker);
    await declareResultsQueue(broker);
    await fill(broker, casts, signal);
    const env = {
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_DATABASE_CONNECTION: database.connection,
      NETPROV_HEALTH_PORT: '0',
    };
    return await withChild('bin/netprov', ['worker', '--host', HOST], env, async (child) => {
      await resultsOf(casts, broker, child, signal);
      const peakResidentSet = child.peakResidentSet();
      await assertEmptied(broker, child, signal);
      const { ready: results } = await broker.counts(RESULTS_QUEUE);
      if (results !== casts) throw new Error(`${casts} casts were answered with ${results} results`);
      return { seconds: await secondsOnRecord(casts, database), peakResidentSet };
    });
  } finally {
    await database.drop();
    await broker.drop();
  }
}

async function withChild<T>(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  work: (child: Child) => Promise<T>,
): Promise<T> {
  const child = new Child(command, args, env);
  try {
    return await work(child);
  } finally {
    await child.stop();
  }
}

/** Waits until a program of ours reports that it has drained the queue. */
async function drained(child: Child, signal: AbortSignal): Promise<Drain> {
  const { seconds } = await child.next(signal);
  if (typeof seconds !== 'number') throw child.failure('did not say how long it took');
  return { seconds, peakResidentSet: child.peakResidentSet() };
}

/** Waits until there is a result for each cast. */
async function resultsOf(casts: number, broker: TestBroker, worker: Child, signal: AbortSignal): Promise<void> {
  let results = 0;
  let moved = Date.now();
  while (results < casts) {
    await pause(LOOK_EVERY, signal);
    signal.throwIfAborted();
    if (!worker.running) throw worker.failure(`ended after ${results} of ${casts} results`);
    const { ready } = await broker.counts(RESULTS_QUEUE);
    if (ready > results) moved = Date.now();
    if (Date.now() - moved > STALLED_AFTER) throw worker.failure(`stands still at ${ready} of ${casts} results`);
    results = ready;
  }
}

/**
 * The seconds from the first receipt to the last end, as recorded. Checks that every cast is an operation that
 * succeeded.
 */
async function secondsOnRecord(casts: number, database: TestDatabase): Promise<number> {
  const [row] = await database.dataSource.query<Record<string, string>[]>(
    `SELECT COUNT(*) AS operations, SUM(status = 'succeeded') AS succeeded,
            TIMESTAMPDIFF(MICROSECOND, MIN(started_at), MAX(finished_at)) / 1000000 AS seconds
       FROM operations`,
  );
  const { operations, succeeded, seconds } = row ?? {};
  if (Number(operations) !== casts || Number(succeeded) !== casts) {
    throw new Error(`${casts} casts became ${operations ?? 0} operations, of which ${succeeded ?? 0} succeeded`);
  }
  return Number(seconds);
}

/**
 * Stops the contestant and checks that it has acknowledged every cast: an unacknowledged one returns to the queue then.
 *
 * RabbitMQ passes acknowledgements on to a quorum queue with a delay, and forgets those under way when their channel
 * closes. So it first gets some time.
 */
async function assertEmptied(broker: TestBroker, child: Child, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + SETTLED_WITHIN;
  let left: { messages?: number };
  do {
    await pause(SETTLE_DELAY, signal);
    signal.throwIfAborted();
    left = (await broker.queue(HOST_QUEUE)) as { messages?: number };
  } while (left.messages !== 0 && Date.now() < deadline);
  await child.stop();
  const { ready } = await broker.counts(HOST_QUEUE);
  if (ready > 0) throw new Error(`${ready} casts are still in ${HOST_QUEUE}`);
}
