import { setFlagsFromString } from 'node:v8';

import type { Config } from '../config/load.js';
import type { Logger } from '../log/log.js';
import { createRegistry, type Registry } from '../metrics/registry.js';
import { watchReadiness } from '../metrics/status.js';
import { version } from '../version.js';
import type { Readiness } from '../worker/options.js';
import { watchFaults } from './faults.js';
import { serveHealth } from './health.js';
import { openServiceLog } from './service-log.js';
import { stopOnSignal } from './stop.js';

/** Milliseconds that a stop may take in addition to shutdown_timeout. */
const CLOSING_TIMEOUT = 30_000;

/**
 * V8 lets the heap of a busy process grow to four times what is in use before it collects. With a growth of 60 % a worker's
 * heap stayed under 200 MB at the backlogs of docs/performance.md. It is not a limit.
 */
const HEAP_GROWTH = '--heap-growing-percent=60';

/** Functions that close the parts. They are called in reverse order. */
export type Closers = (() => Promise<unknown>)[];

/** What a service gets when it opens. */
export interface Opening {
  log: Logger;
  /** The service adds each part as soon as it is open, so that the part is closed even if the next one fails. */
  closers: Closers;
  /** Aborted when the opening must end. */
  signal: AbortSignal;
  /** Reports what the opening waits for. */
  onWait: (reason: string) => void;
  /** Registry for its metrics; null: metrics are off. */
  registry: Registry | null;
}

/** A service, which runs until it is asked to stop. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
  readiness(): Promise<Readiness>;
}

interface ServiceKind {
  /** Name in the log. */
  name: 'worker' | 'API';
  /** Port of its health checks and metrics; 0: any free port; null: none. */
  healthPort: number | null;
  /** What it serves: the first line of the log. */
  serves: Readonly<Record<string, string | number>>;
  open(opening: Opening): Promise<Service>;
}

/**
 * Opens and starts a service, waits for SIGTERM or SIGINT, and closes its parts in reverse order.
 *
 * @param read reads the configuration again, after SIGHUP
 * @throws what stops it from opening or starting; StoppedByFault after an uncaught exception
 */
export async function runService(config: Config, read: () => Config, kind: ServiceKind): Promise<void> {
  setFlagsFromString(HEAP_GROWTH);
  const { name } = kind;
  const { log, release } = openServiceLog(config, read);
  log.info(`this ${name} serves`, kind.serves);
  const closers: Closers = [];
  const stop = stopOnSignal();
  const closing = new AbortController();
  void stop.requested.then(() => {
    closing.abort();
  });
  let started: Service | null = null;
  let waitsFor = `the ${name} has not started yet`;
  const readiness = (): Promise<Readiness> =>
    started?.readiness() ?? Promise.resolve({ ready: false, reasons: [waitsFor] });
  const onWait = (reason: string): void => {
    waitsFor = reason;
  };
  const registry = config.metrics.enabled ? createRegistry() : null;
  if (registry) watchReadiness(registry, readiness);
  const timeout = config.worker.shutdown_timeout * 1000 + CLOSING_TIMEOUT;
  const faults = watchFaults({ log, registry, stop: stop.request, timeout });
  const opening = openTracing(config, log, closers)
    .then(() => openHealth(config.health.bind_host, kind.healthPort, readiness, registry, log, closers))
    .then(() => kind.open({ log, closers, signal: closing.signal, onWait, registry }));
  const starting = opening.then(async (service) => {
    waitsFor = `the ${name} has not started yet`;
    closers.push(() => service.stop());
    await service.start();
    started = service;
    log.info(`the ${name} is ready`);
  });
  try {
    // If it is stopped before it has started, the start fails; the error is ignored.
    await Promise.race([stop.requested, starting]);
    log.info(`the ${name} stops`, { reason: await stop.requested });
  } finally {
    starting.catch(() => undefined);
    closing.abort();
    await opening.catch(() => undefined);
    for (const close of closers.reverse()) await close();
    stop.dispose();
    faults.release();
    release();
  }
  faults.rethrow();
}

async function openHealth(
  host: string,
  port: number | null,
  readiness: () => Promise<Readiness>,
  registry: Registry | null,
  log: Logger,
  closers: Closers,
): Promise<void> {
  if (port === null) return;
  const server = await serveHealth({ host, port }, readiness, registry);
  closers.push(() => server.close());
  log.info('health checks are served', { address: `http://${host}:${server.port}` });
}

/**
 * Starts the traces that the configuration asks for, and adds their end to `closers`. If tracing is off, its SDK is not
 * loaded.
 */
async function openTracing({ tracing }: Config, log: Logger, closers: (() => Promise<unknown>)[]): Promise<void> {
  if (!tracing.enabled || tracing.endpoint === null) return;
  const { startTracing } = await import('../tracing/sdk.js');
  const { endpoint, service_name: serviceName, sample_ratio: sampleRatio } = tracing;
  closers.push(startTracing({ endpoint, serviceName, serviceVersion: version, sampleRatio }, log));
  log.info('traces are sent', { endpoint, sample_ratio: sampleRatio });
}
