import type { TraceParent } from '../tracing/tracing.js';

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

/** Source: https://www.w3.org/TR/trace-context/#traceparent-header, version 00. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Longest tracestate that is passed on, in characters. Source: the same, 3.3.1.5. */
const MAX_TRACESTATE = 512;
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * The caller's trace, from the headers of a message or from its RPC context; null: it says nothing of one, or nothing that
 * can be used.
 *
 * oslo.messaging's clients cannot set headers, so the context may have W3C's two fields as well. Where it has neither,
 * osprofiler's `trace_info` counts, which Ironic and Neutron put there: its ids become a trace's and a span's as
 * osprofiler's own OTLP driver makes them. Source: ironic/common/rpc.py, osprofiler/drivers/otlp.py, _utils.py. Its
 * hmac_key is a secret and is not read.
 */
export function traceOf(read: (key: string) => unknown): TraceParent | null {
  const traceparent = read('traceparent');
  if (typeof traceparent === 'string' && TRACEPARENT.test(traceparent)) {
    const tracestate = read('tracestate');
    const usable = typeof tracestate === 'string' && tracestate.length <= MAX_TRACESTATE;
    return usable ? { traceparent, tracestate } : { traceparent };
  }
  return fromProfiler(read('trace_info'));
}

function fromProfiler(info: unknown): TraceParent | null {
  if (typeof info !== 'object' || info === null) return null;
  const { base_id: base, parent_id: parent } = info as { base_id?: unknown; parent_id?: unknown };
  if (typeof base !== 'string' || typeof parent !== 'string' || !UUID.test(base) || !UUID.test(parent)) return null;
  const hex = (uuid: string): string => uuid.replaceAll('-', '').toLowerCase();
  return { traceparent: `00-${hex(base)}-${hex(parent).slice(16)}-01` };
}

/** An interface version as oslo.messaging takes it: N.N, or N.N.N with a revision. */
const VERSION = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?$/;

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Does an endpoint of version `ours` serve a request of version `requested`? The major must be the same and the
 * requested minor no newer than ours; at the same minor, so must the revision. Source: oslo_messaging/_utils.py.
 */
export function isCompatible(ours: string, requested: string): boolean {
  const [ourMajor, ourMinor, ourRevision] = parts(ours);
  const [major, minor, revision] = parts(requested);
  if (major !== ourMajor) return false;
  return minor < ourMinor || (minor === ourMinor && revision <= ourRevision);
}

function parts(version: string): [number, number, number] {
  const match = VERSION.exec(version);
  if (!match) throw new RangeError(`"${version}" is not a version: it must look like 1.0`);
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}
