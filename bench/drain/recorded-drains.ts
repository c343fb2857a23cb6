import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { type Cost, costOf, type Run, withRun } from '../processes/run.js';
import { type CastShape, fill } from './casts.js';
import { assertEmptied, assertResults, resultsOf, timesOnRecord } from './outcome.js';
import { fillDeclared } from './plain-drains.js';
import { declareHostQueues, declareResultsQueues, HOST, HOST_QUEUE, RESULTS_QUEUE } from './queues.js';

/** The command of a worker that serves the host. */
export const WORKER: readonly string[] = ['bin/netprov', 'worker', '--host', HOST];

/** Drains with a worker, on a virtual host and a database of its own. */
export async function drainWithWorker(
  command: readonly string[],
  shape: CastShape,
  casts: number,
  signal: AbortSignal,
): Promise<Cost> {
  const broker = await TestBroker.create();
  const database = await createDatabase();
  try {
    await declareHostQueues(broker);
    await declareResultsQueues(broker);
    await fill(broker, casts, signal, shape);
    return await drainFilled(command, { broker, database, casts }, signal);
  } finally {
    await database.drop();
    await broker.drop();
  }
}

/** Drains with the Python server that does the same job as the worker. It has tables of its own. */
export async function drainWithJobServer(
  [command = '', ...args]: readonly string[],
  casts: number,
  signal: AbortSignal,
): Promise<Cost> {
  const broker = await TestBroker.create();
  const database = await createDatabase({ migrated: false });
  const filled = { broker, database, casts };
  try {
    await declareResultsQueues(broker);
    return await withRun(command, args, serversOf(filled), async (run) => {
      await fillDeclared(run.child, broker, casts, signal);
      return costOnRecord(run, filled, signal);
    });
  } finally {
    await database.drop();
    await broker.drop();
  }
}

/** The queue that a worker is to drain, with the number of casts in it. */
export interface Filled {
  broker: TestBroker;
  database: TestDatabase;
  casts: number;
}

/** The variables that give a program its servers. */
export function serversOf({ broker, database }: Omit<Filled, 'casts'>): NodeJS.ProcessEnv {
  return {
    NETPROV_TRANSPORT_URL: broker.url(),
    NETPROV_DATABASE_CONNECTION: database.connection,
    NETPROV_HEALTH_PORT: '0',
  };
}

/** Drains a host's queue that is filled, and checks that nothing was lost. */
export function drainFilled(
  [command = '', ...args]: readonly string[],
  filled: Filled,
  signal: AbortSignal,
): Promise<Cost> {
  return withRun(command, args, serversOf(filled), (run) => costOnRecord(run, filled, signal));
}

/** Waits until all is done, and takes the times from the operations' record. */
async function costOnRecord(run: Run, { broker, database, casts }: Filled, signal: AbortSignal): Promise<Cost> {
  const since = Date.now();
  await resultsOf([RESULTS_QUEUE], { broker, casts }, [run.child], signal);
  const { begin, end } = await timesOnRecord(database, casts, since);
  const cost = costOf(run, begin, end);
  await assertEmptied([HOST_QUEUE], broker, run.child, signal);
  await assertResults([RESULTS_QUEUE], broker, casts);
  return cost;
}
