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

/** Node.js gives an empty message to a connection that failed at several addresses. */
export function parts(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reasons = error instanceof AggregateError ? error.errors.map((one) => parts(one).message).join('; ') : '';
  return { code, message: error.message || reasons || code };
}
