import type { DataSource } from 'typeorm';

import type { ExchangeOptions, InspectedQueue, RpcConnectionOptions } from '../amqp/index.js';
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

/** A text, or one that is made of what a check found out. */
type Text<Facts> = string | ((facts: Facts) => string);

/** A row of a table of checks: what is found when a condition holds. */
export type DoctorRule<Facts> = {
  check: string;
  /** Default: the row always holds. */
  when?: (facts: Facts) => boolean;
  what: Text<Facts>;
} & ({ status: 'ok' } | { status: 'warning' | 'problem'; remedy: Text<Facts> });

/** Collects the findings of a subject's checks. */
export class Findings {
  readonly all: DoctorFinding[] = [];

  /** @param subject such as broker */
  constructor(private readonly subject: string) {}

  /** Adds the finding of the first row that holds. */
  first<Facts>(rules: readonly DoctorRule<Facts>[], facts: Facts): void {
    const rule = rules.find((one) => holds(one, facts));
    if (rule !== undefined) this.#add(rule, facts);
  }

  /** Adds the findings of all rows that hold. */
  every<Facts>(rules: readonly DoctorRule<Facts>[], facts: Facts): void {
    for (const rule of rules) if (holds(rule, facts)) this.#add(rule, facts);
  }

  #add<Facts>(rule: DoctorRule<Facts>, facts: Facts): void {
    const textOf = (text: Text<Facts>): string => (typeof text === 'string' ? text : text(facts));
    const remedy = rule.status === 'ok' ? null : textOf(rule.remedy);
    this.all.push({ check: `${this.subject}.${rule.check}`, status: rule.status, what: textOf(rule.what), remedy });
  }
}

function holds<Facts>({ when }: DoctorRule<Facts>, facts: Facts): boolean {
  return when === undefined || when(facts);
}

type Difference = InspectedQueue['differences'][number];

/** A property of a queue or exchange that is not as it must be; '' if there is none. */
export function differenceText(difference: Difference | null | undefined): string {
  if (!difference) return '';
  const { property, current, received } = difference;
  return `${property} ${current}, but ${received} is needed`;
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
