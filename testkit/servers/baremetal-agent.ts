import { NeutronAgents } from './neutron-agents.js';

/**
 * Reports nodes to Neutron as ironic-neutron-agent does: the real bare-metal mechanism driver binds a port only if the
 * host of the port has a live agent of type Baremetal Node.
 */
export class BaremetalAgents extends NeutronAgents {
  constructor() {
    super('baremetal-agent');
  }

  /** Reports the node. When this resolves, Neutron counts the agent as alive for an hour (agent_down_time). */
  report(nodeUuid: string): Promise<void> {
    return this.reportState({
      binary: 'ironic-neutron-agent',
      host: nodeUuid,
      topic: 'N/A',
      agent_type: 'Baremetal Node',
      configurations: { bridge_mappings: { physnet1: 'physnet1' } },
    });
  }
}
