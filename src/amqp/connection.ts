import { EventEmitter } from 'node:events';

import type { ChannelModel } from 'amqplib';

import { toError } from '../async/error-text.js';
import { pause } from '../async/pause.js';
import { within } from '../async/within.js';
import { knowSecret, type Logger } from '../log/log.js';
import { ConnectionLost } from './errors.js';
import { type Link, openLink, type SslOptions, withQuery } from './link.js';
import { probeNode, type ProbeOptions } from './node-probe.js';
import { ReconnectBackoff, type ReconnectDelays, Resumable, type Setup } from './resumable.js';
import { authority, parseTransportUrl, type TransportHost, type TransportUrl } from './transport-url.js';

const DEFAULT_CONNECT_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 5_000;

export interface RpcConnectionOptions {
  /** oslo.messaging's transport_url. The connection tries its hosts in order, over and over. */
  transportUrl: string;
  /** TLS options. Default: no TLS. Options in the URL's query override them. */
  ssl?: SslOptions;
  /** AMQP heartbeat in seconds, 0 for none. */
  heartbeat: number;
  reconnect: ReconnectDelays;
  /** Milliseconds for one attempt at one host. Default 10,000. */
  connectTimeout?: number;
  /** Shown in the broker's list of connections. */
  connectionName: string;
  /** Default: the node is not probed. */
  probe?: ProbeOptions;
  log: Logger;
}

export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'closed';

interface ConnectionEvents {
  connected: [];
  lost: [reason: Error];
  blocked: [reason: string];
  unblocked: [];
}

/**
 * A connection to RabbitMQ that reconnects by itself until `close` is called. After each reconnection it runs every
 * setup again that was registered with `use`. It never emits 'error'.
 *
 * A broker that is short of memory or disk stops reading from connections that publish, so it does not see
 * acknowledgements on them either. A program that consumes and publishes much should use one connection for each.
 */
export class RpcConnection extends EventEmitter<ConnectionEvents> {
  readonly #url: TransportUrl;
  readonly #ssl: SslOptions;
  readonly #log: Logger;
  readonly #users = new Set<Resumable>();
  readonly #closing = new AbortController();
  readonly #backoff: ReconnectBackoff;
  #nextHost = 0;
  #link: Link | null = null;
  #blockedReason: string | null = null;
  #failure: Error | null = null;
  #running: Promise<void> | null = null;

  /** @throws InvalidTransportUrl */
  constructor(private readonly options: RpcConnectionOptions) {
    super();
    this.#url = parseTransportUrl(options.transportUrl);
    for (const { password } of this.#url.hosts) knowSecret(password);
    this.#ssl = withQuery(options.ssl ?? { ssl: false }, this.#url.query);
    this.#log = options.log;
    this.#backoff = new ReconnectBackoff(options.reconnect);
  }

  get state(): ConnectionState {
    if (this.#isClosed()) return 'closed';
    if (this.#link) return 'connected';
    return this.#running ? 'connecting' : 'idle';
  }

  /** Whether the broker has stopped reading what we publish, because it is short of memory or disk. */
  get isBlocked(): boolean {
    return this.#blockedReason !== null;
  }

  /** Why there is no connection now. Null when there is one, or when no attempt has failed yet. */
  get lastError(): Error | null {
    return this.#failure;
  }

  /** The open connection, for one-time work such as declaring or inspecting. Null when not connected. */
  get model(): ChannelModel | null {
    return this.#link?.model ?? null;
  }

  /** Connects, and keeps trying until it succeeds. @throws ConnectionLost when `close` is called first */
  async connect(): Promise<void> {
    if (this.#isClosed()) throw new ConnectionLost('The connection was closed.');
    this.#running ??= this.#run();
    if (this.#link) return;
    await Promise.race([
      new Promise((resolve) =>
        this.once('connected', () => {
          resolve(undefined);
        }),
      ),
      this.#running,
    ]);
    if (this.#isClosed()) throw new ConnectionLost('The connection was closed.');
  }

  /** Runs the setup now, if connected, and again on every new connection, until the returned Resumable is released. */
  use(name: string, setup: Setup): Resumable {
    const user = new Resumable(name, setup, this.options.reconnect, this.#log, (self) => this.#users.delete(self));
    if (this.#isClosed()) user.release();
    else this.#users.add(user);
    if (this.#link) user.attach(this.#link.model);
    return user;
  }

  /** Closes the connection and its channels for good. Unacknowledged messages go back to their queues. */
  async close(): Promise<void> {
    for (const user of [...this.#users]) user.release();
    const link = this.#link;
    this.#closing.abort();
    await link?.close(CLOSE_TIMEOUT);
    await this.#running;
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!this.#isClosed()) {
      const link = await this.#openAny();
      if (!link) {
        await pause(this.#backoff.next(), signal);
        continue;
      }
      if (this.#isClosed()) {
        await link.close(CLOSE_TIMEOUT);
        return;
      }
      await this.#serve(link);
      // Wait even after a working connection was lost: we must not hammer a broker that accepts and drops us at once.
      await pause(this.#backoff.next(), signal);
    }
  }

  /** Tries each host once, starting after the host that was tried last. Null when none of them could be reached. */
  async #openAny(): Promise<Link | null> {
    for (const host of this.#round()) {
      if (this.#isClosed()) return null;
      try {
        const link = await openLink(this.#linkOptions(host), this.#closing.signal);
        this.#log.info(`connected to RabbitMQ at ${authority(host.hostname, host.port)}`);
        return link;
      } catch (error) {
        if (this.#isClosed()) return null;
        this.#failure = toError(error);
        this.#log.error(this.#failure.message);
      }
    }
    return null;
  }

  *#round(): Generator<TransportHost> {
    const { hosts } = this.#url;
    const first = this.#nextHost;
    for (const host of [...hosts.slice(first), ...hosts.slice(0, first)]) {
      this.#nextHost = (this.#nextHost + 1) % hosts.length;
      yield host;
    }
  }

  #linkOptions(host: TransportHost): Parameters<typeof openLink>[0] {
    const { heartbeat, connectionName, connectTimeout: timeout = DEFAULT_CONNECT_TIMEOUT } = this.options;
    return { host, virtualHost: this.#url.virtualHost, ssl: this.#ssl, heartbeat, connectionName, timeout };
  }

  /** Uses the connection until it is lost or closed. */
  async #serve(link: Link): Promise<void> {
    this.#link = link;
    this.#failure = null;
    this.#backoff.reset();
    this.#watchBlocking(link.model);
    for (const user of this.#users) user.attach(link.model);
    this.emit('connected');
    // A node that is short of memory or disk does not read what a publisher sends, so it cannot answer.
    const { probe } = this.options;
    const endProbe = probe === undefined ? undefined : probeNode(link, probe, () => this.isBlocked);

    const reason = await link.ended;
    endProbe?.();
    this.#link = null;
    this.#blockedReason = null;
    for (const user of this.#users) user.detach();
    if (this.#isClosed()) return;
    this.#failure = reason;
    this.#log.warn('lost the connection to RabbitMQ', { reason: reason.message });
    this.emit('lost', reason);
  }

  #watchBlocking(model: ChannelModel): void {
    model.on('blocked', (reason) => {
      this.#blockedReason = reason;
      this.#log.warn('RabbitMQ accepts no messages: it is low on memory or disk; free some on the brokers', { reason });
      this.emit('blocked', reason);
    });
    model.on('unblocked', () => {
      this.#blockedReason = null;
      this.#log.info('RabbitMQ accepts messages again');
      this.emit('unblocked');
    });
  }
}

/** Connects within `limit` seconds. @throws ConnectionLost with the reason, when that did not succeed in time */
export async function connectWithin(connection: RpcConnection, limit: number): Promise<void> {
  await within(limit * 1000, connection.connect(), () => {
    const reason = connection.lastError?.message ?? 'it does not answer';
    throw new ConnectionLost(`RabbitMQ could not be reached within ${limit} s: ${reason}`);
  });
}
