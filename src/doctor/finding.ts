import type { DataSource } from 'typeorm';

import type { ExchangeOptions, RpcConnectionOptions } from '../amqp/index.js';
import { errorText } from '../async/error-text.js';
import type { Config } from '../config/load.js';

/** Status of a finding: ok; warning: it works, but is not as it should be; problem: something does not work. */
export type Status = 'ok' | 'warning' | 'problem';

/** Result of a check. */
export interface DoctorFinding {
  /** Subject and check, such as broker.exchange. It stays the same when the sentence changes. */
  check: string;
  status: Status;
  /** A sentence that says what was found, with the value. */
  what: string;
  /** What the operator should do; null: nothing. */
  remedy: string | null;
}

/** Collects the findings of a subject's checks. */
export class Findings {
  readonly all: DoctorFinding[] = [];

  /** @param subject such as broker */
  constructor(private readonly subject: string) {}

  ok(check: string, what: string): void {
    this.#add(check, 'ok', what, null);
  }

  warning(check: string, what: string, remedy: string): void {
    this.#add(check, 'warning', what, remedy);
  }

  problem(check: string, what: string, remedy: string): void {
    this.#add(check, 'problem', what, remedy);
  }

  #add(check: string, status: Status, what: string, remedy: string | null): void {
    this.all.push({ check: `${this.subject}.${check}`, status, what, remedy });
  }
}

/**
 * Message of an error. If a connection failed at several addresses, Node.js gives an empty message; then the messages
 * of all addresses are joined.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return errorText(error);
}

/**
 * Seconds by which clocks may differ without a warning. The Date header of an answer has whole seconds, and the answer
 * takes time.
 */
const TOLERANCE = 3;

/**
 * Compares a server's clock with ours. This program does not depend on the difference, but people read records and logs
 * of both together.
 */
export function tellClock(whose: string, theirs: number, ours: number, findings: Findings): void {
  const seconds = (theirs - ours) / 1000;
  if (Math.abs(seconds) <= TOLERANCE) findings.ok('clock', `the clocks of ${whose} and of this machine agree`);
  else {
    findings.warning(
      'clock',
      `the clock of ${whose} is ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`,
      "synchronize both with NTP: else times in the database and in logs cannot be compared, and Keystone's tokens may count as expired",
    );
  }
}

/** What to check, and how to connect to it. */
export interface DoctorContext {
  config: Config;
  /** The exchanges, as the configuration says that conductors declare them. */
  exchanges: Required<ExchangeOptions>;
  connection: RpcConnectionOptions;
  openDatabase: () => Promise<DataSource>;
  /** URL of RabbitMQ's management API, with user and password; null: the API is not used. */
  managementUrl: URL | null;
  /** Time limit for the checks of one subject, in milliseconds. */
  limit: number;
}

/**
 * The checks of a subject. They add each finding at once, so that earlier findings are not lost if a later check fails
 * or hangs.
 */
export type Check = (context: DoctorContext, findings: Findings, signal: AbortSignal) => Promise<void>;
