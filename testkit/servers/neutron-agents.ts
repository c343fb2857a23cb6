import { RpcConnection } from '../../src/amqp/index.js';
import { silentLogger } from '../../src/log/log.js';
import { RpcClient } from '../../src/rpc/index.js';
import { required } from './environment.js';
import { TestNeutron } from './neutron.js';

/** What an agent says of itself. */
export interface AgentState {
  binary: string;
  host: string;
  topic: string;
  agent_type: string;
  configurations: object;
}

/** Speaks to Neutron as its agents do, by RPC. What was reported is removed by drop(). */
export class NeutronAgents {
  protected readonly neutron = new TestNeutron();
  private readonly connection: RpcConnection;
  private readonly client: RpcClient;
  private readonly hosts = new Set<string>();

  constructor(name: string) {
    const log = silentLogger();
    this.connection = new RpcConnection({
      transportUrl: required('NETPROV_NEUTRON_TRANSPORT_URL'),
      heartbeat: 60,
      reconnect: { initialDelay: 100, maxDelay: 1000 },
      connectionName: `test:${name}`,
      log,
    });
    this.client = new RpcClient({ connection: this.connection, exchange: 'neutron', exchangeDurable: false, log });
  }

  /** Neutron counts the agent as alive when this resolves, for an hour (agent_down_time). */
  protected async reportState(state: AgentState): Promise<void> {
    // Neutron reads the time without a zone, and with six digits of a second.
    const time = new Date().toISOString().replace('Z', '000');
    const agent_state = { agent_state: { start_flag: true, ...state } };
    await this.call('q-reports-plugin', '1.0', 'report_state', { agent_state, time });
    this.hosts.add(state.host);
  }

  /** @param server the Neutron server that is to do it, by its `host`; any when not given */
  protected async call(
    topic: string,
    version: string,
    method: string,
    args: Record<string, unknown>,
    server: string | null = null,
  ): Promise<void> {
    await this.connection.connect();
    await this.client.call({ topic, version, server }, method, args, { timeout: 20 });
  }

  /** The agents of the host are no more: ports bound there from now on fail. */
  async forget(host: string): Promise<void> {
    const { agents } = await this.neutron.api<{ agents: { id: string }[] }>('GET', `agents?host=${host}`);
    for (const { id } of agents) await this.neutron.api('DELETE', `agents/${id}`);
    this.hosts.delete(host);
  }

  /** Removes what was reported. */
  async drop(): Promise<void> {
    for (const host of [...this.hosts]) await this.forget(host);
    await this.close();
  }

  /** Leaves what was reported as it is. */
  async close(): Promise<void> {
    await this.client.close();
    await this.connection.close();
  }
}
