export { onChannel } from './channels.js';
export { connectWithin } from './connection.js';
export { RpcConnection, type ConnectionState, type RpcConnectionOptions } from './connection.js';
export { declareQueue, useQueue } from './declare.js';
export type { Delivery } from './delivery.js';
export { withEachHost, type HostAnswer } from './each-host.js';
export {
  ConnectionLost,
  InvalidTransportUrl,
  NoExchange,
  NotConfirmed,
  TopologyMismatch,
  Undeliverable,
  Unsendable,
} from './errors.js';
export { FanoutPublisher, FanoutSubscriber, type FanoutOptions } from './fanout.js';
export {
  blockedReason,
  inspectExchange,
  inspectQueue,
  present,
  type Inspected,
  type InspectedQueue,
} from './inspect.js';
export type { Inequivalence } from './declare.js';
export type { SslOptions } from './link.js';
export { ManagementApi, ManagementFailed, type ManagedQueue, type Policy } from './management.js';
export { copyOf, type MessageCopy, type SenderProperties } from './message-copy.js';
export { Publisher, type PublishOptions } from './publisher.js';
export { queueDepth, type QueueDepth } from './inspect.js';
export { isQueueLimit, limitsPolicy, missingLimits, queueLimits } from './queue-limits.js';
export { QueueReader } from './queue-reader.js';
export type { ReconnectDelays, Resumable, Setup } from './resumable.js';
export { timesReturned } from './delivery.js';
export { streamArguments, type StreamOptions } from './stream.js';
export { StreamReader, type StreamEntry, type StreamPosition } from './stream.js';
export { fanoutName, type ExchangeOptions } from './exchanges.js';
export { type QueueType } from './declare.js';
export { parseTransportUrl, redactTransportUrl, type TransportHost, type TransportUrl } from './transport-url.js';
