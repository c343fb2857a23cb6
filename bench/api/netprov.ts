import { freePort } from '../../testkit/proxies/free-port.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import { createDatabase, type TestDatabase } from '../../testkit/servers/database.js';
import { Child } from '../processes/child.js';
import { processorTimeOf, processTree } from '../processes/proc.js';
import type { Contestant } from './contestant.js';
import { answers } from './requests.js';

/** `netprov api` as a separate process, with the default configuration except for authentication. */
export class NetprovApi implements Contestant {
  readonly order = 'uuid';

  private constructor(
    readonly endpoint: string,
    private readonly broker: TestBroker,
    readonly database: TestDatabase,
    private readonly api: Child,
  ) {}

  static async start(signal: AbortSignal): Promise<NetprovApi> {
    const broker = await TestBroker.create();
    const database = await createDatabase();
    const port = await freePort();
    const env = {
      NETPROV_TRANSPORT_URL: broker.url(),
      NETPROV_DATABASE_CONNECTION: database.connection,
      NETPROV_AUTH_STRATEGY: 'noauth',
      NETPROV_API_PORT: `${port}`,
      NETPROV_API_HEALTH_PORT: 'null',
    };
    const endpoint = `http://127.0.0.1:${port}`;
    const netprov = new NetprovApi(endpoint, broker, database, new Child('bin/netprov', ['api'], env));
    try {
      await answers(`${endpoint}/v1/nodes`, 'nodes', [netprov.api], signal);
      return netprov;
    } catch (error) {
      await netprov.stop();
      throw error;
    }
  }

  peakResidentSet(): number {
    return this.api.peakResidentSet();
  }

  /** Seconds of processor time so far. */
  processorTime(): number {
    return processorTimeOf(processTree(this.api.pid));
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.database.drop();
    await this.broker.drop();
  }
}
