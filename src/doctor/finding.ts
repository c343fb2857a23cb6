import type { DataSource } from 'typeorm';

import type { ExchangeOptions, RpcConnectionOptions } from '../amqp/index.js';
import type { Config } from '../config/load.js';

/** How something stands: as it is to be; not as it should be, although all works; something does not work. */
export type Status = 'ok' | 'warning' | 'problem';

/** What a check found. */
export interface DoctorFinding {
  /** Subject and check, such as broker.exchange: stays the same when the sentence changes. */
  check: string;
  status: Status;
  /** What was found, in a sentence, with the value. */
  what: string;
  /** What the operator does about it; null where nothing is to be done. */
  remedy: string | null;
}

/** Collects what the checks of a subject find. */
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

/** The sentence of an error; Node.js gives an empty one to a connection that failed at several addresses. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** Seconds by which clocks may differ without a word: an answer's header has whole seconds, and takes its time. */
const TOLERANCE = 3;

/** Compares a server's clock with ours. Nothing goes by the difference, but records and logs are read side by side. */
export function tellClock(whose: string, theirs: number, ours: number, findings: Findings): void {
  const seconds = (theirs - ours) / 1000;
  if (Math.abs(seconds) <= TOLERANCE) findings.ok('clock', `the clock of ${whose} and this machine's agree`);
  else {
    findings.warning(
      'clock',
      `the clock of ${whose} is ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`,
      'have both set by NTP: times on record and in logs cannot be compared, and tokens of Keystone may count as expired',
    );
  }
}

/** What is examined, and how it is reached. */
export interface DoctorContext {
  config: Config;
  /** The exchanges, as conductors are said to declare them. */
  exchanges: Required<ExchangeOptions>;
  connection: RpcConnectionOptions;
  openDatabase: () => Promise<DataSource>;
  /** RabbitMQ's management API, with user and password; null: it is not asked. */
  managementUrl: URL | null;
  /** Most milliseconds that the checks of one subject take. */
  limit: number;
}

/** The checks of a subject. They add what they find, so that what was found before one fails or hangs is not lost. */
export type Check = (context: DoctorContext, findings: Findings, signal: AbortSignal) => Promise<void>;
