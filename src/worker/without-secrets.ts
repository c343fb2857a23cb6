import type { OperationResult } from '../contract/types.js';
import { maskText } from '../log.js';
import type { End } from './end.js';

/**
 * What is put on record and answered, without secrets in its sentences: a server may have echoed one, and a plug-in may
 * have put it into an error.
 */
export function withoutSecrets(end: End): End {
  const { error, failures, warnings, findings } = end.result;
  if (error === null && failures.length === 0 && warnings.length === 0 && findings === undefined) return end;
  const result: OperationResult = {
    ...end.result,
    error: error && { ...error, message: maskText(error.message) },
    failures: failures.map(masked),
    warnings: warnings.map(masked),
    ...(findings === undefined ? {} : { findings: findings.map(masked) }),
  };
  return { ...end, result };
}

function masked<T extends { reason: string }>(item: T): T {
  return { ...item, reason: maskText(item.reason) };
}
