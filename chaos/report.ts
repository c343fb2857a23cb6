import { CHECKS } from './checks/all.js';
import type { Violation } from './checks/check.js';
import { LETTER_HEADER } from './checks/letters.js';
import { countOf, countTable, markdownTable, sumOf } from './count-tables.js';
import { FAULT_KINDS, KINDS } from './faults/kinds.js';
import { LETTER_KINDS, LETTERS } from './plan/letters.js';
import type { Finished } from './run.js';

/** The numbers of a run. */
export interface Summary {
  seed: number;
  /** Seconds from the first cast to the last outcome. */
  seconds: number;
  faults: Record<string, number>;
  casts: { python: number; amqplib: number };
  /** Messages that reached the workers again because a driver repeated them. */
  repeated: number;
  replayed: number;
  outcomes: { succeeded: number; failed: number };
  /** Dead letters of messages sent on purpose, by kind. */
  letters: Record<string, number>;
  /** Dead letters of casts. */
  castLetters: number;
  /** How often another worker, or another channel, took over the queue of a conductor host. */
  takeovers: number;
  /** Operations that were begun more than once. */
  begunAgain: number;
  /** Repeats that were answered from the record. */
  answeredAgain: number;
  results: number;
  violations: Record<string, number>;
}

const REPEAT = 'repeat of a finished operation';

export function summaryOf({ evidence, replayed, took }: Finished, violations: readonly Violation[]): Summary {
  const { plan, casts, operations, results, deadLetters, logs, faults } = evidence;
  const clients = new Map(plan.nodes.map(({ uuid, client }) => [uuid, client]));
  const accepted = plan.casts.filter(({ requestId }) => casts.get(requestId)?.confirmed != null);
  const by = (client: string): number => accepted.filter(({ node }) => clients.get(node) === client).length;
  const ended = (status: string): number => operations.filter((row) => row.status === status).length;
  const letterIds = new Set(deadLetters.map(({ headers }) => headers[LETTER_HEADER]));
  return {
    seed: plan.seed,
    seconds: Math.round(took / 1000),
    faults: countOf(
      FAULT_KINDS,
      faults.map(({ kind }) => kind),
    ),
    casts: { python: by('python'), amqplib: by('amqplib') },
    repeated: [...casts.values()].reduce((sum, { repeats }) => sum + repeats, 0),
    replayed,
    outcomes: { succeeded: ended('succeeded'), failed: ended('failed') },
    letters: countOf(
      LETTER_KINDS,
      plan.letters.filter(({ id }) => letterIds.has(id)).map(({ kind }) => kind),
    ),
    castLetters: deadLetters.filter(({ headers }) => !(LETTER_HEADER in headers)).length,
    takeovers: evidence.takeovers,
    begunAgain: operations.filter(({ attempts }) => attempts > 1).length,
    answeredAgain: logs.filter(({ text }) => text.includes(REPEAT)).length,
    results: results.length,
    violations: countOf(
      Object.keys(CHECKS),
      violations.map(({ check }) => check),
    ),
  };
}

/** The summary as Markdown tables, which people can read too. */
export function tablesOf(summary: Summary): string {
  const { seed, seconds, faults, casts, outcomes, violations } = summary;
  const faultRows = FAULT_KINDS.filter((kind) => (faults[kind] ?? 0) > 0).map((kind) => [
    KINDS[kind].what,
    faults[kind] ?? 0,
  ]);
  const rows: [string, string | number][] = [
    ['seed', seed],
    ['seconds', seconds],
    ["casts accepted, by Python's oslo.messaging", casts.python],
    ['casts accepted, by amqplib', casts.amqplib],
    ['messages sent more than once', summary.repeated],
    ['of these, behind newer ones', summary.replayed],
    ['outcomes: succeeded', outcomes.succeeded],
    ['outcomes: failed, as planned', outcomes.failed],
    ['dead letters of messages that are no requests, as planned', sumOf(summary.letters)],
    ['dead letters of casts, as planned', summary.castLetters],
    ["takeovers of a conductor host's queue", summary.takeovers],
    ['operations begun more than once', summary.begunAgain],
    ['repeats answered from the record', summary.answeredAgain],
    ['results delivered', summary.results],
    ['faults', sumOf(faults)],
  ];
  const letterRows = LETTER_KINDS.map((kind) => [LETTERS[kind].what, summary.letters[kind] ?? 0]);
  return [
    markdownTable(['', ''], rows),
    markdownTable(['fault', 'times'], [...faultRows, ['all', sumOf(faults)]]),
    markdownTable(['message that is no request', 'dead letters'], letterRows),
    countTable(['check', 'violations'], violations),
  ].join('\n\n');
}
