import { NeutronAgents } from '../servers/neutron-agents.js';

/**
 * Slow switches without the hardware. Neutron's bare-metal mechanism driver makes a port ACTIVE while it binds it. A
 * driver that leaves the work to another process reports later that it is done, as an L2 agent does. Here a test holds
 * a port back, and decides when it is done. Neutron, its wait for the last party and the event that follows are real.
 */
export class SimulatedSlowSwitches extends NeutronAgents {
  constructor() {
    super('slow-switches');
  }

  /** Keeps the port from becoming ACTIVE until done() is called for it. */
  holdBack(port: string): Promise<void> {
    return this.neutron.holdBack(port);
  }

  /**
   * Makes the port ACTIVE before it resolves.
   *
   * @param host the host of the port's binding
   * @param server the Neutron server that is told, by its `host`; this server sends the event
   */
  done(port: string, host: string, server: string): Promise<void> {
    const args = { agent_id: `switch-of-${host}`, device: port, host };
    return this.call('q-plugin', '1.5', 'update_device_up', args, server);
  }
}
