import { pause } from '../../src/async/pause.js';
import { NetworkProviderClient } from '../../src/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase } from '../../testkit/servers/database.js';
import { roundName } from '../comparison/rounds.js';
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

export interface Takeover {
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

/** Kills the worker that acts for a queue while another stands by. */
export async function measureTakeover({ rounds }: ScaleOptions, signal: AbortSignal): Promise<Takeover> {
  const measured: (Record<TakeoverPart, number> & { seconds: number })[] = [];
  for (let round = 1; round <= rounds; round++) {
    signal.throwIfAborted();
    process.stderr.write(`${roundName(round, rounds)}: takeover ... `);
    const one = await takeOver(signal);
    process.stderr.write(`${one.seconds.toFixed(2)} s\n`);
    measured.push(one);
  }
  const part = (name: TakeoverPart): Spread => spread(measured.map((one) => one[name]));
  return {
    seconds: spread(measured.map(({ seconds }) => seconds)),
    parts: { handed_over: part('handed_over'), waited: part('waited'), done: part('done') },
  };
}

async function takeOver(signal: AbortSignal): Promise<Record<TakeoverPart, number> & { seconds: number }> {
  const broker = await TestBroker.create();
  const database = await createDatabase();
  const client = new NetworkProviderClient({ transportUrl: broker.url() });
  const [command = '', ...args] = WORKER;
  const env = { ...serversOf({ broker, database }), NETPROV_LOG_FORMAT: 'json' };
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

export function takeoverTargets({ seconds, parts }: Takeover): Target[] {
  const note = TAKEOVER_PARTS.map((part) => `${parts[part].median.toFixed(2)} s: ${PART_TITLES[part]}`).join('; ');
  return [atMost(1, 'takeover after SIGKILL', null, seconds.median, { unit: 's', note })];
}
