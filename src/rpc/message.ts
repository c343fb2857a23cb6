import type { TraceParent } from '../tracing/tracing.js';

/** The part of a caller's context that a receiver keeps. Decoding drops tokens, roles and catalogs. */
export interface RpcContext {
  /** req-<uuid>, as oslo.context makes it. Null if it is absent, or not valid in an HTTP header. */
  request_id: string | null;
  /** The request id of another service's request that caused this one. Null under the same conditions. */
  global_request_id: string | null;
  /** The caller's trace, if its context contains one: see traceOf. */
  trace?: TraceParent;
}

/** A call or a cast. A call has msgId and replyQ, a cast has neither. */
export interface RpcRequest {
  method: string;
  /** Version of the method's interface, N.N. */
  version: string;
  namespace: string | null;
  args: Record<string, unknown>;
  /**
   * Identifies the message and stays the same in every redelivery. 1 to 64 of the characters A-Z a-z 0-9 - _ and dot.
   */
  uniqueId: string;
  /** The id that the reply must quote. */
  msgId: string | null;
  /** The caller's reply queue, on the default exchange. */
  replyQ: string | null;
  /** The caller's call_monitor_timeout: the seconds that it waits without a heartbeat. Null: it wants no heartbeats. */
  timeout: number | null;
  context: RpcContext;
}

/** An answer, or a call-monitor heartbeat: that has no result and no failure, and `ending` is false. */
export interface RpcReply {
  result: unknown;
  /** The text that serializeFailure makes, or null. */
  failure: string | null;
  ending: boolean;
  msgId: string;
  uniqueId: string;
}

/** Encodes messages to bodies and decodes them. Decoders throw only MalformedMessage. */
export interface MessageCodec {
  readonly contentType: string;
  encodeRequest(request: RpcRequest): Buffer;
  decodeRequest(body: Buffer): RpcRequest;
  /**
   * Removes msgId, replyQ and timeout from a request, so that it is a cast. The body of a cast is returned unchanged.
   */
  asCast(body: Buffer): Buffer;
  encodeReply(reply: RpcReply): Buffer;
  decodeReply(body: Buffer): RpcReply;
}

/**
 * The method that oslo.messaging answers with "pong" if rpc_ping_enabled is set. Source:
 * oslo_messaging/rpc/dispatcher.py.
 */
export const PING_METHOD = 'oslo_rpc_server_ping';

export const NO_CONTEXT: RpcContext = { request_id: null, global_request_id: null };

/** Source: https://www.w3.org/TR/trace-context/#traceparent-header, version 00. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Longest tracestate that is passed on, in characters. Source: https://www.w3.org/TR/trace-context/, 3.3.1.5. */
const MAX_TRACESTATE = 512;
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * Reads the caller's trace from the headers of a message or from its RPC context. Null if it has no usable trace.
 *
 * oslo.messaging's clients cannot set headers, so the context may also contain W3C's two fields. If it has no
 * traceparent, this uses osprofiler's `trace_info`, which Ironic and Neutron put into the context. Its ids are
 * converted to a trace id and a span id as osprofiler's own OTLP driver does. Source: ironic/common/rpc.py,
 * osprofiler/drivers/otlp.py, _utils.py. Its hmac_key is a secret and is not read.
 *
 * @param read returns a header or a field of the context by its name
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

/** An interface version in oslo.messaging: N.N, or N.N.N with a revision. */
const VERSION = /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?$/;

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Whether an endpoint of version `ours` serves a request of version `requested`. The major version must be the same,
 * and the requested minor version must not be newer than ours. If the minor is the same, the requested revision must
 * not be newer than ours either. Source: oslo_messaging/_utils.py.
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
