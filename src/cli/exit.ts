import { CommanderError } from 'commander';

import { Undeliverable } from '../amqp/errors.js';
import { ERROR_CODES, NetprovError } from '../errors.js';
import { maskText } from '../log/log.js';
import { RemoteError } from '../rpc/failure.js';
import { EXIT, EXIT_CODES, type ExitCode, parts } from '../services/errors.js';

/** The list of exit codes, for --help. */
export const EXIT_HELP = `
Exit codes:
${Object.entries(EXIT_CODES)
  .map(([code, meaning]) => `  ${code}  ${meaning}`)
  .join('\n')}
`;

/** Neutron cannot be reached, or gives an unexpected answer. Thrown by netprov reconcile. */
export class NeutronUnreadable extends NetprovError {
  readonly code = 'reconcile_failed';

  constructor(cause: Error) {
    super(`Neutron could not be read, and nothing was changed: ${cause.message}`, { cause });
  }
}

/** Ironic, or Neutron beside it, cannot be read. Thrown by netprov reconcile. */
export class IronicUnreadable extends NetprovError {
  readonly code = 'reconcile_failed';

  constructor(cause: Error) {
    super(
      `nodes could not be compared with Ironic: ${cause.message}; correct section ironic or neutron of the configuration`,
      { cause },
    );
  }
}

/** Ironic or Neutron cannot be reached, or gives an unexpected answer. Thrown by netprov adopt. */
export class AdoptionFailed extends NetprovError {
  readonly code = 'adoption_failed';

  constructor(cause: Error) {
    super(`Ironic or Neutron could not be read: ${cause.message}; correct this, and run netprov adopt again`, {
      cause,
    });
  }
}

/** The database server accepted the connection, but refused the user or the database. The codes are MySQL's. */
const WRONG_DATABASE = /^ER_(ACCESS_DENIED_ERROR|DBACCESS_DENIED_ERROR|BAD_DB_ERROR|NOT_SUPPORTED_AUTH_MODE)$/;
/** The address of option health cannot be used to listen on. The codes are Node.js's. */
const WRONG_ADDRESS = /^(EADDRINUSE|EADDRNOTAVAIL|EACCES)$/;

/** Explains an error to the user of the command: one sentence with what to do, and an exit code. */
export function explain(error: unknown): { code: ExitCode; message: string } {
  const { code, message } = parts(error);
  if (error instanceof RemoteError) return { code: EXIT.failed, message: `${error.className}: ${message}` };
  if (error instanceof Undeliverable) {
    const remedy = 'Run netprov topology declare --host H to declare it, and netprov worker --host H to serve it';
    return { code: EXIT.unreachable, message: `${message} ${remedy}` };
  }
  if (error instanceof NetprovError) return { code: EXIT[ERROR_CODES[error.code].exit], message };
  if (WRONG_DATABASE.test(code)) {
    return {
      code: EXIT.usage,
      message: `the database refused the connection: ${message}; correct database.connection`,
    };
  }
  if (WRONG_ADDRESS.test(code)) {
    return { code: EXIT.usage, message: `${message}; correct health.bind_host and health.port` };
  }
  return { code: EXIT.failed, message };
}

/**
 * Prints an error to standard error, with its stack if `debug`.
 *
 * @returns the exit code
 */
export function report(error: unknown, debug: boolean): ExitCode {
  // Commander has already printed its message or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { code, message } = explain(error);
  // Messages about arguments and configuration are our own, contain no secrets, and may name secret options. Masking
  // would spoil them.
  process.stderr.write(`netprov: ${code === EXIT.usage ? message : maskText(message)}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${maskText(error.stack ?? '')}\n`);
  return code;
}
