import { pause } from '../../src/async/pause.js';
import { NeutronAgents } from '../servers/neutron-agents.js';

/**
 * Smart NICs without the hardware. Reports the Open vSwitch agent that runs on each NIC, and plugs in the ports that
 * Neutron binds there: like such an agent, it tells Neutron that the device is up. Neutron and its Open vSwitch
 * mechanism driver are real.
 */
export class SimulatedSmartNics extends NeutronAgents {
  readonly #plugging = new Map<string, { stop: AbortController; done: Promise<void> }>();

  constructor() {
    super('smart-nic');
  }

  /** Powers the NIC on: its agent is alive when this resolves. */
  async powerOn(host: string): Promise<void> {
    await this.reportState({
      binary: 'neutron-openvswitch-agent',
      host,
      topic: 'N/A',
      agent_type: 'Open vSwitch agent',
      configurations: { bridge_mappings: { physnet1: 'br-physnet1' }, baremetal_smartnic: true },
    });
    const stop = new AbortController();
    this.#plugging.set(host, { stop, done: this.#plug(host, stop.signal) });
  }

  async powerOff(host: string): Promise<void> {
    const plugging = this.#plugging.get(host);
    this.#plugging.delete(host);
    plugging?.stop.abort();
    await plugging?.done;
    await this.forget(host);
  }

  override async drop(): Promise<void> {
    for (const host of [...this.#plugging.keys()]) await this.powerOff(host);
    await super.drop();
  }

  async #plug(host: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const path = `ports?binding:host_id=${host}&status=DOWN`;
      const { ports } = await this.neutron.api<{ ports: { id: string }[] }>('GET', path);
      for (const { id: device } of ports) {
        await this.call('q-plugin', '1.5', 'update_device_up', { agent_id: `ovs-agent-${host}`, device, host });
      }
      await pause(150, signal);
    }
  }
}
