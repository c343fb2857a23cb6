/** oslo.messaging's RPC over RabbitMQ. Knows the wire, not what is said on it. */
export { onChannel } from './channel.js';
export { checkReply, checkRequest } from './checks.js';
export { RpcClient, type CallOptions, type CastOptions, type RpcClientOptions, type Target } from './client.js';
export { connectWithin } from './connect-within.js';
export { RpcConnection, type ConnectionState, type RpcConnectionOptions } from './connection.js';
export { declareQueue, useQueue } from './declare-queue.js';
export type { Delivery } from './delivery.js';
export { createJsonCodec, DEFAULT_MAX_BYTES, jsonCodec, type JsonCodecOptions } from './envelope.js';
export { withEachHost, type HostAnswer } from './each-host.js';
export {
  ConnectionLost,
  InvalidTransportUrl,
  MalformedMessage,
  MessagingTimeout,
  NoExchange,
  NotConfirmed,
  RpcError,
  RPCVersionCapError,
  TopologyMismatch,
  NoWorker,
  Undeliverable,
  Unsendable,
  type MalformedCode,
} from './errors.js';
export {
  deserializeFailure,
  NoSuchMethod,
  RemoteError,
  serializeFailure,
  UnsupportedVersion,
  type Failure,
} from './failure.js';
export { FanoutPublisher, FanoutSubscriber, type FanoutOptions } from './fanout.js';
export {
  blockedReason,
  inspectExchange,
  inspectQueue,
  present,
  type Inspected,
  type InspectedQueue,
} from './inspect.js';
export type { Inequivalence } from './inequivalence.js';
export type { SslOptions } from './link.js';
export { ManagementApi, ManagementFailed, type ManagedQueue, type Policy } from './management.js';
export {
  NO_CONTEXT,
  PING_METHOD,
  type MessageCodec,
  type RpcContext,
  type RpcReply,
  type RpcRequest,
} from './message.js';
export { copyOf, type MessageCopy, type SenderProperties } from './message-copy.js';
export { Publisher, type PublishOptions } from './publisher.js';
export { queueDepth, type QueueDepth } from './queue-depth.js';
export { isQueueLimit, limitsPolicy, missingLimits, queueLimits } from './queue-limits.js';
export { QueueReader } from './queue-reader.js';
export { ReplySender, type ReplyAddress, type ReplyOutcome, type ReplySenderOptions } from './reply.js';
export type { Delays, Resumable, Setup } from './resumable.js';
export { timesReturned } from './returns.js';
export { RpcServer, type QueueStatus, type RpcServerOptions } from './server.js';
export { streamArguments, type StreamOptions } from './stream.js';
export { StreamReader, type StreamEntry, type StreamPosition } from './stream-reader.js';
export {
  declareTopology,
  fanoutName,
  queueName,
  serverQueueArguments,
  serverQueues,
  type ExchangeOptions,
  type QueueType,
  type TopologyOptions,
} from './topology.js';
export { traceOf } from './trace-context.js';
export { parseTransportUrl, redactTransportUrl, type TransportHost, type TransportUrl } from './transport-url.js';
export { isCompatible, isVersion } from './version.js';
