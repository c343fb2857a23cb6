import { SimulatedRamdisk } from '../../testkit/fakes/simulated-ramdisk.js';
import { randomMac } from '../../testkit/fixtures/samples.js';
import type { ContestantName } from './steps.js';

/** A node that a benchmark has enrolled in Ironic. */
export interface MovedNode {
  uuid: string;
  /** Its ports in Ironic, in the order of its NICs. */
  ports: { uuid: string; address: string }[];
  ramdisk: SimulatedRamdisk;
}

const NICS = 2;
/** Of Ironic 21.4. */
const VERSION = '1.81';

/** Ironic's REST API, as a client uses it that is in no hurry. */
export class BenchIronic {
  /** @param image the URL of a file that an image may be */
  constructor(
    private readonly endpoint: string,
    private readonly image: string,
  ) {}

  /** Enrolls a node with two NICs. */
  async enrol(networkInterface: ContestantName): Promise<MovedNode> {
    const { uuid } = await this.#ask<{ uuid: string }>('POST', 'nodes', {
      driver: 'fake-hardware',
      network_interface: networkInterface,
      deploy_interface: 'custom-agent',
      // The simulated ramdisk cannot switch itself off.
      driver_info: { deploy_forces_oob_reboot: true },
    });
    const ports: MovedNode['ports'] = [];
    for (let nic = 0; nic < NICS; nic++) {
      const address = randomMac();
      const link = { switch_id: '00:1c:73:00:00:01', port_id: `${uuid.slice(0, 8)}/${nic}`, switch_info: 'leaf-1' };
      const port = { node_uuid: uuid, address, physical_network: 'physnet1', local_link_connection: link };
      ports.push({ ...(await this.#ask<{ uuid: string }>('POST', 'ports', port)), address });
    }
    return { uuid, ports, ramdisk: await SimulatedRamdisk.start(this.endpoint, ports[0]?.address ?? '') };
  }

  async provision({ uuid }: MovedNode, target: string): Promise<void> {
    await this.#ask('PUT', `nodes/${uuid}/states/provision`, { target });
  }

  /**
   * Sets the image that is to be deployed. Without one, a rebuild ends in an UnboundLocalError of Ironic since 26.1
   * (start_deploy, `auto_lessee`). Nobody looks for an image whose type is known.
   */
  async setImage({ uuid }: MovedNode): Promise<void> {
    const info = { image_source: this.image, image_type: 'whole-disk' };
    const patch = Object.entries(info).map(([name, value]) => ({ op: 'add', path: `/instance_info/${name}`, value }));
    await this.#ask('PATCH', `nodes/${uuid}`, patch);
  }

  async attach({ uuid }: MovedNode, vif: string): Promise<void> {
    await this.#ask('POST', `nodes/${uuid}/vifs`, { id: vif });
  }

  /** The node's provision state once Ironic is done with it; null while Ironic is at work on the node. */
  async settledState({ uuid }: MovedNode): Promise<string | null> {
    const fields = 'fields=provision_state,reservation';
    const { provision_state, reservation } = await this.#ask<Shown>('GET', `nodes/${uuid}?${fields}`);
    return reservation === null ? provision_state : null;
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.endpoint}/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'X-OpenStack-Ironic-API-Version': VERSION },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

interface Shown {
  provision_state: string;
  reservation: string | null;
}
