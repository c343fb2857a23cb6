import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

import { toError } from '../async/error-text.js';
import { maskText } from '../log/log.js';

/**
 * Name of our tracer. This file uses only OpenTelemetry's API. The SDK is loaded by sdk.ts, if traces are wanted;
 * without it, the functions here cost next to nothing.
 */
export const TRACER = 'ironic-network-provider';

/** A caller's trace context, as in W3C's Trace Context: https://www.w3.org/TR/trace-context/. */
export interface TraceParent {
  traceparent: string;
  tracestate?: string;
}

export interface SpanOptions {
  kind?: 'internal' | 'consumer' | 'client' | 'server';
  attributes?: Attributes;
  /** The trace that the span continues. Null: it begins a new trace. Default: it is a child of the current span. */
  parent?: TraceParent | null;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const;

/** The longest text of an error on a span, in characters. */
const MAX_MESSAGE = 500;

let on = false;

/** Switches spans on or off. The SDK's start calls it with true, its stop with false. */
export function setTracing(wanted: boolean): void {
  on = wanted;
}

export function isTracing(): boolean {
  return on;
}

/** Does the work in a span. The span ends when the work ends. @throws the errors of the work */
export async function inSpan<T>(
  name: string,
  options: () => SpanOptions,
  work: (span: Span | null) => Promise<T>,
): Promise<T> {
  if (!on) return work(null);
  const { span, below } = startSpan(name, options());
  try {
    return await context.with(below, () => work(span));
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Begins a span without child spans. Returns a function that ends it. */
export function beginSpan(name: string): () => void {
  if (!on) return () => undefined;
  const span = trace.getTracer(TRACER).startSpan(name);
  return () => {
    span.end();
  };
}

/** A span whose holder must end it. */
export interface OpenSpan {
  /** Does the work in the span, so that spans of the work become its children. */
  within(work: () => void): void;
  end(attributes: Attributes, failed: boolean): void;
}

/** Opens a span whose work is done in several pieces. Null if tracing is off. */
export function openSpan(name: string, options: () => SpanOptions): OpenSpan | null {
  if (!on) return null;
  const { span, below } = startSpan(name, options());
  return {
    within: (work) => {
      context.with(below, work);
    },
    end: (attributes, failed) => {
      span.setAttributes(attributes);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** Marks a span as failed, with the error's message without secrets. */
export function markFailed(span: Span, error: unknown): void {
  const known = toError(error);
  span.setAttribute('error.type', known.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: maskText(known.message, MAX_MESSAGE) });
}

/**
 * Binds the work to the current trace, whoever calls it later. It is needed because our queues may call it while
 * another operation runs.
 */
export function bound<T>(work: () => Promise<T>): () => Promise<T> {
  return on ? context.bind(context.active(), work) : work;
}

/** The headers with which a receiver continues the current trace. Empty if there is no trace. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** The same headers as options for publishing a message. */
export function traceProperties(): { headers?: Record<string, string> } {
  const headers = traceHeaders();
  return 'traceparent' in headers ? { headers } : {};
}

/** Starts a span. `below` is the context for the work inside it. */
function startSpan(
  name: string,
  { kind = 'internal', attributes = {}, parent }: SpanOptions,
): { span: Span; below: Context } {
  const above = parent === undefined ? context.active() : parentContext(parent);
  const span = trace.getTracer(TRACER).startSpan(name, { kind: KINDS[kind], attributes }, above);
  return { span, below: trace.setSpan(above, span) };
}

function parentContext(parent: TraceParent | null): Context {
  return parent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, parent);
}
