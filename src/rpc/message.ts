import type { TraceParent } from '../tracing.js';

/** The part of a caller's context that a receiver keeps. Tokens, roles and catalogs are dropped while decoding. */
export interface RpcContext {
  /** req-<uuid>, as oslo.context makes it; null when absent or unfit to be logged and sent on as an HTTP header. */
  request_id: string | null;
  /** The same of the request that caused this one in another service. */
  global_request_id: string | null;
  /** The caller's trace, where it says so in its context: see trace-context.ts. */
  trace?: TraceParent;
}

/** A call or a cast. A call has msgId and replyQ, a cast has neither. */
export interface RpcRequest {
  method: string;
  /** Version of the method's interface, N.N. */
  version: string;
  namespace: string | null;
  args: Record<string, unknown>;
  /** Names the message: the same in every redelivery. At most 64 characters of A-Z a-z 0-9 - _ and the dot. */
  uniqueId: string;
  /** What the reply must quote. */
  msgId: string | null;
  /** The caller's reply queue, on the default exchange. */
  replyQ: string | null;
  /** The caller's call_monitor_timeout in seconds: how long it waits without a heartbeat. Null: it wants none. */
  timeout: number | null;
  context: RpcContext;
}

/** An answer, or (ending false and nothing in it) a call-monitor heartbeat. */
export interface RpcReply {
  result: unknown;
  /** The text that serializeFailure makes, or null. */
  failure: string | null;
  ending: boolean;
  msgId: string;
  uniqueId: string;
}

/** Turns messages into bodies and back. Decoders throw MalformedMessage and nothing else. */
export interface MessageCodec {
  readonly contentType: string;
  encodeRequest(request: RpcRequest): Buffer;
  decodeRequest(body: Buffer): RpcRequest;
  /** The request as a cast: without its msgId, replyQ and timeout, and else as it came. The very body, if it is one. */
  asCast(body: Buffer): Buffer;
  encodeReply(reply: RpcReply): Buffer;
  decodeReply(body: Buffer): RpcReply;
}

/** Method that oslo.messaging answers with "pong" when rpc_ping_enabled is set. Source: oslo_messaging/rpc/dispatcher.py. */
export const PING_METHOD = 'oslo_rpc_server_ping';

export const NO_CONTEXT: RpcContext = { request_id: null, global_request_id: null };
