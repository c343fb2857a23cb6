import { errorText } from '../async/error-text.js';
import { NetprovError } from '../errors.js';

/** Exit codes of netprov. */
export const EXIT = {
  ok: 0,
  /** The operation failed. */
  failed: 1,
  /** The arguments or the configuration are wrong. */
  usage: 2,
  /** A service could not be reached, or did not answer in time. */
  unreachable: 3,
  /** The database lacks migrations. */
  schemaBehind: 4,
  /** The records differ from Neutron, or lack what Ironic has. */
  different: 5,
  /** A check found something that does not work. */
  problem: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Descriptions of the exit codes. */
export const EXIT_CODES: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'the operation failed or was refused',
  2: 'wrong arguments or configuration',
  3: 'RabbitMQ, the database, Neutron, Ironic or a worker was unreachable, did not answer in time, or gave an invalid answer',
  4: 'the database schema is out of date: run netprov db upgrade',
  5: 'netprov reconcile: Neutron differs from the records, and the difference was not repaired; netprov adopt: a node was not adopted',
  6: 'netprov doctor: a check found a problem',
};

/** The arguments are unusable. The message names the argument and the remedy. */
export class UsageError extends NetprovError {
  readonly code = 'usage';
}

/**
 * The database cannot be reached, or the connection was lost. Commands that need the database throw it. The operator
 * must start the database or correct its address.
 */
export class DatabaseUnreachable extends NetprovError {
  readonly code = 'database_unreachable';

  constructor(cause: unknown) {
    const remedy = 'start the database, or correct database.connection';
    super(`the database cannot be reached: ${parts(cause).message}; ${remedy}`, { cause });
  }
}

/** Code and message of an error. An error without a message has its code as one. */
export function parts(error: unknown): { code: string; message: string } {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: errorText(error) || code };
}
