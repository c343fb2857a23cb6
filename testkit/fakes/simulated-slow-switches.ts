import { NeutronAgents } from '../servers/neutron-agents.js';

/**
 * Switches that take their time, without the hardware. Neutron's bare-metal mechanism driver calls a port ACTIVE while it
 * binds it; one that hands the work over to somebody else reports later that it is done, as an L2 agent does. Here a test
 * holds a port back, and says when. Neutron, its wait for the last party and the event that follows are real.
 */
export class SimulatedSlowSwitches extends NeutronAgents {
  constructor() {
    super('slow-switches');
  }

  /** The port does not become ACTIVE before it is done. */
  holdBack(port: string): Promise<void> {
    return this.neutron.holdBack(port);
  }

  /**
   * The port is ACTIVE when this resolves.
   *
   * @param host of the port's binding
   * @param server the Neutron server that is told, by its `host`: the one that sends the event
   */
  done(port: string, host: string, server: string): Promise<void> {
    const args = { agent_id: `switch-of-${host}`, device: port, host };
    return this.call('q-plugin', '1.5', 'update_device_up', args, server);
  }
}
