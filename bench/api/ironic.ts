import { freePort } from '../../testkit/proxies/free-port.js';
import { TestBroker } from '../../testkit/servers/broker.js';
import type { TestDatabase } from '../../testkit/servers/database.js';
import { IronicPlace } from '../../testkit/servers/ironic-place.js';
import { Child, PYTHON } from '../processes/child.js';
import type { Contestant } from './contestant.js';
import { answers } from './requests.js';

/**
 * ironic-api with one API worker, and the ironic-conductor that it calls over RabbitMQ to change a node. Each is a
 * separate process, as in production.
 */
export class Ironic implements Contestant {
  readonly order = 'id';

  private constructor(
    readonly endpoint: string,
    private readonly broker: TestBroker,
    private readonly place: IronicPlace,
    private readonly api: Child,
    private readonly conductor: Child,
  ) {}

  static async start(signal: AbortSignal): Promise<Ironic> {
    const broker = await TestBroker.create();
    const port = await freePort();
    const place = await IronicPlace.make(sections(broker.url(), port), signal).catch(async (error: unknown) => {
      await broker.drop();
      throw error;
    });
    const program = (name: string): Child => new Child(PYTHON, [`/usr/bin/${name}`, '--config-file', place.file], {});
    const endpoint = `http://127.0.0.1:${port}`;
    const ironic = new Ironic(endpoint, broker, place, program('ironic-api'), program('ironic-conductor'));
    try {
      // When this answers, the conductor has registered its hardware type, without which no node can be made.
      await answers(`${endpoint}/v1/drivers`, 'fake-hardware', [ironic.api, ironic.conductor], signal);
      return ironic;
    } catch (error) {
      await ironic.stop();
      throw error;
    }
  }

  get database(): TestDatabase {
    return this.place.database;
  }

  peakResidentSet(): number {
    return this.api.peakResidentSet();
  }

  async stop(): Promise<void> {
    await Promise.all([this.api.stop(), this.conductor.stop()]);
    await this.place.remove();
    await this.broker.drop();
  }
}

/** The configuration. All periodic work on nodes is off: with 100,000 nodes it would keep the conductor busy. */
function sections(transportUrl: string, port: number): string {
  return `
transport_url = ${transportUrl}
enabled_network_interfaces = noop
default_network_interface = noop

[api]
host_ip = 127.0.0.1
port = ${port}
api_workers = 1

[conductor]
sync_power_state_interval = 0
sync_local_state_interval = 0
check_provision_state_interval = 0
check_allocations_interval = 0
power_failure_recovery_interval = 0
cache_clean_up_interval = 0
node_history_cleanup_interval = 0
check_rescue_state_interval = 86400
`;
}
