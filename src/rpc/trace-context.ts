import type { TraceParent } from '../tracing.js';

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
