import { until } from '../fixtures/poll.js';
import type { WorkerFixture } from '../fixtures/worker.js';
import { amqpFrame, type FrameFate, FrameProxy, mysqlFrame } from '../proxies/frame-proxy.js';
import { type Fate, HttpProxy, type ProxiedRequest } from '../proxies/http-proxy.js';
import { Netprov } from './netprov.js';

/**
 * Times after which nothing happens by itself, however slow the machine is. After the late window, for example, a worker
 * checks the nodes of killed workers, and would repair those of earlier tests, whose Neutron ports are gone.
 */
const LONG_TIMES = {
  NETPROV_WORKER_LATE_WINDOW: '86400',
  NETPROV_NEUTRON_TIMEOUT: '240',
  NETPROV_NEUTRON_BINDING_TIMEOUT: '240',
};

/** Starts a netprov worker as a separate process. */
export async function startNetprovWorker(env: Record<string, string>): Promise<Netprov> {
  const worker = new Netprov(['worker'], { ...LONG_TIMES, ...env });
  await worker.says('the worker is ready');
  return worker;
}

/** Stops a worker at a chosen step. Returns a function that tells whether the worker has reached it. */
export type Hold = (worker: SteeredWorker) => () => boolean;

/** A worker process with a proxy before each of its servers, so that a test can stop it at a step and kill it there. */
export class SteeredWorker {
  private constructor(
    readonly process: Netprov,
    readonly broker: FrameProxy,
    readonly database: FrameProxy,
    readonly neutron: HttpProxy,
  ) {}

  /** @param env the environment that it would have without the proxies */
  static async start(fixture: WorkerFixture, env: Record<string, string>): Promise<SteeredWorker> {
    const url = new URL(fixture.database.connection);
    const broker = await FrameProxy.start(fixture.broker.host, amqpFrame);
    const database = await FrameProxy.start({ hostname: url.hostname, port: Number(url.port || 3306) }, mysqlFrame);
    const neutron = await HttpProxy.start(env['NETPROV_NEUTRON_ENDPOINT'] ?? '');
    url.hostname = '127.0.0.1';
    url.port = String(database.port);
    const worker = await startNetprovWorker({
      ...env,
      NETPROV_TRANSPORT_URL: fixture.broker.url(broker.port),
      NETPROV_DATABASE_URL: url.toString(),
      NETPROV_NEUTRON_ENDPOINT: neutron.url,
    });
    return new SteeredWorker(worker, broker, database, neutron);
  }

  /** Sends kill -9 when the worker has reached the step. Whatever the proxies have not let pass is lost. */
  async killAt(reached: () => boolean, alsoTrue: () => Promise<boolean>): Promise<void> {
    await until('the worker comes to where it is held', reached).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.process.stderr}`);
    });
    await until('its servers show what it has done so far', alsoTrue);
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
