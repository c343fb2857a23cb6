import { tally } from '../../testkit/wire/walk.js';
import { countOf, countTable, markdownTable, sumOf } from '../count-tables.js';
import { WIRE_CHECKS, type WireFinding } from './checks.js';
import type { MadeMove, WireEvidence } from './evidence.js';
import { LIMIT_NAMES, LIMITS, WIRE_FAULT_KINDS, WIRE_KINDS } from './kinds.js';

/** The numbers of a run on the wire. */
export interface WireSummary {
  seed: number;
  /** Seconds from the first cast to the last look. */
  seconds: number;
  rounds: number;
  faults: Record<string, number>;
  casts: { succeeded: number; failed: number; again: number };
  frames: { sent: number; right: number; parked: number; astray: number; explained: number; dropped: number };
  /** In how many rounds a known limit was met. */
  limits: Record<string, number>;
  violations: Record<string, number>;
}

export function wireSummaryOf(evidence: WireEvidence, findings: readonly WireFinding[]): WireSummary {
  const { seed, rounds, counted } = evidence;
  const moves = rounds.flatMap((round) => round.moves);
  const ended = (status: string): number => moves.filter(({ result }) => result?.status === status).length;
  const frames = findings.filter(({ check }) => check === 'frames = record');
  const explained = frames.filter(({ limit }) => limit !== null).reduce((sum, { n }) => sum + n, 0);
  // Once for each round, however many frames and looks show it.
  const met = new Set(findings.flatMap(({ limit, round }) => (limit === null ? [] : `${limit}/${round}`)));
  const limits = [...met].map((one) => one.split('/')[0] ?? '');
  return {
    seed,
    seconds: Math.round(((rounds.at(-1)?.end ?? 0) - (rounds[0]?.begin ?? 0)) / 1000),
    rounds: rounds.length,
    faults: countOf(
      WIRE_FAULT_KINDS,
      rounds.flatMap(({ planned }) => planned.kind ?? []),
    ),
    casts: { succeeded: ended('succeeded'), failed: ended('failed'), again: againIn(rounds) },
    frames: {
      sent: counted.sent.reduce((sum, { n }) => sum + n, 0),
      ...tally(evidence),
      explained,
      dropped: counted.dropped,
    },
    limits: countOf(LIMIT_NAMES, limits),
    violations: countOf(
      WIRE_CHECKS,
      findings.flatMap(({ check, limit }) => (limit === null ? check : [])),
    ),
  };
}

/** The casts by which nodes were moved again after a fault. */
function againIn(rounds: WireEvidence['rounds']): number {
  return rounds.reduce((sum, { moves, planned }) => sum + moves.length - Object.keys(planned.moves).length, 0);
}

/** The summary as Markdown tables, which people can read too. */
export function wireTablesOf(summary: WireSummary): string {
  const { seed, seconds, rounds, faults, casts, frames, limits, violations } = summary;
  const rows: [string, number][] = [
    ['seed', seed],
    ['seconds', seconds],
    ['rounds', rounds],
    ['casts: succeeded', casts.succeeded],
    ['casts: failed, and cast again', casts.failed],
    ['casts that moved a node again after a fault', casts.again],
    ['frames sent', frames.sent],
    ['frames that came where they may', frames.right],
    ['frames between ports that were both unplugged', frames.parked],
    ['frames that came where they must not, by a known limit', frames.explained],
    ['frames that came where they must not', frames.astray - frames.explained],
    ['frames that came too fast to be counted', frames.dropped],
    ['faults', sumOf(faults)],
  ];
  const faultRows = WIRE_FAULT_KINDS.filter((kind) => (faults[kind] ?? 0) > 0).map((kind) => [
    WIRE_KINDS[kind].what,
    faults[kind] ?? 0,
  ]);
  const limitRows = LIMIT_NAMES.map((name) => [LIMITS[name], limits[name] ?? 0]);
  return [
    markdownTable(['', ''], rows),
    markdownTable(['fault', 'times'], [...faultRows, ['all', sumOf(faults)]]),
    markdownTable(['known limit', 'rounds'], limitRows),
    countTable(['check', 'violations'], violations),
  ].join('\n\n');
}

/** A violation, and the casts of its node around it, as lines. */
export function wireStoryOf(finding: WireFinding, { seed, rounds }: WireEvidence): string[] {
  const { check, round, node, detail, n } = finding;
  const times = n === 1 ? '' : `, ${n} times`;
  const near = rounds.filter(({ planned }) => planned.id === round || planned.id === round - 1);
  return [
    `VIOLATION (seed ${seed}) ${check}: round ${round}: node ${node}: ${detail}${times}`,
    ...near.flatMap(({ planned, begin, moves }) => [
      `  ${new Date(begin).toISOString()} round ${planned.id}: ${planned.kind ?? 'no fault'}, ${planned.delay} ms after the casts, for ${planned.lasts} ms`,
      ...moves.filter((made) => made.node === node).map((made) => `  ${describeMove(made)}`),
    ]),
  ];
}

function describeMove({ move, begin, end, result, quarantined }: MadeMove): string {
  const error = result?.error ? ` ${result.error.class}: ${result.error.message}` : '';
  const through = quarantined ? ', through quarantine' : '';
  return `${new Date(begin).toISOString()} ${move.method}: ${result?.status ?? 'no result'}${error} after ${end - begin} ms${through}, operation ${result?.operation_id ?? 'unknown'}`;
}
