import { type MethodName, NetworkProviderClient } from '../../src/index.js';
import { until } from '../../testkit/fixtures/poll.js';
import { freePort } from '../../testkit/proxies/free-port.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase } from '../../testkit/servers/database.js';
import { NotifyingNeutron } from '../../testkit/servers/notifying-neutron.js';
import type { Cloud } from '../neutron/cloud.js';
import { CountingProxy } from '../neutron/counting-proxy.js';
import type { BenchNode } from '../neutron/scenarios.js';
import { taskOf } from '../neutron/worker.js';
import { Child } from '../processes/child.js';

/** The conductor host that the worker serves. */
const HOST = 'bench';
const START_TIMEOUT = 60_000;

/** Functions that close the parts of a side, to be called in reverse order. */
type Closers = (() => Promise<unknown>)[];

/** A netprov worker as a separate process, with its own virtual host and database, and a proxy before Neutron. */
export class Side {
  private constructor(
    /** The Neutron server that the worker uses, and that makes its ports ACTIVE. */
    readonly neutron: NotifyingNeutron,
    readonly proxy: CountingProxy,
    private readonly client: NetworkProviderClient,
    private readonly closers: Closers,
  ) {}

  /**
   * A side with netprov api and a Neutron that sends its events there. @param interval send_events_interval in seconds
   */
  static withEvents(interval: number, cloud: Cloud, signal: AbortSignal): Promise<Side> {
    return Side.#open(cloud, signal, async (env, closers) => {
      const port = await freePort();
      const access = { NETPROV_AUTH_STRATEGY: 'noauth', NETPROV_API_PORT: `${port}`, NETPROV_API_HEALTH_PORT: '0' };
      const api = new Child('bin/netprov', ['api'], { ...env, ...access });
      closers.push(() => api.stop());
      const url = `http://127.0.0.1:${port}`;
      await until('netprov api answers', () => answers(url, api), START_TIMEOUT);
      const neutron = await NotifyingNeutron.start(url, interval);
      closers.push(() => neutron.stop());
      return neutron;
    });
  }

  /** A side without netprov api: the events of its Neutron go elsewhere. */
  static withoutEvents(neutron: NotifyingNeutron, cloud: Cloud, signal: AbortSignal): Promise<Side> {
    return Side.#open(cloud, signal, () => Promise.resolve(neutron));
  }

  static async #open(
    cloud: Cloud,
    signal: AbortSignal,
    openNeutron: (env: NodeJS.ProcessEnv, closers: Closers) => Promise<NotifyingNeutron>,
  ): Promise<Side> {
    const closers: Closers = [];
    try {
      const broker = await TestBroker.create();
      closers.push(() => broker.drop());
      const database = await createDatabase();
      closers.push(() => database.drop());
      const env = { NETPROV_TRANSPORT_URL: broker.url(), NETPROV_DATABASE_CONNECTION: database.connection };
      const neutron = await openNeutron(env, closers);
      const proxy = await CountingProxy.start(neutron.endpoint);
      closers.push(() => proxy.stop());
      const place = {
        NETPROV_NEUTRON_ENDPOINT_OVERRIDE: proxy.url,
        NETPROV_CLEANING_NETWORK: cloud.network('cleaning').name,
        NETPROV_HEALTH_PORT: '0',
      };
      const worker = new Child('bin/netprov', ['worker', '--host', HOST], { ...env, ...place });
      closers.push(() => worker.stop());
      const client = new NetworkProviderClient({ transportUrl: broker.url() });
      closers.push(() => client.close());
      // If the queue exists, the first call waits in it until the worker has started.
      await client.declareTopology([HOST]);
      signal.throwIfAborted();
      return new Side(neutron, proxy, client, closers);
    } catch (error) {
      await close(closers);
      throw error;
    }
  }

  /** Calls a method. Resolves when the result has arrived, which is after its commit. */
  async perform(method: MethodName, node: BenchNode): Promise<void> {
    await this.client.call(method, { host: HOST, task: taskOf(node) });
  }

  /** Number of polls of the ports since they were bound. */
  looks(): number {
    const { requests } = this.proxy;
    const last = requests.findLastIndex((request) => request.startsWith('PUT '));
    return last < 0 ? 0 : requests.slice(last).filter((request) => request === 'GET /v2.0/ports').length;
  }

  stop(): Promise<void> {
    return close(this.closers);
  }
}

async function answers(url: string, child: Child): Promise<boolean> {
  if (!child.running) throw child.failure('ended');
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function close(closers: Closers): Promise<void> {
  for (const one of closers.splice(0).reverse()) await one();
}
