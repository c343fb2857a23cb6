import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { playRounds, roundName } from '../comparison/rounds.js';
import { ratio } from '../comparison/statistics.js';
import { atLeast, type Target } from '../comparison/target.js';
import { fill } from '../drain/casts.js';
import { assertResults, resultsOf, timesOnRecord } from '../drain/outcome.js';
import { declareHostQueues, declareResultsQueues, resultsQueue } from '../drain/queues.js';
import { serversOf } from '../drain/recorded-drains.js';
import { Child } from '../processes/child.js';
import { ProcessorTimes } from '../processes/processor-times.js';
import type { ScaleOptions } from './options.js';
import { type Point, type PointCost, pointOf } from './points.js';

export interface HostsPoint extends Point {
  /** Number of conductor hosts, each with a worker of its own. */
  hosts: number;
  /** Median over the rounds of the ratio between its rate and that of one host in the same round. */
  ratio: number;
}

const HOSTS = [1, 2, 4];

/** Drains one host's casts with one worker, and those of more hosts with as many workers, on the same cores. */
export async function measureHosts({ casts, rounds }: ScaleOptions, signal: AbortSignal): Promise<HostsPoint[]> {
  const measured = await playRounds({
    rounds,
    warmUp: false,
    scenarios: ['hosts'],
    contestants: HOSTS.map((hosts) => `${hosts}`),
    play: async (_, name, round) => {
      process.stderr.write(`${roundName(round, rounds)}: ${name} workers and hosts: ${casts} casts each ... `);
      const cost = await drainHosts(Number(name), casts, signal);
      process.stderr.write(`${(cost.casts / cost.seconds).toFixed(0)} casts/s\n`);
      return cost;
    },
    tell: () => undefined,
    signal,
  });
  return HOSTS.map((hosts) => {
    const costs = measured.flatMap(({ results }) => results[`${hosts}`] ?? []);
    const perCast = (of: number) => (round: (typeof measured)[number]) => {
      const cost = round.results[`${of}`];
      return cost === undefined ? NaN : cost.seconds / cost.casts;
    };
    return { hosts, ...pointOf(costs), ratio: ratio(measured, perCast(1), perCast(hosts)) };
  });
}

/** @param each casts of each host */
async function drainHosts(count: number, each: number, signal: AbortSignal): Promise<PointCost> {
  const hosts = Array.from({ length: count }, (_, index) => `bench-${index}`);
  const broker = await TestBroker.create();
  const database = await createDatabase();
  const workers: Child[] = [];
  try {
    await declareHostQueues(broker, hosts);
    await declareResultsQueues(broker, hosts);
    for (const host of hosts) await fill(broker, each, signal, undefined, host);
    const since = Date.now();
    for (const host of hosts) {
      workers.push(new Child('bin/netprov', ['worker', '--host', host], serversOf({ broker, database })));
    }
    const times = new ProcessorTimes(workers.map(({ pid }) => pid));
    try {
      await resultsOf(hosts.map(resultsQueue), { broker, casts: each * count }, workers, signal);
      await timesOnRecord(database, each * count, since);
      const { begin, end, ended } = await together(database);
      const processor = times.between(begin, end);
      await assertResults(hosts.map(resultsQueue), broker, each * count);
      return { casts: ended, seconds: (end - begin) / 1000, processor };
    } finally {
      times.stop();
    }
  } finally {
    for (const worker of workers) await worker.stop();
    await database.drop();
    await broker.drop();
  }
}

/**
 * The time in which all workers worked: from when the last one began until the first one had nothing left, in
 * milliseconds since 1970, and how many operations ended in it. Starting a worker takes processor time from the others.
 */
async function together({ dataSource }: TestDatabase): Promise<{ begin: number; end: number; ended: number }> {
  const [row] = await dataSource.query<Record<string, string>[]>(
    `WITH hosts AS (
       SELECT MIN(finished_at) AS begin, MAX(finished_at) AS end FROM operations GROUP BY conductor_host
     ), both_ends AS (SELECT MAX(begin) AS begin, MIN(end) AS end FROM hosts)
     SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', b.begin) / 1000 AS begin,
            TIMESTAMPDIFF(MICROSECOND, '1970-01-01', b.end) / 1000 AS end,
            (SELECT COUNT(*) FROM operations WHERE finished_at > b.begin AND finished_at <= b.end) AS ended
       FROM both_ends b`,
  );
  const { begin, end, ended } = row ?? {};
  if (Number(ended) < 1) throw new Error('the workers did not work at the same time: use more casts');
  return { begin: Number(begin), end: Number(end), ended: Number(ended) };
}

export function hostsTargets(points: readonly HostsPoint[]): Target[] {
  const two = points.find(({ hosts }) => hosts === 2);
  if (two === undefined) return [];
  return [atLeast(1.3, 'casts/s of two workers with two hosts', 'one worker with one host', two.ratio)];
}
