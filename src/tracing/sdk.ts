import { hostname } from 'node:os';

import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';

import { within } from '../async/within.js';
import type { Logger } from '../log/log.js';
import { setTracing } from './tracing.js';

export interface TracingOptions {
  /** URL of a collector that takes OTLP over HTTP, without /v1/traces. */
  endpoint: string;
  serviceName: string;
  serviceVersion: string;
  /**
   * Fraction, 0 to 1, of the traces that begin here to keep. A trace that a caller began is kept if the caller keeps
   * it.
   */
  sampleRatio: number;
}

/** Milliseconds to wait for the last spans to be sent when the process ends. */
const SHUTDOWN_TIMEOUT = 3000;

/**
 * Starts to make spans and to send them to a collector. Import this file only if traces are wanted, because it loads
 * the SDK. Returns a function that sends the remaining spans and stops.
 */
export function startTracing(options: TracingOptions, log: Logger): () => Promise<void> {
  const say = (message: string, ...rest: unknown[]): void => {
    log.warn('OpenTelemetry reports a problem; traces may be lost', {
      reason: [message, ...rest.map(String)].join(' '),
    });
  };
  const silent = (): void => undefined;
  const logger = { error: say, warn: say, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.serviceVersion,
      'service.instance.id': `${hostname()} ${process.pid}`,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio) }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces` })),
    ],
  });
  provider.register();
  setTracing(true);
  return async () => {
    setTracing(false);
    await within(SHUTDOWN_TIMEOUT, provider.shutdown().catch(silent), silent);
  };
}
