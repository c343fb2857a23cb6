import { RpcConnection } from '../../src/amqp/index.js';
import { silentLogger } from '../../src/log/log.js';
import { MessagingTimeout, RpcClient } from '../../src/rpc/index.js';
import { required } from './environment.js';
import { TestNeutron } from './neutron.js';

/**
 * Seconds to wait for Neutron's reply to one attempt. Neutron gives up a request after 60 s by default, and its database
 * waits up to 50 s for a lock, so a reply can be late on a busy machine.
 */
const REPLY_TIMEOUT = 60;
/** Most attempts to report an agent. Like a real agent, it reports again after a report that had no reply. */
const REPORTS = 3;

/** The report of an agent about itself. */
export interface AgentState {
  binary: string;
  host: string;
  topic: string;
  agent_type: string;
  configurations: object;
}

/** Talks to Neutron by RPC as its agents do. drop() removes the reported agents. */
export class NeutronAgents {
  protected readonly neutron = new TestNeutron();
  readonly #connection: RpcConnection;
  readonly #client: RpcClient;
  readonly #hosts = new Set<string>();

  constructor(name: string) {
    const log = silentLogger();
    this.#connection = new RpcConnection({
      transportUrl: required('NETPROV_NEUTRON_TRANSPORT_URL'),
      heartbeat: 60,
      reconnect: { initialDelay: 100, maxDelay: 1000 },
      connectionName: `test:${name}`,
      log,
    });
    this.#client = new RpcClient({ connection: this.#connection, exchange: 'neutron', exchangeDurable: false, log });
  }

  /** Reports an agent. When this resolves, Neutron counts the agent as alive for an hour (agent_down_time). */
  protected async reportState(state: AgentState): Promise<void> {
    this.#hosts.add(state.host);
    for (let left = REPORTS - 1; ; left--) {
      // Neutron reads the time without a time zone, and with six digits after the seconds.
      const time = new Date().toISOString().replace('Z', '000');
      const agent_state = { agent_state: { start_flag: true, ...state } };
      try {
        await this.call('q-reports-plugin', '1.0', 'report_state', { agent_state, time });
        return;
      } catch (error) {
        if (!(error instanceof MessagingTimeout) || left === 0) throw error;
      }
    }
  }

  /** @param server `host` of the Neutron server that gets the call; any server if not given */
  protected async call(
    topic: string,
    version: string,
    method: string,
    args: Record<string, unknown>,
    server: string | null = null,
  ): Promise<void> {
    await this.#connection.connect();
    await this.#client.call({ topic, version, server }, method, args, { timeout: REPLY_TIMEOUT });
  }

  /** Removes the agents of the host: Neutron can no longer bind ports there. */
  async forget(host: string): Promise<void> {
    const { agents } = await this.neutron.api<{ agents: { id: string }[] }>('GET', `agents?host=${host}`);
    for (const { id } of agents) await this.neutron.api('DELETE', `agents/${id}`);
    this.#hosts.delete(host);
  }

  /** Removes all reported agents. */
  async drop(): Promise<void> {
    for (const host of [...this.#hosts]) await this.forget(host);
    await this.close();
  }

  /** Closes the connection and keeps the reported agents. */
  async close(): Promise<void> {
    await this.#client.close();
    await this.#connection.close();
  }
}
