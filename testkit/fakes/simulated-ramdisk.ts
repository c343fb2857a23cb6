import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { until } from '../fixtures/poll.js';

const VERSION = { 'X-OpenStack-Ironic-API-Version': '1.68' };
/** The first version with continue_inspection. */
const INSPECTING = { 'X-OpenStack-Ironic-API-Version': '1.84' };

interface Command {
  command_name: string;
  command_params: Record<string, unknown>;
  command_status: 'SUCCEEDED';
  command_error: null;
  command_result: unknown;
}

/** A step of the ramdisk, as Ironic describes it. */
interface Step {
  step: string;
  priority: number;
  interface: 'deploy';
  reboot_requested: false;
  abortable: true;
}

const CLEAN_STEPS: readonly Step[] = [
  { step: 'erase_devices_metadata', priority: 10, interface: 'deploy', reboot_requested: false, abortable: true },
];

/** Steps of a service come only when they are asked for. */
const SERVICE_STEPS: readonly Step[] = [
  { step: 'burnin_memory', priority: 0, interface: 'deploy', reboot_requested: false, abortable: true },
];

/**
 * Plays the ramdisk of a node, in place of ironic-python-agent on a real machine: it looks the node up in Ironic's API,
 * sends heartbeats, and takes Ironic's commands over HTTP. It does nothing, and every step succeeds.
 *
 * Source: Ironic's API reference, lookup and heartbeat; drivers/modules/agent_client.py for the commands.
 */
export class SimulatedRamdisk {
  /** Names of the steps that Ironic has had it do, in their order. */
  readonly done: string[] = [];
  readonly #server: Server;
  #commands: Command[] = [];
  /** The node, and what Ironic has given the ramdisk to say who it is; null before it has booted. */
  #node: { uuid: string; token: string } | null = null;

  private constructor(
    private readonly ironic: string,
    private readonly mac: string,
  ) {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((answer) => {
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      });
    });
  }

  /** @param ironic the endpoint of Ironic's API @param mac the address of one of the node's ports */
  static async start(ironic: string, mac: string): Promise<SimulatedRamdisk> {
    const ramdisk = new SimulatedRamdisk(ironic, mac);
    ramdisk.#server.listen(0, '127.0.0.1');
    await once(ramdisk.#server, 'listening');
    return ramdisk;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /**
   * Boots: looks the node up, and sends heartbeats until the condition is true.
   *
   * @param timeout in milliseconds, for what hangs
   */
  async runUntil(what: string, isOver: () => Promise<boolean>, timeout?: number): Promise<void> {
    await this.boot();
    const look = async (): Promise<boolean> => {
      if (await isOver()) return true;
      await this.heartbeat();
      return false;
    };
    await until(what, look, timeout);
  }

  /** Boots: forgets all commands, and looks the node up, again as long as Ironic has no time for it. */
  async boot(): Promise<void> {
    this.#commands = [];
    const path = `/v1/lookup?addresses=${this.mac}`;
    const { node, config } = await until(`Ironic answers ${path}`, () =>
      this.#request<{ node: { uuid: string }; config: { agent_token: string } }>('GET', path).catch(unlessBusy),
    );
    this.#node = { uuid: node.uuid, token: config.agent_token };
  }

  /** Sends a heartbeat. @throws Error when Ironic refuses it, and not because of what it does with the node just now */
  async heartbeat(): Promise<void> {
    if (this.#node === null) throw new Error('a simulated ramdisk sends no heartbeat before it has booted');
    const { uuid, token } = this.#node;
    const heartbeat = {
      callback_url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      agent_version: '9.4.0',
      agent_token: token,
    };
    await this.#request('POST', `/v1/heartbeat/${uuid}`, heartbeat).catch((error: unknown) => {
      // Ironic takes no more heartbeats in the node's state.
      if (!String(error).includes(' 400 ')) unlessBusy(error);
    });
  }

  /** Reports what it found when it inspected the node. @param error why it could not */
  async reportInventory(ports: readonly { address: string }[], error: string | null): Promise<void> {
    const nic = ({ address }: { address: string }, index: number) => {
      return { name: `eth${index}`, mac_address: address, ipv4_address: `192.0.2.${index + 10}`, has_carrier: true };
    };
    const cpu = { count: 1, architecture: 'x86_64', model_name: 'simulated', frequency: '1000', flags: [] };
    const inventory = { interfaces: ports.map(nic), cpu, memory: { physical_mb: 1024 }, disks: [], boot: {} };
    await this.#request('POST', '/v1/continue_inspection', { inventory, error }, INSPECTING);
  }

  async #request<T>(method: string, path: string, body?: object, version = VERSION): Promise<T> {
    const response = await fetch(`${this.ironic}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...version },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async #answer(request: IncomingMessage): Promise<unknown> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'GET') return { commands: this.#commands };
    const { name, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
      name: string;
      params: Record<string, unknown>;
    };
    const command: Command = {
      command_name: name.split('.').at(-1) ?? name,
      command_params: params,
      command_status: 'SUCCEEDED',
      command_error: null,
      command_result: this.#resultOf(name, params),
    };
    this.#commands.push(command);
    return command;
  }

  #resultOf(name: string, params: Record<string, unknown>): unknown {
    const versions = { hardware_manager_version: { simulated: '1' } };
    switch (name) {
      case 'clean.get_clean_steps':
        return { ...versions, clean_steps: { Simulated: CLEAN_STEPS } };
      case 'deploy.get_deploy_steps':
        return { ...versions, deploy_steps: { Simulated: [] } };
      case 'clean.execute_clean_step': {
        const { step } = params as { step: Step };
        this.done.push(step.step);
        return { clean_result: null, clean_step: step };
      }
      case 'service.get_service_steps':
        return { ...versions, service_steps: { Simulated: SERVICE_STEPS } };
      case 'service.execute_service_step': {
        const { step } = params as { step: Step };
        this.done.push(step.step);
        return { service_result: null, service_step: step };
      }
      default:
        return null;
    }
  }
}

/**
 * Null if Ironic holds the node for something else, or has too much to do: ironic-python-agent also asks again.
 *
 * @throws the error, if it is another one
 */
function unlessBusy(error: unknown): null {
  if ([' 409 ', ' 503 '].some((status) => String(error).includes(status))) return null;
  throw error;
}
