/** For conductors in TypeScript: asks network provider workers to move nodes, and listens for results. */
export type { CallOptions, NetworkProviderClientOptions, ResultOptions } from './client/client-options.js';
export { NetworkProviderClient } from './client/network-provider-client.js';
export type { ArgumentsInput, Move, RequestOptions, TaskInput } from './client/request-input.js';
export type { ResultHandler } from './client/result-listener.js';
export * from './contract/errors.js';
export { type ErrorCode, NetprovError } from './errors.js';
export type { MethodArguments } from './contract/arguments.js';
export { isMethodName, METHODS, type MethodName, type NetworkType } from './contract/methods.js';
export type {
  BindingFailure,
  DhcpOption,
  Finding,
  Node,
  OperationResult,
  Port,
  PortBinding,
  Portgroup,
  RecordedBinding,
  Task,
  Vif,
  VifInfo,
} from './contract/types.js';
export { createLogger, type Logger, type LogOptions } from './log/log.js';
/** Types for authors of network providers. */
export type {
  ComparisonRequest,
  NetworkProvider,
  NodeRecord,
  ProviderContext,
  ProviderOutcome,
  RepairedNode,
} from './providers/provider.js';
export type { ProviderFactory, ProviderServices } from './providers/provider.js';
export { ConnectionLost, InvalidTransportUrl, TopologyMismatch, Undeliverable } from './amqp/index.js';
export { MessagingTimeout, NoWorker, RemoteError, RPCVersionCapError } from './rpc/index.js';
