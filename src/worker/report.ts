import type { BindingFailure } from '../contract/types.js';
import { type Logger, type LogLine, logTogether } from '../log/log.js';
import { operationFieldsOf } from '../messages/request.js';
import type { OperationEnd } from '../state/index.js';

/** Logs how an operation ended. */
export function reportEnd({ start, result }: Pick<OperationEnd, 'start' | 'result'>, log: Logger): void {
  const { status, network_provider, bindings, failures, warnings } = result;
  const level = status === 'succeeded' && warnings.length === 0 ? 'info' : 'warn';
  log.log(level, `${start.method} ${status}`, {
    ...operationFieldsOf(start),
    network_provider,
    bindings: bindings.length,
    failures: failures.length,
    ...(warnings.length > 0 ? { warnings: warnings.map(sentenceOf) } : {}),
    error: result.error?.message,
    duration_ms: Date.now() - start.startedAt.getTime(),
  });
}

/** A warning as one text, with its kind first if it has one. */
function sentenceOf({ kind, reason }: BindingFailure): string {
  return kind === undefined ? reason : `${kind}: ${reason}`;
}

/** Logs the ends of many operations: the same line for each, but written together where there is nothing to warn of. */
export function reportEnds(ends: readonly Pick<OperationEnd, 'start' | 'result'>[], log: Logger): void {
  const now = Date.now();
  const lines: LogLine[] = [];
  for (const end of ends) {
    const { start, result } = end;
    const { status, network_provider, bindings, failures, warnings, error } = result;
    if (error !== null || warnings.length > 0) reportEnd(end, log);
    else {
      lines.push({
        message: `${start.method} ${status}`,
        ...operationFieldsOf(start),
        network_provider,
        bindings: bindings.length,
        failures: failures.length,
        duration_ms: now - start.startedAt.getTime(),
      });
    }
  }
  logTogether(log, 'info', lines);
}
