import type { Logger } from '../log/log.js';
import { faultMetrics, type Registry } from '../metrics/registry.js';
import { EXIT } from './errors.js';

/** A service ended because of a fault of its own. The operator reports it, with the log line that has its stack. */
export class StoppedByFault extends Error {
  constructor() {
    super('stopped after an exception that nothing caught: the log has its stack. Please report it');
    this.name = 'StoppedByFault';
  }
}

export interface FaultsOptions {
  log: Logger;
  registry: Registry | null;
  /** Asks the service to stop. */
  stop: (reason: string) => void;
  /** Milliseconds that its stop may take. */
  timeout: number;
}

/** The faults of a service itself, from now until `release`. */
export interface Faults {
  /** @throws StoppedByFault when one of them made the service stop */
  rethrow(): void;
  release(): void;
}

/**
 * Sees to the faults that no code caught, and that would end the process with all that it has in hand.
 *
 * - A rejection that nobody observes is logged and counted, and the service goes on: whatever waits for that promise does
 *   not, so nothing else is in doubt.
 * - After an exception that nothing caught, nobody knows what was left half done. The service stops as after SIGTERM: it
 *   finishes what it has in hand or gives it back, and ends with an error, so that its supervisor starts it anew. If that
 *   takes too long, the process ends as it is.
 */
export function watchFaults({ log, registry, stop, timeout }: FaultsOptions): Faults {
  const count = registry ? faultMetrics(registry) : () => undefined;
  let fatal = false;
  const onRejection = (error: unknown): void => {
    count('unhandled_rejection');
    log.error('a fault of this program: a promise was rejected, and nothing observed it', { error });
  };
  const onException = (error: unknown): void => {
    count('uncaught_exception');
    log.error('a fault of this program: nothing caught an exception; it stops, to be started anew', { error });
    if (fatal) return;
    fatal = true;
    setTimeout(() => process.exit(EXIT.failed), timeout).unref();
    stop('an exception that nothing caught');
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return {
    rethrow: () => {
      if (fatal) throw new StoppedByFault();
    },
    release: () => {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onException);
    },
  };
}
