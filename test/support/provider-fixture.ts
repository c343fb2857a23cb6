import type { MethodName } from '../../src/contract/methods.js';
import type { PortBinding, Task } from '../../src/contract/types.js';
import { silentLogger } from '../../src/log.js';
import { NeutronClient } from '../../src/neutron/client.js';
import type { NeutronPort } from '../../src/neutron/resources.js';
import createNeutronProvider from '../../src/providers/neutron/index.js';
import type { NeutronProviderOptions } from '../../src/providers/neutron/options.js';
import type { NetworkProvider, ProviderContext, ProviderOutcome } from '../../src/providers/provider.js';
import type { ProviderServices } from '../../src/providers/services.js';
import { BaremetalAgents } from './baremetal-agent.js';
import { HttpProxy } from './http-proxy.js';
import { providerOptions, TestNeutron } from './neutron.js';
import { makeContext, makeTask, runMethod, vifOf, withVif } from './tasks.js';

type Network = Awaited<ReturnType<TestNeutron['makeNetwork']>>;

/** The neutron provider in front of the real Neutron, with a proxy between the two and networks of its own. */
export class ProviderFixture {
  readonly provider: NetworkProvider;
  readonly client: NeutronClient;
  readonly #options: NeutronProviderOptions;

  private constructor(
    readonly neutron: TestNeutron,
    readonly agents: BaremetalAgents,
    readonly proxy: HttpProxy,
    /** Set by its UUID. */
    readonly provisioning: Network,
    /** Set by its name. */
    readonly cleaning: Network,
    /** Where VIFs are made. */
    readonly tenant: Network,
    options: Partial<NeutronProviderOptions['neutron']>,
  ) {
    const settings = { provisioning_network: provisioning.id, cleaning_network: cleaning.name };
    this.#options = providerOptions(settings, { endpoint_override: proxy.url, ...options });
    this.client = new NeutronClient(this.#options.neutron);
    this.provider = this.make(createNeutronProvider);
  }

  /** Another provider, with other options, on the same networks and behind the same proxy. */
  make(
    create: (services: ProviderServices) => NetworkProvider,
    {
      neutron,
      ...options
    }: Partial<Omit<NeutronProviderOptions, 'neutron'>> & {
      neutron?: Partial<NeutronProviderOptions['neutron']>;
    } = {},
  ): NetworkProvider {
    const all = { ...this.#options, ...options, neutron: { ...this.#options.neutron, ...neutron } };
    return create({ log: silentLogger(), neutron: this.client, options: all });
  }

  /** @param endpoint of the Neutron that is used; the tests' own by default */
  static async start(
    options: Partial<NeutronProviderOptions['neutron']> = {},
    endpoint?: string,
  ): Promise<ProviderFixture> {
    const neutron = new TestNeutron(endpoint);
    const agents = new BaremetalAgents();
    const proxy = await HttpProxy.start(neutron.endpoint);
    const networks = [await neutron.makeNetwork(), await neutron.makeNetwork(), await neutron.makeNetwork()] as const;
    return new ProviderFixture(neutron, agents, proxy, ...networks, options);
  }

  async stop(): Promise<void> {
    await this.client.close();
    await this.proxy.stop();
    await this.neutron.drop();
    await this.agents.drop();
  }

  run(method: MethodName, task: Task, fields: Partial<ProviderContext> = {}): Promise<ProviderOutcome> {
    return runMethod(this.provider, method, makeContext(task, fields));
  }

  /** The task's node, alive in Neutron's eyes: its ports can be bound. */
  async alive(task: Task = makeTask()): Promise<Task> {
    await this.agents.report(task.node.uuid);
    return task;
  }

  /** Makes an unbound Neutron port on the tenant network for each port of the task, and attaches it. */
  async attachVifs(task: Task, attributes: object = {}): Promise<Task> {
    const ports = [];
    for (const port of task.ports) {
      ports.push(withVif(port, (await this.neutron.makePort(this.tenant.id, attributes)).id));
    }
    return { ...task, ports };
  }

  /** What Neutron shows of the VIFs of the task's ports. */
  vifsOf(task: Task): Promise<(NeutronPort | null)[]> {
    return Promise.all(task.ports.map((port) => this.neutron.port(vifOf(port))));
  }

  /** What Neutron shows on a network for the task's NICs, whoever it belongs to. */
  async portsOf(task: Task, network: { id: string } = this.provisioning): Promise<NeutronPort[]> {
    const macs = [...task.ports, ...task.portgroups].map(({ address }) => address);
    return (await this.neutron.portsOn(network.id)).filter((port) => macs.includes(port.mac_address));
  }
}

export function idsOf(bindings: readonly PortBinding[]): string[] {
  return bindings.map((binding) => binding.neutron_port_id).sort();
}
