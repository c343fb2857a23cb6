import { randomUUID } from 'node:crypto';

import { until } from '../../testkit/fixtures/poll.js';
import { BaremetalAgents } from '../../testkit/servers/baremetal-agent.js';
import { createDatabase } from '../../testkit/servers/database.js';
import { IronicNotifications } from '../../testkit/servers/ironic-notifications.js';
import { TestNeutron } from '../../testkit/servers/neutron.js';
import { OwnIronic } from '../../testkit/servers/own-ironic.js';
import { CountingProxy } from '../neutron/counting-proxy.js';
import { Child } from '../processes/child.js';
import { BenchIronic, type MovedNode } from './api.js';
import { type NeutronState, stateOf } from './neutron-state.js';
import type { ContestantName } from './steps.js';

const HOST = 'conductor-1';
/** The worker's queue for that conductor. */
const QUEUE = `ironic.network_provider.${HOST}`;
const KINDS = ['cleaning', 'provisioning', 'tenant'] as const;

type Closers = (() => Promise<unknown>)[];

/** A real Ironic with both network interfaces, a worker for netprov, and one Neutron, whose requests are counted. */
export class IronicBenchPlace {
  readonly neutron = new TestNeutron();
  readonly #agents = new BaremetalAgents();
  /** Kinds of the networks, by their ids. */
  readonly #networks = new Map<string, string>();
  readonly #closers: Closers = [];
  readonly #proxies: CountingProxy[] = [];
  ironic!: BenchIronic;
  notifications!: IronicNotifications;

  private constructor(readonly signal: AbortSignal) {}

  static async open(signal: AbortSignal): Promise<IronicBenchPlace> {
    const place = new IronicBenchPlace(signal);
    try {
      await place.#start();
      return place;
    } catch (error) {
      await place.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    this.#closers.push(
      () => this.#agents.drop(),
      () => this.neutron.drop(),
    );
    const run = randomUUID().slice(0, 8);
    for (const kind of KINDS) {
      this.#networks.set((await this.neutron.makeNetwork(`bench-${kind}-${run}`)).id, kind);
    }
    const database = await createDatabase();
    this.#closers.push(() => database.drop());
    const sections = `
[neutron]
cleaning_network = bench-cleaning-${run}
provisioning_network = bench-provisioning-${run}
`;
    const ironic = await OwnIronic.start({ neutron: await this.#countedNeutron(), sections });
    this.#closers.push(() => ironic.stop());
    this.ironic = new BenchIronic(ironic.endpoint, ironic.images.kernel);
    this.notifications = await IronicNotifications.listen(ironic.broker, false);
    this.#closers.push(() => this.notifications.stop());
    const worker = new Child('bin/netprov', ['worker', '--host', HOST], {
      NETPROV_TRANSPORT_URL: ironic.broker.url(),
      NETPROV_DATABASE_CONNECTION: database.connection,
      NETPROV_NEUTRON_ENDPOINT_OVERRIDE: await this.#countedNeutron(),
      NETPROV_CLEANING_NETWORK: `bench-cleaning-${run}`,
      NETPROV_PROVISIONING_NETWORK: `bench-provisioning-${run}`,
      NETPROV_HEALTH_PORT: '0',
    });
    this.#closers.push(() => worker.stop());
    // It declares its queue, and consumes from it once it is ready.
    await until('the worker consumes', async () => {
      this.signal.throwIfAborted();
      if (!worker.running) throw worker.failure('ended');
      const queues = await ironic.broker.queues();
      return queues.includes(QUEUE) && (await ironic.broker.counts(QUEUE)).consumers > 0;
    });
  }

  /** The URL of a proxy that counts. */
  async #countedNeutron(): Promise<string> {
    const proxy = await CountingProxy.start(this.neutron.endpoint);
    this.#closers.push(() => proxy.stop());
    this.#proxies.push(proxy);
    return proxy.url;
  }

  /** Starts a new count of requests to Neutron. */
  reset(): void {
    for (const proxy of this.#proxies) proxy.reset();
  }

  /** How many requests Ironic and the worker have sent to Neutron. */
  get requests(): number {
    return this.#proxies.reduce((sum, { requests }) => sum + requests.length, 0);
  }

  async enrol(networkInterface: ContestantName): Promise<MovedNode> {
    const node = await this.ironic.enrol(networkInterface);
    this.#closers.push(() => node.ramdisk.stop());
    await this.#agents.report(node.uuid);
    return node;
  }

  /** Makes a VIF, as a user does. */
  async makeVif(): Promise<string> {
    const [tenant] = [...this.#networks].find(([, kind]) => kind === 'tenant') ?? [''];
    return (await this.neutron.makePort(tenant, { 'binding:vnic_type': 'baremetal' })).id;
  }

  /** What Neutron has of a node, and of its VIF. */
  async stateOf(node: MovedNode, vif: string | null): Promise<NeutronState> {
    const lists = await Promise.all([...this.#networks.keys()].map((id) => this.neutron.portsOn(id)));
    const macs = node.ports.map(({ address }) => address);
    const own = lists
      .flat()
      .filter((port) => port.id === vif || macs.includes(port.mac_address) || port['binding:host_id'] === node.uuid);
    return stateOf(own, node, this.#networks);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}
