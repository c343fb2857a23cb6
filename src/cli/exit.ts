import { CommanderError } from 'commander';

import { ConfigurationError } from '../config.js';
import { IronicError } from '../contract/errors.js';
import { NoDeadLetterQueue } from '../dead-letter-queue.js';
import { NoJournal, TooManyEntries } from '../journal.js';
import { maskText } from '../log.js';
import {
  ConnectionLost,
  InvalidTransportUrl,
  ManagementFailed,
  MessagingTimeout,
  RemoteError,
  TopologyMismatch,
  Undeliverable,
} from '../rpc/index.js';

/** What the exit code of netprov says. */
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
  /** Records and Neutron differ. */
  different: 5,
  /** Something that is checked does not work. */
  problem: 6,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The same, in words. */
export const EXIT_CODES: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'the operation failed, or is refused',
  2: 'wrong arguments or configuration',
  3: 'RabbitMQ, the database, Neutron or a worker could not be reached, or did not answer in time or as it should',
  4: 'the database schema is behind: run netprov db upgrade',
  5: 'netprov reconcile: what is on record differs from Neutron, and was not repaired',
  6: 'netprov doctor: there is a problem',
};

/** The same, for --help. */
export const EXIT_HELP = `
Exit codes:
${Object.entries(EXIT_CODES)
  .map(([code, meaning]) => `  ${code}  ${meaning}`)
  .join('\n')}
`;

/** Arguments that cannot be used. The message names the argument and the remedy. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** The database cannot be reached, or was lost. Thrown by commands that need it; the operator starts or names it. */
export class DatabaseUnreachable extends Error {
  constructor(cause: unknown) {
    const remedy = 'start it, or correct database.connection';
    super(`the database cannot be reached: ${parts(cause).message}; ${remedy}`, { cause });
    this.name = 'DatabaseUnreachable';
  }
}

/** Neutron cannot be reached, or answers with something else than it should. Thrown by netprov reconcile. */
export class NeutronUnreadable extends Error {
  constructor(cause: Error) {
    super(`Neutron could not be read, and nothing was changed: ${cause.message}`, { cause });
    this.name = 'NeutronUnreadable';
  }
}

/** The codes of state's SchemaBehind and MarkerNotFound, whose module would load all of TypeORM. */
const SCHEMA_BEHIND = 'SCHEMA_BEHIND';
const MARKER_NOT_FOUND = 'MARKER_NOT_FOUND';
/** The server took the connection, but not the user or the database in it. Codes are MySQL's. */
const WRONG_DATABASE = /^ER_(ACCESS_DENIED_ERROR|DBACCESS_DENIED_ERROR|BAD_DB_ERROR|NOT_SUPPORTED_AUTH_MODE)$/;
/** The address of option health cannot be listened on. Codes are Node.js's. */
const WRONG_ADDRESS = /^(EADDRINUSE|EADDRNOTAVAIL|EACCES)$/;

/** What an error means for whoever typed the command: one sentence, with what to do, and an exit code. */
export function explain(error: unknown): { code: ExitCode; message: string } {
  const { code, message } = parts(error);
  if (error instanceof RemoteError) return { code: EXIT.failed, message: `${error.className}: ${message}` };
  if (code === SCHEMA_BEHIND) return { code: EXIT.schemaBehind, message };
  if (error instanceof Undeliverable) {
    const remedy = 'netprov topology declare --host H declares it; netprov worker --host H serves it';
    return { code: EXIT.unreachable, message: `${message} ${remedy}` };
  }
  if (
    [MessagingTimeout, ConnectionLost, ManagementFailed, DatabaseUnreachable, NeutronUnreadable].some(
      (type) => error instanceof type,
    )
  ) {
    return { code: EXIT.unreachable, message };
  }
  if (isUsage(error) || code === MARKER_NOT_FOUND) return { code: EXIT.usage, message };
  if (WRONG_DATABASE.test(code)) {
    return { code: EXIT.usage, message: `the database refuses: ${message}; correct database.connection` };
  }
  if (WRONG_ADDRESS.test(code)) {
    return { code: EXIT.usage, message: `${message}; correct health.bind_host and health.port` };
  }
  return { code: EXIT.failed, message };
}

/** Tells on standard error what went wrong, with the stack if asked for, and answers with the exit code. */
export function report(error: unknown, debug: boolean): ExitCode {
  // Commander has written its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { code, message } = explain(error);
  // What is wrong with the configuration and the arguments is said in our own words, and names options of secrets.
  process.stderr.write(`netprov: ${code === EXIT.usage ? message : maskText(message)}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${maskText(error.stack ?? '')}\n`);
  return code;
}

function isUsage(error: unknown): boolean {
  const classes = [
    ConfigurationError,
    UsageError,
    InvalidTransportUrl,
    IronicError,
    TopologyMismatch,
    NoDeadLetterQueue,
    NoJournal,
    TooManyEntries,
  ];
  return classes.some((type) => error instanceof type);
}

/** Node.js gives an empty message to a connection that failed at several addresses. */
function parts(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reasons = error instanceof AggregateError ? error.errors.map((one) => parts(one).message).join('; ') : '';
  return { code, message: error.message || reasons || code };
}
