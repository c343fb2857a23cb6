import { RpcClient, RpcConnection } from '../../src/rpc/index.js';
import { required } from './environment.js';
import { silentLogger } from '../../src/log.js';
import { TestNeutron } from './neutron.js';

/**
 * Reports nodes to Neutron as ironic-neutron-agent does: the real bare-metal mechanism driver binds a port only where a
 * live agent of type Baremetal Node stands on the port's host. A report counts for 75 s.
 */
export class BaremetalAgents {
  private readonly neutron = new TestNeutron();
  private readonly connection: RpcConnection;
  private readonly client: RpcClient;
  private readonly hosts = new Set<string>();

  constructor() {
    const log = silentLogger();
    this.connection = new RpcConnection({
      transportUrl: required('NETPROV_NEUTRON_TRANSPORT_URL'),
      heartbeat: 60,
      reconnect: { initialDelay: 100, maxDelay: 1000 },
      connectionName: 'test:baremetal-agent',
      log,
    });
    this.client = new RpcClient({ connection: this.connection, exchange: 'neutron', exchangeDurable: false, log });
  }

  /** Neutron counts the node as alive when this resolves. */
  async report(nodeUuid: string): Promise<void> {
    const agent_state = {
      binary: 'ironic-neutron-agent',
      host: nodeUuid,
      topic: 'N/A',
      start_flag: true,
      agent_type: 'Baremetal Node',
      configurations: { bridge_mappings: { physnet1: 'physnet1' } },
    };
    const target = { topic: 'q-reports-plugin', version: '1.0' };
    await this.connection.connect();
    // Neutron reads the time without a zone, and with six digits of a second.
    const time = new Date().toISOString().replace('Z', '000');
    await this.client.call(target, 'report_state', { agent_state: { agent_state }, time }, { timeout: 20 });
    this.hosts.add(nodeUuid);
  }

  /** The node's agent is no more: ports bound from now on fail. */
  async forget(nodeUuid: string): Promise<void> {
    const { agents } = await this.neutron.api<{ agents: { id: string }[] }>('GET', `agents?host=${nodeUuid}`);
    for (const { id } of agents) await this.neutron.api('DELETE', `agents/${id}`);
    this.hosts.delete(nodeUuid);
  }

  /** Removes what was reported. */
  async drop(): Promise<void> {
    for (const host of [...this.hosts]) await this.forget(host);
    await this.client.close();
    await this.connection.close();
  }
}
