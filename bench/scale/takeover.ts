import { pause } from '../../src/async/pause.js';
import { NetworkProviderClient } from '../../src/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase } from '../../testkit/servers/database.js';
import { rangeText } from '../comparison/output.js';
import { playRounds, roundName } from '../comparison/rounds.js';
import { type Spread, spread } from '../comparison/statistics.js';
import { atMost, type Target } from '../comparison/target.js';
import { sampleTaskInput } from '../drain/casts.js';
import { HOST, HOST_QUEUE } from '../drain/queues.js';
import { serversOf, WORKER } from '../drain/recorded-drains.js';
import { Child } from '../processes/child.js';
import type { ScaleOptions } from './options.js';

/** The parts of a takeover, in their order. */
export const TAKEOVER_PARTS = ['handed_over', 'waited', 'done'] as const;
export type TakeoverPart = (typeof TAKEOVER_PARTS)[number];

export const PART_TITLES: Record<TakeoverPart, string> = {
  handed_over: 'RabbitMQ hands over the queue',
  waited: 'the lease runs out',
  done: 'the first cast is done',
};

/** Values of worker.lease, in seconds: the default, and a short one. */
const LEASES = [1.5, 0.8];

export interface Takeover {
  /** worker.lease of both workers, in seconds. */
  lease: number;
  /** Seconds from SIGKILL of the acting worker until a call that was sent then has been answered. */
  seconds: Spread;
  /** Seconds of each part. */
  parts: Record<TakeoverPart, Spread>;
}

/** What the workers log when they consume, and when they take over a queue. */
const READY = 'the worker is ready';
const TAKEN = 'waiting until its lease is over';
const ACTS = 'this worker acts for the queue';
/** Milliseconds within which the workers have agreed on who acts for the queue: three looks at each other. */
const SETTLED = 4000;

/** Seconds of one takeover. */
type OneTakeover = Record<TakeoverPart, number> & { seconds: number };

/** Kills the worker that acts for a queue while another stands by, with leases of different lengths. */
export async function measureTakeover({ rounds }: ScaleOptions, signal: AbortSignal): Promise<Takeover[]> {
  const measured = await playRounds({
    rounds,
    warmUp: false,
    scenarios: ['takeover'],
    contestants: LEASES.map((lease) => `${lease}`),
    play: async (_, lease, round) => {
      process.stderr.write(`${roundName(round, rounds)}: takeover, worker.lease ${lease} s ... `);
      const one = await takeOver(lease, signal);
      process.stderr.write(`${one.seconds.toFixed(2)} s\n`);
      return one;
    },
    tell: () => undefined,
    signal,
  });
  return LEASES.map((lease) =>
    takeoverOf(
      lease,
      measured.flatMap(({ results }) => results[`${lease}`] ?? []),
    ),
  );
}

function takeoverOf(lease: number, measured: readonly OneTakeover[]): Takeover {
  const part = (name: TakeoverPart): Spread => spread(measured.map((one) => one[name]));
  return {
    lease,
    seconds: spread(measured.map(({ seconds }) => seconds)),
    parts: { handed_over: part('handed_over'), waited: part('waited'), done: part('done') },
  };
}

async function takeOver(lease: string, signal: AbortSignal): Promise<OneTakeover> {
  const broker = await TestBroker.create();
  const database = await createDatabase();
  const client = new NetworkProviderClient({ transportUrl: broker.url() });
  const [command = '', ...args] = WORKER;
  const env = { ...serversOf({ broker, database }), NETPROV_LOG_FORMAT: 'json', NETPROV_WORKER_LEASE: lease };
  const workers: Child[] = [];
  const call = (): Promise<unknown> => client.call('add_provisioning_network', { host: HOST, task: sampleTaskInput() });
  try {
    await client.declareTopology([HOST]);
    for (const which of ['first', 'second']) {
      const worker = new Child(command, args, env);
      workers.push(worker);
      await until(`the ${which} worker is ready`, () => worker.log().includes(READY));
      await call();
    }
    await pause(SETTLED, signal);
    signal.throwIfAborted();
    await call();
    const [acting, standby] = byLastTenure(workers);
    const killed = Date.now();
    acting.kill();
    await call();
    const answered = Date.now();
    const acts = loggedAt(standby, ACTS);
    const taken = loggedAt(standby, TAKEN) ?? acts;
    if (acts === null || taken === null || acts < killed) throw standby.failure('did not log that it took over');
    const seconds = {
      handed_over: taken - killed,
      waited: acts - taken,
      done: answered - acts,
      seconds: answered - killed,
    };
    return inSeconds(seconds);
  } finally {
    await client.close();
    for (const worker of workers) await worker.stop();
    await database.drop();
    await broker.drop();
  }
}

function inSeconds<Name extends string>(milliseconds: Record<Name, number>): Record<Name, number> {
  const entries = Object.entries<number>(milliseconds).map(([name, value]) => [name, value / 1000]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/** The two workers: first the one that was the last to act for the queue. */
function byLastTenure([first, second]: readonly Child[]): [Child, Child] {
  if (first === undefined || second === undefined) throw new Error('there are not two workers');
  return (loggedAt(second, ACTS) ?? 0) > (loggedAt(first, ACTS) ?? 0) ? [second, first] : [first, second];
}

/** When a worker last logged this about the host's queue, in milliseconds since 1970; null: it never did. */
function loggedAt(worker: Child, text: string): number | null {
  const line = worker
    .log()
    .split('\n')
    .findLast((one) => one.includes(text) && one.includes(`"${HOST_QUEUE}"`));
  if (line === undefined) return null;
  const { timestamp } = JSON.parse(line) as { timestamp: string };
  return Date.parse(timestamp);
}

export function takeoverTargets(takeovers: readonly Takeover[]): Target[] {
  return takeovers.map(({ lease, seconds, parts }) => {
    const note = TAKEOVER_PARTS.map((part) => `${parts[part].median.toFixed(2)} s: ${PART_TITLES[part]}`).join('; ');
    return atMost(1, `takeover after SIGKILL, worker.lease ${lease} s`, null, seconds.median, { unit: 's', note });
  });
}

/** The takeovers as a table: its head, and a row for each part and for all of it. */
export function takeoverCells(takeovers: readonly Takeover[]): { head: string[]; rows: string[][] } {
  const row = (title: string, of: (one: Takeover) => Spread): string[] => [
    title,
    ...takeovers.map((one) => rangeText(of(one), 2)),
  ];
  return {
    head: ['takeover after SIGKILL', ...takeovers.map(({ lease }) => `seconds, worker.lease ${lease} s`)],
    rows: [
      ...TAKEOVER_PARTS.map((part) => row(PART_TITLES[part], ({ parts }) => parts[part])),
      row('all of it', ({ seconds }) => seconds),
    ],
  };
}
