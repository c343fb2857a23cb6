import { NetprovError } from '../errors.js';
import type { Logger } from '../log/log.js';
import { faultMetrics, type Registry } from '../metrics/registry.js';
import { EXIT } from './errors.js';

/** A service ended because of a bug. The operator should report it, with the log line that has its stack. */
export class StoppedByFault extends NetprovError {
  readonly code = 'stopped_by_fault';

  constructor() {
    super('netprov stopped after an uncaught exception (a bug): please report it with the stack in the log');
  }
}

export interface FaultsOptions {
  log: Logger;
  registry: Registry | null;
  /** Asks the service to stop. */
  stop: (reason: string) => void;
  /** Milliseconds that the stop may take. */
  timeout: number;
}

/** Watches for the service's own faults, until `release`. */
export interface Faults {
  /** @throws StoppedByFault when a fault made the service stop */
  rethrow(): void;
  release(): void;
}

/**
 * Handles faults that no code caught. Without it, they would end the process and lose the work in progress.
 *
 * - A rejected promise that nothing observes is logged and counted, and the service goes on. Only code that waits for
 *   the promise is affected, so everything else is still in a known state.
 * - After an uncaught exception, something may be half done. The service stops as after SIGTERM: it finishes its work
 *   or gives it back, and ends with an error, so that its supervisor restarts it. If the stop takes too long, the
 *   process exits at once.
 */
export function watchFaults({ log, registry, stop, timeout }: FaultsOptions): Faults {
  const count = registry ? faultMetrics(registry) : () => undefined;
  let fatal = false;
  const onRejection = (error: unknown): void => {
    count('unhandled_rejection');
    log.error('a bug in netprov: unhandled promise rejection; please report it with the stack', { error });
  };
  const onException = (error: unknown): void => {
    count('uncaught_exception');
    log.error(
      'a bug in netprov: uncaught exception; stopping, so that the supervisor restarts it; please report it with the stack',
      { error },
    );
    if (fatal) return;
    fatal = true;
    setTimeout(() => process.exit(EXIT.failed), timeout).unref();
    stop('an uncaught exception');
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
