import type { MethodName } from '../../src/index.js';
import { IronicPlace } from '../../testkit/servers/ironic-place.js';
import { Child, PYTHON } from '../processes/child.js';
import type { Contestant, Place } from './contestant.js';
import type { BenchNode } from './scenarios.js';

const PROGRAM = 'bench/python/ironic_network_interface.py';

/** Ironic's own neutron network interface, in a process that is set up like a conductor, with its own database. */
export class Ironic implements Contestant {
  private constructor(
    private readonly place: IronicPlace,
    private readonly child: Child,
    private readonly signal: AbortSignal,
  ) {}

  static async start(networks: Place, signal: AbortSignal): Promise<Ironic> {
    const place = await IronicPlace.make(sections(networks), signal);
    const ironic = new Ironic(place, new Child(PYTHON, [PROGRAM, place.file], {}), signal);
    try {
      await ironic.child.next(signal);
      return ironic;
    } catch (error) {
      await ironic.stop();
      throw error;
    }
  }

  async enrol({ uuid, name, ports, vifs }: BenchNode): Promise<void> {
    await this.#ask({ do: 'create_node', node: uuid, name, ports });
    for (const [index, vif] of vifs.entries()) {
      await this.#ask({ do: 'attach_vif', node: uuid, port: ports[index]?.uuid, vif });
    }
  }

  /** Measures the method alone, without taking the nodes' locks and without building their tasks. */
  async perform(method: MethodName, nodes: readonly BenchNode[]): Promise<number> {
    const { seconds } = await this.#ask({ do: 'perform', nodes: nodes.map(({ uuid }) => uuid), method });
    if (typeof seconds !== 'number') throw this.child.failure(`did not say how long ${method} took`);
    return seconds;
  }

  async stop(): Promise<void> {
    await this.child.stop();
    await this.place.remove();
  }

  #ask(request: object): Promise<Record<string, unknown>> {
    this.child.send(JSON.stringify(request));
    return this.child.next(this.signal);
  }
}

function sections({ endpoint, cleaningNetwork, provisioningNetwork }: Place): string {
  return `
enabled_network_interfaces = neutron
default_network_interface = neutron

[neutron]
auth_type = none
endpoint_override = ${endpoint}
cleaning_network = ${cleaningNetwork}
provisioning_network = ${provisioningNetwork}
`;
}
