import { pause } from '../../src/async/pause.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { playRounds, roundName } from '../comparison/rounds.js';
import { type Spread, spread } from '../comparison/statistics.js';
import { atMost, type Target } from '../comparison/target.js';
import { fill } from '../drain/casts.js';
import { declareHostQueues, declareResultsQueues } from '../drain/queues.js';
import { serversOf, WORKER } from '../drain/recorded-drains.js';
import type { Child } from '../processes/child.js';
import { withRun } from '../processes/run.js';
import type { ScaleOptions } from './options.js';

export interface StartPoint {
  /** Casts that wait when the worker starts. */
  waiting: number;
  /** Seconds from the start of the process to the end of its first operation, as recorded. */
  seconds: Spread;
  /** Seconds of the worker's processor time until then. */
  processor_s: Spread;
}

interface Start {
  seconds: number;
  processor: number;
}

const WAITING = [1, 10_000];
const LOOK_EVERY = 20;

/** Starts workers for which casts wait, and measures until the first one is done. */
export async function measureStart({ rounds }: ScaleOptions, signal: AbortSignal): Promise<StartPoint[]> {
  const measured = await playRounds({
    rounds,
    warmUp: false,
    scenarios: ['start'],
    contestants: WAITING.map((waiting) => `${waiting}`),
    play: async (_, name, round) => {
      process.stderr.write(`${roundName(round, rounds)}: start of a worker, ${name} casts wait ... `);
      const start = await startWith(Number(name), signal);
      process.stderr.write(`${start.seconds.toFixed(2)} s, ${start.processor.toFixed(2)} s of processor time\n`);
      return start;
    },
    tell: () => undefined,
    signal,
  });
  return WAITING.map((waiting) => {
    const starts = measured.flatMap(({ results }) => results[`${waiting}`] ?? []);
    return {
      waiting,
      seconds: spread(starts.map(({ seconds }) => seconds)),
      processor_s: spread(starts.map(({ processor }) => processor)),
    };
  });
}

async function startWith(waiting: number, signal: AbortSignal): Promise<Start> {
  const broker = await TestBroker.create();
  const database = await createDatabase();
  try {
    await declareHostQueues(broker);
    await declareResultsQueues(broker);
    await fill(broker, waiting, signal);
    const [command = '', ...args] = WORKER;
    const begin = Date.now();
    return await withRun(command, args, serversOf({ broker, database }), async ({ child, times }) => {
      const end = await firstEnd(database, child, signal);
      return { seconds: (end - begin) / 1000, processor: times.ownUntil(end) };
    });
  } finally {
    await database.drop();
    await broker.drop();
  }
}

/** When the first operation ended, in milliseconds since 1970. */
async function firstEnd({ dataSource }: TestDatabase, worker: Child, signal: AbortSignal): Promise<number> {
  for (;;) {
    const [row] = await dataSource.query<{ ended: string | null }[]>(
      "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MIN(finished_at)) / 1000 AS ended FROM operations",
    );
    if (row?.ended != null) return Number(row.ended);
    if (!worker.running) throw worker.failure('ended before its first operation was done');
    await pause(LOOK_EVERY, signal);
    signal.throwIfAborted();
  }
}

export function startTargets(points: readonly StartPoint[]): Target[] {
  return points.map(({ waiting, processor_s }) => {
    const casts = waiting === 1 ? 'one cast waits' : `${waiting.toLocaleString('en-US')} casts wait`;
    return atMost(
      1.5,
      `processor time from a worker's start to its first cast done, ${casts}`,
      null,
      processor_s.median,
      {
        unit: 's',
      },
    );
  });
}
