import type { ExchangeOptions, QueueType, RpcConnectionOptions } from '../amqp/index.js';
import type { Logger } from '../log/log.js';
import type { JournalOptions } from '../messages/journal.js';
import { DEFAULT_MAX_BYTES } from '../rpc/index.js';
import type { RequestOptions } from './request-input.js';

/** @param waiting how many requests wait in a queue from which no worker takes */
export type Unserved = (waiting: number) => void;

export interface CallOptions extends RequestOptions {
  /** Seconds to wait for the result. Default: the client's responseTimeout. */
  timeout?: number | undefined;
  /**
   * Whether a call that no worker would take fails at once, instead of waiting for a worker until its timeout. If no
   * worker serves the host, and no earlier request waits in the host's queue, the call goes to any other worker.
   * Default false.
   */
  served?: boolean | undefined;
  /**
   * Called before the request is sent if no worker takes from its queue, with the number of requests that wait there.
   */
  onUnserved?: Unserved | undefined;
  /** Seconds to wait for a sign of life from the worker. Default: the client expects none. */
  callMonitorTimeout?: number | undefined;
}

export interface ResultOptions {
  /**
   * false: take results from the host's own queue, which remains when this program ends; programs that listen for the
   * same host share its results. true: get a copy of every result from now on, and take none from other listeners.
   * Default false.
   */
  copy?: boolean;
  /**
   * Called after listening has begun, if no worker takes the host's requests, with the number of requests that wait;
   * null: the host has no queue, because no worker has served it yet.
   */
  onUnserved?: ((waiting: number | null) => void) | undefined;
}

export interface NetworkProviderClientOptions
  extends Partial<Omit<RpcConnectionOptions, 'transportUrl'>>, Partial<ExchangeOptions> {
  /** The conductors' transport_url. */
  transportUrl: string;
  /** Topic of the requests. Default ironic.network_provider. */
  topic?: string;
  /** Type of a host's queue of results. Default quorum. */
  queueType?: QueueType;
  /** Limits of the journal that declareTopology declares. Default null: it declares no journal. */
  journal?: JournalOptions | null;
  /** Encoding of the requests. Results are read in both encodings. Default json. */
  encoding?: 'json' | 'protobuf';
  /** Largest message that is read, in bytes. Default 1 MiB. */
  maxMessageBytes?: number;
  /**
   * Newest version of the interface that the client may request, like oslo.messaging's version_cap. Set it to 1.0 while
   * there are workers of version 1.0. Default: no cap.
   */
  versionCap?: string;
  /** Seconds to wait for the result of a call. Default 60. */
  responseTimeout?: number;
  /** Seconds to wait for RabbitMQ before a request fails. Default 10. */
  connectionTimeout?: number;
  /** The log. Default: nothing is logged. */
  log?: Logger;
}

type WithoutDefault =
  'ssl' | 'connectTimeout' | 'probe' | 'versionCap' | 'exchangeAutoDelete' | 'fanoutExchangeDurable';
export type ClientSettings = Required<Omit<NetworkProviderClientOptions, WithoutDefault>> &
  Pick<NetworkProviderClientOptions, WithoutDefault>;

/** Defaults of the options. */
export const CLIENT_DEFAULTS = {
  connectionName: 'netprov client',
  heartbeat: 60,
  reconnect: { initialDelay: 1000, maxDelay: 30_000 },
  exchange: 'ironic',
  exchangeDurable: false,
  topic: 'ironic.network_provider',
  queueType: 'quorum',
  journal: null,
  encoding: 'json',
  maxMessageBytes: DEFAULT_MAX_BYTES,
  responseTimeout: 60,
  connectionTimeout: 10,
} satisfies Partial<ClientSettings>;
