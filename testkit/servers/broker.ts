import { randomUUID } from 'node:crypto';

import { type Channel, type ChannelModel, connect } from 'amqplib';

import { parseTransportUrl, type TransportHost } from '../../src/amqp/index.js';
import { until } from '../fixtures/poll.js';
import { required } from './environment.js';
import { callManagement } from './rabbitmq-management.js';

/** A queue as RabbitMQ's management API describes it. */
export interface QueueInfo {
  name: string;
  durable: boolean;
  auto_delete: boolean;
  arguments: Record<string, unknown>;
  policy?: string;
}

export interface ExchangeInfo {
  name: string;
  type: string;
  durable: boolean;
  auto_delete: boolean;
}

interface ConnectionInfo {
  name: string;
  user_provided_name?: string;
}

/**
 * A test's own virtual host on the real broker. The test makes it at its start and drops it at its end. It examines and
 * disturbs the broker through the management API and a plain AMQP connection.
 */
export class TestBroker {
  readonly vhost = `test-${randomUUID()}`;
  /** The address of the broker itself, not of a proxy. */
  readonly host: TransportHost;
  readonly #management: URL;
  #admin: Promise<ChannelModel> | null = null;
  readonly #users: string[] = [];

  private constructor() {
    this.#management = new URL(required('NETPROV_RABBITMQ_MANAGEMENT_URL'));
    const [host] = parseTransportUrl(required('NETPROV_TRANSPORT_URL')).hosts;
    if (!host) throw new Error('NETPROV_TRANSPORT_URL names no host');
    this.host = host;
  }

  static async create(): Promise<TestBroker> {
    const broker = new TestBroker();
    await broker.#api('PUT', `vhosts/${broker.vhost}`, {});
    await broker.#allow(broker.host.username);
    return broker;
  }

  async #allow(user: string): Promise<void> {
    const permissions = { configure: '.*', write: '.*', read: '.*' };
    await this.#api('PUT', `permissions/${this.vhost}/${encodeURIComponent(user)}`, permissions);
  }

  /** The transport_url of this virtual host: the broker itself, or proxies on the given ports. */
  url(...ports: number[]): string {
    const { hostname, port, username, password } = this.host;
    const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
    const hosts = ports.length > 0 ? ports.map((other) => `127.0.0.1:${other}`) : [`${hostname}:${port}`];
    return `rabbit://${hosts.map((host) => `${login}@${host}`).join(',')}/${this.vhost}`;
  }

  /** The transport_url for a new user with this password. */
  async urlWith(password: string): Promise<string> {
    const user = `test-${randomUUID()}`;
    await this.#api('PUT', `users/${user}`, { password, tags: '' });
    this.#users.push(user);
    await this.#allow(user);
    return `rabbit://${user}:${encodeURIComponent(password)}@${this.host.hostname}:${this.host.port}/${this.vhost}`;
  }

  /** Closes what the test left open, and removes the virtual host with everything in it. */
  async drop(): Promise<void> {
    await (await this.#admin)?.close();
    for (const user of this.#users) await this.#api('DELETE', `users/${user}`);
    await this.#api('DELETE', `vhosts/${this.vhost}`);
  }

  /** Names of the open connections to this virtual host whose connection name contains the text. */
  async connections(named = ''): Promise<string[]> {
    const found = await this.#get<ConnectionInfo[]>(`vhosts/${this.vhost}/connections`);
    return found.filter((one) => one.user_provided_name?.includes(named)).map(({ name }) => name);
  }

  /** Makes the broker close the connections with this name; waits until there is one. */
  async closeConnections(named: string): Promise<void> {
    const names = await until(`a connection "${named}"`, async () => {
      const open = await this.connections(named);
      return open.length > 0 && open;
    });
    for (const name of names) await this.#api('DELETE', `connections/${encodeURIComponent(name)}`);
  }

  queue(name: string): Promise<QueueInfo> {
    return this.#get(`queues/${this.vhost}/${encodeURIComponent(name)}`);
  }

  /** Names of its queues, without those that a connection declares for a moment to probe its node. */
  async queues(): Promise<string[]> {
    const all = await this.#get<QueueInfo[]>(`queues/${this.vhost}?disable_stats=true&enable_queue_totals=true`);
    return all.map(({ name }) => name).filter((name) => !name.includes('_probe_'));
  }

  exchange(name: string): Promise<ExchangeInfo> {
    return this.#get(`exchanges/${this.vhost}/${encodeURIComponent(name)}`);
  }

  /** The present numbers of ready messages and consumers of a queue. */
  async counts(queue: string): Promise<{ ready: number; consumers: number }> {
    const { messageCount, consumerCount } = await this.onChannel((channel) => channel.checkQueue(queue));
    return { ready: messageCount, consumers: consumerCount };
  }

  /**
   * Runs AMQP operations on a connection of the test's own. Resolves when the broker has all that was published: a
   * quorum queue may drop a message that it has not confirmed when the channel closes.
   */
  async onChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const { hostname, port, username, password } = this.host;
    this.#admin ??= connect({ hostname, port, username, password, vhost: this.vhost });
    const channel = await (await this.#admin).createConfirmChannel();
    channel.on('error', () => undefined);
    const result = await work(channel);
    await channel.waitForConfirms();
    await channel.close();
    return result;
  }

  /**
   * Asks the broker for something that it refuses by closing the connection, and returns the reason that it gives.
   *
   * @throws an error if the broker refuses nothing
   */
  async refusal(ask: (channel: Channel) => Promise<unknown>): Promise<string> {
    const { hostname, port, username, password } = this.host;
    const connection = await connect({ hostname, port, username, password, vhost: this.vhost });
    try {
      return await new Promise<string>((resolve, reject) => {
        connection.on('error', (error: Error) => {
          resolve(error.message);
        });
        const asked = connection.createChannel().then(ask);
        asked.then(
          () => {
            reject(new Error('the broker refused nothing'));
          },
          () => undefined,
        );
      });
    } finally {
      await connection.close().catch(() => undefined);
    }
  }

  /** Sets a policy of the virtual host. */
  async setPolicy(
    name: string,
    policy: { pattern: string; definition: Record<string, unknown>; priority: number },
  ): Promise<void> {
    await this.#api('PUT', `policies/${this.vhost}/${name}`, { ...policy, 'apply-to': 'queues' });
  }

  async #get<T>(path: string): Promise<T> {
    return (await (await this.#api('GET', path)).json()) as T;
  }

  #api(method: string, path: string, body?: object): Promise<Response> {
    return callManagement(this.#management, method, path, body);
  }
}
