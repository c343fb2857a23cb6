import { type MethodName, NetworkProviderClient, type TaskInput } from '../../src/index.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Child } from '../processes/child.js';
import type { Contestant, Place } from './contestant.js';
import type { BenchNode } from './scenarios.js';

/** The conductor host that the worker serves. */
const HOST = 'bench';
/** Seconds to wait for a call: many nodes at once keep Neutron busy for long. */
const CALL_TIMEOUT = 600;

/** The netprov worker as a separate process, called through RabbitMQ, with its own virtual host and database. */
export class NetprovWorker implements Contestant {
  private constructor(
    private readonly broker: TestBroker,
    private readonly database: TestDatabase,
    private readonly client: NetworkProviderClient,
    private readonly child: Child,
    /** Rejects when the worker ends, or when the measurement is interrupted. It never resolves. */
    private readonly ended: Promise<unknown>,
  ) {
    ended.catch(() => undefined);
  }

  static async start(place: Place, signal: AbortSignal): Promise<NetprovWorker> {
    const broker = await TestBroker.create();
    const database = await createDatabase();
    const env = {
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_DATABASE_CONNECTION: database.connection,
      NETPROV_NEUTRON_ENDPOINT_OVERRIDE: place.endpoint,
      NETPROV_CLEANING_NETWORK: place.cleaningNetwork,
      NETPROV_PROVISIONING_NETWORK: place.provisioningNetwork,
      NETPROV_HEALTH_PORT: '0',
    };
    const client = new NetworkProviderClient({ transportUrl: broker.url() });
    const child = new Child('bin/netprov', ['worker', '--host', HOST], env);
    const worker = new NetprovWorker(broker, database, client, child, child.next(signal));
    try {
      // If the queue exists, the first call waits in it until the worker has started.
      await client.declareTopology([HOST]);
      return worker;
    } catch (error) {
      await worker.stop();
      throw error;
    }
  }

  /** Does nothing: the worker learns about a node from the task of each call. */
  enrol(): Promise<void> {
    return Promise.resolve();
  }

  /** Measures from the calls until all replies have arrived: all work of the worker, and both ways through RabbitMQ. */
  async perform(method: MethodName, nodes: readonly BenchNode[]): Promise<number> {
    const tasks = nodes.map(taskOf);
    const begin = performance.now();
    const calls = tasks.map((task) => this.client.call(method, { host: HOST, task, timeout: CALL_TIMEOUT }));
    await Promise.race([Promise.all(calls), this.ended]);
    return (performance.now() - begin) / 1000;
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.child.stop();
    await this.database.drop();
    await this.broker.drop();
  }
}

/** A node in the form in which a conductor describes it. */
export function taskOf({ uuid, name, ports, vifs }: BenchNode): TaskInput {
  return {
    node: { uuid, name, network_provider: 'neutron' },
    ports: ports.map((port, index) => {
      const vif = vifs[index];
      return { ...port, internal_info: vif === undefined ? {} : { tenant_vif_port_id: vif } };
    }),
    portgroups: [],
  };
}
