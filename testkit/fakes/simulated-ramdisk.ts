import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { until } from '../fixtures/poll.js';

const VERSION = { 'X-OpenStack-Ironic-API-Version': '1.68' };

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
    this.#commands = [];
    const { node, config } = await this.#request<{ node: { uuid: string }; config: { agent_token: string } }>(
      'GET',
      `/v1/lookup?addresses=${this.mac}`,
    );
    const heartbeat = {
      callback_url: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      agent_version: '9.4.0',
      agent_token: config.agent_token,
    };
    const look = async (): Promise<boolean> => {
      if (await isOver()) return true;
      await this.#request('POST', `/v1/heartbeat/${node.uuid}`, heartbeat).catch((error: unknown) => {
        // Ironic holds the node for something else, takes no more heartbeats in its state, or has too much to do.
        // ironic-python-agent also sends the next one whatever became of the last.
        if (![' 400 ', ' 409 ', ' 503 '].some((status) => String(error).includes(status))) throw error;
      });
      return false;
    };
    await until(what, look, timeout);
  }

  async #request<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.ironic}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...VERSION },
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
      default:
        return null;
    }
  }
}
