import {
  type Attributes,
  context,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

import { maskText } from '../log/log.js';

/**
 * Traces, by OpenTelemetry's API alone: its SDK is loaded by tracing-sdk.ts, where traces are wanted. Without it, what is
 * here costs next to nothing.
 */
export const TRACER = 'ironic-network-provider';

/** A caller's trace context, as W3C's Trace Context has it: https://www.w3.org/TR/trace-context/. */
export interface TraceParent {
  traceparent: string;
  tracestate?: string;
}

export interface SpanOptions {
  kind?: 'internal' | 'consumer' | 'client' | 'server';
  attributes?: Attributes;
  /** The span goes on with this trace; null: it begins one. Default: it is the child of what runs. */
  parent?: TraceParent | null;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
} as const;

/** Longest text of an error on a span, in characters. */
const MAX_MESSAGE = 500;

let on = false;

/** Whether spans are made. Called when the SDK is there, and when it goes. */
export function setTracing(wanted: boolean): void {
  on = wanted;
}

/** Does the work in a span, which ends with it. @throws what the work throws */
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

/** Begins a span that has nothing below it. Answers with what ends it. */
export function beginSpan(name: string): () => void {
  if (!on) return () => undefined;
  const span = trace.getTracer(TRACER).startSpan(name);
  return () => {
    span.end();
  };
}

/** A span that is ended by whoever has it. */
export interface OpenSpan {
  /** Does the work under it. */
  within(work: () => void): void;
  end(attributes: Attributes, failed: boolean): void;
}

/** Opens a span whose work is done in several pieces; null where no traces are made. */
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

/** Says on a span that its work failed, in words without secrets. */
export function markFailed(span: Span, error: unknown): void {
  const known = error instanceof Error ? error : new Error(String(error));
  span.setAttribute('error.type', known.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: maskText(known.message, MAX_MESSAGE) });
}

/** The work as it is to be done for what runs now, whoever calls it: a queue of ours calls it from another operation. */
export function bound<T>(work: () => Promise<T>): () => Promise<T> {
  return on ? context.bind(context.active(), work) : work;
}

/** The headers that have a receiver go on with the trace of what runs; none where there is no trace. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** The same for a message: what it is published with. */
export function traceProperties(): { headers?: Record<string, string> } {
  const headers = traceHeaders();
  return 'traceparent' in headers ? { headers } : {};
}

/** Starts a span. `below` is the context of what is done in it. */
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
