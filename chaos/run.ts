import { pause } from '../src/async/pause.js';
import { within } from '../src/async/within.js';
import { required } from '../testkit/servers/environment.js';
import { collect } from './collect.js';
import { Drivers } from './driver/drivers.js';
import { ordersOf } from './driver/orders.js';
import type { Evidence, Secret } from './evidence.js';
import { Injector } from './faults/injector.js';
import { LATE_WINDOW, Place } from './place/place.js';
import type { Services } from './place/services.js';
import type { Plan } from './plan/types.js';
import { Random } from './random.js';

/** Maximum milliseconds for the workers to finish everything after the last fault. */
const SETTLE_TIMEOUT = 300_000;
/** Maximum milliseconds between outcomes and their results: another worker sends the results that a killed one owed. */
const RESULTS_TIMEOUT = 60_000;
/** Maximum milliseconds until the effects of unanswered requests are repaired. */
const LATE_TIMEOUT = (LATE_WINDOW + 15) * 1000;
/** Milliseconds between two lines of progress. */
const PROGRESS = 5000;
/** Milliseconds before the first cast, in which the drivers start. */
const HEAD_START = 3000;

export interface RunOptions {
  plan: Plan;
  services: Services;
  /** Folder for the logs. */
  folder: string;
  /** Called with each event of the run, as one line. */
  tell: (text: string) => void;
  signal: AbortSignal;
  /** Whether to keep the virtual host, the database and Neutron's networks. */
  keep: boolean;
}

/** The result of a run: the evidence, and numbers that no check needs. */
export interface Finished {
  evidence: Evidence;
  /** Number of messages that were sent again after newer ones. */
  replayed: number;
  /** Milliseconds from the first cast to the last outcome. */
  took: number;
}

/** Prepares a place, makes the casts and faults happen, waits until all has ended, and collects the evidence. */
export async function run(options: RunOptions): Promise<Finished> {
  const { plan, services, folder, tell, signal, keep } = options;
  const secrets = new Random(plan.seed, 'secrets');
  const planted = { token: `gAAAAA-${secrets.hex(40)}`, password: `driver-info-${secrets.hex(24)}` };
  tell('making networks and ports in Neutron, and starting the workers');
  const place = await Place.make(plan, services, folder);
  const drivers = new Drivers(plan, folder, place.broker.url(), planted.token);
  try {
    const injector = new Injector(place, plan.nodes, tell);
    const begin = Date.now() + HEAD_START;
    const orders = ordersOf(plan, place.vifs, planted);
    const progress = setInterval(() => {
      tell(
        `${drivers.confirmed} of ${plan.casts.length} casts accepted, ${injector.done.length} of ${plan.faults.length} faults done`,
      );
    }, PROGRESS);
    try {
      const work = Promise.all([drivers.run(orders, begin), injector.run(plan.faults, begin, signal)]);
      await within(signal, work, () => {
        throw signal.reason;
      });
    } finally {
      clearInterval(progress);
    }
    await settle(place, drivers.confirmed, tell, signal);
    const took = Date.now() - begin;
    await place.stopWorkers();
    const { casts, letters, replayed } = drivers;
    const hidden = secretsOf(place, planted);
    const evidence = await collect(place, { plan, casts, letters, secrets: hidden, faults: injector.done });
    // The evidence is complete even if a server is too busy to be emptied: all servers are removed afterwards.
    await (keep ? place.leave() : place.drop()).catch((error: unknown) => {
      tell(`the servers could not be emptied: ${String(error)}`);
    });
    return { evidence, replayed, took };
  } catch (error) {
    drivers.kill();
    await place.abandon();
    throw error;
  }
}

/** Waits until every accepted cast has ended and its result has come, at most until the timeouts. */
async function settle(
  place: Place,
  accepted: number,
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + SETTLE_TIMEOUT;
  let told = 0;
  for (;;) {
    const ended = await endedOf(place);
    if (ended >= accepted) break;
    if (Date.now() > deadline) {
      tell(`only ${ended} of ${accepted} casts have ended after ${SETTLE_TIMEOUT / 1000} s; looking at what there is`);
      break;
    }
    if (Date.now() - told > PROGRESS) {
      told = Date.now();
      tell(`all is well again: ${ended} of ${accepted} casts have ended`);
    }
    await pause(200, signal);
    signal.throwIfAborted();
  }
  const results = Date.now() + RESULTS_TIMEOUT;
  await until(async () => (await place.results.seen()) >= accepted || Date.now() >= results, signal);
  const late = Date.now() + LATE_TIMEOUT;
  await until(async () => !(await mayChangeLate(place)) || Date.now() >= late, signal);
}

/** Looks twice a second, until what it waits for has come. @throws the signal's reason */
async function until(come: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await come())) {
    await pause(500, signal);
    signal.throwIfAborted();
  }
}

/** Whether there are nodes that unanswered requests may have changed and that were not compared since. */
async function mayChangeLate({ database }: Place): Promise<boolean> {
  const rows = await database.dataSource.query<object[]>('SELECT uuid FROM nodes WHERE late_until IS NOT NULL LIMIT 1');
  return rows.length > 0;
}

async function endedOf({ database }: Place): Promise<number> {
  // Operations without a request id are the workers' own reconciliations.
  const statement = `SELECT COUNT(*) AS ended FROM operations
    WHERE finished_at IS NOT NULL AND result IS NOT NULL AND request_id IS NOT NULL`;
  const [row] = await database.dataSource.query<{ ended: string | number }[]>(statement);
  return Number(row?.ended ?? 0);
}

function secretsOf({ broker, database }: Place, planted: { token: string; password: string }): Secret[] {
  return [
    { what: "RabbitMQ's password", value: broker.host.password },
    { what: "the database's password", value: new URL(database.connection).password },
    { what: 'the password for Neutron', value: required('NETPROV_KEYSTONE_PASSWORD') },
    { what: 'the token of the RPC context', value: planted.token },
    { what: "the password in a node's driver_info", value: planted.password },
  ];
}
