import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import { version } from '../version.js';

/**
 * Starts the traces that the configuration asks for; what ends them goes to `closers`. Without them, their SDK is not
 * loaded.
 */
export async function openTracing(
  { tracing }: Config,
  log: Logger,
  closers: (() => Promise<unknown>)[],
): Promise<void> {
  if (!tracing.enabled || tracing.endpoint === null) return;
  const { startTracing } = await import('../tracing-sdk.js');
  const { endpoint, service_name: serviceName, sample_ratio: sampleRatio } = tracing;
  closers.push(startTracing({ endpoint, serviceName, serviceVersion: version, sampleRatio }, log));
  log.info('traces are sent', { endpoint, sample_ratio: sampleRatio });
}
