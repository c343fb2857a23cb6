import { until } from '../fixtures/poll.js';
import type { WorkerFixture } from '../fixtures/worker.js';
import { amqpFrame, type FrameFate, FrameProxy, mysqlFrame } from '../proxies/frame-proxy.js';
import { type Fate, HttpProxy, type ProxiedRequest } from '../proxies/http-proxy.js';
import { MAY_CREATE_PORTS, Netprov } from './netprov.js';

/**
 * Times after which nothing happens by itself, however slow the machine is. After the late window, for example, a worker
 * checks the nodes of killed workers, and would repair those of earlier tests, whose Neutron ports are gone.
 */
const LONG_TIMES = {
  NETPROV_WORKER_LATE_WINDOW: '86400',
  NETPROV_NEUTRON_TIMEOUT: '240',
  NETPROV_NEUTRON_BINDING_TIMEOUT: '240',
};

const READY = 'the worker is ready';

/** Starts a netprov worker as a separate process, and waits until it is ready. */
export async function startNetprovWorker(env: Record<string, string>): Promise<Netprov> {
  const worker = netprovWorker(env);
  await worker.says(READY);
  return worker;
}

function netprovWorker(env: Record<string, string>): Netprov {
  return new Netprov(['worker'], { ...LONG_TIMES, ...env });
}

/** The proxies before a worker's servers. */
interface Proxies {
  readonly broker: FrameProxy;
  readonly database: FrameProxy;
  readonly neutron: HttpProxy;
}

/** Stops a worker at a chosen step. Returns a function that tells whether the worker has reached it. */
export type Hold = (proxies: Proxies) => () => boolean;

/** Stands for Neutron in tests of workers that do not ask it. Nothing listens there. */
const NO_NEUTRON = 'http://127.0.0.1:9';

/** A worker process with a proxy before each of its servers, so that a test can stop it at a step and kill it there. */
export class SteeredWorker implements Proxies {
  private constructor(
    readonly process: Netprov,
    readonly broker: FrameProxy,
    readonly database: FrameProxy,
    readonly neutron: HttpProxy,
  ) {}

  /**
   * Starts a worker, and waits until it is ready and has asked Neutron what it may do.
   *
   * @param env the environment that it would have without the proxies, with Neutron's address
   */
  static async start(fixture: WorkerFixture, env: Record<string, string>): Promise<SteeredWorker> {
    const { worker } = await SteeredWorker.startHeld(fixture, env, () => () => true);
    await worker.process.says(READY);
    await worker.process.says(MAY_CREATE_PORTS);
    return worker;
  }

  /**
   * Starts a worker that is held at a step from its start on. It may be held before it is ready. It is for queues that
   * are not empty: a worker that finds casts there has begun the first one when it says that it is ready.
   */
  static async startHeld(
    fixture: WorkerFixture,
    env: Record<string, string>,
    hold: Hold,
  ): Promise<{ worker: SteeredWorker; reached: () => boolean }> {
    const url = new URL(fixture.database.connection);
    const broker = await FrameProxy.start(fixture.broker.host, amqpFrame);
    const database = await FrameProxy.start({ hostname: url.hostname, port: Number(url.port || 3306) }, mysqlFrame);
    const neutron = await HttpProxy.start(env['NETPROV_NEUTRON_ENDPOINT'] ?? NO_NEUTRON);
    const reached = hold({ broker, database, neutron });
    url.hostname = '127.0.0.1';
    url.port = String(database.port);
    const process = netprovWorker({
      ...env,
      NETPROV_TRANSPORT_URL: fixture.broker.url(broker.port),
      NETPROV_DATABASE_URL: url.toString(),
      NETPROV_NEUTRON_ENDPOINT: neutron.url,
    });
    return { worker: new SteeredWorker(process, broker, database, neutron), reached };
  }

  /** Sends kill -9 when the worker has reached the step. Whatever the proxies have not let pass is lost. */
  async killAt(reached: () => boolean, alsoTrue: () => Promise<boolean>): Promise<void> {
    await until('the worker comes to where it is held', () => {
      if (!this.process.running) throw new Error('it ended');
      return reached();
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.process.stderr}`);
    });
    await until('its servers show what it has done so far', alsoTrue).catch((error: unknown) => {
      const asked = this.neutron.requests.map(({ method, path }) => `${method} ${path}`);
      throw new Error(`${String(error)}\nNeutron was asked: ${asked.join(', ')}\n${this.process.stderr}`);
    });
    this.process.kill('SIGKILL');
    await this.process.ended;
  }

  async stop(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.ended;
    await Promise.all([this.broker.stop(), this.database.stop(), this.neutron.stop()]);
  }
}

/** Stops it at the first statement that matches the last pattern, once the other patterns have matched in order. */
export function atStatement(fate: FrameFate, ...patterns: RegExp[]): Hold {
  return ({ database }) => holdAt(database, fate, patterns);
}

/** Does the same for AMQP frames. */
export function atFrame(fate: FrameFate, ...patterns: RegExp[]): Hold {
  return ({ broker }) => holdAt(broker, fate, patterns);
}

function holdAt(proxy: FrameProxy, fate: FrameFate, patterns: readonly RegExp[]): () => boolean {
  let matched = 0;
  proxy.fate = (frame) => {
    if (patterns[matched]?.test(frame)) matched++;
    return matched === patterns.length ? fate : 'pass';
  };
  return () => proxy.hangs;
}

/** Gives the first wanted request to Neutron the first of the fates, and so on; all other requests pass. */
export function atRequests(wanted: (request: ProxiedRequest) => boolean, ...fates: Fate[]): Hold {
  return ({ neutron }) => {
    let count = 0;
    neutron.fate = (request) => (wanted(request) ? (fates[count++] ?? 'pass') : 'pass');
    return () => count >= fates.length && neutron.hanging === fates.filter((fate) => fate !== 'pass').length;
  };
}
