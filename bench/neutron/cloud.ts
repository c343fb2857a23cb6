import { randomUUID } from 'node:crypto';

import type { MethodName } from '../../src/index.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import { until } from '../../testkit/fixtures/poll.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import type { BenchNode } from './scenarios.js';

type NetworkType = 'cleaning' | 'provisioning' | 'tenant';

/** Where ports stand after a method: on which network, and bound or not; null: there are none. */
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

/** The Neutron that both contestants work on, its networks, and what it shows afterwards. Asked past the proxies. */
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

  /** Makes a port on the tenant network for each NIC, as Nova or a user does: not bound to anything. */
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

  /** Has Neutron know the node as alive, without which nothing is bound; that lasts 75 s. */
  report(node: BenchNode): Promise<void> {
    return this.#agents.report(node.uuid);
  }

  /**
   * Waits until Neutron shows what the method should have led to. Neither contestant starts with work of the other's
   * still under way in Neutron.
   *
   * @throws Error when it does not
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
