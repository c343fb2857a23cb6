export { checkReply, checkRequest } from './checks.js';
export { RpcClient, type RpcCallOptions, type CastOptions, type RpcClientOptions, type Target } from './client.js';
export { createJsonCodec, DEFAULT_MAX_BYTES, jsonCodec, type JsonCodecOptions } from './envelope.js';
export { MalformedMessage, MessagingTimeout, RPCVersionCapError, NoWorker, type MalformedCode } from './errors.js';
export {
  deserializeFailure,
  NoSuchMethod,
  RemoteError,
  serializeFailure,
  UnsupportedVersion,
  type Failure,
} from './failure.js';
export {
  NO_CONTEXT,
  PING_METHOD,
  type MessageCodec,
  type RpcContext,
  type RpcReply,
  type RpcRequest,
} from './message.js';
export { ReplySender, type ReplyAddress, type ReplyOutcome, type ReplySenderOptions } from './reply.js';
export { RpcServer, type QueueStatus, type RpcServerOptions } from './server.js';
export { declareTopology, queueName, serverQueueArguments, serverQueues, type TopologyOptions } from './topology.js';
export { traceOf } from './message.js';
export { isCompatible, isVersion } from './message.js';
