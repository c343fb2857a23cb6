import { NeutronAgents } from './neutron-agents.js';

/**
 * Reports nodes to Neutron as ironic-neutron-agent does: the real bare-metal mechanism driver binds a port only where a
 * live agent of type Baremetal Node stands on the port's host.
 */
export class BaremetalAgents extends NeutronAgents {
  constructor() {
    super('baremetal-agent');
  }

  /** Neutron counts the node as alive when this resolves, for an hour (agent_down_time). */
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
