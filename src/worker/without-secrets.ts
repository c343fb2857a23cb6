import type { OperationResult } from '../contract/types.js';
import { maskText } from '../log.js';
import type { End } from './end.js';

/** Longest sentence of a failure, a warning or a finding, in characters: a node may have hundreds of them. */
const MAX_REASON = 1000;

/**
 * What is put on record and answered, cut, and without secrets in its sentences: a server may have echoed one, and a plug-in may
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
  return { ...item, reason: maskText(item.reason, MAX_REASON) };
}
