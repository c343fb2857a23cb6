import { EventEmitter } from 'node:events';

import type { Channel, ChannelModel } from 'amqplib';

import { atMost, wait } from '../async/wait.js';
import { knowSecret, type Logger } from '../log/log.js';
import { ConnectionLost } from './errors.js';
import { type Link, openLink, type SslOptions, withQuery } from './link.js';
import { type ReconnectDelays, ReconnectBackoff, Resumable, type Setup } from './resumable.js';
import { authority, parseTransportUrl, type TransportHost, type TransportUrl } from './transport-url.js';

const DEFAULT_CONNECT_TIMEOUT = 10_000;
const CLOSE_TIMEOUT = 5_000;

export interface RpcConnectionOptions {
  /** oslo.messaging's transport_url. Its hosts are tried in their order, over and over. */
  transportUrl: string;
  /** Default: no TLS. Options in the URL's query go first. */
  ssl?: SslOptions;
  /** AMQP heartbeat in seconds, 0 for none. */
  heartbeat: number;
  reconnect: ReconnectDelays;
  /** Milliseconds for one attempt at one host. Default 10,000. */
  connectTimeout?: number;
  /** Shown in the broker's list of connections. */
  connectionName: string;
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
 * A connection to RabbitMQ that comes back: it reconnects until `close`, and then runs again what was registered with
 * `use`. It never emits 'error'.
 *
 * A broker that is short of memory or disk stops reading from connections that publish, acknowledgements included:
 * a program that consumes and publishes much uses one connection for each.
 */
export class RpcConnection extends EventEmitter<ConnectionEvents> {
  private readonly url: TransportUrl;
  private readonly ssl: SslOptions;
  private readonly log: Logger;
  private readonly users = new Set<Resumable>();
  private readonly closing = new AbortController();
  private readonly backoff: ReconnectBackoff;
  private nextHost = 0;
  private link: Link | null = null;
  private blockedReason: string | null = null;
  private failure: Error | null = null;
  private running: Promise<void> | null = null;

  /** @throws InvalidTransportUrl */
  constructor(private readonly options: RpcConnectionOptions) {
    super();
    this.url = parseTransportUrl(options.transportUrl);
    for (const { password } of this.url.hosts) knowSecret(password);
    this.ssl = withQuery(options.ssl ?? { ssl: false }, this.url.query);
    this.log = options.log;
    this.backoff = new ReconnectBackoff(options.reconnect);
  }

  get state(): ConnectionState {
    if (this.isClosed()) return 'closed';
    if (this.link) return 'connected';
    return this.running ? 'connecting' : 'idle';
  }

  /** Has the broker stopped reading what we publish, for want of memory or disk? */
  get isBlocked(): boolean {
    return this.blockedReason !== null;
  }

  /** Why there is no connection now; null when there is one, or none was tried. */
  get lastError(): Error | null {
    return this.failure;
  }

  /** The open connection, for one-time work such as declaring or inspecting; null when there is none. */
  get model(): ChannelModel | null {
    return this.link?.model ?? null;
  }

  /** Resolves when connected. It keeps trying until then. @throws ConnectionLost when closed before that */
  async connect(): Promise<void> {
    if (this.isClosed()) throw new ConnectionLost('The connection was closed.');
    this.running ??= this.run();
    if (this.link) return;
    await Promise.race([
      new Promise((resolve) =>
        this.once('connected', () => {
          resolve(undefined);
        }),
      ),
      this.running,
    ]);
    if (this.isClosed()) throw new ConnectionLost('The connection was closed.');
  }

  /** Runs the setup now, if connected, and again on every new connection, until the result is released. */
  use(name: string, setup: Setup): Resumable {
    const user = new Resumable(name, setup, this.options.reconnect, this.log, (self) => this.users.delete(self));
    if (this.isClosed()) user.release();
    else this.users.add(user);
    if (this.link) user.attach(this.link.model);
    return user;
  }

  /** Closes for good. Channels go with it; what was not acknowledged goes back to its queue. */
  async close(): Promise<void> {
    for (const user of [...this.users]) user.release();
    const { link } = this;
    this.closing.abort();
    await link?.close(CLOSE_TIMEOUT);
    await this.running;
  }

  private isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!this.isClosed()) {
      const link = await this.openAny();
      if (!link) {
        await wait(this.backoff.next(), signal);
        continue;
      }
      if (this.isClosed()) {
        await link.close(CLOSE_TIMEOUT);
        return;
      }
      await this.serve(link);
      // Even after a loss there is a delay: a broker that accepts and drops us at once must not be hammered.
      await wait(this.backoff.next(), signal);
    }
  }

  /** One round over the hosts, from the one after the last. */
  private async openAny(): Promise<Link | null> {
    for (const host of this.round()) {
      if (this.isClosed()) return null;
      try {
        const link = await openLink(this.linkOptions(host), this.closing.signal);
        this.log.info(`connected to RabbitMQ at ${authority(host.hostname, host.port)}`);
        return link;
      } catch (error) {
        if (this.isClosed()) return null;
        this.failure = error instanceof Error ? error : new Error(String(error));
        this.log.error(this.failure.message);
      }
    }
    return null;
  }

  private *round(): Generator<TransportHost> {
    const { hosts } = this.url;
    const first = this.nextHost;
    for (const host of [...hosts.slice(first), ...hosts.slice(0, first)]) {
      this.nextHost = (this.nextHost + 1) % hosts.length;
      yield host;
    }
  }

  private linkOptions(host: TransportHost): Parameters<typeof openLink>[0] {
    const { heartbeat, connectionName, connectTimeout: timeout = DEFAULT_CONNECT_TIMEOUT } = this.options;
    return { host, virtualHost: this.url.virtualHost, ssl: this.ssl, heartbeat, connectionName, timeout };
  }

  /** From connected to lost. */
  private async serve(link: Link): Promise<void> {
    this.link = link;
    this.failure = null;
    this.backoff.reset();
    this.watchBlocking(link.model);
    for (const user of this.users) user.attach(link.model);
    this.emit('connected');

    const reason = await link.ended;
    this.link = null;
    this.blockedReason = null;
    for (const user of this.users) user.detach();
    if (this.isClosed()) return;
    this.failure = reason;
    this.log.warn('lost the connection to RabbitMQ', { reason: reason.message });
    this.emit('lost', reason);
  }

  private watchBlocking(model: ChannelModel): void {
    model.on('blocked', (reason) => {
      this.blockedReason = reason;
      this.log.warn('RabbitMQ accepts no messages from us for now', { reason });
      this.emit('blocked', reason);
    });
    model.on('unblocked', () => {
      this.blockedReason = null;
      this.log.info('RabbitMQ accepts messages again');
      this.emit('unblocked');
    });
  }
}

/** Milliseconds that the broker gets to close a channel. */
const CHANNEL_CLOSE_TIMEOUT = 5_000;

/** Runs declarations on a channel of their own: the broker answers a refused one by closing the channel. */
export async function onChannel<T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  // The rejected declaration carries the error; the event only must not go unheard.
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    await closeChannel(channel);
  }
}

/**
 * Closes a channel, whatever state it is in. amqplib's own close never settles when the connection goes meanwhile, and
 * a broker that hangs never answers.
 */
export async function closeChannel(channel: Channel): Promise<void> {
  const gone = new Promise((resolve) => channel.once('close', resolve));
  await atMost(CHANNEL_CLOSE_TIMEOUT, Promise.race([channel.close().catch(() => undefined), gone]));
}

/** Connects. @throws ConnectionLost with the reason, when RabbitMQ does not let us in within so many seconds. */
export async function connectWithin(connection: RpcConnection, limit: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = connection.lastError?.message ?? 'it does not answer';
      reject(new ConnectionLost(`RabbitMQ could not be reached within ${limit} s: ${reason}`));
    }, limit * 1000);
  });
  try {
    await Promise.race([connection.connect(), late]);
  } finally {
    clearTimeout(timer);
  }
}
