import type { Arrival } from '../../testkit/wire/flood.js';
import { PARKED } from '../../testkit/wire/judge.js';
import type { Walker } from '../../testkit/wire/moves.js';
import { wayOf } from '../../testkit/wire/walk.js';
import type { MadeMove, MadeRound, Rest, WireEvidence } from './evidence.js';
import { type LimitName, WIRE_KINDS } from './kinds.js';
import { cutOffBy, distinct, leaksOf, networksAfter, type Place, switchPortsAt } from './rests.js';

export const WIRE_CHECKS = [
  'every cast has its result',
  'right after a remedy',
  'frames = record',
  'pings = record',
  'switch = record',
  'record = results',
  'Neutron = record',
] as const;

export interface WireFinding {
  /** The check that failed, or the known limit that explains it. */
  check: (typeof WIRE_CHECKS)[number];
  limit: LimitName | null;
  round: number;
  node: string;
  detail: string;
  /** How often it was seen: frames, or once. */
  n: number;
}

type Find = Omit<WireFinding, 'round' | 'n'>;

/** Everything that is not as the record says: violations, and what a known limit explains. */
export function findingsIn(evidence: WireEvidence): WireFinding[] {
  const looks = evidence.rounds.flatMap((round) =>
    [
      ...round.moves.flatMap((made) => missing(made)),
      ...round.rests.flatMap((rest) => ofRest(rest, round, evidence)),
      ...round.outside
        .filter(({ limit }) => limit === 'unknown switch port')
        .map(({ limit, node }): Find => ({
          check: 'pings = record',
          limit,
          node: node ?? '',
          detail: 'reached nobody',
        })),
    ].map((find) => ({ ...find, round: round.planned.id, n: 1 })),
  );
  return [...looks, ...ofFrames(evidence)];
}

function missing({ node, move, result }: MadeMove): Find[] {
  if (result !== null) return [];
  return [{ check: 'every cast has its result', limit: null, node, detail: `${move.method} has none` }];
}

function ofRest(rest: Rest, { planned }: MadeRound, evidence: WireEvidence): Find[] {
  const { made, recorded, bound, after } = rest;
  const { node, move, result } = made;
  if (result === null) return [];
  const place = { walker: walkerOf(node, evidence), vlans: evidence.vlans };
  const find = (check: Find['check'], detail: string, limit: LimitName | null = null): Find => {
    return { check, limit, node, detail: `${detail}, after ${move.method} (${after}; ${result.status})` };
  };
  const finds: Find[] = [];
  const wanted = [...networksAfter(place.walker, move.after)].sort();
  if (result.status === 'succeeded' && !same(distinct(recorded), wanted)) {
    finds.push(find('record = results', `the record has ${list(recorded)}, not ${list(wanted)}`));
  }
  const ports = bound.map(({ network }) => network);
  if (!same(ports, recorded))
    finds.push(find('Neutron = record', `Neutron has ports on ${list(ports)}, not ${list(recorded)}`));
  for (const { network, status } of bound) {
    if (result.status === 'succeeded' && status !== 'ACTIVE')
      finds.push(find('Neutron = record', `the port on ${network} is ${status}`));
  }
  for (const network of leaksOf(rest, place)) {
    const limit = wasUnmade(network, made, place, evidence) ? 'unmade quarantine' : null;
    finds.push(find('pings = record', `${network} answers, and the record says ${list(recorded)}`, limit));
  }
  const reason = result.status === 'succeeded' ? cutOffBy(rest, place) : null;
  if (reason === null) {
    // A remedy that failed leaves the node as the fault did.
    return result.status === 'failed' && after === 'remedy'
      ? [...finds, find('right after a remedy', 'it failed again')]
      : finds;
  }
  const explained = after === 'fault' && planned.kind !== null ? WIRE_KINDS[planned.kind].cutsOff : null;
  return [...finds, find('switch = record', reason, explained)];
}

/**
 * Whether the switch was never told to leave a network that the node should have left, though the worker waited until
 * Neutron said that the switch port is in quarantine.
 */
function wasUnmade(
  network: string,
  { move, result, quarantined, begin, end }: MadeMove,
  place: Place,
  evidence: WireEvidence,
): boolean {
  const [from = ''] = move.during.split('>');
  if (result?.status !== 'succeeded' || move.after !== PARKED || !quarantined) return false;
  if (!networksAfter(place.walker, from).includes(network)) return false;
  const ports = switchPortsAt(place.walker);
  const index = Math.max(0, networksAfter(place.walker, from).indexOf(network));
  return !evidence.settings.some(
    ({ port, vlan, at }) => port === ports[index] && vlan === evidence.vlans['quarantine'] && at >= begin && at <= end,
  );
}

/** Frames that went astray, by round and by who reached whom. */
function ofFrames(evidence: WireEvidence): WireFinding[] {
  const found = new Map<string, WireFinding>();
  for (const arrival of evidence.counted.arrivals) {
    if (evidence.judge.verdict(arrival) !== 'astray') continue;
    const round = evidence.rounds.findLast(({ begin }) => begin <= arrival.last);
    const id = round?.planned.id ?? 0;
    const limit = explanation(arrival, evidence);
    const finding = {
      check: 'frames = record' as const,
      limit,
      round: id,
      node: moverOf(arrival, evidence),
      detail: wayOf(arrival),
    };
    const key = JSON.stringify(finding);
    const before = found.get(key)?.n ?? 0;
    found.set(key, { ...finding, n: before + arrival.n });
  }
  return [...found.values()];
}

/** The known limit that explains a frame; null if none does. */
function explanation(arrival: Arrival, evidence: WireEvidence): LimitName | null {
  // Node ports are access ports, whatever a driver does.
  if (arrival.tag !== 0 || arrival.kind === 'tagged') return null;
  const reached = evidence.judge.networkReached(arrival);
  const movers = [arrival.from, arrival.at];
  const outside = evidence.rounds
    .flatMap((round) => round.outside)
    .find(
      ({ node, reached: networks, begin, end }) =>
        (node === null || movers.includes(node)) &&
        networks.includes(reached) &&
        arrival.last >= begin &&
        arrival.first <= end,
    );
  if (outside !== undefined) return outside.limit;
  const node = moverOf(arrival, evidence);
  const made = evidence.rounds
    .flatMap(({ moves }) => moves)
    .findLast((one) => one.node === node && one.end <= arrival.last);
  if (made === undefined || reached === null) return null;
  const place = { walker: walkerOf(node, evidence), vlans: evidence.vlans };
  return wasUnmade(reached, made, place, evidence) ? 'unmade quarantine' : null;
}

/** The end that moves; the sender if both do. */
function moverOf({ from, at }: Arrival, { walkers }: WireEvidence): string {
  return walkers.some(({ name }) => name === from) ? from : at;
}

function walkerOf(node: string, { walkers }: WireEvidence): Walker {
  const found = walkers.find(({ name }) => name === node);
  if (found === undefined) throw new Error(`no walker is called ${node}`);
  return found;
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((network, index) => network === other[index]);
}

const list = (networks: readonly string[]): string => networks.join(' and ') || 'no network';
