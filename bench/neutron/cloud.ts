import { randomUUID } from 'node:crypto';

import type { MethodName } from '../../src/index.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { until } from '../../testkit/fixtures/poll.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import type { BenchNode } from './scenarios.js';

type NetworkType = 'cleaning' | 'provisioning' | 'tenant';

/** Where the node's ports are after a method: network type, and bound or unbound; null if there are no ports. */
const AFTERWARDS: Partial<Record<MethodName, [NetworkType, 'bound' | 'unbound' | null]>> = {
  add_cleaning_network: ['cleaning', 'bound'],
  remove_cleaning_network: ['cleaning', null],
  add_provisioning_network: ['provisioning', 'bound'],
  remove_provisioning_network: ['provisioning', null],
  configure_tenant_networks: ['tenant', 'bound'],
  unconfigure_tenant_networks: ['tenant', 'unbound'],
};

interface Network {
  id: string;
  name: string;
}

/** The Neutron that both contestants use, its networks, and its state afterwards. Its requests bypass the proxies. */
export class Cloud {
  readonly #neutron = new TestNeutron();
  readonly #agents = new BaremetalAgents();
  readonly #networks = new Map<NetworkType, Network>();

  static async open(): Promise<Cloud> {
    const cloud = new Cloud();
    const run = randomUUID().slice(0, 8);
    try {
      for (const type of ['cleaning', 'provisioning', 'tenant'] as const) {
        cloud.#networks.set(type, await cloud.#neutron.makeNetwork(`bench-${type}-${run}`));
      }
      return cloud;
    } catch (error) {
      await cloud.drop();
      throw error;
    }
  }

  get endpoint(): string {
    return this.#neutron.endpoint;
  }

  network(type: NetworkType): Network {
    const network = this.#networks.get(type);
    if (network === undefined) throw new Error(`there is no ${type} network`);
    return network;
  }

  /** Makes an unbound port on the tenant network for each NIC, as Nova or a user does. */
  async makeVifs({ ports }: BenchNode): Promise<string[]> {
    const vifs: string[] = [];
    for (const { uuid } of ports) {
      const port = await this.#neutron.makePort(this.network('tenant').id, {
        name: uuid,
        device_owner: 'baremetal:bench',
      });
      vifs.push(port.id);
    }
    return vifs;
  }

  /** Reports the node to Neutron as alive for an hour; Neutron binds ports only on a node that is alive. */
  report(node: BenchNode): Promise<void> {
    return this.#agents.report(node.uuid);
  }

  /**
   * Waits until Neutron shows the intended result of the method, so that no contestant starts while Neutron still works
   * for the other one.
   *
   * @throws Error when Neutron does not show it
   */
  async settle(method: MethodName, node: BenchNode): Promise<void> {
    const [type, state] = AFTERWARDS[method] ?? [];
    if (type === undefined || state === undefined) throw new Error(`nothing is known about ${method}`);
    await until(
      `${node.ports.length} ports of ${node.name} on ${type}: ${state ?? 'gone'} after ${method}`,
      async () => {
        const ports = await this.#portsOf(node, type);
        if (state === null) return ports.length === 0;
        return ports.length === node.ports.length && ports.every((port) => isIn(state, port, node));
      },
    );
  }

  async #portsOf({ ports, vifs }: BenchNode, type: NetworkType): Promise<NeutronPort[]> {
    const macs = ports.map(({ address }) => address);
    const found = await this.#neutron.portsOn(this.network(type).id);
    return found.filter((port) => (type === 'tenant' ? vifs.includes(port.id) : macs.includes(port.mac_address)));
  }

  async drop(): Promise<void> {
    await this.#neutron.drop();
    await this.#agents.drop();
  }
}

function isIn(state: 'bound' | 'unbound', port: NeutronPort, node: BenchNode): boolean {
  return state === 'unbound'
    ? port['binding:vif_type'] === 'unbound'
    : port['binding:vif_type'] === 'other' && port['binding:host_id'] === node.uuid && port.status === 'ACTIVE';
}
